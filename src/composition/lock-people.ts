import { createExcludedLocks } from '../features/lock-users/excluded-locks.service.ts';
import { createHouses } from '../features/lock-users/houses.service.ts';
import { createLockUsers } from '../features/lock-users/lock-users.service.ts';
import type { Codes } from './codes.ts';
import type { Ground } from './ground.ts';
import type { House } from './house.ts';
import type { Locks } from './locks.ts';

type Given = { house: House; locks: Locks; codes: Codes };

/** People on locks, and the houses that they see. */
export function composeLockPeople(ground: Ground, { house, locks: { locks }, codes: { pins } }: Given) {
  const { audit, organizations, accounts, people, locations } = house;
  const houses = createHouses({ ...ground, locks, locations, organizations });
  const lockUsers = createLockUsers({ ...ground, audit, locks, people, accounts, pins, houses });
  const excludedLocks = createExcludedLocks({ ...ground, audit, locks, houses });
  return { houses, lockUsers, excludedLocks } as const;
}

export type LockPeople = ReturnType<typeof composeLockPeople>;
