import { type Static, Type } from 'typebox';
import { Check } from 'typebox/value';

/**
 * What a Shelly Gen2+ device answers, checked before anything believes it: https://shelly-api-docs.shelly.cloud/gen2/
 * Unknown fields are allowed (firmware adds some), wrong types are not. Every parser answers null when it does not fit.
 */
const DeviceId = Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$' });
const RpcError = Type.Object({ code: Type.Number(), message: Type.Optional(Type.String()) });
const Reply = Type.Object({ src: DeviceId, result: Type.Unknown() });
const ErrorReply = Type.Object({ error: RpcError });

const DeviceInfo = Type.Object({
  id: DeviceId,
  name: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  model: Type.Optional(Type.String()),
  app: Type.Optional(Type.String()),
  ver: Type.Optional(Type.String()),
});
export type DeviceInfo = Static<typeof DeviceInfo>;

const SwitchStatus = Type.Object({
  id: Type.Integer({ minimum: 0 }),
  output: Type.Boolean(),
  source: Type.Optional(Type.String()),
  /** Seconds since 1970 by the device's own clock. */
  timer_started_at: Type.Optional(Type.Number()),
  timer_duration: Type.Optional(Type.Number()),
  /** Read by parsePower and parseEnergy: a meter that talks nonsense does not make the relay unreadable. */
  apower: Type.Optional(Type.Unknown()),
  aenergy: Type.Optional(Type.Unknown()),
});
export type SwitchStatus = Static<typeof SwitchStatus>;

const SwitchSet = Type.Object({ was_on: Type.Boolean() });

export type RpcReply =
  | { kind: 'result'; src: string; result: unknown }
  | { kind: 'error'; code: number; message: string };

/** The JSON-RPC envelope; an error also in its bare form `{code, message}`. */
export function parseReply(text: string): RpcReply | null {
  const value = parseJson(text);
  if (Check(ErrorReply, value)) return { kind: 'error', code: value.error.code, message: value.error.message ?? '' };
  if (Check(RpcError, value)) return { kind: 'error', code: value.code, message: value.message ?? '' };
  return Check(Reply, value) ? { kind: 'result', src: value.src, result: value.result } : null;
}

export function parseDeviceInfo(result: unknown): DeviceInfo | null {
  return Check(DeviceInfo, result) ? result : null;
}

export function parseSwitchStatus(result: unknown): SwitchStatus | null {
  return Check(SwitchStatus, result) ? result : null;
}

/** Watts drawn now; null where there is no meter, or none to be believed. */
export const parsePower = (apower: unknown): number | null => (Check(Type.Number(), apower) ? apower : null);

const Energy = Type.Object({ total: Type.Number({ minimum: 0 }) });

/** Watt-hours counted so far; null where there is no meter, or none to be believed. */
export function parseEnergy(aenergy: unknown): number | null {
  return Check(Energy, aenergy) ? aenergy.total : null;
}

/** The relay channels in the answer of Shelly.GetStatus: its keys `switch:0`, `switch:1`, … */
export function parseChannels(result: unknown): number[] | null {
  if (typeof result !== 'object' || result === null || Array.isArray(result)) return null;
  const numbers = Object.keys(result).map((key) => /^switch:(\d{1,3})$/.exec(key)?.[1]);
  return numbers.flatMap((digits) => (digits === undefined ? [] : [Number(digits)])).sort((a, b) => a - b);
}

export function isSwitchSetResult(result: unknown): boolean {
  return Check(SwitchSet, result);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
