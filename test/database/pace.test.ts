import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { silent } from '../../src/database/log.ts';
import { type Database, openDatabase } from '../../src/database/open.ts';
import { type LookFor, NoTurn, type Pace } from '../../src/drivers/port.ts';
import { createPace } from '../../src/engine/pace.ts';
import { systemClock as clock } from '../../src/host/clock.ts';
import { createRandom } from '../../src/host/random.ts';
import { createSecretBox } from '../../src/host/secret-box.ts';
import { type FreshDatabase, freshDatabase } from './fresh.ts';

/** Two processes' worth of engines on one database. */
let fresh: FreshDatabase;
let databases: Database[];
let one: Pace;
let other: Pace;
const random = createRandom(clock);
const masterKey = randomBytes(32);

beforeEach(async () => {
  fresh = await freshDatabase();
  const connection = fresh.connection;
  databases = await Promise.all([1, 2].map(() => openDatabase({ connection, clock, log: silent })));
  const [first, second] = databases.map((database) =>
    createPace({ database, clock, random, box: createSecretBox(masterKey, random), log: silent }),
  );
  if (first === undefined || second === undefined) throw new Error('no pace');
  one = first;
  other = second;
});
afterEach(async () => {
  for (const database of databases) await database.close();
  await fresh.drop();
});

const account = 'https://cloud.test\nkey-of-the-account';
const soon = () => clock.deadline(15_000);

function pool(): Database['pool'] {
  const [first] = databases;
  if (first === undefined) throw new Error('no database');
  return first.pool;
}
/** What stands in the table, a value a row. */
const stored = async (value: string): Promise<unknown[]> => {
  const { rows } = await pool().query<{ value: unknown }>(`select ${value} as value from paces p`);
  return rows.map((row) => row.value);
};

/** What was done, in order, and when it began and ended. */
function recorder() {
  const done: { name: string; began: number; ended: number }[] = [];
  const ask = (pace: Pace, name: string, lookFor: LookFor = 'people', signal = soon()) =>
    pace(account, lookFor, signal, async () => {
      const began = performance.now();
      await clock.sleep(40);
      done.push({ name, began, ended: performance.now() });
      return name;
    });
  return { done, ask };
}

test('two processes keep a second between the answer to one request and the next', async () => {
  const { done, ask } = recorder();
  const names = await Promise.all([ask(one, 'a'), ask(other, 'b'), ask(one, 'c'), ask(other, 'd')]);
  expect(names).toEqual(['a', 'b', 'c', 'd']);
  const pauses = done.slice(1).map(({ began }, i) => began - (done[i]?.ended ?? began));
  expect(pauses).toHaveLength(3);
  expect(pauses.filter((pause) => pause < 1000)).toEqual([]);
});

test('people come before background work, also before that of another process', async () => {
  const { done, ask } = recorder();
  const background = ['b1', 'b2', 'b3'].map((name) => ask(one, name, 'background'));
  while (done.length === 0) await clock.sleep(10);
  const people = [ask(other, 'guest'), ask(one, 'staff')];
  await Promise.all([...background, ...people]);
  const order = done.map(({ name }) => name);
  expect(order[0]).toBe('b1');
  expect(order.slice(1, 3).toSorted()).toEqual(['guest', 'staff']);
  expect(order.slice(3)).toEqual(['b2', 'b3']);
});

test('another account waits for nobody', async () => {
  const { ask } = recorder();
  const first = ask(one, 'first');
  const second = ask(one, 'second');
  await first;
  const early = await Promise.race([second, one('another', 'background', soon(), async () => 'at once')]);
  expect(early).toBe('at once');
  await second;
});

test('whoever has no time left goes without a turn, and nothing of theirs is begun', async () => {
  const { done, ask } = recorder();
  await ask(one, 'first');
  await expect(ask(other, 'late', 'people', clock.deadline(100))).rejects.toBeInstanceOf(NoTurn);
  await expect(ask(other, 'too late', 'people', AbortSignal.abort())).rejects.toBeInstanceOf(NoTurn);
  expect(await ask(other, 'patient')).toBe('patient');
  expect(done.map(({ name }) => name)).toEqual(['first', 'patient']);
});

test('work that fails gives its turn back, and one that is told to wait keeps everybody waiting', async () => {
  const { ask } = recorder();
  const began = performance.now();
  const failing = one(account, 'people', soon(), ({ holdOff }) => {
    holdOff(2500);
    return Promise.reject(new Error('429'));
  });
  await expect(failing).rejects.toThrow('429');
  await ask(other, 'next');
  expect(performance.now() - began).toBeGreaterThan(2500);
});

test('the turn of a process that died ends by itself', async () => {
  const { ask } = recorder();
  const hanging = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const dead = one(account, 'people', soon(), () => {
    begun.resolve();
    return hanging.promise;
  });
  await begun.promise;
  expect(await stored('extract(epoch from free_at - now()) > 5')).toEqual([true]);
  await pool().query("update paces set free_at = now() + interval '200 milliseconds'"); // time goes by
  expect(await ask(other, 'next')).toBe('next');
  hanging.resolve();
  await dead; // comes back all the same: it takes nothing from whoever has the turn now
  expect(await stored('holder')).toHaveLength(1);
});

test('the table holds no secret', async () => {
  const { ask } = recorder();
  await ask(one, 'first');
  const rows = await stored('p::text');
  expect(rows).toHaveLength(1);
  expect(rows[0]).not.toContain('key-of-the-account');
  expect(rows[0]).not.toContain(Buffer.from('key-of-the-account').toString('hex'));
});
