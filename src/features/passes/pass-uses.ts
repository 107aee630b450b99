import type { Witness } from '../access/lock-records.service.ts';
import type { PassesService } from './passes.service.ts';

/** Knows the codes and QR codes that vendors issued for passes, when the book of a lock tells of them. */
export const createPassUses =
  (passes: Pick<PassesService, 'usedBy'>): Witness =>
  async (tx, lock, record) => {
    if (record.by !== 'pin' && record.by !== 'qr') return null;
    const passId = await passes.usedBy(tx, lock, record);
    return passId === null ? null : { kind: 'pass', ref: passId, personId: null, passId };
  };
