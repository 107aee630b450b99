/** JSON-RPC in frames, as a device answers it over a broker or a socket, with the troubles of that way. */
import { createHash, randomInt } from 'node:crypto';
import { after, pause } from '../clock.ts';
import { type Heard, hear, underWay } from '../heard.ts';
import { lateMs, type TroubleKind, type Troubles, twisted } from '../trouble.ts';
import type { Device } from './device.ts';
import { type Answer, call, openMethod, type Params, switches } from './methods.ts';

/** What every way of a device to the world is given. */
export type WayDeps = { slowMs: number; troubles: Troubles; heard: Heard };

export type FrameServer = {
  /** What it answers, and to whom; `cut` loses the connection. */
  handle(text: string, answer: (to: string, text: string) => void, cut: () => void): Promise<void>;
};

type Auth = { realm?: unknown; username?: unknown; nonce?: unknown; cnonce?: unknown; response?: unknown };
type Frame = { id: unknown; src: string; method: string; params: Params; auth: Auth };
type Say = (rest: object) => void;

const PIECE_MS = 40;

/** `via`: how the device names this way. */
export function createFrameServer(device: Device, via: string, o: WayDeps): FrameServer {
  const nonces = new Set<number>();

  async function handle(text: string, answer: (to: string, text: string) => void, cut: () => void): Promise<void> {
    const frame = parse(text);
    if (frame === null || device.record.fault === 'offline') return;
    const switching = switches(frame.method);
    hear(o.heard, null, switching);
    const trouble = o.troubles.next(switching ? 'switching' : 'looking');
    const say: Say = (rest) => {
      const id = trouble === 'wrong-number' && typeof frame.id === 'number' ? frame.id + 1 : frame.id;
      answer(frame.src, JSON.stringify({ id, src: device.record.id, dst: frame.src, ...rest }));
    };
    if (!admits(frame, trouble)) return say({ error: { code: 401, message: challenge() } });
    const act = (): Answer => call(device, frame.method, frame.params, via);
    if (trouble !== null) {
      device.troubled(trouble);
      return spoil(trouble, { act, say, raw: (piece) => answer(frame.src, piece), cut }).finally(() =>
        device.troubled(null),
      );
    }
    if (device.record.fault === 'slow') await pause(o.slowMs);
    const done = act();
    if (device.record.fault === 'answer-lost' && done.kind === 'result' && done.changed) return;
    say(bodyOf(done));
  }

  function challenge(): string {
    const nonce = randomInt(1_000_000_000, 2_000_000_000);
    if (nonces.size > 100) nonces.clear();
    nonces.add(nonce);
    return JSON.stringify({ auth_type: 'digest', nonce, nc: 1, realm: device.record.id, algorithm: 'SHA-256' });
  }

  function admits({ method, auth }: Frame, trouble: TroubleKind | null): boolean {
    const { id: realm, password } = device.record;
    if (password === null || method === openMethod) return true;
    const { nonce, cnonce, response } = auth;
    if (trouble === 'credentials-expired' || typeof nonce !== 'number' || !nonces.has(nonce)) return false;
    if (auth.realm !== realm || auth.username !== 'admin' || typeof cnonce !== 'number') return false;
    const who = sha256(`admin:${realm}:${password}`);
    return response === sha256(`${who}:${nonce}:1:${cnonce}:auth:${sha256('dummy_method:dummy_uri')}`);
  }

  return { handle: (...all) => underWay(o.heard, handle(...all)) };
}

/** As trouble.ts does it over HTTP; `raw` sends what is no answer. */
async function spoil(
  kind: TroubleKind,
  { act, say, raw, cut }: { act: () => Answer; say: Say; raw: (piece: string) => void; cut: () => void },
): Promise<void> {
  switch (kind) {
    case 'timeout-before':
      return;
    case 'timeout-after':
      act();
      return;
    case 'late':
      await pause(lateMs);
      return say(bodyOf(act()));
    case 'done-twice':
      say(bodyOf(act()));
      return say(bodyOf(act()));
    case 'busy':
    case 'busy-with-retry-after': // a frame cannot say when again
      return say({ error: { code: 429, message: 'Too many requests' } });
    case 'broken':
      return say({ error: { code: 500, message: 'Internal error' } });
    case 'broken-after':
      act();
      return say({ error: { code: 500, message: 'Internal error' } });
    case 'error-body':
      return say({ error: { code: -109, message: 'Overpower condition, output is locked!' } });
    case 'malformed':
      act();
      return raw('{"id":');
    case 'wrong-types':
      return say({ result: twisted(bodyOf(act()).result) });
    case 'slow-drip':
      return drip(JSON.stringify(bodyOf(act())), raw);
    case 'cut-off':
      act();
      return cut();
    default:
      return say(bodyOf(act())); // those that the device itself does, or that are done to the frame around it
  }
}

function bodyOf(answer: Answer): { result?: unknown; error?: unknown } {
  if (answer.kind === 'result') return { result: answer.result };
  return { error: { code: answer.code, message: answer.message } };
}

/** A good answer in pieces, each of them a frame that says nothing. */
function drip(text: string, raw: (piece: string) => void): void {
  if (text === '') return;
  raw(text.slice(0, 1));
  after(PIECE_MS, () => drip(text.slice(1), raw));
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
