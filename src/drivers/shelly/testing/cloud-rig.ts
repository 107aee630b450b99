import { randomBytes } from 'node:crypto';
import { startShellySimulator } from '../../../../simulators/shelly/start.ts';
import { createVendorHttp } from '../../../host/vendor-http.ts';
import type { Rig, RigMaker } from '../../contract/rig.ts';
import { openDriver } from '../../registry.ts';
import { name, rigOn, until } from './shelly-rig.ts';
import { steppingPace } from './stepping-pace.ts';

/** Shelly's cloud in front of a relay. Turns are not waited for: time goes on by a second with each. */
export const cloudRig: RigMaker = {
  name: 'shelly-cloud, the v2 API',
  instead: {
    'credentials-expired': 'the auth key of the account',
    'another-device': 'the account has another device in its place',
  },
  start: async (real): Promise<Rig> => {
    const { clock: stepping, pace } = steppingPace(real);
    // half the time for an answer: what a call has in a trial is enough for a lost one and a look
    const deadline = (ms: number, signal?: AbortSignal) => stepping.deadline(ms / 2, signal);
    const clock = { ...stepping, deadline };
    const devices = [{ name, load: { watts: 400 } }];
    const shelly = await startShellySimulator({ stateDir: null, clock, devices, cloud: { limited: false } });
    const { cloud } = shelly;
    const deps = { http: createVendorHttp({ clock }), clock, random: randomBytes, pace };
    const driver = await openDriver('shelly-cloud', { server: cloud.url, authKey: cloud.authKey() }, deps);
    return {
      ...rigOn(shelly, driver),
      ref: { hardwareId: cloud.idOf(name), channel: 0 },
      proof: 'later',
      timers: true,
      fault(fault, where) {
        const own = fault === 'offline' || fault === 'another-device';
        shelly.setFault(name, fault === 'offline' ? 'offline' : 'none');
        shelly.setTrouble(name, fault === 'another-device' ? { kind: fault, where } : null);
        cloud.setTrouble(fault === null || own ? null : { kind: fault, where });
      },
      requests: () => cloud.heard(),
      settled: () => until(() => cloud.heard().underWay === 0),
      // looked at again and again, a second apart, until the picture is of after the command
      most: { list: 2, observe: 1, perform: 9, switching: 1 },
      secrets: [cloud.authKey()],
      stop: () => shelly.close(),
    };
  },
};
