import type { TokenVault } from '../lock-port.ts';
import type { SignedIn, SignInStep } from '../port.ts';
import { inWords, type YaleClient } from './client.ts';
import { SignInTrouble } from './sign-in.ts';

/**
 * Signing in, as people do it: the password is tried; where the cloud does not know this installation, it sends a code, and
 * takes it. Nothing is kept between the steps: the installation's own name is what the cloud remembers.
 */
export function createSignInTalk({ client, vault }: { client: YaleClient; vault: TokenVault }) {
  const { renew, sendCode, tellCode } = client.signIn;

  return async (step: SignInStep): Promise<SignedIn> => {
    try {
      if (step.kind === 'code' && !(await tellCode(step.code))) return { kind: 'code-wrong' };
      await vault.tokens({ stale: null }, renew);
      return { kind: 'signed-in' };
    } catch (error) {
      if (!(error instanceof SignInTrouble) || !error.wantsCode) return refused(error);
    }
    try {
      return { kind: 'code-sent', to: await sendCode() };
    } catch (error) {
      return refused(error);
    }
  };
}

function refused(error: unknown): SignedIn {
  const { reason, detail, retryAfterSeconds } = inWords(error);
  return { kind: 'refused', reason, detail, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) };
}
