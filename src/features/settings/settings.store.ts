import type { Kysely } from 'kysely';
import type { DB } from '../../database/types.ts';
import type { OrganizationId } from '../../rules/ids.ts';
import type { Instant } from '../../rules/instant.ts';

export async function loadSettings(db: Kysely<DB>, organizationId: OrganizationId): Promise<Map<string, unknown>> {
  const rows = await db
    .selectFrom('settings')
    .select(['key', 'value'])
    .where('organization_id', '=', organizationId)
    .execute();
  return new Map(rows.map((row) => [row.key, row.value]));
}

export async function saveSetting(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  key: string,
  value: unknown,
  now: Instant,
): Promise<void> {
  const row = { value: JSON.stringify(value), updated_at: new Date(now) };
  await db
    .insertInto('settings')
    .values({ organization_id: organizationId, key, ...row })
    .onConflict((conflict) => conflict.columns(['organization_id', 'key']).doUpdateSet(row))
    .execute();
}
