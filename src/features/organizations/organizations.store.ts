import type { Kysely } from 'kysely';
import type { DB } from '../../database/types.ts';
import type { OrganizationId } from '../../rules/ids.ts';
import type { Instant } from '../../rules/instant.ts';

export type Organization = { id: OrganizationId; slug: string; name: string };

export async function findFirst(db: Kysely<DB>): Promise<Organization | null> {
  const row = await db
    .selectFrom('organizations')
    .select(['id', 'slug', 'name'])
    .orderBy('created_at')
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();
  return row ?? null;
}

export async function findOrganization(db: Kysely<DB>, id: OrganizationId): Promise<Organization | null> {
  const query = db.selectFrom('organizations').select(['id', 'slug', 'name']).where('id', '=', id);
  return (await query.executeTakeFirst()) ?? null;
}

export async function findBySlug(db: Kysely<DB>, slug: string): Promise<Organization | null> {
  const query = db.selectFrom('organizations').select(['id', 'slug', 'name']).where('slug', '=', slug);
  return (await query.executeTakeFirst()) ?? null;
}

export async function insertOrganization(db: Kysely<DB>, organization: Organization, now: Instant): Promise<void> {
  await db
    .insertInto('organizations')
    .values({ ...organization, created_at: new Date(now) })
    .execute();
}
