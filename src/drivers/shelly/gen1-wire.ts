import { type Static, Type } from 'typebox';
import { Check } from 'typebox/value';

/**
 * What a Shelly of generation 1 answers, checked before anything believes it: https://shelly-api-docs.shelly.cloud/gen1/
 * Unknown fields are allowed, wrong types are not. The Cloud shows these devices in the same shapes.
 */
const Mac = Type.String({ pattern: '^[0-9A-Fa-f]{12}$' });

/** Of /shelly, the one address that is open. Generation 2 has `gen` here, and no `type`. */
const Gen1Identity = Type.Object({ type: Type.String(), mac: Mac, auth: Type.Boolean(), fw: Type.String() });
export type Gen1Identity = Static<typeof Gen1Identity>;
const Newer = Type.Object({ gen: Type.Integer({ minimum: 2 }) });

const Gen1Relay = Type.Object({
  ison: Type.Boolean(),
  has_timer: Type.Optional(Type.Boolean()),
  /** Seconds since 1970 by the device's clock; 0 where it has no timer or no time. */
  timer_started: Type.Optional(Type.Number()),
  timer_duration: Type.Optional(Type.Number()),
  timer_remaining: Type.Optional(Type.Number()),
  source: Type.Optional(Type.String()),
});
export type Gen1Relay = Static<typeof Gen1Relay>;

const Meter = Type.Object({
  power: Type.Number(),
  /** Watt-minutes. */
  total: Type.Optional(Type.Unknown()),
  is_valid: Type.Optional(Type.Boolean()),
});
const Counted = Type.Number({ minimum: 0 });
const Outputs = Type.Object({
  relays: Type.Optional(Type.Array(Gen1Relay)),
  rollers: Type.Optional(Type.Array(Type.Unknown())),
  /** Read by gen1Power and gen1Energy: a meter that talks nonsense does not make the relays unreadable. */
  meters: Type.Optional(Type.Unknown()),
});
export type Gen1Outputs = Static<typeof Outputs>;
const Status = Type.Intersect([Type.Object({ mac: Mac }), Outputs]);
const Settings = Type.Object({
  device: Type.Object({ mac: Mac }),
  name: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  mode: Type.Optional(Type.String()),
  relays: Type.Optional(Type.Array(Type.Unknown())),
});

export function parseGen1Identity(value: unknown): Gen1Identity | 'newer' | null {
  if (Check(Newer, value)) return 'newer';
  return Check(Gen1Identity, value) && !Object.hasOwn(value, 'gen') ? value : null;
}

export function parseGen1Relay(value: unknown): Gen1Relay | null {
  return Check(Gen1Relay, value) ? value : null;
}

/** The part of a status that tells of the outputs; from the device itself or from the Cloud. */
export function parseGen1Outputs(value: unknown): Gen1Outputs | null {
  return Check(Outputs, value) ? value : null;
}

export function parseGen1Status(value: unknown): (Gen1Outputs & { id: string }) | null {
  return Check(Status, value) ? { ...value, id: value.mac.toLowerCase() } : null;
}

/** The relay channels by the settings: a device set up for a roller shutter has none. */
export function parseGen1Settings(value: unknown): { id: string; name: string | null; channels: number[] } | null {
  if (!Check(Settings, value)) return null;
  const { device, name, mode, relays } = value;
  const channels = mode !== undefined && mode !== 'relay' ? [] : (relays ?? []).map((_, channel) => channel);
  return { id: device.mac.toLowerCase(), name: name ?? null, channels };
}

/** How many relays these outputs are; none while a roller shutter hangs on them. */
export function relayCount({ relays, rollers }: Gen1Outputs): number {
  return rollers !== undefined && rollers.length > 0 ? 0 : (relays ?? []).length;
}

/** Null where there is no meter of its own: some models measure several outputs by one. */
export const gen1Power = (outputs: Gen1Outputs, channel: number): number | null =>
  meterOf(outputs, channel)?.power ?? null;

/** Watt-hours. */
export function gen1Energy(outputs: Gen1Outputs, channel: number): number | null {
  const total = meterOf(outputs, channel)?.total;
  return Check(Counted, total) ? total / 60 : null;
}

function meterOf({ relays, meters }: Gen1Outputs, channel: number): Static<typeof Meter> | null {
  if (!Array.isArray(meters) || meters.length !== relays?.length) return null;
  const meter: unknown = meters[channel];
  return Check(Meter, meter) && meter.is_valid !== false ? meter : null;
}
