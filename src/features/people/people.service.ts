import type { Kysely } from 'kysely';
import type { Database } from '../../database/open.ts';
import type { DB } from '../../database/types.ts';
import type { Clock } from '../../host/clock.ts';
import type { Random } from '../../host/random.ts';
import type { Actor } from '../../rules/accounts/actor.ts';
import { notFound, Problem } from '../../rules/errors.ts';
import type { OrganizationId } from '../../rules/ids.ts';
import { required } from '../../rules/text.ts';
import type { Audit } from '../audit/audit.service.ts';
import { findPerson, insertPerson, listPeople, lockPerson, type PersonRow, renamePerson } from './people.store.ts';

type Deps = { database: Database; clock: Clock; random: Random; audit: Audit };

/** The largest number that a person can have. */
const mostId = 2 ** 31 - 1;

/** People who are known: members, guests, users of locks. They have a number and a UUID; names can be erased. */
export function createPeople({ database, clock, random, audit }: Deps) {
  const list = async (actor: Actor, page: { limit: number; after: number | null }): Promise<PersonRow[]> =>
    seesPeople(actor) ? listPeople(database.read, actor.organizationId, page) : [];

  /** By number or UUID. */
  async function get(actor: Actor, id: string, db: Kysely<DB> = database.read): Promise<PersonRow> {
    const found = seesPeople(actor) ? await named(actor.organizationId, id, db) : null;
    if (found === null) throw notFound('Person not found');
    return found;
  }

  /** null: there is no such person. */
  async function named(organizationId: OrganizationId, id: string, db: Kysely<DB>): Promise<PersonRow | null> {
    if (/^\d{1,10}$/.test(id)) return Number(id) > mostId ? null : findPerson(db, organizationId, { id: Number(id) });
    const uuid = id.toLowerCase();
    return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(uuid) ? findPerson(db, organizationId, { uuid }) : null;
  }

  async function create(actor: Actor, input: { name?: string }): Promise<PersonRow> {
    if (!seesPeople(actor)) throw new Problem('FORBIDDEN');
    return database.transaction('person-create', async (tx) => {
      const name = required('name', input.name, 120);
      const row = await insertPerson(
        tx,
        { organization_id: actor.organizationId, uuid: uuidFrom(random.bytes(16)), name },
        clock.now(),
      );
      await audit.append(tx, entry(actor, 'person added', row, { name }));
      return row;
    });
  }

  async function change(actor: Actor, id: string, input: { name?: string }): Promise<PersonRow> {
    return database.transaction('person-change', async (tx) => {
      const visible = await get(actor, id, tx);
      const before = await lockPerson(tx, actor.organizationId, visible.id);
      if (before === null) throw notFound('Person not found');
      if (input.name === undefined) return before;
      const name = required('name', input.name, 120);
      const now = clock.now();
      await renamePerson(tx, before, name, now);
      await audit.append(tx, entry(actor, 'person changed', before, { nameBefore: before.name, name }));
      return { ...before, name, updated_at: now };
    });
  }

  return { list, get, create, change, named };
}

export type PeopleService = ReturnType<typeof createPeople>;
export type { PersonRow } from './people.store.ts';

/** Whoever looks after no place sees what is their own, and people are not. */
const seesPeople = ({ scope }: Actor): boolean => scope === 'all' || scope.length > 0;

/** A UUID of chance (version 4). */
function uuidFrom(bytes: Buffer): string {
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

const entry = (actor: Actor, action: string, row: PersonRow, personal: Record<string, string>) => ({
  organizationId: actor.organizationId,
  category: 'people' as const,
  action,
  actor,
  entity: 'Person',
  entityId: String(row.id),
  details: { uuid: row.uuid },
  personal,
});
