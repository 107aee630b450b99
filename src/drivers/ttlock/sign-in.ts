import type { Clock } from '../../host/clock.ts';
import type { VendorTokens } from '../lock-port.ts';
import type { Answer, Fields, Trouble } from './client.ts';
import { parsed, Tokens } from './wire.ts';

/** `passwordMd5`: lower-case hex; the password itself is never kept. The user is one of the TTLock app. */
export type Credentials = { clientId: string; clientSecret: string; username: string; passwordMd5: string };

/** No tokens now, and why: nothing else was asked of the platform. */
export class SignInTrouble extends Error {
  readonly trouble: Trouble;
  constructor(trouble: Trouble) {
    super(trouble.detail);
    this.name = 'SignInTrouble';
    this.trouble = trouble;
  }
}

/** Of its own: whoever waits may give up, and the new pair must be kept all the same. */
const answerMilliseconds = 8000;
const path = '/oauth2/token';
/** The refresh token is worth nothing: spent, revoked, or of another account. */
const spent: ReadonlySet<number> = new Set([10003, 10004, 10011]);

/**
 * Another pair of tokens: by the refresh token, and where that is worth nothing, once by the password. A refresh whose
 * answer was lost has perhaps spent the token: the next one then finds that out.
 */
export function createSignIn({
  clock,
  credentials,
  post,
}: {
  clock: Clock;
  credentials: Credentials;
  post: (path: string, fields: Fields, signal: AbortSignal) => Promise<Answer>;
}): (stored: VendorTokens | null) => Promise<VendorTokens> {
  const { clientId, clientSecret, username, passwordMd5 } = credentials;
  // older pages of the platform's documentation name them otherwise
  const client = { clientId, clientSecret, client_id: clientId, client_secret: clientSecret };

  return async (stored) => {
    if (stored !== null) {
      const renewed = await ask({ grant_type: 'refresh_token', refresh_token: stored.refresh });
      if ('access' in renewed) return renewed;
      if (!spent.has(renewed.code ?? 0)) throw new SignInTrouble(renewed);
    }
    const signedIn = await ask({ grant_type: 'password', username, password: passwordMd5 });
    if ('access' in signedIn) return signedIn;
    throw new SignInTrouble(signedIn);
  };

  async function ask(fields: Fields): Promise<VendorTokens | Trouble> {
    const answer = await post(path, { ...client, ...fields, date: clock.now() }, clock.deadline(answerMilliseconds));
    if (answer.kind === 'trouble') return { ...answer, detail: `signing in: ${answer.detail}` };
    // whatever became of it, no lock was asked for anything
    const { kind: _, ...facts } = answer.kind === 'lost' ? answer : { kind: null, detail: 'strange tokens' };
    const tokens = answer.kind === 'answer' ? parsed(Tokens, answer.value) : null;
    if (tokens === null) return noTokens(facts);
    return {
      access: tokens.access_token,
      refresh: tokens.refresh_token,
      expiresAt: clock.now() + Math.round(tokens.expires_in * 1000),
    };
  }
}

function noTokens({ detail, answered = true }: { detail: string; answered?: boolean }): Trouble {
  const reason = answered ? 'vendor' : 'unreachable';
  return { kind: 'trouble', reason, detail: `signing in: ${detail}`, wholeConnection: true };
}
