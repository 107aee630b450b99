import type { RigMaker } from '../../contract/rig.ts';
import { lanRig } from './lan-rig.ts';

/** Shelly relays of generation 1 on the LAN, with a password. */
export const gen1LanRig: RigMaker = {
  name: 'shelly-lan, generation 1, plain HTTP',
  instead: { 'error-body': 'it has no body that says no: a status 400' },
  // which generation lives at an address is asked once; before the first switch, what it has
  start: (clock) => lanRig(1, clock, { list: 3, observe: 3, perform: 5, switching: 1 }),
};
