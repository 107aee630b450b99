import type { Clock } from '../../host/clock.ts';
import { seconds } from '../../rules/instant.ts';
import type { SignedIn, SignInStep } from '../port.ts';
import { notAsked } from './ask.ts';
import { type Answer, inWords, type YaleClient } from './client.ts';

/** Three requests, one after the other, with somebody waiting. */
const patience = seconds(20);

/**
 * Signing in, as people do it: the account is tried; where the cloud does not know this installation, it sends a code, and
 * takes it. Nothing is kept between the steps: the installation's own name is what the cloud remembers. That a token is
 * kept proves nothing, so the cloud is asked who we are.
 */
export function createSignInTalk({ client, clock }: { client: YaleClient; clock: Clock }) {
  const { sendCode, tellCode } = client.signIn;

  return async (step: SignInStep): Promise<SignedIn> => {
    try {
      if (step.kind === 'code' && !(await tellCode(step.code))) return { kind: 'code-wrong' };
      const answer = await client.call({ method: 'GET', path: '/users/me' }, clock.deadline(patience));
      if (answer.kind === 'answer') return { kind: 'signed-in' };
      const wantsCode = answer.kind === 'trouble' && answer.wantsCode === true;
      return wantsCode ? { kind: 'code-sent', to: await sendCode() } : refused(answer);
    } catch (error) {
      return refused(inWords(error));
    }
  };
}

function refused(answer: Exclude<Answer, { kind: 'answer' }>): SignedIn {
  const outcome = notAsked(answer);
  const unknown = { kind: 'refused', reason: 'vendor', detail: answer.detail } as const;
  return outcome.kind === 'refused' ? outcome : unknown;
}
