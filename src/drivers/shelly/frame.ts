import { type Static, Type } from 'typebox';
import { Check } from 'typebox/value';
import type { Instant } from '../../rules/instant.ts';
import { readingOf } from './gen2-dialect.ts';
import type { RelayReading } from './judge.ts';
import { parseReply, parseSwitchStatus, type RpcReply } from './wire.ts';

/** What comes over a broker or a socket: answers, and what a device tells by itself. Anything else is null. */
export type Frame =
  | { kind: 'answer'; id: number; reply: RpcReply }
  | { kind: 'notice'; src: string; full: boolean; deviceTime: number | null; params: Record<string, unknown> };

/** A full status of a device with four channels has some 5 KB. */
export const largestFrame = 64 * 1024;
/** More channels than any device has. */
const mostChannels = 64;

const Answer = Type.Object({ id: Type.Integer({ minimum: 0 }) });
const Notice = Type.Object({
  src: Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$' }),
  method: Type.Union([Type.Literal('NotifyStatus'), Type.Literal('NotifyFullStatus')]),
  params: Type.Record(Type.String(), Type.Unknown()),
});
type Notice = Static<typeof Notice>;

export function parseFrame(text: string): Frame | null {
  if (text.length > largestFrame) return null;
  const value = parseJson(text);
  if (Check(Notice, value)) return noticeOf(value);
  const reply = Check(Answer, value) ? parseReply(text) : null;
  return reply === null || !Check(Answer, value) ? null : { kind: 'answer', id: value.id, reply };
}

function noticeOf({ src, method, params }: Notice): Frame {
  const deviceTime = typeof params.ts === 'number' ? params.ts : null;
  return { kind: 'notice', src, full: method === 'NotifyFullStatus', deviceTime, params };
}

/**
 * The relays that a device tells of, as readings. It sends only what changed: where the output is not named (the power
 * alone moved), nothing is said of the relay; and a timer that is not named beside the output is no timer.
 */
export function readingsOf(params: Record<string, unknown>, at: Instant): { channel: number; reading: RelayReading }[] {
  return Object.entries(params).flatMap(([key, value]) => {
    const channel = Number(/^switch:(\d{1,2})$/.exec(key)?.[1] ?? Number.NaN);
    if (!(channel < mostChannels) || typeof value !== 'object' || value === null) return [];
    const status = parseSwitchStatus({ ...value, id: channel });
    return status === null ? [] : [{ channel, reading: readingOf(status, at) }];
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
