import { createExcludedLocks } from '../features/lock-users/excluded-locks.service.ts';
import { createHouses } from '../features/lock-users/houses.service.ts';
import { createLockUsers } from '../features/lock-users/lock-users.service.ts';
import { createPartnerPins } from '../features/partner-pins/partner-pins.service.ts';
import { createRemoteOperate } from '../features/remote-operate/remote-operate.service.ts';
import type { Codes } from './codes.ts';
import type { Ground } from './ground.ts';
import type { House } from './house.ts';
import type { Locks } from './locks.ts';
import type { Partners } from './partners.ts';

type Given = { house: House; partners: Partners; locks: Locks; codes: Codes };

/** People on locks, the houses that they see, and what they do with locks from afar. */
export function composeLockPeople(ground: Ground, { house, partners, locks: ofLocks, codes: { pins } }: Given) {
  const { subUsers } = partners;
  const { audit, organizations, accounts, people, locations } = house;
  const { locks } = ofLocks;
  const houses = createHouses({ ...ground, locks, locations, organizations });
  const lockUsers = createLockUsers({ ...ground, audit, locks, people, accounts, pins, houses });
  const remoteOperate = createRemoteOperate({ ...ground, ...ofLocks, houses });
  const excludedLocks = createExcludedLocks({ ...ground, audit, locks, houses });
  const partnerPins = createPartnerPins({ ...ground, houses, locks, pins, people, accounts, subUsers });
  return { houses, lockUsers, excludedLocks, partnerPins, remoteOperate } as const;
}

export type LockPeople = ReturnType<typeof composeLockPeople>;
