import type { Clock } from '../../host/clock.ts';
import type { VendorHttp } from '../../host/vendor-http.ts';
import type { Driver, Observation } from '../port.ts';
import { createShellyAddress } from './address.ts';
import { checkCommand, judge, toObservation } from './judge.ts';
import { listHardware } from './list.ts';
import { lastSeen, locate } from './locate.ts';

/**
 * Shelly relays on the LAN, of every generation. Every switch-on carries the device's own timer; every switch is read
 * back; nothing is sent to an address before the device there has said who it is.
 * It must never report as done what was not seen, and never as not done what may still happen.
 */
export type ShellyLanOptions = {
  devices: { address: string; password?: string | undefined }[];
  http: VendorHttp;
  clock: Clock;
  random: (count: number) => Buffer;
};

export function createShellyLanDriver(o: ShellyLanOptions): Driver {
  const addresses = o.devices.map((device) => createShellyAddress({ ...o, ...device, password: device.password }));

  return {
    describe: () => ({ canSwitch: true, hasAutoOff: true, readsPower: true }),
    list: (signal) => listHardware(addresses, signal),
    perform: async (ref, command, signal) => {
      checkCommand(command);
      const place = await locate(addresses, ref.hardwareId, signal);
      if (place.kind === 'missing') return { kind: 'refused', reason: place.reason, detail: place.detail };
      const said = await place.address.set(ref, command, signal);
      return said.kind === 'refused' ? said : judge(command, said, await place.address.read(ref, signal));
    },
    observe: async (ref, signal) => {
      // The answer names its device, so a known address needs no question before.
      const known = lastSeen(addresses, ref.hardwareId);
      const first = await known?.read(ref, signal);
      if (first?.kind === 'relay') return toObservation(first);
      if (first !== undefined && first.kind !== 'other-device') return unreachable(first.detail);
      const place = await locate(addresses, ref.hardwareId, signal);
      if (place.kind === 'missing') return unreachable(place.detail);
      const second = await place.address.read(ref, signal);
      return second.kind === 'relay' ? toObservation(second) : unreachable(second.detail);
    },
  };

  function unreachable(why: string): Observation {
    return { kind: 'unreachable', why, at: o.clock.now() };
  }
}
