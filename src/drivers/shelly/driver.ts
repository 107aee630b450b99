import type { Clock } from '../../host/clock.ts';
import type { VendorHttp } from '../../host/vendor-http.ts';
import { assertNever } from '../../rules/assert-never.ts';
import type { Command, Driver, HardwareRef, Observation, Outcome, RefusalReason } from '../port.ts';
import { createShellyAddress, type Reading, type ShellyAddress } from './address.ts';
import { listHardware } from './list.ts';
import { lastSeen, locate } from './locate.ts';

/**
 * Shelly relays of generation 2 and later, on the LAN, over their local RPC. Every switch-on carries the device's own
 * timer; every switch is read back; nothing is sent to an address before the device there has said who it is.
 * It must never report as done what was not seen, and never as not done what may still happen.
 */
export type ShellyLanOptions = {
  devices: { address: string; password?: string | undefined }[];
  http: VendorHttp;
  clock: Clock;
  random: (count: number) => Buffer;
};

/** Why there is no reading; without a reason: another device answered. */
type NoReading = { detail: string; reason?: RefusalReason; retryAfterSeconds?: number };

/** How far the device's clock may be off before its timer is no proof that a command without an answer arrived. */
const clockTolerance = 10_000;

export function createShellyLanDriver(o: ShellyLanOptions): Driver {
  const addresses = o.devices.map((device) => createShellyAddress({ ...o, ...device, password: device.password }));

  return {
    describe: () => ({ canSwitch: true, hasAutoOff: true, readsPower: true }),
    list: (signal) => listHardware(addresses, signal),
    perform: async (ref, command, signal) => {
      if (
        command.kind === 'switch-on' &&
        !(Number.isSafeInteger(command.autoOffSeconds) && command.autoOffSeconds >= 1)
      ) {
        throw new RangeError(`autoOffSeconds must be a whole number of at least 1, not ${command.autoOffSeconds}`);
      }
      const place = await locate(addresses, ref.hardwareId, signal);
      if (place.kind === 'missing') return { ...place, kind: 'refused' };
      return perform(place.address, ref, command, signal);
    },
    observe: async (ref, signal) => {
      // The answer names its device, so a known address needs no question before.
      const known = lastSeen(addresses, ref.hardwareId);
      const first = await known?.read(ref, signal);
      if (first?.kind === 'relay') return toObservation(first);
      if (first !== undefined && first.kind !== 'other-device') return unreachable(first);
      const place = await locate(addresses, ref.hardwareId, signal);
      if (place.kind === 'missing') return unreachable(place);
      const second = await place.address.read(ref, signal);
      return second.kind === 'relay' ? toObservation(second) : unreachable(second);
    },
  };

  async function perform(
    address: ShellyAddress,
    ref: HardwareRef,
    command: Command,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const said = await address.set(ref, command, signal);
    switch (said.kind) {
      case 'refused':
        return said;
      case 'taken':
        return judge(command, true, await address.read(ref, signal), null);
      case 'lost':
        return judge(command, false, await address.read(ref, signal), said.detail);
      default:
        return assertNever(said);
    }
  }

  /**
   * What the read-back tells. After an answered Set the device knows the command: a relay that does not show it, and was
   * switched by nobody since, refused.
   * After a lost answer a relay that shows it is proof; one that does not is none: the request may still lie in the
   * network or in the device's queue and take effect after our reading, so it stays unknown until a later observation.
   */
  function judge(command: Command, answered: boolean, seen: Reading, lost: string | null): Outcome {
    const turned = command.kind === 'switch-on' ? 'on' : 'off';
    if (seen.kind !== 'relay') {
      return answered ? { kind: 'accepted' } : { kind: 'unknown', detail: `${lost ?? ''}; read-back: ${seen.detail}` };
    }
    if (seen.on === (turned === 'on')) {
      if (command.kind === 'switch-off' || hasOurTimer(seen, command.autoOffSeconds, answered)) {
        return { kind: 'confirmed', observation: toObservation(seen) };
      }
      // Never call a relay "on" that may stay on: without its timer this was not what was asked for.
      return { kind: 'unknown', detail: 'the relay is on, but does not show the timer that would switch it off' };
    }
    if (answered && isOurs(seen))
      return { kind: 'refused', reason: 'vendor', detail: `the relay did not go ${turned}` };
    // It said yes, and somebody else switched last: either it did it and was turned back at once, or it never did it.
    if (answered)
      return { kind: 'unknown', detail: `the relay is not ${turned}; ${seen.source ?? 'nobody'} switched last` };
    return { kind: 'unknown', detail: `${lost ?? ''}; the relay is not ${turned} yet` };
  }

  function hasOurTimer(seen: Extract<Reading, { kind: 'relay' }>, seconds: number, answered: boolean): boolean {
    // Another length is the timer of another command, whatever was answered.
    if (seen.timer === null || Math.abs(seen.timer.seconds - seconds) >= 1) return false;
    // Without an answer it must have begun just now, too.
    return answered || Math.abs(seen.timer.endsAt - (seen.at + seconds * 1000)) <= clockTolerance;
  }

  /** Whether the last one to switch it came over HTTP, as we do. */
  function isOurs(seen: Extract<Reading, { kind: 'relay' }>): boolean {
    return /^http/i.test(seen.source ?? '');
  }

  function toObservation(seen: Extract<Reading, { kind: 'relay' }>): Observation {
    const { on, powerWatts, energyWh, source, at, timer } = seen;
    // The end by the device's clock, kept within what is possible: later than now, no later than the whole timer from now.
    const autoOffAt =
      !on || timer === null ? null : Math.min(Math.max(timer.endsAt, at), at + Math.ceil(timer.seconds * 1000));
    return { kind: 'relay', on, autoOffAt, powerWatts, energyWh, source, at };
  }

  function unreachable(trouble: NoReading): Observation {
    const { detail, reason = 'not-found', retryAfterSeconds } = trouble;
    const facts = retryAfterSeconds === undefined ? {} : { retryAfterSeconds };
    return { kind: 'unreachable', why: detail, at: o.clock.now(), reason, ...facts };
  }
}
