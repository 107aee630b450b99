import type { Instant } from '../../rules/instant.ts';
import { type CloudDevice, parseUpdated } from './cloud-wire.ts';
import { gen1Reading } from './gen1-relay.ts';
import { parseGen1Outputs, relayCount } from './gen1-wire.ts';
import type { RelayReading, Trouble } from './judge.ts';
import { parseChannels, parseEnergy, parsePower, parseSwitchStatus } from './wire.ts';

/** One channel in the cloud's picture of a device, and when the picture was renewed by the cloud's clock. */
export type Picture = { relay: RelayReading; updatedAt: Instant | null };

/** `ahead`: of the cloud's clock before ours, where known. */
export function pictureOf(
  device: CloudDevice,
  channel: number,
  o: { at: Instant; ahead: number | null },
): Picture | Trouble {
  if (device.online === 0 || device.online === false) return trouble('unreachable', `${device.id} is offline`);
  const { status } = device;
  if (status === undefined) return strange(device.id);
  const updatedAt = parseUpdated(status);
  const shownAt = updatedAt === null ? o.at : Math.min(o.at, updatedAt - (o.ahead ?? 0));
  const relay = isOlder(status)
    ? olderRelay(status, device.id, channel, { at: o.at, shownAt })
    : newerRelay(status, device.id, channel, o.at);
  return relay.kind === 'relay' ? { relay, updatedAt } : relay;
}

/** The relay channels that the cloud shows of a device; none for what is no relay. */
export function cloudChannels(status: Record<string, unknown>): number[] {
  if (!isOlder(status)) return parseChannels(status) ?? [];
  const outputs = parseGen1Outputs(status);
  return outputs === null ? [] : Array.from({ length: relayCount(outputs) }, (_, channel) => channel);
}

/** Generation 1 has lists of outputs, generation 2 a key for each. */
const isOlder = (status: Record<string, unknown>): boolean => 'relays' in status || 'rollers' in status;

function olderRelay(
  status: Record<string, unknown>,
  id: string,
  channel: number,
  o: { at: Instant; shownAt: Instant },
): RelayReading | Trouble {
  const outputs = parseGen1Outputs(status);
  return outputs === null ? strange(id) : gen1Reading(outputs, channel, { device: id, ...o });
}

function newerRelay(status: Record<string, unknown>, id: string, channel: number, at: Instant): RelayReading | Trouble {
  const key = `switch:${channel}`;
  if (!(key in status)) {
    const none = parseChannels(status)?.length === 0;
    return none ? trouble('unsupported', `${id} is no relay`) : trouble('not-found', `${id} has no channel ${channel}`);
  }
  const shown = parseSwitchStatus(status[key]);
  if (shown === null || shown.id !== channel) return strange(id);
  const { timer_started_at: started, timer_duration: seconds } = shown;
  const timed = started !== undefined && seconds !== undefined;
  return {
    kind: 'relay',
    on: shown.output,
    timer: timed ? { seconds, endsAt: Math.round((started + seconds) * 1000) } : null,
    powerWatts: parsePower(shown.apower),
    energyWh: parseEnergy(shown.aenergy),
    source: shown.source ?? null,
    at,
  };
}

function trouble(reason: Trouble['reason'], detail: string): Trouble {
  return { kind: 'trouble', reason, detail: `Shelly Cloud: ${detail}` };
}

const strange = (id: string): Trouble => trouble('vendor', `what it shows of ${id} cannot be understood`);
