import type { Kysely } from 'kysely';
import type { DB } from '../../database/types.ts';
import type { OrganizationId, PersonId } from '../../rules/ids.ts';

/** Whose a code is, or who asked for it. `hasAccount` false: nobody has proved to be them. */
export type PinPerson = {
  id: PersonId;
  uuid: string;
  name: string;
  first_name: string | null;
  last_name: string | null;
  partner_user_id: string | null;
  hasAccount: boolean;
};

export async function peopleOfPins(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  ids: readonly PersonId[],
): Promise<Map<PersonId, PinPerson>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('people')
    .leftJoin('accounts', (join) =>
      join
        .onRef('accounts.organization_id', '=', 'people.organization_id')
        .onRef('accounts.person_id', '=', 'people.id'),
    )
    .select(['people.id', 'people.uuid', 'people.name', 'people.first_name', 'people.last_name'])
    .select(['people.partner_user_id', 'accounts.id as account_id'])
    .where('people.organization_id', '=', organizationId)
    .where('people.id', 'in', [...new Set(ids)])
    .execute();
  return new Map(rows.map(({ account_id, ...row }) => [row.id, { ...row, hasAccount: account_id !== null }]));
}
