import type { Kysely, Selectable } from 'kysely';
import type { OrganizationId } from '../rules/ids.ts';
import type { DB } from './types.ts';

/** The one table that tells which organization a public name belongs to. Small, and read without knowing the organization. */
export type DirectoryKind = Selectable<DB['directory']>['kind'];
export type DirectoryEntry = { organizationId: OrganizationId; target: string };

export async function lookUp(db: Kysely<DB>, kind: DirectoryKind, key: string): Promise<DirectoryEntry | null> {
  const row = await db
    .selectFrom('directory')
    .select(['organization_id', 'target'])
    .where('kind', '=', kind)
    .where('key', '=', key)
    .executeTakeFirst();
  return row === undefined ? null : { organizationId: row.organization_id, target: row.target };
}

/** False when the key is taken. */
export async function enter(db: Kysely<DB>, kind: DirectoryKind, key: string, entry: DirectoryEntry): Promise<boolean> {
  const result = await db
    .insertInto('directory')
    .values({ kind, key, organization_id: entry.organizationId, target: entry.target })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

export async function leave(db: Kysely<DB>, kind: DirectoryKind, key: string): Promise<void> {
  await db.deleteFrom('directory').where('kind', '=', kind).where('key', '=', key).execute();
}
