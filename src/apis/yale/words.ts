/** How this API names what a lock and its door are: short where states are read, long where an operation tells its result. */

import { Type } from 'typebox';
import type { LockRow } from '../../features/locks/locks.service.ts';

export const LockID = Type.String({ pattern: '^[0-9A-F]{32}$', description: '32 hexadecimal digits, upper case' });
export const OfLock = Type.Object({ lockID: LockID });
export const Uuid = Type.String({ pattern: '^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$' });
export const Success = Type.Object({ message: Type.String() });
export const success = { message: 'success' };

const short = {
  locked: 'locked',
  unlocked: 'unlocked',
  jammed: 'FAILED_BRIDGE_ERROR_LOCK_JAMMED',
  unknown: 'unknown',
} as const;
const long = {
  locked: 'kAugLockState_Locked',
  unlocked: 'kAugLockState_Unlocked',
  jammed: 'kAugLockState_UnknownStaticPosition',
  unknown: 'unknown',
} as const;

export const shortStatus = (lock: Pick<LockRow, 'bolt'>): string => short[lock.bolt];
export const longStatus = (lock: Pick<LockRow, 'bolt'>): string => long[lock.bolt];

type OfDoor = Pick<LockRow, 'door_state' | 'capabilities'>;

/** `init`: there is no sensor, and clients show none. */
export const shortDoor = ({ capabilities, door_state }: OfDoor): string =>
  capabilities.tellsDoor ? (door_state ?? 'unknown') : 'init';

const longDoors = { open: 'kAugDoorState_Open', closed: 'kAugDoorState_Closed' } as const;
export const longDoor = ({ capabilities, door_state }: OfDoor): string => {
  if (!capabilities.tellsDoor) return 'kAugDoorState_Init';
  return door_state === null ? 'kAugDoorState_Unknown' : longDoors[door_state];
};
