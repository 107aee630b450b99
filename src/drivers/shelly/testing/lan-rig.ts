import { randomBytes } from 'node:crypto';
import { startShellySimulator } from '../../../../simulators/shelly/start.ts';
import type { Clock } from '../../../host/clock.ts';
import { createVendorHttp } from '../../../host/vendor-http.ts';
import type { Rig } from '../../contract/rig.ts';
import { openDriver } from '../../registry.ts';
import { name, password, rigOn } from './shelly-rig.ts';

export async function lanRig(generation: 1 | 2, clock: Clock, most: Rig['most']): Promise<Rig> {
  const device = { name, generation, password, load: { watts: 400 } };
  const shelly = await startShellySimulator({ stateDir: null, devices: [device] });
  const { address } = shelly.device(name);
  const deps = { http: createVendorHttp({ clock }), clock, random: randomBytes };
  const driver = await openDriver('shelly-lan', { devices: [{ address, password }] }, deps);
  return { ...rigOn(shelly, driver), timers: true, most, secrets: [password], stop: () => shelly.close() };
}
