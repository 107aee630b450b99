import type { SimulatorsOptions } from '../simulators/start.ts';
import type { Instant } from '../src/rules/instant.ts';
import { segmentAt } from '../src/rules/time/zone.ts';
import { building } from './building.ts';

/** What the simulators play of the demo building. The clocks of its locks are set as somebody would today. */
export function hardware(now: Instant): Pick<SimulatorsOptions, 'devices' | 'gateways' | 'locks'> {
  const zoneOffsetMinutes = segmentAt(building.gym.timeZone, now).offset / 60_000;
  return {
    devices: building.devices.map(({ name, load, password }) => ({ name, load, ...(password ? { password } : {}) })),
    gateways: building.gateways.map((name) => ({ name })),
    locks: building.doors.map(({ name, lock: { gateway, camera, battery } }) => ({
      name,
      camera,
      battery,
      zoneOffsetMinutes,
      ...(gateway === null ? {} : { gateway }),
    })),
  };
}
