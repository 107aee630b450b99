import { randomBytes } from 'node:crypto';
import { startShellySimulator } from '../../../../simulators/shelly/start.ts';
import { systemClock } from '../../../host/clock.ts';
import { createVendorHttp } from '../../../host/vendor-http.ts';
import type { Rig, RigMaker } from '../../contract/rig.ts';
import { openDriver } from '../../registry.ts';

const name = 'washer';
const password = 'sesame-öffne-dich';

/** Shelly relays of generation 2 on the LAN: with a password, so that it can expire. */
export const gen2LanRig: RigMaker = {
  name: 'shelly-lan, generation 2 and later, RPC over HTTP',
  start: async (): Promise<Rig> => {
    const shelly = await startShellySimulator({ stateDir: null, devices: [{ name, password, load: { watts: 400 } }] });
    const { address, id } = shelly.device(name);
    const deps = { http: createVendorHttp({ clock: systemClock }), clock: systemClock, random: randomBytes };
    const driver = await openDriver('shelly-lan', { devices: [{ address, password }] }, deps);
    return {
      driver,
      ref: { hardwareId: id, channel: 0 },
      proof: 'at-once',
      fault: (fault, where) => {
        shelly.setFault(name, fault === 'offline' ? 'offline' : 'none');
        shelly.setTrouble(name, fault === null || fault === 'offline' ? null : { kind: fault, where });
      },
      relay: () => {
        const relay = shelly.device(name).channels[0];
        const sets = shelly.history(name).filter(({ kind }) => kind === 'set');
        return {
          on: relay?.output === true,
          timerSeconds: relay?.timerDuration ?? null,
          carriedOut: sets.length,
          bareOns: sets.filter(({ on, toggleAfter }) => on && toggleAfter === null).length,
        };
      },
      outside: ({ on, autoOffSeconds }) => shelly.setOutput(name, 0, on, autoOffSeconds),
      requests: () => shelly.heard(name),
      // a challenge of the password costs one more request, wherever the device asks for it
      most: { list: 3, observe: 3, perform: 5, switching: 2 },
      settled: async () => {
        while (shelly.heard(name).underWay > 0) await systemClock.sleep(10);
      },
      secrets: [password],
      stop: () => shelly.close(),
    };
  },
};
