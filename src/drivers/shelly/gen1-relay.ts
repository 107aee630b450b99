import type { Instant } from '../../rules/instant.ts';
import { type Gen1Outputs, gen1Energy, gen1Power, relayCount } from './gen1-wire.ts';
import type { RelayReading, Trouble } from './judge.ts';

/** One channel out of a status of generation 1. `shownAt`: when the status was true; `at`: when we look. */
export function gen1Reading(
  outputs: Gen1Outputs,
  channel: number,
  o: { device: string; at: Instant; shownAt: Instant },
): RelayReading | Trouble {
  const count = relayCount(outputs);
  const relay = count === 0 ? undefined : outputs.relays?.[channel];
  if (relay === undefined) {
    const detail = count === 0 ? `${o.device} is no relay` : `${o.device} has no channel ${channel}`;
    return { kind: 'trouble', reason: count === 0 ? 'unsupported' : 'not-found', detail };
  }
  const { timer_remaining: remaining = 0, timer_duration: duration = 0, timer_started: started = 0 } = relay;
  // What remains is told by the device itself, so its clock may be as wrong as it likes; old firmware tells nothing else.
  const endsAt = o.shownAt === o.at || started === 0 ? o.shownAt + remaining * 1000 : (started + duration) * 1000;
  const timed = relay.has_timer === true && (remaining > 0 || duration > 0);
  return {
    kind: 'relay',
    on: relay.ison,
    timer: timed ? { seconds: duration > 0 ? duration : remaining, endsAt: Math.round(endsAt) } : null,
    powerWatts: gen1Power(outputs, channel),
    energyWh: gen1Energy(outputs, channel),
    source: relay.source ?? null,
    at: o.at,
  };
}
