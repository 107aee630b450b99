import type { Kysely } from 'kysely';
import type { DB } from '../../database/types.ts';
import type { OrganizationId } from '../../rules/ids.ts';

/** The code of each of these things (`door:door_…`), where it has one. */
export async function codesOf(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  targets: readonly string[],
): Promise<Map<string, string>> {
  if (targets.length === 0) return new Map();
  const rows = await db
    .selectFrom('short_codes')
    .select(['target', 'code'])
    .where('organization_id', '=', organizationId)
    .where('target', 'in', [...targets])
    .execute();
  return new Map(rows.map(({ target, code }) => [target, code]));
}

export async function insertCode(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  target: string,
  code: string,
): Promise<void> {
  await db.insertInto('short_codes').values({ organization_id: organizationId, target, code }).execute();
}

export async function removeCode(db: Kysely<DB>, organizationId: OrganizationId, target: string): Promise<void> {
  await db
    .deleteFrom('short_codes')
    .where('organization_id', '=', organizationId)
    .where('target', '=', target)
    .execute();
}
