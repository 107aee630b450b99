import { createPassHints } from '../engine/pass-hints.ts';
import { createDoorLocks } from '../features/doors/door-locks.service.ts';
import { createDoors } from '../features/doors/doors.service.ts';
import { createLockSearch } from '../features/doors/lock-search.ts';
import { createPassages } from '../features/doors/passages.service.ts';
import { createPassOpening } from '../features/passes/pass-opening.service.ts';
import { createPassUse } from '../features/passes/pass-use.service.ts';
import { createPasses } from '../features/passes/passes.service.ts';
import type { Ground } from './ground.ts';
import type { House } from './house.ts';
import type { Locks } from './locks.ts';
import type { Money } from './money.ts';
import type { Notices } from './notices.ts';
import type { Vendors } from './vendors.ts';

type Given = { house: House; notices: Notices; vendors: Vendors; money: Money; locks: Locks };

/** Doors that people pass, and the ways in that guests bought. */
export function composeDoors(ground: Ground, given: Given) {
  const { audit, locations, settings, addresses, limits } = given.house;
  const { connections, lockLists } = given.vendors;
  const { payments } = given.money;
  const { locks, lockCommands, places, opening } = given.locks;
  const { notices } = given.notices;
  const passHints = createPassHints();
  const passes = createPasses({ ...ground, payments, hurry: passHints.hurry });
  const findLock = createLockSearch({ ...ground, connections, lockLists, locks });
  const { inUse } = passes;
  const found = { findLock, locks, places };
  const doors = createDoors({ ...ground, ...found, audit, locations, settings, addresses, notices, inUse });
  const locksOfDoors = createDoorLocks({ ...ground, connections, locks });
  const passages = createPassages({ ...ground, notices, doors, places, locks, lockCommands });
  const passOpening = createPassOpening({ ...ground, limits, places, opening, passes });
  const passUse = createPassUse({ passes, doors });
  return { passHints, passes, passUse, doors, locksOfDoors, passages, passOpening } as const;
}

export type Doors = ReturnType<typeof composeDoors>;
