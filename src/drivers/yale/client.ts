import type { Clock } from '../../host/clock.ts';
import { type VendorHttp, VendorHttpError } from '../../host/vendor-http.ts';
import { retryAfter } from '../../rules/retry-after.ts';
import type { LockRefusal, TokenVault } from '../lock-port.ts';
import { NoTurn, type TroubleFacts } from '../port.ts';
import { type Meaning, meaningOf, meaningOfBody } from './errors.ts';
import { type Family, headersOf, tokenIn } from './headers.ts';
import { createSignIn, type Login, SignInTrouble } from './sign-in.ts';
import { ErrorBody, parsed, parseJson } from './wire.ts';

/**
 * One account at the Yale/August cloud. It asks once; only a token that the cloud does not take is renewed and the same
 * asked again, once: nothing was done the first time. What went wrong is a value. Neither tokens, secrets nor codes are
 * ever told.
 */
export type Answer =
  | { kind: 'answer'; status: number; value: unknown; token: string | null }
  /** Surely nothing was done. */
  | Trouble
  /** Sent, but no answer that tells whether it was done. `answered`: there was one. `seen`: what a look makes of it. */
  | Lost;
export type Trouble = {
  kind: 'trouble';
  reason: LockRefusal;
  detail: string;
  status?: number;
  /** The cloud's own words, to tell cases apart; never shown. */
  said?: string;
  /** The password is right; the cloud wants a code that it sends. */
  wantsCode?: true;
} & TroubleFacts;
export type Lost = { kind: 'lost'; answered: boolean; detail: string; seen?: LockRefusal } & TroubleFacts;

export type Question = {
  method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  path: string;
  body?: unknown;
  /** Accept-Version; 0.0.1 when left out. */
  version?: string;
  /** How long one answer may take, where not the usual time. */
  patience?: number;
};
export type YaleClient = {
  call(question: Question, signal: AbortSignal): Promise<Answer>;
  signIn: ReturnType<typeof createSignIn>;
};
export type YaleClientOptions = {
  family: Family;
  server: string;
  oauthServer: string;
  apiKey: string;
  login: Login;
  http: VendorHttp;
  clock: Clock;
  vault: TokenVault;
};
/** Asks with a token, or with none. */
export type Post = (o: Question & { server: string; token: string | null }, signal: AbortSignal) => Promise<Answer>;

/** What the cloud knows by itself it tells in less than a second. */
const answerMilliseconds = 8000;
const maxBytes = 4 * 1024 * 1024;
const whole: TroubleFacts = { wholeConnection: true };

export function createYaleClient(o: YaleClientOptions): YaleClient {
  const { clock, vault, server } = o;
  const { host } = new URL(server);
  const post: Post = (question, signal) => asked(o, question, signal);
  const signIn = createSignIn({ clock, post, server, oauthServer: o.oauthServer, login: o.login });

  return {
    signIn,
    async call(question, signal) {
      if (signal.aborted) return noTime(host);
      const first = await withToken(question, signal, null);
      if (!('refused' in first)) return first;
      const second = await withToken(question, signal, first.token);
      return 'refused' in second ? second.refused : second;
    },
  };

  async function withToken(
    question: Question,
    signal: AbortSignal,
    stale: string | null,
  ): Promise<Answer | { refused: Trouble; token: string }> {
    const token = await tokenFor(stale, signal);
    if (typeof token !== 'string') return token;
    const patience = clock.deadline(question.patience ?? answerMilliseconds, signal);
    const answer = await post({ ...question, server, token }, patience);
    const worthless = answer.kind === 'trouble' && answer.status === 401;
    return worthless ? { refused: answer, token } : answer;
  }

  /** Renewing goes on when whoever asked has no time left: the new token is kept for the next. */
  async function tokenFor(stale: string | null, signal: AbortSignal): Promise<string | Trouble> {
    if (signal.aborted) return noTime(host);
    const gone = Promise.withResolvers<Trouble>();
    const leave = (): void => gone.resolve(noTime(host));
    signal.addEventListener('abort', leave, { once: true });
    try {
      const token = vault.tokens({ stale }, signIn.renew).then(({ access }) => access, inWords);
      return await Promise.race([token, gone.promise]);
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }
}

export function inWords(error: unknown): Trouble {
  if (error instanceof SignInTrouble) return error.trouble;
  if (!(error instanceof NoTurn)) throw error;
  return trouble('busy', 'the access token of this account could not be read or kept', { noTurn: true });
}

async function asked(
  o: Pick<YaleClientOptions, 'family' | 'apiKey' | 'http' | 'clock'>,
  { server, method, path, body, version = '0.0.1', token }: Question & { server: string; token: string | null },
  signal: AbortSignal,
): Promise<Answer> {
  const { host } = new URL(server);
  try {
    const { status, headers, text } = await o.http.request({
      method,
      url: `${server}${path}`,
      headers: headersOf(o.family, { apiKey: o.apiKey, token, version }),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal,
      maxBytes,
    });
    if (status === 429) {
      const again = retryAfter(headers['retry-after'], o.clock.now());
      const facts = again === null ? whole : { ...whole, retryAfterSeconds: again };
      return trouble('busy', `${host} has had too many requests`, facts);
    }
    const value = parseJson(text);
    const error = parsed(ErrorBody, value);
    if (status < 200 || status > 299) {
      const answer = refused(host, meaningOf(status, error));
      return answer.kind === 'lost' ? answer : { ...answer, status, said: error?.message ?? text.slice(0, 200) };
    }
    if (error !== null) return refused(host, meaningOfBody(error.code));
    if (value === undefined && text !== '') return lost(`${host} gave an answer that cannot be understood`, whole);
    return { kind: 'answer', status, value, token: tokenIn(headers) };
  } catch (error) {
    if (!(error instanceof VendorHttpError)) throw error;
    const detail = `${host}: ${error.message}`;
    if (!error.sent) return trouble('unreachable', detail, whole);
    // a command waits for its lock, so silence may be that lock's
    return { kind: 'lost', answered: false, detail };
  }
}

function refused(host: string, { reason, detail, whole: all, seen }: Meaning): Trouble | Lost {
  const facts = all === true ? whole : {};
  const words = `${host}: ${detail}`;
  if (reason !== 'unknown') return trouble(reason, words, facts);
  return { ...lost(words, facts), ...(seen === undefined ? {} : { seen }) };
}

const trouble = (reason: LockRefusal, detail: string, facts: TroubleFacts = {}): Trouble => ({
  kind: 'trouble',
  reason,
  detail,
  ...facts,
});
const lost = (detail: string, facts: TroubleFacts = {}): Lost => ({ kind: 'lost', answered: true, detail, ...facts });
const noTime = (host: string): Trouble => trouble('unreachable', `no time was left to ask ${host}`);
