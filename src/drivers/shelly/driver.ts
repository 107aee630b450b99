import type { Clock } from '../../host/clock.ts';
import type { VendorHttp } from '../../host/vendor-http.ts';
import type { Driver } from '../port.ts';
import { createShellyAddress } from './address.ts';
import { createShellyClient } from './client.ts';
import { listHardware } from './list.ts';
import { locate, readWhereItIs } from './locate.ts';
import { demandTimer, performAt, toldAs } from './perform.ts';

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

export function createShellyLanDriver(o: ShellyLanOptions): Driver {
  const addresses = o.devices.map((device) => {
    const client = createShellyClient({ ...o, ...device, password: device.password });
    return createShellyAddress({ address: device.address, client, clock: o.clock });
  });

  return {
    describe: () => ({ canSwitch: true, hasAutoOff: true, readsPower: true }),
    list: (signal) => listHardware(addresses, signal),
    perform: async (ref, command, signal) => {
      demandTimer(command);
      const place = await locate(addresses, ref.hardwareId, signal);
      if (place.kind === 'missing') return { kind: 'refused', reason: place.reason, detail: place.detail };
      return performAt(place.address, ref, command, signal);
    },
    observe: async (ref, signal) => {
      const seen = await readWhereItIs(addresses, ref, signal);
      return toldAs(seen, o.clock);
    },
  };
}
