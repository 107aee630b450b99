/**
 * Signing in and out. A token names a login row, and the row decides at every request: what ends the row ends the token and
 * the cookie at once, on every process. It must never tell by answer or by time whether a name exists.
 */

import { lookUp } from '../../database/directory.ts';
import type { Database, Tx } from '../../database/open.ts';
import type { Clock } from '../../host/clock.ts';
import type { LoginTokens } from '../../host/login-token.ts';
import type { Passwords } from '../../host/password.ts';
import type { Random } from '../../host/random.ts';
import { createTurnsByKey } from '../../host/turns.ts';
import type { Actor } from '../../rules/accounts/actor.ts';
import { nameKey, password as passwordOf } from '../../rules/accounts/names.ts';
import { Problem } from '../../rules/errors.ts';
import type { OrganizationId } from '../../rules/ids.ts';
import { hours, type Instant } from '../../rules/instant.ts';
import type { Audit } from '../audit/audit.service.ts';
import { type Account, withoutHash } from './accounts.service.ts';
import { type AccountRow, findAccount, holdAccount, updatePassword } from './accounts.store.ts';
import { countAttempt, forgetAttempts, forgetAttemptsBefore, takeBackAttempt } from './login-attempts.store.ts';
import { actorOfLogin, deleteLoginsBefore, endLogin, endLoginsOf, insertLogin } from './logins.store.ts';

/** By user name sets a cookie, by e-mail only answers a token; either finds an account by either name. */
export type LoginTry = {
  by: 'username' | 'email';
  name: string;
  password: string;
  ip: string | null;
  userAgent: string | null;
  /** Only accounts of this organization are there; left out: of any. */
  within?: OrganizationId;
};

export type LoginResult =
  | { kind: 'in'; account: Account; token: string; expiresAt: Instant }
  | { kind: 'locked'; until: Instant }
  | { kind: 'wrong' }
  /** Only told to whoever knows the password. */
  | { kind: 'disabled' };

/** The same for other ways of signing in; `begun` is what they made of it. */
export type Proved<T> = { kind: 'in'; begun: T } | Exclude<LoginResult, { kind: 'in' }>;

export type PasswordChange = { kind: 'changed' } | { kind: 'wrong' } | { kind: 'locked'; until: Instant };

export type Logins = {
  login(attempt: LoginTry): Promise<LoginResult>;
  /**
   * The same check for another way of signing in, counted and locked as all are. `begin` runs in a transaction that holds
   * the account as it was when its password was looked at.
   */
  prove<T>(attempt: LoginTry, begin: (tx: Tx, account: Account) => Promise<T>): Promise<Proved<T>>;
  /** Ends the login that the token names, if there is one. */
  logout(token: string, ip: string | null): Promise<void>;
  authenticate: (token: string, ip: string | null) => Promise<Actor | null>;
  /** Ends all other logins of the account. Throws 400 when the new password is too short. */
  changePassword(actor: Actor, change: { currentPassword: string; newPassword: string }): Promise<PasswordChange>;
  /** Housekeeping: rows of logins long over and of names long not tried. */
  forgetOld(): Promise<void>;
};

export type LoginsDeps = {
  database: Database;
  clock: Clock;
  random: Random;
  passwords: Passwords;
  tokens: LoginTokens;
  audit: Audit;
};

const lifetime = hours(12);
const mostWaitingForOneName = 100;

export function createLogins(o: LoginsDeps): Logins {
  const { database, clock, passwords, tokens, audit } = o;
  const turns = createTurnsByKey(mostWaitingForOneName);

  /**
   * One try at a time for a name, so that many right ones at once are not taken for guessing. What `work` does with the
   * outcome of the check is its own; the count is taken back when the password was right.
   */
  async function tryPassword<T>(
    name: string,
    hashOf: () => Promise<string | null>,
    password: string,
    work: (outcome: 'right' | 'wrong' | { until: Instant }) => Promise<T>,
  ): Promise<T> {
    const key = nameKey(name);
    const turn = turns.take(key, async () => {
      const attempt = await database.transaction('login-attempt', (tx) => countAttempt(tx, key, clock.now()));
      if (attempt.kind === 'locked') return work({ until: attempt.until });
      const right = await check(await hashOf(), password, key);
      if (right) await forgetAttempts(database.read, key);
      return work(right ? 'right' : 'wrong');
    });
    if (turn === null) throw new Problem('UNAVAILABLE', undefined, { retryAfterSeconds: 5 });
    return turn;
  }

  async function check(hash: string | null, password: string, key: string): Promise<boolean> {
    try {
      return await passwords.verify(hash, password);
    } catch (error) {
      await database.transaction('login-attempt-back', (tx) => takeBackAttempt(tx, key));
      throw error;
    }
  }

  async function find({ by, name, within }: LoginTry): Promise<AccountRow | null> {
    const other = by === 'email' ? 'username' : 'email';
    const key = nameKey(name);
    const entry = (await lookUp(database.read, by, key)) ?? (await lookUp(database.read, other, key));
    const foreign = within !== undefined && entry?.organizationId !== within;
    return entry === null || foreign ? null : findAccount(database.read, entry.organizationId, entry.target);
  }

  async function begin(tx: Tx, account: AccountRow, attempt: LoginTry): Promise<LoginResult & { kind: 'in' }> {
    const now = clock.now();
    const expiresAt = now + lifetime;
    const { ip, userAgent } = attempt;
    const id = o.random.id('login');
    const { organization_id: organizationId, id: accountId } = account;
    const token = await tokens.sign({ organizationId, loginId: id }, expiresAt);
    const kind = attempt.by === 'username' ? 'cookie' : 'token';
    await insertLogin(tx, { organizationId, id, accountId, kind, ip, userAgent, createdAt: now, expiresAt });
    await record(account, 'login', attempt, { loginId: id, kind }, tx);
    return { kind: 'in', account: withoutHash(account), token, expiresAt };
  }

  function record(
    account: AccountRow,
    action: string,
    { ip, userAgent }: LoginTry,
    details: Record<string, string>,
    tx: Parameters<Audit['append']>[0],
  ): Promise<unknown> {
    const personal = { username: account.username, email: account.email, ip, userAgent };
    const { organization_id: organizationId, id: entityId } = account;
    const entry = { organizationId, category: 'authentication', action, actor: null, entity: 'Account', entityId };
    return audit.append(tx, { ...entry, details, personal });
  }

  async function prove<T>(attempt: LoginTry, begin: (tx: Tx, account: AccountRow) => Promise<T>): Promise<Proved<T>> {
    let account: AccountRow | null = null;
    const hashOf = async (): Promise<string | null> => {
      account = await find(attempt);
      return account?.password_hash ?? null;
    };
    const finish = async (outcome: 'right' | 'wrong' | { until: Instant }): Promise<Proved<T>> => {
      if (typeof outcome === 'object') return { kind: 'locked', until: outcome.until };
      const known = account;
      const refused = (reason: string): Promise<void> =>
        known === null
          ? Promise.resolve()
          : database.transaction('login-failed', async (tx) => {
              await record(known, 'login failed', attempt, { reason }, tx);
            });
      if (outcome === 'wrong' || known === null) {
        await refused('wrong password');
        return { kind: 'wrong' };
      }
      if (known.disabled) {
        await refused('account disabled');
        return { kind: 'disabled' };
      }
      return database.transaction('login', async (tx): Promise<Proved<T>> => {
        const held = await holdAccount(tx, known.organization_id, known.id);
        if (held === null || held.disabled || held.password_hash !== known.password_hash) return { kind: 'wrong' }; // meanwhile
        return { kind: 'in', begun: await begin(tx, held) };
      });
    };
    return tryPassword(attempt.name, hashOf, attempt.password, finish);
  }

  return {
    async login(attempt) {
      const proved = await prove(attempt, (tx, account) => begin(tx, account, attempt));
      return proved.kind === 'in' ? proved.begun : proved;
    },

    prove: (attempt, start) => prove(attempt, (tx, account) => start(tx, withoutHash(account))),

    async logout(token, ip) {
      const named = await tokens.read(token);
      if (named === null) return;
      const now = clock.now();
      const actor = await actorOfLogin(database.pool, named.organizationId, named.loginId, now, ip);
      if (actor === null) return;
      await database.transaction('logout', async (tx) => {
        const { organizationId, loginId } = named;
        if (!(await endLogin(tx, organizationId, loginId, now))) return;
        const what = { category: 'authentication', action: 'logout', entity: 'Account', entityId: actor.accountId };
        await audit.append(tx, { organizationId, actor, ...what, details: { loginId } });
      });
    },

    async authenticate(token, ip) {
      const named = await tokens.read(token);
      if (named === null) return null;
      return actorOfLogin(database.pool, named.organizationId, named.loginId, clock.now(), ip);
    },

    async changePassword(actor, { currentPassword, newPassword }) {
      passwordOf('newPassword', newPassword);
      const { organizationId, accountId, loginId } = actor;
      const hashOf = async (): Promise<string | null> =>
        (await findAccount(database.read, organizationId, accountId))?.password_hash ?? null;
      return tryPassword(actor.username, hashOf, currentPassword, async (outcome): Promise<PasswordChange> => {
        if (typeof outcome === 'object') return { kind: 'locked', until: outcome.until };
        if (outcome === 'wrong') return { kind: 'wrong' };
        const hash = await passwords.hash(newPassword);
        await database.transaction('password-change', async (tx) => {
          const now = clock.now();
          await updatePassword(tx, organizationId, accountId, hash, now);
          const ended = await endLoginsOf(tx, organizationId, accountId, now, loginId);
          const what = {
            category: 'authentication',
            action: 'password changed',
            entity: 'Account',
            entityId: accountId,
          };
          await audit.append(tx, { organizationId, actor, ...what, details: { loginsEnded: ended } });
        });
        return { kind: 'changed' };
      });
    },

    async forgetOld() {
      const now = clock.now();
      await deleteLoginsBefore(database.read, now - hours(24 * 30));
      await forgetAttemptsBefore(database.read, now - hours(24));
    },
  };
}
