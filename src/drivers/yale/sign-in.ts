import type { Clock } from '../../host/clock.ts';
import { hours, type Instant } from '../../rules/instant.ts';
import type { VendorTokens } from '../lock-port.ts';
import type { Answer, Lost, Post, Trouble } from './client.ts';
import { endOfToken, Granted, parsed, Session } from './wire.ts';

/**
 * `password`: as the app signs in; the cloud remembers an installation that was told a code once. `oauth`: a partner's
 * program, by a refresh token that somebody's consent gave, and that each renewal changes.
 */
export type Login =
  | { kind: 'password'; identifier: string; password: string; installId: string }
  | { kind: 'oauth'; clientId: string; clientSecret: string; refreshToken: string };

/** No token now, and why: nothing else was asked of the cloud. */
export class SignInTrouble extends Error {
  readonly trouble: Trouble;
  constructor(trouble: Trouble) {
    super(trouble.detail);
    this.name = 'SignInTrouble';
    this.trouble = trouble;
  }
}

/** Of its own: whoever waits may give up, and the new token must be kept all the same. */
const answerMilliseconds = 8000;
/** Of a token that does not say how long it is good: asked anew soon, which costs one request. */
const whenNotTold = hours(24);

type Options = { clock: Clock; post: Post; server: string; oauthServer: string; login: Login };
type Opened = { token: string; ready: boolean; expiresAt: Instant };

/** Tokens for the vault, and the talk by which the cloud comes to know this installation. */
export function createSignIn({ clock, post, server, oauthServer, login }: Options) {
  const soon = (): AbortSignal => clock.deadline(answerMilliseconds);

  /**
   * A refresh whose answer was lost has perhaps spent the token: the next one finds that out, and somebody has to consent
   * again.
   */
  async function renew(stored: VendorTokens | null): Promise<VendorTokens> {
    if (login.kind === 'password') {
      const { token, ready, expiresAt } = await openSession(login);
      if (ready) return { access: token, refresh: '', expiresAt };
      const detail = 'the cloud does not know this installation yet: sign in, with the code that it sends';
      throw new SignInTrouble({ ...signing('credentials', detail), wantsCode: true });
    }
    const { clientId: client_id, clientSecret: client_secret, refreshToken } = login;
    const refresh_token = stored === null || stored.refresh === '' ? refreshToken : stored.refresh;
    const body = { grant_type: 'refresh_token', client_id, client_secret, refresh_token };
    const answer = await post(
      { method: 'POST', path: '/access_token', body, server: oauthServer, token: null },
      soon(),
    );
    if (answer.kind === 'trouble' && (answer.status === 400 || answer.status === 401)) {
      const detail = 'the refresh token or the client is not accepted: somebody has to consent anew';
      throw new SignInTrouble(signing('credentials', detail));
    }
    const granted = parsed(Granted, toldBy(answer));
    if (granted === null) throw new SignInTrouble(strange);
    return {
      access: granted.access_token,
      refresh: granted.refresh_token,
      expiresAt: clock.now() + Math.round(granted.expires_in * 1000),
    };
  }

  async function openSession({
    identifier,
    password,
    installId,
  }: Extract<Login, { kind: 'password' }>): Promise<Opened> {
    const body = { identifier, password, installId };
    const answer = await post({ method: 'POST', path: '/session', body, server, token: null }, soon());
    const session = parsed(Session, toldBy(answer));
    if (session === null || answer.kind !== 'answer') throw new SignInTrouble(strange);
    if (!session.vPassword) {
      throw new SignInTrouble(signing('credentials', 'the cloud does not know this user, or the password is another'));
    }
    if (answer.token === null) throw new SignInTrouble(strange);
    const told = Date.parse(session.expiresAt ?? '');
    const expiresAt = endOfToken(answer.token) ?? (Number.isNaN(told) ? clock.now() + whenNotTold : told);
    return { token: answer.token, ready: session.vInstallId, expiresAt };
  }

  /** Has a code sent; answers whereto. Throws SignInTrouble. */
  async function sendCode(): Promise<string> {
    const { by, value, token } = await begun();
    const asked = { method: 'POST', path: `/validation/${by}`, body: { value }, server, token } as const;
    toldBy(await post(asked, soon()));
    return value;
  }

  /** Tells the code. Throws SignInTrouble; false: it is a wrong one. */
  async function tellCode(code: string): Promise<boolean> {
    const { by, value, token } = await begun();
    const body = { code, [by]: value };
    const answer = await post({ method: 'POST', path: `/validate/${by}`, body, server, token }, soon());
    if (answer.kind === 'trouble' && answer.status === 400) return false;
    toldBy(answer);
    return true;
  }

  async function begun() {
    if (login.kind !== 'password') throw new SignInTrouble(signing('unsupported', 'no code is sent for this way'));
    const { token } = await openSession(login);
    const [by = '', value = ''] = login.identifier.split(/:(.*)/s);
    return { by: by === 'phone' ? 'phone' : 'email', value, token } as const;
  }

  return { renew, sendCode, tellCode };
}

/** Throws SignInTrouble: whatever became of it, no lock was asked for anything. */
function toldBy(answer: Answer): unknown {
  if (answer.kind === 'answer') return answer.value;
  if (answer.kind === 'trouble') {
    const { kind: _, reason, detail, said: __, status: ___, ...facts } = answer;
    throw new SignInTrouble({ ...signing(ofAccounts.has(reason) ? reason : 'vendor', detail), ...facts });
  }
  throw new SignInTrouble(noTokens(answer));
}

/** What can be wrong with an account; locks are not in it. */
const ofAccounts: ReadonlySet<string> = new Set(['credentials', 'busy', 'unreachable']);

function noTokens({ answered, detail, retryAfterSeconds }: Lost): Trouble {
  const facts = retryAfterSeconds === undefined ? {} : { retryAfterSeconds };
  return { ...signing(answered ? 'vendor' : 'unreachable', detail), ...facts };
}

const signing = (reason: Trouble['reason'], detail: string): Trouble => ({
  kind: 'trouble',
  reason,
  detail: `signing in: ${detail}`,
  wholeConnection: true,
});
const strange = signing('vendor', 'the answer of the cloud cannot be understood');
