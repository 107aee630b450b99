/** Bringing people onto locks and taking them off again. The rules are in rules/lock-users; codes go with their person. */
import type { Database, Tx } from '../../database/open.ts';
import type { Clock } from '../../host/clock.ts';
import { actorOf, type Caller } from '../../rules/accounts/caller.ts';
import { notFound, Problem } from '../../rules/errors.ts';
import { type LockRole, leavesNoOwner, mayAdd, mayChange, mayRemove } from '../../rules/lock-users/roles.ts';
import type { Identifier } from '../../rules/people/identifier.ts';
import { required } from '../../rules/text.ts';
import type { Accounts } from '../accounts/accounts.service.ts';
import type { Audit } from '../audit/audit.service.ts';
import type { LocksService } from '../locks/locks.service.ts';
import type { PeopleService, PersonRow } from '../people/people.service.ts';
import type { PinsService } from '../pins/pins.service.ts';
import type { Admitted, HousesService } from './houses.service.ts';
import { dropUser, hasOtherOwner, putUser, roleOn } from './lock-users.store.ts';

type Deps = {
  database: Database;
  clock: Clock;
  audit: Audit;
  locks: Pick<LocksService, 'lock'>;
  people: Pick<PeopleService, 'by' | 'named' | 'add'>;
  accounts: Pick<Accounts, 'byEmail' | 'personOf'>;
  pins: Pick<PinsService, 'removeOfPerson'>;
  houses: Pick<HousesService, 'admit'>;
};

export function createLockUsers({ database, clock, audit, locks, people, accounts, pins, houses }: Deps) {
  /** Somebody who is not known yet is invited: they are on the lock as soon as there is an account with that address. */
  async function add(
    caller: Caller,
    wireId: string,
    who: Identifier,
    o: { role: LockRole; name: string | null },
  ): Promise<PersonRow> {
    return database.transaction('lock-user-add', async (tx) => {
      const on = await held(tx, caller, wireId);
      if (!mayAdd(on.role, o.role)) throw new Problem('FORBIDDEN', `A ${on.role} may not add a ${o.role}`);
      const person = (await known(tx, caller, who)) ?? (await invite(tx, caller, who, o.name));
      const before = await roleOn(tx, caller.organizationId, on.lock.id, person.id);
      if (before === o.role) return person;
      if (before !== null) await become(tx, caller, on, { person, before, role: o.role });
      else await put(tx, caller, on, { person, before, role: o.role });
      return person;
    });
  }

  async function change(caller: Caller, wireId: string, who: Identifier, role: LockRole): Promise<void> {
    await database.transaction('lock-user-change', async (tx) => {
      const on = await held(tx, caller, wireId);
      const { person, before } = await user(tx, caller, on, who);
      if (before !== role) await become(tx, caller, on, { person, before, role });
      else if (!mayChange(on.role)) throw notOwner();
    });
  }

  /** Their codes on it go as well. */
  async function remove(caller: Caller, wireId: string, who: Identifier): Promise<void> {
    await database.transaction('lock-user-remove', async (tx) => {
      const on = await held(tx, caller, wireId);
      const { person, before } = await user(tx, caller, on, who);
      const self = person.id === caller.person.id;
      if (!mayRemove(on.role, { role: before, self })) {
        throw new Problem('FORBIDDEN', `A ${on.role} may not take away a ${before}`);
      }
      await keepOwner(tx, on, person, before, null);
      const { organizationId } = caller;
      await dropUser(tx, { organizationId, lockId: on.lock.id, personId: person.id });
      await pins.removeOfPerson(tx, on.lock, person.id, { api: 'yale', actor: actorOf(caller) });
      await audit.append(tx, told(caller, on, 'user taken off a lock', person, { before }));
    });
  }

  return { add, change, remove };

  /** The lock, its row held: who is on it is decided one after the other. */
  async function held(tx: Tx, caller: Caller, wireId: string): Promise<Admitted> {
    const seen = await houses.admit(caller, wireId, 'user', tx);
    if ((await locks.lock(tx, caller.organizationId, seen.lock.id)) === null) throw notFound('Lock does not exist');
    return houses.admit(caller, wireId, 'user', tx); // as it is now that nobody else changes it
  }

  async function become(
    tx: Tx,
    caller: Caller,
    on: Admitted,
    what: { person: PersonRow; before: LockRole; role: LockRole },
  ): Promise<void> {
    if (!mayChange(on.role)) throw notOwner();
    await keepOwner(tx, on, what.person, what.before, what.role);
    await put(tx, caller, on, what);
  }

  async function put(
    tx: Tx,
    caller: Caller,
    on: Admitted,
    { person, before, role }: { person: PersonRow; before: LockRole | null; role: LockRole },
  ): Promise<void> {
    const { organizationId } = caller;
    await putUser(tx, { organizationId, lockId: on.lock.id, personId: person.id, role }, clock.now());
    const action = before === null ? 'user added to a lock' : 'user of a lock changed';
    await audit.append(tx, told(caller, on, action, person, { before, after: role }));
  }

  async function keepOwner(
    tx: Tx,
    { lock, house }: Admitted,
    person: PersonRow,
    before: LockRole,
    after: LockRole | null,
  ) {
    const place = { organizationId: lock.organization_id, lockId: lock.id, locationId: house.location?.id ?? null };
    if (leavesNoOwner(before, after, await hasOtherOwner(tx, place, person.id))) {
      throw new Problem('CONFLICT', 'The last superuser of a lock cannot go');
    }
  }

  /** Who is on the lock by that name; 404 where nobody is. */
  async function user(tx: Tx, caller: Caller, on: Admitted, who: Identifier) {
    const person = await known(tx, caller, who);
    const before = person === null ? null : await roleOn(tx, caller.organizationId, on.lock.id, person.id);
    if (person === null || before === null) throw notFound('User does not exist on this lock');
    return { person, before };
  }

  async function known(tx: Tx, { organizationId }: Caller, who: Identifier): Promise<PersonRow | null> {
    const account = who.kind === 'email' ? await accounts.byEmail(organizationId, who.email, tx) : null;
    if (account === null) return people.by(organizationId, who, tx);
    return people.named(organizationId, String(await accounts.personOf(tx, account)), tx);
  }

  async function invite(tx: Tx, { organizationId }: Caller, who: Identifier, name: string | null): Promise<PersonRow> {
    if (who.kind === 'uuid') throw notFound('User does not exist');
    const own = who.kind === 'email' ? { email: who.email } : { phone: who.phone };
    const called = name === null || name.trim() === '' ? (own.email ?? own.phone ?? '') : required('Name', name, 120);
    return people.add(tx, organizationId, { name: called, ...own });
  }
}

export type LockUsersService = ReturnType<typeof createLockUsers>;

const notOwner = (): Problem => new Problem('FORBIDDEN', 'Only a superuser of this lock may change who its users are');

const told = (
  caller: Caller,
  { lock }: Admitted,
  action: string,
  person: PersonRow,
  details: Record<string, unknown>,
) => ({
  organizationId: caller.organizationId,
  category: 'doors' as const,
  action,
  actor: actorOf(caller),
  entity: 'Lock',
  entityId: lock.id,
  details: { personId: person.id, api: 'yale', apiClientId: caller.program.id, callerId: caller.person.id, ...details },
  personal: { person: person.name, caller: caller.person.name },
});
