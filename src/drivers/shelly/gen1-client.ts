import type { Clock } from '../../host/clock.ts';
import { type VendorHttp, VendorHttpError } from '../../host/vendor-http.ts';
import { retryAfter } from '../../rules/retry-after.ts';

/**
 * Plain HTTP to one address, where at any moment another device may live. It tries once; what went wrong is a value. The
 * password goes over the line as good as readable, as these devices know it no other way: only where one asks for it.
 */
export type Gen1Answer =
  | { kind: 'json'; value: unknown }
  /** Surely nothing was done: no connection was made. */
  | { kind: 'not-sent'; detail: string }
  /** Sent, but no answer that can be understood: it may have been done. */
  | { kind: 'lost'; detail: string }
  | { kind: 'credentials'; detail: string }
  | { kind: 'declined'; status: number; retryAfterSeconds: number | null };

export type Gen1Client = {
  get(path: string, signal: AbortSignal, o: { signIn: boolean }): Promise<Gen1Answer>;
};

/** As client.ts: leaves time for the read-back. */
const answerMilliseconds = 2000;
const maxBytes = 64 * 1024;

export function createGen1Client(o: {
  address: string;
  password: string | undefined;
  http: VendorHttp;
  clock: Clock;
}): Gen1Client {
  let pairFirst = false;

  /** As the password of `admin`; where it has a colon and is not taken so, as `user:password`. A 401 has done nothing. */
  async function request(path: string, signal: AbortSignal, signIn: boolean) {
    const ask = (authorization: string | null) =>
      o.http.request({
        method: 'GET',
        url: `http://${o.address}${path}`,
        headers: authorization === null ? {} : { authorization },
        signal,
        maxBytes,
      });
    if (!signIn || o.password === undefined) return ask(null);
    const ways = waysToSignIn(o.password);
    const [first, second] = pairFirst ? ways.toReversed() : ways;
    const answer = await ask(first ?? null);
    if (answer.status !== 401 || second === undefined) return answer;
    const other = await ask(second);
    if (other.status !== 401) pairFirst = !pairFirst;
    return other;
  }

  return {
    get: async (path, signal, { signIn }) => {
      if (signIn && o.password === undefined) {
        return { kind: 'credentials', detail: `${o.address}: the device asks for a password, and none is set` };
      }
      try {
        const answer = await request(path, o.clock.deadline(answerMilliseconds, signal), signIn);
        if (answer.status === 401 || answer.status === 403) {
          return { kind: 'credentials', detail: `${o.address}: the device does not accept the password` };
        }
        if (answer.status >= 500) {
          return { kind: 'lost', detail: `${o.address} answered with status ${answer.status}` };
        }
        if (answer.status !== 200) {
          const retryAfterSeconds = retryAfter(answer.headers['retry-after'], o.clock.now());
          return { kind: 'declined', status: answer.status, retryAfterSeconds };
        }
        return { kind: 'json', value: JSON.parse(answer.text) };
      } catch (error) {
        if (error instanceof SyntaxError) {
          return { kind: 'lost', detail: `${o.address} gave an answer that cannot be understood` };
        }
        if (!(error instanceof VendorHttpError)) throw error;
        return { kind: error.sent ? 'lost' : 'not-sent', detail: `${o.address}: ${error.message}` };
      }
    },
  };
}

/** The user is `admin`, as by default; a password written `user:password` may name another, or have a colon in it. */
function waysToSignIn(password: string): string[] {
  const pairs = password.includes(':') ? [`admin:${password}`, password] : [`admin:${password}`];
  return pairs.map((pair) => `Basic ${Buffer.from(pair, 'utf8').toString('base64')}`);
}
