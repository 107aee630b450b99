import type { Kysely, Selectable } from 'kysely';
import type { DB } from '../../database/types.ts';
import type { NoticeId, OrganizationId } from '../../rules/ids.ts';
import type { Instant } from '../../rules/instant.ts';

export type NoticeRow = Selectable<DB['notices']>;

/** True when it was not raised already. */
export async function insertNotice(
  db: Kysely<DB>,
  row: Pick<NoticeRow, 'organization_id' | 'id' | 'kind' | 'subject'> & { facts: Record<string, unknown> },
  now: Instant,
): Promise<boolean> {
  const result = await db
    .insertInto('notices')
    .values({ ...row, facts: JSON.stringify(row.facts), raised_at: new Date(now) })
    .onConflict((conflict) =>
      conflict.columns(['organization_id', 'kind', 'subject']).where('cleared_at', 'is', null).doNothing(),
    )
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

export async function clearNotice(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  kind: string,
  subject: string,
  now: Instant,
): Promise<void> {
  await db
    .updateTable('notices')
    .set({ cleared_at: new Date(now) })
    .where('organization_id', '=', organizationId)
    .where('kind', '=', kind)
    .where('subject', '=', subject)
    .where('cleared_at', 'is', null)
    .execute();
}

export async function restateNotice(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  kind: string,
  subject: string,
  facts: Record<string, unknown>,
): Promise<void> {
  await db
    .updateTable('notices')
    .set({ facts: JSON.stringify(facts) })
    .where('organization_id', '=', organizationId)
    .where('kind', '=', kind)
    .where('subject', '=', subject)
    .where('cleared_at', 'is', null)
    .execute();
}

export async function listNotices(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  filter: { open: boolean; limit: number; after: string | null },
): Promise<NoticeRow[]> {
  let query = db.selectFrom('notices').selectAll().where('organization_id', '=', organizationId);
  if (filter.open) query = query.where('cleared_at', 'is', null);
  if (filter.after !== null) query = query.where('id', '<', filter.after as NoticeId);
  return query.orderBy('id', 'desc').limit(filter.limit).execute();
}

/** Oldest first. */
export async function someNotices(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  ids: readonly NoticeId[],
): Promise<NoticeRow[]> {
  if (ids.length === 0) return [];
  const query = db.selectFrom('notices').selectAll().where('organization_id', '=', organizationId);
  return query
    .where('id', 'in', [...ids])
    .orderBy('id')
    .execute();
}
