/**
 * Codes as programs of partners know them: one a user, commanded several at a time, all or nothing. What a code is and what
 * comes of it is the matter of features/pins; here is who may command, and whose it is.
 */
import type { Database, Tx } from '../../database/open.ts';
import { actorOf, type Caller } from '../../rules/accounts/caller.ts';
import { derivedUuid } from '../../rules/derived-uuid.ts';
import { invalid, notFound, Problem } from '../../rules/errors.ts';
import type { PersonId } from '../../rules/ids.ts';
import { atLeast, type LockRole } from '../../rules/lock-users/roles.ts';
import { inOrder, type PinCommand } from '../../rules/pins/partner-command.ts';
import type { Accounts } from '../accounts/accounts.service.ts';
import type { HousesService } from '../lock-users/houses.service.ts';
import { createKnownPerson } from '../lock-users/known-person.ts';
import type { LockRow, LocksService } from '../locks/locks.service.ts';
import type { PeopleService, PersonRow } from '../people/people.service.ts';
import type { PinAsker, PinInput, PinRow, PinsService } from '../pins/pins.service.ts';
import type { SubUsersService } from '../sub-users/sub-users.service.ts';
import { type PinPerson, peopleOfPins } from './partner-pins.store.ts';

type Deps = {
  database: Database;
  houses: Pick<HousesService, 'admit'>;
  locks: Pick<LocksService, 'lock'>;
  pins: Pick<PinsService, 'onLock' | 'open' | 'add' | 'change' | 'meant' | 'reserve'>;
  people: Pick<PeopleService, 'by' | 'named' | 'add' | 'byPartnerUser'>;
  accounts: Pick<Accounts, 'byEmail' | 'personOf'>;
  subUsers: Pick<SubUsersService, 'one'>;
};

/** A code with its digits, whose it is, and who asked for it. */
export type PartnerPin = { row: PinRow; pin: string; userId: string; user: PinPerson | null; callerId: string };
type Ordered = PinCommand & { replaces: boolean };

export function createPartnerPins({ database, houses, locks, pins, people, accounts, subUsers }: Deps) {
  const known = createKnownPerson({ people, accounts });

  /** All of them; guests see their own. */
  async function list(caller: Caller, wireId: string): Promise<{ lock: LockRow; pins: PartnerPin[] }> {
    const { lock, role } = await houses.admit(caller, wireId, 'user');
    const rows = (await pins.onLock(lock)).filter(({ is_master }) => !is_master);
    const seen = atLeast(role, 'manager') ? rows : rows.filter((row) => row.person_id === caller.person.id);
    return { lock, pins: await shown(caller, seen) };
  }

  async function master(caller: Caller, wireId: string): Promise<{ lock: LockRow; pin: PartnerPin }> {
    const { lock } = await houses.admit(caller, wireId, 'superuser');
    const [pin] = await shown(caller, (await pins.onLock(lock)).filter(isMaster));
    if (pin === undefined) throw notFound('Lock has no master PIN');
    return { lock, pin };
  }

  const setMaster = (caller: Caller, wireId: string, pin: string): Promise<void> =>
    database.transaction('partner-pin-master', async (tx) => {
      const lock = await held(tx, caller, wireId, 'superuser');
      const before = (await pins.onLock(lock, tx)).find(isMaster);
      const by = byOf(caller);
      if (before !== undefined) await pins.change(tx, lock, before, { pin }, by);
      else await pins.add(tx, lock, { pin, label: 'Master' }, { ...by, partner: { ...by.partner, master: true } });
    });

  /** All or nothing; each is decided on what the one before has left. */
  const command = (caller: Caller, wireId: string, commands: readonly PinCommand[]): Promise<void> =>
    database.transaction('partner-pins', async (tx) => {
      const lock = await held(tx, caller, wireId, 'manager');
      for (const one of inOrder(commands)) await carryOut(tx, caller, lock, one, commands.length > 1);
    });

  /** The slot stays: nothing is asked of the lock. */
  const transfer = (caller: Caller, wireId: string, from: string, to: string): Promise<void> =>
    database.transaction('partner-pin-transfer', async (tx) => {
      const lock = await held(tx, caller, wireId, 'manager');
      const rows = await pins.onLock(lock, tx);
      const old = await known(tx, caller, { kind: 'uuid', uuid: from.toLowerCase() });
      const row = rows.find((one) => one.person_id !== null && one.person_id === old?.id);
      if (row === undefined || row.state === 'deleting') throw notFound('User has no PIN on this lock');
      const person = await known(tx, caller, { kind: 'uuid', uuid: to.toLowerCase() });
      if (person === null || !isOpenTo(caller, person)) throw notFound('User does not exist');
      if (rows.some((one) => one.person_id === person.id)) throw new Problem('CONFLICT', 'User has a PIN on this lock');
      await pins.change(tx, lock, row, { personId: person.id, label: person.name.slice(0, 60) }, byOf(caller));
    });

  /** Digits and a slot, kept for three minutes. */
  const reserve = (caller: Caller, wireId: string): Promise<{ pin: string; slot: number }> =>
    database.transaction('partner-pin-reserve', async (tx) =>
      pins.reserve(tx, await held(tx, caller, wireId, 'manager'), byOf(caller).partner),
    );

  return { list, master, setMaster, command, transfer, reserve };

  /** The lock, its row held: codes of one lock are decided one after the other. */
  async function held(tx: Tx, caller: Caller, wireId: string, need: LockRole): Promise<LockRow> {
    const { lock } = await houses.admit(caller, wireId, need, tx);
    const row = await locks.lock(tx, lock.organization_id, lock.id);
    if (row === null) throw notFound('Lock does not exist');
    await houses.admit(caller, wireId, need, tx); // who is on it is decided under its row
    return row;
  }

  async function carryOut(tx: Tx, caller: Caller, lock: LockRow, wish: Ordered, several: boolean): Promise<void> {
    const { accessType, action, pin } = wish;
    if (lock.capabilities.keypad?.alwaysOnly === true && accessType !== null && accessType !== 'always') {
      throw invalid('accessType', 'This lock takes codes with accessType always alone');
    }
    const by = byOf(caller);
    const label = [wish.firstName, wish.lastName].filter((name) => name !== null).join(' ');
    const input: PinInput = {
      ...(pin === null ? {} : { pin }),
      ...(accessType === null ? {} : { accessType }),
      ...wish.written,
      ...(label === '' ? {} : { label: label.slice(0, 60) }),
    };
    if (action === 'load') return load(tx, caller, lock, wish, input);
    const row = await find(tx, caller, lock, wish);
    if (row === null) {
      if (action === 'delete' && several) return; // it is not there, as was wished; what follows counts
      throw new Problem('CONFLICT', 'No pin given or could not find pin per lock ID and user ID');
    }
    if (action === 'update') await pins.change(tx, lock, row, input, by);
    else await pins.meant(tx, lock, row, action, by);
  }

  async function load(tx: Tx, caller: Caller, lock: LockRow, wish: Ordered, input: PinInput): Promise<void> {
    const by = byOf(caller);
    const person = await userFor(tx, caller, lock, wish);
    const rows = await pins.onLock(lock, tx);
    const before = rows.find((row) => row.person_id === person.id && !row.is_master);
    if (before === undefined) {
      await pins.add(tx, lock, { label: person.name.slice(0, 60), ...input, personId: person.id }, by);
      return;
    }
    if (before.state === 'deleting') throw new Problem('CONFLICT', 'The PIN of this user is being taken off the lock');
    if (!wish.replaces) throw new Problem('CONFLICT', 'This user has a PIN on this lock');
    const now = await pins.meant(tx, lock, before, 'enable', by); // a new one would be enabled
    await pins.change(tx, lock, now, input, by);
  }

  /** Whom it is for: made where they are not known by that name yet. */
  async function userFor(tx: Tx, caller: Caller, lock: LockRow, wish: Ordered): Promise<PersonRow> {
    const { user, firstName, lastName } = wish;
    const names = { firstName: firstName ?? 'Guest', lastName: lastName ?? 'User' };
    if (user.kind === 'partner') {
      const { person } = await subUsers.one(tx, caller, { partnerUserId: user.partnerUserId, ...names });
      return person;
    }
    if (user.kind === 'nobody') {
      const name = `${names.firstName} ${names.lastName}`.slice(0, 120);
      return people.add(tx, caller.organizationId, { name, first_name: names.firstName, last_name: names.lastName });
    }
    const person = await known(tx, caller, user.who);
    const rows = await pins.onLock(lock, tx);
    if (person !== null && (isOpenTo(caller, person) || rows.some((row) => row.person_id === person.id))) return person;
    throw notFound('User does not exist');
  }

  async function find(tx: Tx, caller: Caller, lock: LockRow, { user, pin }: Ordered): Promise<PinRow | null> {
    // what a guest has paid for is not taken away by a program
    const rows = (await pins.onLock(lock, tx)).filter((row) => !row.is_master && row.pass_id === null);
    const of = (ids: readonly PersonId[]) =>
      rows.find(({ person_id }) => person_id !== null && ids.includes(person_id)) ?? null;
    switch (user.kind) {
      case 'nobody':
        return rows.find((row) => pin !== null && pins.open(row) === pin) ?? null;
      case 'partner':
        return of((await people.byPartnerUser(tx, caller.program, user.partnerUserId)).map(({ id }) => id));
      case 'known': {
        const { who } = user;
        const person = await known(tx, caller, who);
        if (person !== null) return of([person.id]);
        return rows.find((row) => who.kind === 'uuid' && isNobodys(row) && userIdOf(row) === who.uuid) ?? null;
      }
    }
  }

  async function shown({ organizationId }: Caller, rows: readonly PinRow[]): Promise<PartnerPin[]> {
    const ids = rows.flatMap(({ person_id, asked_by }) => [person_id, asked_by].filter((id) => id !== null));
    const known = await peopleOfPins(database.read, organizationId, ids);
    return rows.map((row) => {
      const user = row.person_id === null ? null : (known.get(row.person_id) ?? null);
      const userId = user?.uuid ?? userIdOf(row);
      const asked = row.asked_by === null ? undefined : known.get(row.asked_by);
      return { row, pin: pins.open(row), userId, user, callerId: asked?.uuid ?? userId };
    });
  }
}

export type PartnerPinsService = ReturnType<typeof createPartnerPins>;

const byOf = (caller: Caller) =>
  ({
    api: 'yale',
    actor: actorOf(caller),
    partner: { personId: caller.person.id, apiClientId: caller.program.id },
  }) satisfies PinAsker;

const isMaster = (row: PinRow): boolean => row.is_master && row.state !== 'deleting';
const isNobodys = (row: PinRow): boolean => row.person_id === null;
/** Of a code that is nobody's (staff or a sale made it): clients want a user for each. */
const userIdOf = ({ id }: PinRow): string => derivedUuid(`user of ${id}`);

/** Whom another program made is no business of this one. */
const isOpenTo = ({ program }: Caller, person: PersonRow): boolean =>
  person.api_client_id === null || person.api_client_id === program.id;
