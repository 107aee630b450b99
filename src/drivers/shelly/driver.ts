import type { Clock } from '../../host/clock.ts';
import type { VendorHttp } from '../../host/vendor-http.ts';
import type { Driver } from '../port.ts';
import { createShellyAddress, type ShellyAddress } from './address.ts';
import { createShellyClient } from './client.ts';
import { createGen1Dialect } from './gen1-dialect.ts';
import { createGen2Dialect } from './gen2-dialect.ts';
import { checkCommand, refusedBy, toldAs } from './judge.ts';
import { listHardware } from './list.ts';
import { locate, readWhereItIs } from './locate.ts';
import { performAt } from './perform.ts';

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
  const addresses = o.devices.map((device) => addressOf({ ...o, ...device, password: device.password }));

  return {
    describe: () => ({ canSwitch: true, hasAutoOff: true, readsPower: true }),
    list: (signal) => listHardware(addresses, signal),
    perform: async (ref, command, signal) => {
      checkCommand(command);
      const place = await locate(addresses, ref.hardwareId, signal);
      return place.kind === 'found' ? performAt(place.address, ref, command, signal) : refusedBy(place);
    },
    observe: async (ref, signal) => {
      const seen = await readWhereItIs(addresses, ref, signal);
      return toldAs(seen, o.clock.now());
    },
  };
}

type Wire = { address: string; password: string | undefined } & Omit<ShellyLanOptions, 'devices'>;

function addressOf(wire: Wire): ShellyAddress {
  const client = createShellyClient(wire);
  return createShellyAddress({
    address: wire.address,
    ourWay: /^http/i,
    clock: wire.clock,
    newer: (saw) => createGen2Dialect({ address: wire.address, client, clock: wire.clock, saw }),
    older: {
      dialect: (saw) => createGen1Dialect({ ...wire, saw }),
      showsPassword: wire.password !== undefined,
    },
  });
}
