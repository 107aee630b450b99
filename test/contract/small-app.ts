import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import { loginRoutes } from '../../src/apis/login/login.routes.ts';
import { type Database, openDatabase } from '../../src/database/open.ts';
import { type Accounts, createAccounts } from '../../src/features/accounts/accounts.service.ts';
import { createLogins, type Logins } from '../../src/features/accounts/logins.service.ts';
import { type Audit, createAudit } from '../../src/features/audit/audit.service.ts';
import { createOrganizations } from '../../src/features/organizations/organizations.service.ts';
import { createPeople } from '../../src/features/people/people.service.ts';
import { type Clock, systemClock } from '../../src/host/clock.ts';
import { createLog, type Logger } from '../../src/host/log.ts';
import { createLoginTokens } from '../../src/host/login-token.ts';
import { createPasswords } from '../../src/host/password.ts';
import { createRandom, type Random } from '../../src/host/random.ts';
import { createSecretBox } from '../../src/host/secret-box.ts';
import { createCsrf } from '../../src/http/csrf.ts';
import { createServer, type ServerDeps } from '../../src/http/server.ts';
import type { OrganizationId } from '../../src/rules/ids.ts';
import { type FreshDatabase, freshDatabase } from '../database/fresh.ts';

export const password = 'correct horse';

/** One process of Keystead as far as signing in goes; `more` adds routes. Several may run on one database. */
export type SmallApp = {
  app: FastifyInstance;
  database: Database;
  accounts: Accounts;
  logins: Logins;
  audit: Audit;
  random: Random;
  /** Moves the clock. */
  later(milliseconds: number): void;
  logged(): string;
  close(): Promise<void>;
};

export type SmallAppOptions = {
  fresh: FreshDatabase;
  more?: (app: FastifyInstance) => void;
  server?: Partial<ServerDeps>;
  publicUrl?: string;
};

export async function smallApp(o: SmallAppOptions): Promise<SmallApp> {
  let moved = 0;
  let text = '';
  const clock: Clock = { ...systemClock, now: () => systemClock.now() + moved };
  const random = createRandom(clock);
  const log: Logger = createLog('info', {
    write: (line) => {
      text += line;
    },
  });
  const database = await openDatabase({ connection: o.fresh.connection, clock, log, poolSize: 5 });
  const secrets = createSecretBox(Buffer.alloc(32, 9), random);
  const publicUrl = o.publicUrl ?? 'http://keystead.test';
  const https = publicUrl.startsWith('https');
  const audit = createAudit({ clock, random });
  const organizations = createOrganizations({ database, clock, random });
  const people = createPeople({ database, clock, random, audit });
  const passwords = createPasswords();
  const accounts = createAccounts({ database, clock, random, passwords, audit, organizations, people });
  const tokens = createLoginTokens({ secrets, clock });
  const logins = createLogins({ database, clock, random, passwords, tokens, audit });
  const csrf = createCsrf({ secrets, random, secure: https });
  const app = await createServer({
    config: { publicUrl, trustProxy: 0, cronSecret: 'cron-secret' },
    clock,
    random,
    log,
    csrf,
    authenticate: logins.authenticate,
    checkResponses: true,
    ...o.server,
  });
  loginRoutes(app, { logins, accounts, organizations, csrf, clock, https });
  o.more?.(app);
  await app.ready();
  return {
    app,
    database,
    accounts,
    logins,
    audit,
    random,
    later: (milliseconds) => {
      moved += milliseconds;
    },
    logged: () => text,
    close: async () => {
      await app.close();
      await database.close();
    },
  };
}

export type People = { organizationId: OrganizationId };

/** admin / admin@keystead.test and host / host@keystead.test, both with the same password. */
export async function withPeople(small: SmallApp): Promise<People> {
  const first = await small.accounts.ensureFirstAdministrator({ username: 'root', password: 'root password' });
  if (first.kind !== 'created') throw new Error('The database was not fresh');
  const organizationId = first.account.organization_id;
  for (const [username, role] of [['admin', 'admin'] as const, ['host', 'user'] as const]) {
    const email = `${username}@keystead.test`;
    await small.accounts.create({ organizationId, username, email, password, role, scope: 'all', by: null });
  }
  return { organizationId };
}

export async function fresh(): Promise<FreshDatabase> {
  return freshDatabase();
}

/** A browser: keeps cookies and, once asked for, sends the CSRF token. */
export type Browser = {
  cookies: Map<string, string>;
  csrf(): Promise<string>;
  send(request: InjectOptions): Promise<LightMyRequestResponse>;
};

export function browser(app: FastifyInstance): Browser {
  const cookies = new Map<string, string>();
  let token: string | undefined;
  async function send(request: InjectOptions): Promise<LightMyRequestResponse> {
    const headers = { ...(token === undefined ? {} : { 'x-csrf-token': token }), ...request.headers };
    const response = await app.inject({ ...request, headers, cookies: Object.fromEntries(cookies) });
    for (const cookie of response.cookies) {
      if (cookie.value === '') cookies.delete(cookie.name);
      else cookies.set(cookie.name, cookie.value);
    }
    return response;
  }
  return {
    cookies,
    send,
    csrf: async () => {
      const response = await send({ method: 'GET', url: '/api/auth/csrf' });
      token = String(response.json().csrfToken);
      return token;
    },
  };
}

export async function signIn(app: FastifyInstance, username = 'admin'): Promise<string> {
  const payload = { email: `${username}@keystead.test`, password };
  const response = await app.inject({ method: 'POST', url: '/api/auth/login', payload });
  return String(response.json().token);
}

export const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });
