import type { LockRef } from '../lock-port.ts';
import { VendorFault } from '../port.ts';

/** The platform counts its locks; null: this names none. */
export const lockId = ({ hardwareId }: LockRef): number | null =>
  /^[1-9]\d{0,14}$/.test(hardwareId) ? Number(hardwareId) : null;

export function lockIdOrFault(ref: LockRef): number {
  const id = lockId(ref);
  if (id === null) throw new VendorFault('not-found', 'TTLock has no such lock');
  return id;
}
