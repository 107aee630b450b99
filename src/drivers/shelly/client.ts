import type { Clock } from '../../host/clock.ts';
import { type VendorHttp, VendorHttpError } from '../../host/vendor-http.ts';
import { retryAfter } from '../../rules/retry-after.ts';
import { answerChallenge, type Challenge, parseChallenge } from './digest.ts';
import { parseReply, type RpcReply } from './wire.ts';

/**
 * JSON-RPC to one address, where at any moment another device may live: every result names the device that gave it.
 * It tries once; only a 401 is answered, with the password, once. What went wrong is a value, not an exception.
 */
export type RpcAnswer =
  | RpcReply
  /** Surely nothing was done: no connection was made. */
  | { kind: 'not-sent'; detail: string }
  /** Sent, but no answer that can be understood: it may have been done. */
  | { kind: 'lost'; detail: string }
  | { kind: 'credentials'; detail: string }
  /** Surely not done: the address answered, but not as a device with this method does. */
  | { kind: 'declined'; status: number; retryAfterSeconds: number | null };

export type ShellyClient = {
  call(method: string, params: Record<string, unknown>, signal: AbortSignal): Promise<RpcAnswer>;
};

/**
 * The longest wait for one answer. A relay on a LAN answers in 5 to 200 ms; waiting the caller's whole deadline would
 * leave no time for the read-back that turns a lost answer into knowledge.
 */
const answerMilliseconds = 2000;
const maxBytes = 64 * 1024;

export function createShellyClient(o: {
  address: string;
  password: string | undefined;
  http: VendorHttp;
  clock: Clock;
  random: (count: number) => Buffer;
}): ShellyClient {
  let challenge: Challenge | null = null;
  let count = 0;
  let lastId = 0;

  return {
    call: async (method, params, signal) => {
      try {
        return await call(method, params, signal);
      } catch (error) {
        if (!(error instanceof VendorHttpError)) throw error;
        return { kind: error.sent ? 'lost' : 'not-sent', detail: `${o.address}: ${error.message}` };
      }
    },
  };

  async function call(method: string, params: Record<string, unknown>, signal: AbortSignal): Promise<RpcAnswer> {
    lastId = (lastId + 1) % 1_000_000_000;
    const body = JSON.stringify({ id: lastId, src: 'keystead', method, params });
    let answer = await post(body, signal);
    if (answer.status === 401) {
      // Either we gave no password yet, or the device forgot the nonce. A second 401 means that the password is wrong.
      challenge = parseChallenge(answer.headers['www-authenticate']);
      count = 0;
      if (o.password === undefined) return refused('the device asks for a password, and none is set');
      if (challenge === null) return refused('the device asks for a kind of sign-in that is not supported');
      answer = await post(body, signal);
      if (answer.status === 401) challenge = null;
    }
    if (answer.status === 401 || answer.status === 403) return refused('the device does not accept the password');
    const reply = parseReply(answer.text);
    if (reply?.kind === 'error') return reply;
    if (answer.status >= 500) return { kind: 'lost', detail: `${o.address} answered with status ${answer.status}` };
    if (answer.status !== 200) {
      const retryAfterSeconds = retryAfter(answer.headers['retry-after'], o.clock.now());
      return { kind: 'declined', status: answer.status, retryAfterSeconds };
    }
    return reply ?? { kind: 'lost', detail: `${o.address} gave an answer that cannot be understood` };
  }

  function post(
    body: string,
    signal: AbortSignal,
  ): Promise<{ status: number; headers: Record<string, string>; text: string }> {
    const headers: Record<string, string> = { 'content-type': 'application/json' };
    if (challenge !== null && o.password !== undefined) {
      count += 1;
      const clientNonce = o.random(12).toString('hex');
      const { password } = o;
      headers.authorization = answerChallenge(challenge, {
        method: 'POST',
        uri: '/rpc',
        password,
        count,
        clientNonce,
      });
    }
    const deadline = o.clock.deadline(answerMilliseconds, signal);
    return o.http.request({
      method: 'POST',
      url: `http://${o.address}/rpc`,
      headers,
      body,
      signal: deadline,
      maxBytes,
    });
  }

  function refused(detail: string): RpcAnswer {
    return { kind: 'credentials', detail: `${o.address}: ${detail}` };
  }
}
