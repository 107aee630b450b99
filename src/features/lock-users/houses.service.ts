/**
 * What a caller of the Yale/August API may see: locks with their role on each, and the houses that these are in. Who somebody
 * is on a lock is asked here and nowhere else.
 */
import type { Kysely } from 'kysely';
import type { Database } from '../../database/open.ts';
import type { DB } from '../../database/types.ts';
import { actorOf, type Caller } from '../../rules/accounts/caller.ts';
import { notFound, Problem } from '../../rules/errors.ts';
import type { LocationId, OrganizationId } from '../../rules/ids.ts';
import { homeOf } from '../../rules/lock-users/home.ts';
import { atLeast, higher, type LockRole, staffRole } from '../../rules/lock-users/roles.ts';
import type { LocationRow, LocationsService } from '../locations/locations.service.ts';
import type { LockRow, LocksService } from '../locks/locks.service.ts';
import type { Organizations } from '../organizations/organizations.service.ts';
import { excludedBy, type LockUser, roleOn, rolesOf, usersOfLocks } from './lock-users.store.ts';

/** A location; or, `location` null, the house of all locks that hang at none. */
export type House = { uuid: string; name: string; location: LocationRow | null };

/** A lock, the house that it is in, and what the caller is on it. */
export type Admitted = { lock: LockRow; house: House; role: LockRole };

export type HouseOf = { house: House; role: LockRole; locks: Admitted[]; users: LockUser[] };

type Deps = { database: Database; locks: LocksService; locations: LocationsService; organizations: Organizations };

/** More than that hang nowhere. */
const mostLocks = 10_000;

export function createHouses({ database, locks, locations, organizations }: Deps) {
  /** The lock of that name, where the caller is at least `need` on it: 404 where there is none, else 403. */
  async function admit(
    caller: Caller,
    wireId: string,
    need: LockRole,
    db: Kysely<DB> = database.read,
  ): Promise<Admitted> {
    const found = await whatever(caller, wireId, need, db);
    if ((await excludedBy(db, caller.organizationId, caller.program.id)).has(found.lock.id)) {
      throw new Problem('FORBIDDEN', 'This lock is excluded from your integration');
    }
    return found;
  }

  /** The same, also of a lock that the program excluded. */
  async function whatever(caller: Caller, wireId: string, need: LockRole, db: Kysely<DB>): Promise<Admitted> {
    const { organizationId, person } = caller;
    const lock = await locks.byWireId(organizationId, wireId, db);
    if (lock === null) throw notFound('Lock does not exist');
    const door = await locks.doorOf(lock, db);
    const named = await roleOn(db, organizationId, lock.id, person.id);
    const role = higher(named, staffRole(caller.account, door?.location_id ?? null));
    if (role === null) throw new Problem('FORBIDDEN', 'User is not on this lock');
    if (!atLeast(role, need)) throw new Problem('FORBIDDEN', `Only a ${need} of this lock may do that`);
    return { lock, house: await houseAt(organizationId, door?.location_id ?? null), role };
  }

  /** Every lock of the caller, oldest first; without those that the program left out. */
  async function mine(caller: Caller): Promise<Admitted[]> {
    const { organizationId, person, program, account } = caller;
    const actor = actorOf(caller);
    const named = await rolesOf(database.read, organizationId, person.id);
    const ofStaff = actor === null ? [] : await locks.list(actor, { limit: mostLocks, after: null });
    const seen = new Set(ofStaff.map(({ id }) => id));
    const others = await locks.anyOf(
      organizationId,
      [...named.keys()].filter((id) => !seen.has(id)),
    );
    const excluded = await excludedBy(database.read, organizationId, program.id);
    const all = [...ofStaff, ...others].filter((row) => row.deleted_at === null && !excluded.has(row.id));
    const doors = await locks.doorsOf(all);
    const houses = await housesAt(
      organizationId,
      all.map(({ id }) => doors.get(id)?.location_id ?? null),
    );
    return all
      .flatMap((lock): Admitted[] => {
        const at = doors.get(lock.id)?.location_id ?? null;
        const role = higher(named.get(lock.id) ?? null, staffRole(account, at));
        const house = houses.get(at);
        return role === null || house === undefined ? [] : [{ lock, house, role }];
      })
      .sort((a, b) => (a.lock.id < b.lock.id ? -1 : 1));
  }

  /** Houses with locks of the caller's in them; of staff also the empty ones of their scope. */
  async function housesOf(caller: Caller): Promise<HouseOf[]> {
    const admitted = await mine(caller);
    const users = await usersOf(caller.organizationId, admitted);
    const actor = actorOf(caller);
    const own = actor === null ? [] : await locations.list(actor, { limit: mostLocks, after: null });
    const houses = new Map<string, House>([
      ...own.map((location): [string, House] => [location.uuid, houseOf(location)]),
      ...admitted.map(({ house }): [string, House] => [house.uuid, house]),
    ]);
    return [...houses.values()].flatMap((house) => {
      const inside = admitted.filter((one) => one.house.uuid === house.uuid);
      const role = inside.reduce<LockRole | null>(
        (found, one) => higher(found, one.role),
        staffRole(caller.account, house.location?.id ?? null),
      );
      const ids = new Set(inside.map(({ lock }) => lock.id));
      return role === null ? [] : [{ house, role, locks: inside, users: users.filter((user) => ids.has(user.lockId)) }];
    });
  }

  /** 404 where there is no such house, 403 where the caller has nothing to do with it. */
  async function house(caller: Caller, uuid: string): Promise<HouseOf> {
    const found = (await housesOf(caller)).find((one) => one.house.uuid === uuid);
    if (found !== undefined) return found;
    const known =
      uuid === homeOf(caller.organizationId) || (await locations.byUuid(caller.organizationId, uuid)) !== null;
    throw known ? new Problem('FORBIDDEN', 'User is not in this house') : notFound('House does not exist');
  }

  /** Administrators make houses: they are locations. */
  async function addHouse(caller: Caller, name: string): Promise<House> {
    const actor = actorOf(caller);
    if (actor === null || actor.role !== 'admin' || actor.scope !== 'all') {
      throw new Problem('FORBIDDEN', 'Only an administrator makes houses');
    }
    return houseOf(await locations.create(actor, { name }));
  }

  const usersOf = (organizationId: OrganizationId, admitted: readonly Admitted[]): Promise<LockUser[]> =>
    usersOfLocks(
      database.read,
      organizationId,
      admitted.map(({ lock }) => lock.id),
    );

  async function housesAt(
    organizationId: OrganizationId,
    ids: readonly (LocationId | null)[],
  ): Promise<Map<LocationId | null, House>> {
    const found = new Map<LocationId | null, House>();
    for (const id of new Set(ids)) found.set(id, await houseAt(organizationId, id));
    return found;
  }

  async function houseAt(organizationId: OrganizationId, id: LocationId | null): Promise<House> {
    const location = await locations.find(organizationId, id);
    if (location !== null) return houseOf(location);
    const organization = await organizations.byId(organizationId);
    return { uuid: homeOf(organizationId), name: organization?.name ?? 'Home', location: null };
  }

  return { admit, whatever, mine, housesOf, house, addHouse, usersOf };
}

export type HousesService = ReturnType<typeof createHouses>;
export type { LockUser } from './lock-users.store.ts';

const houseOf = (location: LocationRow): House => ({ uuid: location.uuid, name: location.name, location });
