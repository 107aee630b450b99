import type { Kysely } from 'kysely';
import type { Database, Tx } from '../../database/open.ts';
import type { DB } from '../../database/types.ts';
import type { Clock } from '../../host/clock.ts';
import type { Random } from '../../host/random.ts';
import type { Actor } from '../../rules/accounts/actor.ts';
import type { Program } from '../../rules/accounts/caller.ts';
import { invalid, notFound, Problem } from '../../rules/errors.ts';
import type { ApiClientId, OrganizationId, PersonId } from '../../rules/ids.ts';
import { type Identifier, phoneNumber, splitName } from '../../rules/people/identifier.ts';
import { required } from '../../rules/text.ts';
import type { Audit } from '../audit/audit.service.ts';
import {
  countSubUsers,
  findPerson,
  findPersonBy,
  insertPerson,
  listPeople,
  lockPerson,
  type PersonRow,
  peopleByPartnerUser,
  renamePerson,
  setPhone,
  subUsersOf,
} from './people.store.ts';

type Deps = { database: Database; clock: Clock; random: Random; audit: Audit };

/** Somebody of whom a use case learns; first and last name where they were given apart. */
export type NewPerson = {
  name: string;
  first_name?: string | null;
  last_name?: string | null;
  email?: string;
  phone?: string;
  /** Made by a program, for somebody, under a name of the program's own. */
  owner_person_id?: PersonId;
  partner_user_id?: string;
  api_client_id?: ApiClientId;
};

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

  /** By what somebody is known by without an account; an account's own e-mail is asked of accounts. */
  const by = (
    organizationId: OrganizationId,
    identifier: Identifier,
    db: Kysely<DB> = database.read,
  ): Promise<PersonRow | null> =>
    identifier.kind === 'uuid'
      ? findPerson(db, organizationId, { uuid: identifier.uuid })
      : findPersonBy(db, organizationId, identifier);

  /** Within a use case that tells the audit itself. */
  const add = (tx: Tx, organizationId: OrganizationId, person: NewPerson): Promise<PersonRow> =>
    insertPerson(tx, { organization_id: organizationId, uuid: random.uuid(), ...person }, clock.now());

  async function create(actor: Actor, input: { name?: string; phone?: string | null }): Promise<PersonRow> {
    if (!seesPeople(actor)) throw new Problem('FORBIDDEN');
    return database.transaction('person-create', async (tx) => {
      const name = required('name', input.name, 120);
      const phone = checkedPhone(input.phone);
      if (phone !== null) await freePhone(tx, actor, phone, null);
      const row = await add(tx, actor.organizationId, { name, ...(phone === null ? {} : { phone }) });
      await audit.append(tx, entry(actor, 'person added', row, { name, phone }));
      return row;
    });
  }

  async function change(actor: Actor, id: string, input: { name?: string; phone?: string | null }): Promise<PersonRow> {
    return database.transaction('person-change', async (tx) => {
      const visible = await get(actor, id, tx);
      const before = await lockPerson(tx, actor.organizationId, visible.id);
      if (before === null) throw notFound('Person not found');
      const now = clock.now();
      let after = before;
      if (input.name !== undefined) {
        const name = required('name', input.name, 120);
        await renamePerson(tx, before, name, now);
        after = { ...after, name, first_name: null, last_name: null, updated_at: now };
      }
      if (input.phone !== undefined) {
        const phone = checkedPhone(input.phone);
        if (phone !== null) await freePhone(tx, actor, phone, before);
        await setPhone(tx, before, phone, now);
        after = { ...after, phone, updated_at: now };
      }
      if (after === before) return before;
      const told = { nameBefore: before.name, name: after.name, phone: after.phone };
      await audit.append(tx, entry(actor, 'person changed', before, told));
      return after;
    });
  }

  async function freePhone(tx: Tx, actor: Actor, phone: string, own: PersonRow | null): Promise<void> {
    const other = await findPersonBy(tx, actor.organizationId, { phone });
    if (other === null || other.id === own?.id) return;
    throw new Problem('CONFLICT', 'Somebody else has this number', { field: 'phone' });
  }

  const byPartnerUser = (tx: Tx, { organizationId, id }: Program, partnerUserId: string): Promise<PersonRow[]> =>
    peopleByPartnerUser(tx, organizationId, id, partnerUserId);

  /** Of those whom a program made for somebody: how many there are, and one page of them. */
  async function subUsers(program: Program, owner: PersonId, page: { offset: number; limit: number }) {
    const whose = { organizationId: program.organizationId, client: program.id, owner };
    return { total: await countSubUsers(database.read, whose), rows: await subUsersOf(database.read, whose, page) };
  }

  return { list, get, create, change, named, by, add, byPartnerUser, subUsers };
}

export type PeopleService = ReturnType<typeof createPeople>;
export type { PersonRow } from './people.store.ts';

/** Whoever looks after no place sees what is their own, and people are not. */
const seesPeople = ({ scope }: Actor): boolean => scope === 'all' || scope.length > 0;

/** First and last name apart, as some contracts want them. */
export const namesOf = (row: Pick<PersonRow, 'name' | 'first_name' | 'last_name'>) =>
  row.first_name === null && row.last_name === null
    ? splitName(row.name)
    : { firstName: row.first_name ?? '', lastName: row.last_name ?? '' };

function checkedPhone(typed: string | null | undefined): string | null {
  if (typed === null || typed === undefined || typed.trim() === '') return null;
  const phone = phoneNumber(typed);
  if (phone === null) throw invalid('phone', 'phone must be an international number such as +49 170 1234567');
  return phone;
}

const entry = (actor: Actor, action: string, row: PersonRow, personal: Record<string, string | null>) => ({
  organizationId: actor.organizationId,
  category: 'people' as const,
  action,
  actor,
  entity: 'Person',
  entityId: String(row.id),
  details: { uuid: row.uuid },
  personal,
});
