/** JSON-RPC in frames, as a device answers it over a broker or a socket, with the faults of that way. */
import { createHash, randomInt } from 'node:crypto';
import { pause } from '../clock.ts';
import type { Device } from './device.ts';
import { call, openMethod, type Params } from './methods.ts';

export const frameFaults = [
  'none',
  /** Hears the frame and does nothing. */
  'silent-before',
  /** Does it and says nothing. */
  'silent-after',
  /** Does it twice, and answers twice. */
  'twice',
  'busy',
  'error',
  'garbage',
  'wrong-types',
  'slow',
  /** Does it and loses the connection. */
  'cut',
  /** Forgets every nonce at once: no password is good enough. */
  'forgets-nonces',
  /** Answers under another number. */
  'wrong-id',
  /** Answers in the name of another device. */
  'wrong-source',
] as const;
export type FrameFault = (typeof frameFaults)[number];

export type FrameServer = {
  fault: FrameFault;
  /** What it answers, and to whom; `cut` loses the connection. */
  handle(text: string, answer: (to: string, text: string) => void, cut: () => void): Promise<void>;
};

type Auth = { realm?: unknown; username?: unknown; nonce?: unknown; cnonce?: unknown; response?: unknown };
type Frame = { id: unknown; src: string; method: string; params: Params; auth: Auth };

export function createFrameServer(device: Device, slowMs: number): FrameServer {
  const nonces = new Set<number>();
  const server: FrameServer = { fault: 'none', handle };

  async function handle(text: string, answer: (to: string, text: string) => void, cut: () => void): Promise<void> {
    const frame = parse(text);
    const { fault } = server;
    if (frame === null || device.record.fault === 'offline' || fault === 'silent-before') return;
    const say = (rest: object, source = device.record.id) => {
      const id = fault === 'wrong-id' && typeof frame.id === 'number' ? frame.id + 1 : frame.id;
      answer(frame.src, JSON.stringify({ id, src: source, dst: frame.src, ...rest }));
    };
    if (!admits(frame)) return say({ error: { code: 401, message: challenge() } });
    if (fault === 'busy') return say({ error: { code: 429, message: 'Too many requests' } });
    if (fault === 'error') return say({ error: { code: 500, message: 'Internal error' } });
    if (fault === 'slow') await pause(slowMs);
    const done = call(device, frame.method, frame.params);
    if (fault === 'twice') call(device, frame.method, frame.params);
    const changed = done.kind === 'result' && done.changed;
    if ((fault === 'silent-after' || device.record.fault === 'answer-lost') && changed) return;
    if (fault === 'cut' && changed) return cut();
    if (fault === 'garbage') return answer(frame.src, '{"id":');
    if (fault === 'wrong-types') return say({ result: { was_on: 'no', output: 'yes', id: 'x' } });
    const result =
      done.kind === 'result' ? { result: done.result } : { error: { code: done.code, message: done.message } };
    say(result, fault === 'wrong-source' ? 'shellyplus1-000000000000' : device.record.id);
    if (fault === 'twice') say(result);
  }

  function challenge(): string {
    const nonce = randomInt(1_000_000_000, 2_000_000_000);
    if (nonces.size > 100) nonces.clear();
    nonces.add(nonce);
    return JSON.stringify({ auth_type: 'digest', nonce, nc: 1, realm: device.record.id, algorithm: 'SHA-256' });
  }

  function admits({ method, auth }: Frame): boolean {
    const { id: realm, password } = device.record;
    if (password === null || method === openMethod) return true;
    const { nonce, cnonce, response } = auth;
    if (server.fault === 'forgets-nonces' || typeof nonce !== 'number' || !nonces.has(nonce)) return false;
    if (auth.realm !== realm || auth.username !== 'admin' || typeof cnonce !== 'number') return false;
    const who = sha256(`admin:${realm}:${password}`);
    return response === sha256(`${who}:${nonce}:1:${cnonce}:auth:${sha256('dummy_method:dummy_uri')}`);
  }

  return server;
}

function parse(text: string): Frame | null {
  try {
    const value = JSON.parse(text) as Partial<Frame> | null;
    if (typeof value?.method !== 'string' || typeof value.src !== 'string') return null;
    const { id, src, method, params = {}, auth = {} } = value;
    return { id, src, method, params, auth };
  } catch {
    return null;
  }
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
