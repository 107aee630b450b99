/**
 * What a network or a vendor may do to a request, beyond the faults that people choose on the building's page: every
 * way in which an answer can be wrong, late or missing. For tests of drivers; knows nothing of relays or locks. Here as
 * HTTP does it, for every device and cloud that speaks HTTP; shelly/frame-server.ts does the same to brokers and sockets.
 */
import type http from 'node:http';
import { after, pause } from './clock.ts';

export const troubles = [
  'timeout-before', // hears it, does nothing, answers nothing
  'timeout-after', // does it, answers nothing
  'late', // does it when nobody waits any more
  'done-twice',
  'busy', // 429
  'busy-with-retry-after',
  'broken', // 500, not done
  'broken-after', // 500, done
  'error-body', // the vendor's own way of saying no; not done
  'malformed', // done; the answer is no JSON
  'wrong-types', // done; the answer has other types than it should
  'slow-drip', // done; the answer never comes to its end
  'cut-off', // done; the connection breaks in the middle of the answer
  'credentials-expired',
  'lying-ok', // says yes, does nothing
  'outside-change', // done, and at once turned the other way by somebody else
  'another-device', // whoever answers here now is another one
  'wrong-number', // done; the answer bears the number of another question (in frames alone)
] as const;
export type TroubleKind = (typeof troubles)[number];
/** What a request does. `signing-in`: it fetches a token, at vendors that have such. */
export type Doing = 'switching' | 'looking' | 'signing-in';
/** `where`: all other requests are answered as if nothing were. `times`: so often, then no more. */
export type Trouble = { kind: TroubleKind; where: 'everything' | Doing; times?: number };

/** Longer than tests of drivers wait. */
export const lateMs = 1500;
export const retryAfterSeconds = 7;
const DRIP_MS = 40;

/** What troubles the requests of one device or cloud now. */
export function createTroubles() {
  let now: Trouble | null = null;
  let left = 0;
  return {
    current: (): TroubleKind | null => (left > 0 ? (now?.kind ?? null) : null),
    set(trouble: Trouble | null): void {
      now = trouble;
      left = trouble?.times ?? Number.POSITIVE_INFINITY;
    },
    /** What falls on this request. */
    next(does: Doing): TroubleKind | null {
      if (now === null || left <= 0 || (now.where !== 'everything' && now.where !== does)) return null;
      left -= 1;
      return now.kind;
    },
  };
}
export type Troubles = ReturnType<typeof createTroubles>;

/** The body is JSON already. */
export type Said = { status: number; body: string };

/**
 * Answers in the way of the trouble. `act` does what is asked and says what a good answer would be; `no` is the vendor's
 * own way of refusing; `twist` makes its types wrong; `expired` is how it asks for another password or key.
 */
export async function spoil(
  kind: TroubleKind,
  response: http.ServerResponse,
  o: { act: () => Said | Promise<Said>; no: () => Said; twist: (said: Said) => Said; expired: () => Said },
): Promise<void> {
  switch (kind) {
    case 'timeout-before':
      return;
    case 'timeout-after':
      await o.act();
      return;
    case 'late':
      await pause(lateMs);
      return send(response, await o.act());
    case 'done-twice': {
      const said = await o.act(); // the copy's answer would be about what the first has done
      await o.act();
      return send(response, said);
    }
    case 'busy':
      return send(response, { status: 429, body: 'Too Many Requests' });
    case 'busy-with-retry-after':
      response.setHeader('retry-after', String(retryAfterSeconds));
      return send(response, { status: 429, body: 'Too Many Requests' });
    case 'broken':
      return send(response, { status: 500, body: 'Internal Server Error' });
    case 'broken-after':
      await o.act();
      return send(response, { status: 500, body: 'Internal Server Error' });
    case 'error-body':
      return send(response, o.no());
    case 'malformed':
      return send(response, { status: 200, body: `<html>${(await o.act()).body}` });
    case 'wrong-types':
      return send(response, o.twist(await o.act()));
    case 'slow-drip':
      return drip(response, await o.act());
    case 'cut-off':
      return cut(response, await o.act());
    case 'credentials-expired':
      return send(response, o.expired());
    default:
      return send(response, await o.act()); // those that the device itself does
  }
}

/** Booleans and numbers as text, texts as numbers, at any depth. */
export function twisted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(twisted);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, twisted(inner)]));
  }
  return typeof value === 'string' ? value.length : String(value);
}

export function send(response: http.ServerResponse, { status, body }: Said): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(body);
}

/** Blanks before the JSON are allowed, so this is a good answer that never comes to its point. */
function drip(response: http.ServerResponse, { status }: Said): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  const next = (): void => {
    if (response.destroyed) return;
    response.write(' ');
    after(DRIP_MS, next);
  };
  next();
}

function cut(response: http.ServerResponse, { status, body }: Said): void {
  const bytes = Math.max(2, Buffer.byteLength(body)); // an answer without a body is cut off, too
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': bytes });
  response.write(body.slice(0, Math.max(1, Math.floor(body.length / 2))) || ' ', () => {
    after(DRIP_MS, () => response.socket?.resetAndDestroy());
  });
}
