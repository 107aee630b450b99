import type { Kysely, Selectable } from 'kysely';
import type { DB } from '../../database/types.ts';
import type { OrganizationId, PersonId } from '../../rules/ids.ts';
import type { Instant } from '../../rules/instant.ts';

export type PersonRow = Selectable<DB['people']>;

const alive = (db: Kysely<DB>, organizationId: OrganizationId) =>
  db.selectFrom('people').selectAll().where('organization_id', '=', organizationId).where('deleted_at', 'is', null);

export const listPeople = (
  db: Kysely<DB>,
  organizationId: OrganizationId,
  page: { limit: number; after: number | null },
): Promise<PersonRow[]> =>
  alive(db, organizationId)
    .where('id', '>', (page.after ?? 0) as PersonId)
    .orderBy('id')
    .limit(page.limit)
    .execute();

export async function findPerson(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  which: { id: number } | { uuid: string },
): Promise<PersonRow | null> {
  const query = alive(db, organizationId);
  const found = 'id' in which ? query.where('id', '=', which.id as PersonId) : query.where('uuid', '=', which.uuid);
  return (await found.executeTakeFirst()) ?? null;
}

export const lockPerson = async (
  db: Kysely<DB>,
  organizationId: OrganizationId,
  id: PersonId,
): Promise<PersonRow | null> =>
  (await alive(db, organizationId).where('id', '=', id).forNoKeyUpdate().executeTakeFirst()) ?? null;

export const insertPerson = (
  db: Kysely<DB>,
  row: Pick<PersonRow, 'organization_id' | 'uuid' | 'name'>,
  now: Instant,
): Promise<PersonRow> =>
  db
    .insertInto('people')
    .values({ ...row, created_at: new Date(now), updated_at: new Date(now) })
    .returningAll()
    .executeTakeFirstOrThrow();

export async function renamePerson(db: Kysely<DB>, row: PersonRow, name: string, now: Instant): Promise<void> {
  await db
    .updateTable('people')
    .set({ name, updated_at: new Date(now) })
    .where('organization_id', '=', row.organization_id)
    .where('id', '=', row.id)
    .execute();
}
