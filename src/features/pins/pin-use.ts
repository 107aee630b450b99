import type { Tx } from '../../database/open.ts';
import type { LockRecord } from '../../drivers/lock-port.ts';
import type { Clock } from '../../host/clock.ts';
import { minutes } from '../../rules/instant.ts';
import type { Whose } from '../access/lock-records.service.ts';
import type { LockRow } from '../locks/locks.service.ts';
import { prints } from './free-digits.ts';
import { type Digits, markOf, printOf } from './pin-facts.ts';
import { type PinRow, pinsThen, savePin } from './pins.store.ts';

type Deps = { clock: Clock; digits: Digits; wake(tx: Tx, lock: LockRow): void };

/** Clocks of locks are wrong by so much. */
const clocks = minutes(2);

/**
 * A record of the lock names digits: whose they were then; one that opens once has done so. Books come late: digits may be
 * somebody else's by now, and whose they were may be gone. The caller holds the lock's row.
 */
export function createPinUse({ clock, digits, wake }: Deps) {
  return async function used(tx: Tx, lock: LockRow, record: LockRecord): Promise<Whose | null> {
    if (record.by !== 'pin') return null;
    const print = record.pin === null ? null : printOf(digits.hash(lock.id, record.pin));
    const isIt = (row: PinRow) => (print === null ? record.who?.endsWith(markOf(row)) : prints(row).includes(print));
    const then = { from: record.at - clocks, to: record.at + clocks };
    const rows = (await pinsThen(tx, lock.organization_id, lock.id, then)).filter(isIt);
    const row = rows.find((one) => wasThere(one, record.at)) ?? rows.at(-1);
    if (row === undefined) return null;
    const { schedule, used_at } = row;
    const counts = schedule.kind !== 'oneTime' || record.at >= schedule.from - clocks;
    if (record.did === 'unlocked' && counts && (used_at === null || used_at > record.at)) {
      const over = schedule.kind === 'oneTime' && row.deleted_at === null;
      await savePin(tx, row, { used_at: record.at, ...(over ? { wake_at: clock.now() } : {}) });
      if (over) wake(tx, lock);
    }
    const { pass_id, person_id } = row;
    if (pass_id !== null) return { kind: 'pass', ref: pass_id, personId: person_id, passId: pass_id };
    return { kind: 'pin', ref: row.id, personId: person_id };
  };
}

const wasThere = ({ created_at, deleted_at }: PinRow, at: number): boolean =>
  created_at <= at && (deleted_at === null || at <= deleted_at);
