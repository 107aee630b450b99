import { createEmergency } from '../features/access/emergency.service.ts';
import { createOpening } from '../features/access/opening.service.ts';
import { createPlaces } from '../features/access/places.service.ts';
import { createAccessEvents } from '../features/access-events/access-events.service.ts';
import { createLockCommands } from '../features/commands/lock-commands.service.ts';
import { createLockLooks } from '../features/commands/lock-looks.service.ts';
import { createLockAdding } from '../features/connections/lock-adding.service.ts';
import { createLocks } from '../features/locks/locks.service.ts';
import type { Ground } from './ground.ts';
import type { House } from './house.ts';
import type { Notices } from './notices.ts';
import type { Vendors } from './vendors.ts';

type Given = { house: House; notices: Notices; vendors: Vendors };

/** Locks, and the one way in which a wish to open goes: decided, written down, sent. */
export function composeLocks(ground: Ground, { house, notices: { notices }, vendors }: Given) {
  const { audit, locations } = house;
  const { connections, lockHardware } = vendors;
  const accessEvents = createAccessEvents(ground);
  const locks = createLocks({ ...ground, audit, notices });
  const lockCommands = createLockCommands({ ...ground, locks, lockHardware });
  const lockLooks = createLockLooks({ ...ground, locks, lockCommands, lockHardware });
  const lockAdding = createLockAdding({ ...ground, connections, locks, lockHardware });
  const places = createPlaces({ ...ground, locks });
  const opening = createOpening({ ...ground, places, locks, lockCommands, accessEvents });
  const emergency = createEmergency({ ...ground, audit, locations, places, locks, lockCommands, opening });
  return { accessEvents, locks, lockCommands, lockLooks, lockAdding, places, opening, emergency } as const;
}

export type Locks = ReturnType<typeof composeLocks>;
