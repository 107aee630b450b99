import type { Clock } from '../../host/clock.ts';
import type { RpcAnswer, ShellyClient } from './client.ts';
import { type FrameChallenge, frameAuth, parseFrameChallenge } from './frame-digest.ts';
import type { RpcReply } from './wire.ts';

/**
 * JSON-RPC in frames, over a way that many answers come back on: a broker, or a socket. An answer is matched by a number
 * that nobody else can guess, and counts once; the device that gave it is named in it, and compared by whoever asked.
 * It tries once; only a 401 is answered, with the password, once.
 */
export type Frames = {
  /** One device's way out. `send` answers false when surely nothing left. */
  client(o: { name: string; password: () => string | undefined; send: (text: string) => boolean }): ShellyClient;
  /** An answer that came. One that nobody waits for is passed over. */
  answered(id: number, reply: RpcReply): void;
  /** The way is gone: nobody will answer what is open. */
  lost(why: string): void;
};

/** A relay behind a broker answers in 20 to 300 ms; what is left of the caller's deadline is for the read-back. */
const answerMilliseconds = 2000;

export function createFrames(o: { source: string; clock: Clock; random: (count: number) => Buffer }): Frames {
  const open = new Map<number, (answer: RpcAnswer) => void>();

  function exchange(frame: object, send: (text: string) => boolean, name: string, signal: AbortSignal) {
    const { promise, resolve } = Promise.withResolvers<RpcAnswer>();
    if (signal.aborted) return Promise.resolve<RpcAnswer>({ kind: 'not-sent', detail: `${name}: no time was left` });
    let id = number();
    while (open.has(id)) id = number();
    open.set(id, resolve);
    const deadline = o.clock.deadline(answerMilliseconds, signal);
    const late = () => resolve({ kind: 'lost', detail: `${name} did not answer in time` });
    deadline.addEventListener('abort', late, { once: true });
    if (!send(JSON.stringify({ id, src: o.source, ...frame }))) {
      resolve({ kind: 'not-sent', detail: `${name} cannot be reached` });
    }
    return promise.finally(() => {
      open.delete(id);
      deadline.removeEventListener('abort', late);
    });
  }

  return {
    client: ({ name, password: passwordNow, send }) => {
      let challenge: FrameChallenge | null = null;
      const ask = (method: string, params: object, signal: AbortSignal) => {
        const password = passwordNow();
        const auth =
          challenge === null || password === undefined
            ? {}
            : { auth: frameAuth(challenge, { password, clientNonce: number() }) };
        return exchange({ method, params, ...auth }, send, name, signal);
      };
      const refused = (detail: string): RpcAnswer => ({ kind: 'credentials', detail: `${name}: ${detail}` });
      return {
        call: async (method, params, signal) => {
          const first = await ask(method, params, signal);
          if (!asksForPassword(first)) return first;
          // Either we gave none yet, or the device forgot the nonce. A second 401 means that the password is wrong.
          challenge = parseFrameChallenge(first.message);
          if (passwordNow() === undefined) return refused('the device asks for a password, and none is set');
          if (challenge === null) return refused('the device asks for a kind of sign-in that is not supported');
          const second = await ask(method, params, signal);
          if (!asksForPassword(second)) return second;
          challenge = null;
          return refused('the device does not accept the password');
        },
      };
    },
    answered: (id, reply) => open.get(id)?.(reply),
    lost: (why) => {
      for (const resolve of open.values()) resolve({ kind: 'lost', detail: why });
    },
  };

  /** 31 bits: what every JSON reader takes for a whole number. */
  function number(): number {
    return o.random(4).readUInt32BE() >>> 1;
  }
}

function asksForPassword(answer: RpcAnswer): answer is Extract<RpcAnswer, { kind: 'error' }> {
  return answer.kind === 'error' && answer.code === 401;
}
