import { type Kysely, type Selectable, sql } from 'kysely';
import type { DB } from '../../database/types.ts';
import type { ApiClientId, OrganizationId, PersonId } from '../../rules/ids.ts';
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

/** Somebody by an identifier of their own; an account's e-mail is not among them. */
export async function findPersonBy(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  by: { email: string } | { phone: string },
): Promise<PersonRow | null> {
  const query = alive(db, organizationId);
  const found =
    'phone' in by ? query.where('phone', '=', by.phone) : query.where(sql`lower(email)`, '=', by.email.toLowerCase());
  return (await found.executeTakeFirst()) ?? null;
}

/** Those whom a program calls so, for whomever it made them: few. */
export const peopleByPartnerUser = (
  db: Kysely<DB>,
  organizationId: OrganizationId,
  client: ApiClientId,
  partnerUserId: string,
): Promise<PersonRow[]> =>
  alive(db, organizationId)
    .where('api_client_id', '=', client)
    .where('partner_user_id', '=', partnerUserId)
    .orderBy('id')
    .execute();

type MadeBy = { organizationId: OrganizationId; client: ApiClientId; owner: PersonId };

const madeBy = (db: Kysely<DB>, { organizationId, client, owner }: MadeBy) =>
  alive(db, organizationId).where('api_client_id', '=', client).where('owner_person_id', '=', owner);

/** Those whom a program made for somebody, by number. */
export const subUsersOf = (
  db: Kysely<DB>,
  whose: MadeBy,
  page: { offset: number; limit: number },
): Promise<PersonRow[]> => madeBy(db, whose).orderBy('id').offset(page.offset).limit(page.limit).execute();

export async function countSubUsers(db: Kysely<DB>, whose: MadeBy): Promise<number> {
  const { count } = await madeBy(db, whose)
    .clearSelect()
    .select((row) => row.fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

export const insertPerson = (
  db: Kysely<DB>,
  row: Pick<PersonRow, 'organization_id' | 'uuid' | 'name'> &
    Partial<
      Pick<
        PersonRow,
        'first_name' | 'last_name' | 'email' | 'phone' | 'owner_person_id' | 'partner_user_id' | 'api_client_id'
      >
    >,
  now: Instant,
): Promise<PersonRow> =>
  db
    .insertInto('people')
    .values({ ...row, created_at: new Date(now), updated_at: new Date(now) })
    .returningAll()
    .executeTakeFirstOrThrow();

export async function setPhone(db: Kysely<DB>, row: PersonRow, phone: string | null, now: Instant): Promise<void> {
  await db
    .updateTable('people')
    .set({ phone, updated_at: new Date(now) })
    .where('organization_id', '=', row.organization_id)
    .where('id', '=', row.id)
    .execute();
}

/** What was given as first and last name apart is one again. */
export async function renamePerson(db: Kysely<DB>, row: PersonRow, name: string, now: Instant): Promise<void> {
  await db
    .updateTable('people')
    .set({ name, first_name: null, last_name: null, updated_at: new Date(now) })
    .where('organization_id', '=', row.organization_id)
    .where('id', '=', row.id)
    .execute();
}
