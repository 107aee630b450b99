import type { Clock } from '../../host/clock.ts';
import { type VendorHttp, VendorHttpError } from '../../host/vendor-http.ts';
import { retryAfter } from '../../rules/retry-after.ts';
import type { LockRefusal, TokenVault } from '../lock-port.ts';
import { NoTurn, type TroubleFacts } from '../port.ts';
import { type Meaning, meaningOf } from './errors.ts';
import { type Credentials, createSignIn, SignInTrouble } from './sign-in.ts';
import { parseAnswer } from './wire.ts';

/**
 * One account at the TTLock platform. It asks once; only a token that the platform does not take is renewed and the same
 * asked again, once: nothing was done the first time. What went wrong is a value. Neither tokens, secrets nor codes are
 * ever told.
 */
export type Answer =
  | { kind: 'answer'; done: boolean; value: object }
  /** Surely nothing was done. */
  | Trouble
  /** Sent, but no answer that tells whether it was done. `answered`: there was one. */
  | Lost;
export type Trouble = { kind: 'trouble'; reason: LockRefusal; detail: string; code?: number } & TroubleFacts;
export type Lost = { kind: 'lost'; answered: boolean; detail: string; code?: number } & TroubleFacts;

export type Fields = { [name: string]: string | number };
export type TtlockClient = { call(path: string, fields: Fields, signal: AbortSignal): Promise<Answer> };

/** The longest wait for one answer: a gateway speaks to a lock for seconds, and something is left to look afterwards. */
const answerMilliseconds = 11_000;
const maxBytes = 4 * 1024 * 1024;
const whole: TroubleFacts = { wholeConnection: true };

export type TtlockClientOptions = {
  server: string;
  credentials: Credentials;
  http: VendorHttp;
  clock: Clock;
  vault: TokenVault;
};

export function createTtlockClient(o: TtlockClientOptions): TtlockClient {
  const { clock, server, vault } = o;
  const host = new URL(server).host;
  const post = (path: string, fields: Fields, signal: AbortSignal): Promise<Answer> =>
    posted({ ...o, host }, path, fields, signal);
  const renew = createSignIn({ clock, credentials: o.credentials, post });

  return {
    async call(path, fields, signal) {
      if (signal.aborted) return noTime(host);
      const first = await withToken(path, fields, signal, null);
      if (!('refused' in first)) return first;
      const second = await withToken(path, fields, signal, first.token);
      return 'refused' in second ? second.refused : second;
    },
  };

  async function withToken(
    path: string,
    fields: Fields,
    signal: AbortSignal,
    stale: string | null,
  ): Promise<Answer | { refused: Trouble; token: string }> {
    const token = await tokenFor(stale, signal);
    if (typeof token !== 'string') return token;
    const common = { clientId: o.credentials.clientId, accessToken: token, date: clock.now() };
    const answer = await post(path, { ...fields, ...common }, clock.deadline(answerMilliseconds, signal));
    const worthless = answer.kind === 'trouble' && meaningOf(answer.code ?? 0).token === 'renew';
    return worthless ? { refused: answer, token } : answer;
  }

  /** Renewing goes on when whoever asked has no time left: the new pair is kept for the next. */
  async function tokenFor(stale: string | null, signal: AbortSignal): Promise<string | Trouble> {
    if (signal.aborted) return noTime(host);
    const gone = Promise.withResolvers<Trouble>();
    const leave = (): void => gone.resolve(noTime(host));
    signal.addEventListener('abort', leave, { once: true });
    try {
      const token = vault.tokens({ stale }, renew).then(({ access }) => access, inWords);
      return await Promise.race([token, gone.promise]);
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }
}

function inWords(error: unknown): Trouble {
  if (error instanceof SignInTrouble) return error.trouble;
  if (!(error instanceof NoTurn)) throw error;
  return trouble('busy', 'the access token of this account could not be read or kept', { noTurn: true });
}

async function posted(
  o: Pick<TtlockClientOptions, 'server' | 'http' | 'clock'> & { host: string },
  path: string,
  fields: Fields,
  signal: AbortSignal,
): Promise<Answer> {
  const form = new URLSearchParams(Object.entries(fields).map(([name, value]): [string, string] => [name, `${value}`]));
  try {
    const { status, headers, text } = await o.http.request({
      method: 'POST',
      url: `${o.server}${path}`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: form.toString(),
      signal,
      maxBytes,
    });
    if (status === 429) {
      const again = retryAfter(headers['retry-after'], o.clock.now());
      const facts = again === null ? whole : { ...whole, retryAfterSeconds: again };
      return trouble('busy', `${o.host} has had too many requests`, facts);
    }
    if (status >= 500 || status === 408) return lost(`${o.host} answered with status ${status}`, whole);
    if (status !== 200) return trouble('vendor', `${o.host} answered with status ${status}: is it TTLock's?`, whole);
    const said = parseAnswer(text);
    if (said === null) return lost(`${o.host} gave an answer that cannot be understood`, whole);
    return said.kind === 'no' ? refusedWith(said.code) : { ...said, kind: 'answer' };
  } catch (error) {
    if (!(error instanceof VendorHttpError)) throw error;
    const detail = `${o.host}: ${error.message}`;
    if (!error.sent) return trouble('unreachable', detail, whole);
    // a command waits for its lock, so silence may be that lock's
    return { kind: 'lost', answered: false, detail };
  }
}

/** In the words of the table (errors.ts): the platform's own may repeat what it was asked with. */
function refusedWith(code: number): Trouble | Lost {
  const meaning = meaningOf(code);
  const named = meaning.detail.startsWith('TTLock ');
  const detail = `${named ? '' : 'TTLock: '}${meaning.detail} (${code})`;
  if (meaning.reason === 'unknown') return { ...lost(detail, factsOf(meaning)), code };
  return { ...trouble(meaning.reason, detail, factsOf(meaning)), code };
}

const factsOf = ({ whole: all, retryAfterSeconds }: Meaning): TroubleFacts => ({
  ...(all === true ? whole : {}),
  ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
});

const trouble = (reason: LockRefusal, detail: string, facts: TroubleFacts = {}): Trouble => ({
  kind: 'trouble',
  reason,
  detail,
  ...facts,
});
const lost = (detail: string, facts: TroubleFacts = {}): Lost => ({ kind: 'lost', answered: true, detail, ...facts });
const noTime = (host: string): Trouble => trouble('unreachable', `no time was left to ask ${host}`);
