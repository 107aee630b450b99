import type { RigMaker } from '../../contract/rig.ts';
import { lanRig } from './lan-rig.ts';

/** Shelly relays of generation 2 and later on the LAN: with a password, so that it can expire. */
export const gen2LanRig: RigMaker = {
  name: 'shelly-lan, generation 2 and later, RPC over HTTP',
  // a challenge of the password costs one more request, wherever the device asks for it
  start: (clock) => lanRig(2, clock, { list: 3, observe: 3, perform: 5, switching: 2 }),
};
