import { createLockHints } from '../engine/lock-hints.ts';
import { createCodeKeeping } from '../features/pins/code-keeping.service.ts';
import { createPins } from '../features/pins/pins.service.ts';
import { createUnmanaged } from '../features/pins/unmanaged.service.ts';
import { createZoneOf } from '../features/pins/zone-of-lock.ts';
import type { Doors } from './doors.ts';
import type { Ground } from './ground.ts';
import type { House } from './house.ts';
import type { Locks } from './locks.ts';
import type { Notices } from './notices.ts';

type Given = { house: House; notices: Notices; locks: Locks; doors: Doors };

/** Codes on locks: those that should be there, and those that nobody here set. */
export function composeCodes(ground: Ground, { house, notices: { notices }, locks: { locks, places }, doors }: Given) {
  const { audit, people, locations, settings } = house;
  const lockHints = createLockHints();
  const zoneOf = createZoneOf({ places, locations, settings });
  const pins = createPins({ ...ground, audit, locks, notices, people, zoneOf, lockHints });
  const unmanaged = createUnmanaged({ ...ground, audit, locks, notices, lockHints });
  const { issuedOn } = doors.passes;
  const keeping = createCodeKeeping({ ...ground, locks, places, notices, unmanaged, zoneOf, issuedOn });
  return { lockHints, zoneOf, pins, unmanaged, keeping } as const;
}

export type Codes = ReturnType<typeof composeCodes>;
