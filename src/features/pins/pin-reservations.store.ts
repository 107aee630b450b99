import type { Kysely, Selectable } from 'kysely';
import type { Tx } from '../../database/open.ts';
import type { DB } from '../../database/types.ts';
import type { Instant } from '../../rules/instant.ts';
import type { LockRow } from '../locks/locks.service.ts';
import type { PinHolder } from './pin-input.ts';

export type ReservationRow = Selectable<DB['pin_reservations']>;

/** Those that are not over. */
export const reservationsOn = (
  db: Kysely<DB>,
  { organization_id, id }: LockRow,
  now: Instant,
): Promise<ReservationRow[]> =>
  db
    .selectFrom('pin_reservations')
    .selectAll()
    .where('organization_id', '=', organization_id)
    .where('lock_id', '=', id)
    .where('expires_at', '>', new Date(now) as never)
    .orderBy('slot')
    .execute();

export const isOf = (row: ReservationRow, holder: PinHolder | null): boolean =>
  holder !== null && row.person_id === holder.personId && row.api_client_id === holder.apiClientId;

/** In place of one that is over. The caller holds the lock's row. */
export async function putReservation(
  tx: Tx,
  row: Omit<ReservationRow, 'expires_at'> & { expires_at: Instant },
): Promise<void> {
  const kept = { ...row, expires_at: new Date(row.expires_at) };
  await tx
    .insertInto('pin_reservations')
    .values(kept)
    .onConflict((one) =>
      one.columns(['organization_id', 'lock_id', 'slot']).doUpdateSet({
        pin_hash: kept.pin_hash,
        person_id: kept.person_id,
        api_client_id: kept.api_client_id,
        expires_at: kept.expires_at,
      }),
    )
    .execute();
}

export async function dropReservation(tx: Tx, row: ReservationRow): Promise<void> {
  await tx
    .deleteFrom('pin_reservations')
    .where('organization_id', '=', row.organization_id)
    .where('lock_id', '=', row.lock_id)
    .where('slot', '=', row.slot)
    .execute();
}
