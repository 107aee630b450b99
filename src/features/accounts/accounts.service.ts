/**
 * Accounts: people's sign-ins. A user name and an e-mail are unique over the whole server, whatever their case, so that
 * signing in needs no organization. It must never show a password hash.
 */
import { type Kysely, sql } from 'kysely';
import { enter, lookUp } from '../../database/directory.ts';
import type { Database, Tx } from '../../database/open.ts';
import type { DB } from '../../database/types.ts';
import type { Clock } from '../../host/clock.ts';
import type { Passwords } from '../../host/password.ts';
import type { Random } from '../../host/random.ts';
import type { Actor, Role, Scope } from '../../rules/accounts/actor.ts';
import {
  email as emailOf,
  nameKey,
  password as passwordOf,
  username as usernameOf,
} from '../../rules/accounts/names.ts';
import { Problem } from '../../rules/errors.ts';
import type { OrganizationId, PersonId } from '../../rules/ids.ts';
import type { Audit } from '../audit/audit.service.ts';
import type { Organizations } from '../organizations/organizations.service.ts';
import type { PeopleService } from '../people/people.service.ts';
import {
  type AccountRow,
  findAccount,
  findAccountOfPerson,
  hasAdministrator,
  insertAccount,
  setPersonOfAccount,
} from './accounts.store.ts';

export type Account = Omit<AccountRow, 'password_hash'>;

export type NewAccount = {
  organizationId: OrganizationId;
  username: string;
  email: string | null;
  password: string;
  role: Role;
  scope: Scope;
  firstName?: string | null;
  lastName?: string | null;
  /** Who makes it; null: the start of the server, or a demo. */
  by: Actor | null;
};

export type FirstAdministrator =
  | { kind: 'present' }
  /** `password` is set when it was made here: print it, it is shown only now. */
  | { kind: 'created'; account: Account; password: string | null };

export type Accounts = {
  /** Throws 400 for what is not a name, an e-mail or a password, CONFLICT with the field when it is taken. */
  create(account: NewAccount): Promise<Account>;
  /** Makes the first organization and an administrator in it, unless there is one who can sign in. */
  ensureFirstAdministrator(o: {
    username: string;
    email?: string;
    password: string | null;
  }): Promise<FirstAdministrator>;
  find(organizationId: OrganizationId, id: string): Promise<Account | null>;
  /** Of a person, if they have one; of an e-mail address, within the organization. */
  ofPerson(organizationId: OrganizationId, personId: PersonId, db?: Kysely<DB>): Promise<Account | null>;
  byEmail(organizationId: OrganizationId, email: string, db?: Kysely<DB>): Promise<Account | null>;
  /** The person whose sign-in it is; made where a process of an earlier version made the account. */
  personOf(tx: Tx, account: Account): Promise<PersonId>;
};

export type AccountsDeps = {
  database: Database;
  clock: Clock;
  random: Random;
  passwords: Passwords;
  audit: Audit;
  organizations: Organizations;
  people: Pick<PeopleService, 'add' | 'by'>;
};

export function createAccounts(o: AccountsDeps): Accounts {
  const { database, random } = o;

  async function insert(tx: Tx, account: NewAccount, passwordHash: string): Promise<Account> {
    const { organizationId } = account;
    const id = random.id('account');
    const username = usernameOf(account.username);
    const email = account.email === null ? null : emailOf(account.email);
    await claimNames(tx, { organizationId, target: id }, username, email);
    const row = await insertAccount(
      tx,
      {
        organization_id: organizationId,
        id,
        username,
        email,
        password_hash: passwordHash,
        role: account.role,
        first_name: account.firstName ?? null,
        last_name: account.lastName ?? null,
      },
      account.scope,
      o.clock.now(),
    );
    const personId = await personOf(tx, row);
    await o.audit.append(tx, {
      organizationId,
      category: 'accounts',
      action: 'account created',
      actor: account.by,
      entity: 'Account',
      entityId: id,
      details: { role: account.role, allLocations: account.scope === 'all' },
      personal: { newUsername: username, newEmail: email },
    });
    return withoutHash({ ...row, person_id: personId });
  }

  /** Somebody who was invited by this address before is who the account is now made for. */
  async function personOf(tx: Tx, account: Account): Promise<PersonId> {
    if (account.person_id !== null) return account.person_id;
    const { organization_id: organizationId, email, username, first_name, last_name } = account;
    const invited = email === null ? null : await o.people.by(organizationId, { kind: 'email', email }, tx);
    const taken = invited !== null && (await findAccountOfPerson(tx, organizationId, invited.id)) !== null;
    const name = [first_name, last_name].filter((part) => part !== null && part !== '').join(' ') || username;
    const person =
      invited !== null && !taken ? invited : await o.people.add(tx, organizationId, { name, first_name, last_name });
    await setPersonOfAccount(tx, account, person.id);
    return person.id;
  }

  return {
    personOf,

    async ofPerson(organizationId, personId, db = database.read) {
      const row = await findAccountOfPerson(db, organizationId, personId);
      return row === null ? null : withoutHash(row);
    },

    async byEmail(organizationId, email, db = database.read) {
      const entry = await lookUp(db, 'email', nameKey(email));
      if (entry === null || entry.organizationId !== organizationId) return null;
      const row = await findAccount(db, organizationId, entry.target);
      return row === null ? null : withoutHash(row);
    },

    async create(account) {
      usernameOf(account.username);
      const hash = await o.passwords.hash(passwordOf('password', account.password));
      return database.transaction('account-create', (tx) => insert(tx, account, hash));
    },

    async ensureFirstAdministrator({ username, email, password }) {
      const organization = await o.organizations.first();
      if (organization !== null && (await hasAdministrator(database.read, organization.id))) return { kind: 'present' };
      const made = password === null ? readablePassword(random) : null;
      const hash = await o.passwords.hash(passwordOf('password', password ?? made ?? ''));
      return database.transaction('first-administrator', async (tx): Promise<FirstAdministrator> => {
        await sql`select pg_advisory_xact_lock(hashtextextended('keystead first administrator', 0))`.execute(tx);
        const { id: organizationId } = await o.organizations.ensureFirst(tx);
        if (await hasAdministrator(tx, organizationId)) return { kind: 'present' }; // another process was first
        const named = {
          organizationId,
          username,
          email: email ?? null,
          password: '',
          role: 'admin',
          scope: 'all',
          by: null,
        } as const;
        return { kind: 'created', account: await insert(tx, named, hash), password: made };
      });
    },

    async find(organizationId, id) {
      const row = await findAccount(database.read, organizationId, id);
      return row === null ? null : withoutHash(row);
    },
  };
}

/** Either kind of name signs in, so neither may be another account's name of the other kind. */
async function claimNames(
  tx: Tx,
  entry: { organizationId: OrganizationId; target: string },
  username: string,
  email: string | null,
): Promise<void> {
  const names = [
    { field: 'username', kind: 'username', other: 'email', name: username },
    ...(email === null ? [] : [{ field: 'email', kind: 'email', other: 'username', name: email } as const]),
  ] as const;
  for (const { field, kind, other, name } of names) {
    const elsewhere = await lookUp(tx, other, nameKey(name));
    const foreign = elsewhere !== null && elsewhere.target !== entry.target;
    if (foreign || !(await enter(tx, kind, nameKey(name), entry))) {
      throw new Problem('CONFLICT', `This ${field} is taken`, { field });
    }
  }
}

export function withoutHash(row: AccountRow): Account {
  const { password_hash: _hash, ...account } = row;
  return account;
}

/** 80 bits in four groups: to be read from a terminal and typed. */
function readablePassword(random: Random): string {
  return (random.uid().match(/.{4}/g) ?? []).join('-');
}
