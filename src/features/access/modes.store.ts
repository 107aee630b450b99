import type { Kysely, Selectable } from 'kysely';
import { at } from '../../database/instant-value.ts';
import { columns, type DB } from '../../database/types.ts';
import type { AccountId, LocationId, OrganizationId, PersonId } from '../../rules/ids.ts';
import type { Instant } from '../../rules/instant.ts';

export type ModeRow = Selectable<DB['location_modes']>;

export async function findMode(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  locationId: LocationId,
): Promise<ModeRow | null> {
  const row = await db
    .selectFrom('location_modes')
    .select(columns.location_modes)
    .where('organization_id', '=', organizationId)
    .where('location_id', '=', locationId)
    .executeTakeFirst();
  return row ?? null;
}

export async function saveMode(db: Kysely<DB>, row: Omit<ModeRow, 'since'>, since: Instant): Promise<void> {
  const { mode, people, accounts, account_id } = row;
  const set = { mode, people, accounts, account_id, since: new Date(since) };
  await db
    .insertInto('location_modes')
    .values({ organization_id: row.organization_id, location_id: row.location_id, ...set })
    .onConflict((conflict) => conflict.columns(['organization_id', 'location_id']).doUpdateSet(set))
    .execute();
}

/** An end that every lock has heard of is no order any more; one that was given meanwhile stays. */
export async function removeEnded(db: Kysely<DB>, { organization_id, location_id, since }: ModeRow): Promise<void> {
  await db
    .deleteFrom('location_modes')
    .where('organization_id', '=', organization_id)
    .where('location_id', '=', location_id)
    .where('mode', '=', 'normal')
    .where('since', '=', at(since))
    .execute();
}

/** Of all organizations. */
export const orders = (db: Kysely<DB>): Promise<ModeRow[]> =>
  db.selectFrom('location_modes').select(columns.location_modes).execute();

/** Those of these people and accounts that there are. */
export async function named(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  who: { people: readonly number[]; accounts: readonly string[] },
): Promise<{ people: PersonId[]; accounts: AccountId[] }> {
  const people = await db
    .selectFrom('people')
    .select('id')
    .where('organization_id', '=', organizationId)
    .where('id', 'in', [-1 as PersonId, ...(who.people.filter(isNumberOfOne) as PersonId[])])
    .where('deleted_at', 'is', null)
    .execute();
  const accounts = await db
    .selectFrom('accounts')
    .select('id')
    .where('organization_id', '=', organizationId)
    .where('id', 'in', ['' as AccountId, ...(who.accounts as AccountId[])])
    .execute();
  return { people: people.map(({ id }) => id), accounts: accounts.map(({ id }) => id) };
}

/** No column holds another. */
const isNumberOfOne = (id: number): boolean => id > 0 && id < 2 ** 31;
