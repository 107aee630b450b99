import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { silent } from '../../src/database/log.ts';
import { type Database, openDatabase } from '../../src/database/open.ts';
import type { TokenVault, VendorTokens } from '../../src/drivers/lock-port.ts';
import { NoTurn } from '../../src/drivers/port.ts';
import { createLanes } from '../../src/engine/lanes.ts';
import { createTokenVaults } from '../../src/engine/token-vault.ts';
import { systemClock as clock } from '../../src/host/clock.ts';
import { createRandom } from '../../src/host/random.ts';
import { createSecretBox } from '../../src/host/secret-box.ts';
import type { ConnectionId, OrganizationId } from '../../src/rules/ids.ts';
import { hours } from '../../src/rules/instant.ts';
import { type FreshDatabase, freshDatabase } from './fresh.ts';

/** Two processes with one connection to a vendor. */
type Process = { database: Database; vaultOf: ReturnType<typeof createTokenVaults>; close(): Promise<void> };
let fresh: FreshDatabase;
let processes: Process[];
const random = createRandom(clock);
const masterKey = randomBytes(32);
const whose = { organizationId: 'org_1' as OrganizationId, connectionId: 'con_1' as ConnectionId };
const account = { server: 'https://locks.test', username: 'owner', password: 'one' };

beforeEach(async () => {
  fresh = await freshDatabase();
  processes = await Promise.all([1, 2].map(open));
  const { pool } = first().database;
  await pool.query(`insert into organizations (id, slug, name, created_at) values ('org_1', 'one', 'One', now())`);
  await pool.query(
    `insert into connections (organization_id, id, vendor, name, config, created_at, updated_at)
     values ('org_1', 'con_1', 'ttlock', 'Locks', '{}', now(), now())`,
  );
});
afterEach(async () => {
  for (const one of processes) await one.close();
  await fresh.drop();
});

async function open(): Promise<Process> {
  const { connection } = fresh;
  const database = await openDatabase({ connection, clock, log: silent });
  const lanes = createLanes({ connection, clock, log: silent });
  const box = createSecretBox(masterKey, random);
  return {
    database,
    vaultOf: createTokenVaults({ database, clock, box, lanes, log: silent }),
    close: async () => {
      await lanes.close();
      await database.close();
    },
  };
}
function first(): Process {
  const [one] = processes;
  if (one === undefined) throw new Error('no process');
  return one;
}
const vaults = (config: unknown = account): TokenVault[] => processes.map(({ vaultOf }) => vaultOf(whose, config));
const ask = (vault: TokenVault | undefined, renew: Renew, stale: string | null = null) => {
  if (vault === undefined) throw new Error('no vault');
  return vault.tokens({ stale }, renew);
};
type Renew = (stored: VendorTokens | null) => Promise<VendorTokens>;

/** A vendor that gives out pairs, and counts them and who asks at the same moment. */
function vendor(o: { lasts?: number } = {}) {
  const given: (string | null)[] = [];
  let under = 0;
  let most = 0;
  const renew: Renew = async (stored) => {
    under += 1;
    most = Math.max(most, under);
    given.push(stored?.refresh ?? null);
    const n = given.length;
    await clock.sleep(60);
    under -= 1;
    return { access: `access-${n}`, refresh: `refresh-${n}`, expiresAt: clock.now() + (o.lasts ?? hours(1)) };
  };
  return { given, renew, most: () => most };
}
const rows = async () => (await first().database.pool.query<{ sealed: Buffer }>('select * from vendor_tokens')).rows;

test('two processes that need tokens at once sign in once', async () => {
  const { given, renew, most } = vendor();
  const [one, other] = vaults();
  const all = await Promise.all([ask(one, renew), ask(other, renew), ask(one, renew), ask(other, renew)]);
  expect(new Set(all.map(({ access }) => access))).toEqual(new Set(['access-1']));
  expect(given).toEqual([null]);
  expect(most()).toBe(1);
});

test('a pair that one process renewed is the other’s, too, without asking the vendor', async () => {
  const { given, renew } = vendor();
  const [one, other] = vaults();
  await ask(one, renew);
  await ask(other, renew);
  expect((await ask(one, renew, 'access-1')).access).toBe('access-2');
  expect((await ask(other, renew, 'access-1')).access).toBe('access-2');
  expect(given).toEqual([null, 'refresh-1']);
});

test('the refused token of many is renewed once, by the refresh token that is stored', async () => {
  const { given, renew } = vendor();
  const [one, other] = vaults();
  await ask(one, renew);
  await Promise.all([one, other, one, other].map((vault) => ask(vault, renew, 'access-1')));
  expect(given).toEqual([null, 'refresh-1']);
});

test('a pair is committed, and sealed, before anybody gets it', async () => {
  const { renew } = vendor();
  const [one] = vaults();
  const got = await ask(one, renew);
  const [row, ...others] = await rows(); // by another session: it is committed
  expect(others).toEqual([]);
  const stored = JSON.stringify(row) + row?.sealed.toString('latin1');
  expect(stored).not.toContain(got.access);
  expect(stored).not.toContain(got.refresh);
});

test('a pair that cannot be kept is not used, and nothing was asked of a lock', async () => {
  const { given, renew } = vendor();
  const [one] = vaults();
  const { pool } = first().database;
  await pool.query(`alter table vendor_tokens add constraint full_disk check (changed_at < '2000-01-01')`);
  await expect(ask(one, renew)).rejects.toThrow(NoTurn);
  await pool.query('alter table vendor_tokens drop constraint full_disk');
  expect((await ask(one, renew)).access).toBe('access-2');
  expect(given).toEqual([null, null]);
});

test('a pair that is about to end is renewed before it does', async () => {
  const { given, renew } = vendor({ lasts: 30_000 });
  const [one] = vaults();
  await ask(one, renew);
  await ask(one, renew);
  expect(given).toEqual([null, 'refresh-1']);
});

test('other credentials do not use what was given out for the old ones', async () => {
  const { given, renew } = vendor();
  await ask(vaults()[0], renew);
  expect((await ask(vaults({ ...account, password: 'two' })[1], renew)).access).toBe('access-2');
  expect(given).toEqual([null, null]);
  expect(await rows()).toHaveLength(1);
});

test('the trouble of a vendor goes to whoever asks, and the next is asked anew', async () => {
  const { given, renew } = vendor();
  const [one, other] = vaults();
  const refused = new Error('no such user');
  await expect(ask(one, () => Promise.reject(refused))).rejects.toBe(refused);
  await ask(other, renew);
  expect(given).toEqual([null]);
});

test('a process that dies while it renews holds nobody up', async () => {
  const { renew } = vendor();
  const [one, other] = vaults();
  const begun = Promise.withResolvers<void>();
  const dying = ask(one, () => {
    begun.resolve();
    return new Promise(() => undefined);
  });
  dying.catch(() => undefined);
  await begun.promise;
  const { pool } = first().database;
  await pool.query(
    `select pg_terminate_backend(l.pid) from pg_locks l join pg_stat_activity a using (pid)
     where l.locktype = 'advisory' and a.datname = current_database() and a.application_name = 'keystead lanes'`,
  );
  expect((await ask(other, renew)).access).toBe('access-1');
  processes = processes.map((one, n) => (n === 0 ? { ...one, close: () => one.database.close() } : one)); // its lane never ends
});
