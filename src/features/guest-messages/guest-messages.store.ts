import type { Kysely, Selectable } from 'kysely';
import { columns, type DB } from '../../database/types.ts';
import type { OrganizationId, SessionId } from '../../rules/ids.ts';
import type { Instant } from '../../rules/instant.ts';

export type GuestMessageRow = Selectable<DB['guest_messages']>;

export async function insertMessage(
  db: Kysely<DB>,
  row: Omit<GuestMessageRow, 'created_at'>,
  now: Instant,
): Promise<void> {
  await db
    .insertInto('guest_messages')
    .values({ ...row, created_at: new Date(now) })
    .execute();
}

/** Oldest first. */
export async function messagesOf(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  sessionId: SessionId,
): Promise<GuestMessageRow[]> {
  const query = db
    .selectFrom('guest_messages')
    .select(columns.guest_messages)
    .where('organization_id', '=', organizationId);
  return query.where('session_id', '=', sessionId).orderBy('id').execute();
}
