import type { Witness } from '../access/lock-records.service.ts';
import type { DoorsService } from '../doors/doors.service.ts';
import type { PassesService } from './passes.service.ts';

type Deps = { passes: Pick<PassesService, 'usedBy'>; doors: Pick<DoorsService, 'onLock'> };

/** Knows the codes and QR codes that vendors issued for passes, when the book of a lock tells of them. */
export const createPassUse =
  ({ passes, doors }: Deps): Witness =>
  async (tx, lock, record) => {
    if (record.by !== 'pin' && record.by !== 'qr') return null;
    const door = await doors.onLock(lock.organization_id, lock.id, tx);
    const passId = door === null ? null : await passes.usedBy(tx, door.id, lock, record);
    return passId === null ? null : { kind: 'pass', ref: passId, personId: null, passId };
  };
