import type { Kysely } from 'kysely';
import type { Database, Tx } from '../../database/open.ts';
import type { DB } from '../../database/types.ts';
import type { Clock } from '../../host/clock.ts';
import type { Random } from '../../host/random.ts';
import { Problem } from '../../rules/errors.ts';
import type { OrganizationId } from '../../rules/ids.ts';
import {
  findBySlug,
  findFirst,
  findOrganization,
  insertOrganization,
  type Organization,
} from './organizations.store.ts';

export type { Organization } from './organizations.store.ts';

export type Organizations = {
  /** The one that stands out of the box, and that `/api/public/settings` means. */
  first(db?: Kysely<DB>): Promise<Organization | null>;
  /** Makes it if there is none. Two at once are kept apart by the caller's lock. */
  ensureFirst(tx: Tx): Promise<Organization>;
  byId(id: OrganizationId): Promise<Organization | null>;
  bySlug(slug: string): Promise<Organization | null>;
  /** Throws CONFLICT when the slug is taken. */
  create(tx: Tx, o: { slug: string; name: string }): Promise<Organization>;
};

export function createOrganizations(o: { database: Database; clock: Clock; random: Random }): Organizations {
  const { read } = o.database;
  let known: Organization | null = null; // it is never changed, nor removed, and every webhook asks for it
  async function create(tx: Tx, { slug, name }: { slug: string; name: string }): Promise<Organization> {
    if ((await findBySlug(tx, slug)) !== null) throw new Problem('CONFLICT', 'This slug is taken', { field: 'slug' });
    const organization = { id: o.random.id('organization'), slug, name };
    await insertOrganization(tx, organization, o.clock.now());
    return organization;
  }
  return {
    first: async (db) => {
      if (db !== undefined) return findFirst(db);
      known ??= await findFirst(read);
      return known;
    },
    ensureFirst: async (tx) => (await findFirst(tx)) ?? create(tx, { slug: 'main', name: 'Keystead' }),
    byId: (id) => findOrganization(read, id),
    bySlug: (slug) => findBySlug(read, slug),
    create,
  };
}
