import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { silent } from '../../src/database/log.ts';
import { type Database, openDatabase } from '../../src/database/open.ts';
import { systemClock } from '../../src/host/clock.ts';
import { type FreshDatabase, freshDatabase } from '../database/fresh.ts';
import { commitNames } from '../support/commit-names.ts';
import { freePort } from '../support/free-port.ts';
import { readBooks } from '../support/schedules/books.ts';
import { createCounts } from '../support/schedules/counts.ts';
import { leftUndone } from '../support/schedules/left-undone.ts';
import { wrongWithMoney, wrongWithNews } from '../support/schedules/wrong-with-money.ts';
import { type KeysteadProcess, killAll, startKeystead } from './keystead-process.ts';
import { scenarios } from './kill-scenarios.ts';
import { outsideTheMoney } from './outside-the-money.ts';
import { type Machine, openPlace, type Place } from './place.ts';
import type { Scene } from './scene.ts';

/**
 * kill -9 at every named commit that the life of a purchase comes to, right before its COMMIT is sent and right after it was
 * answered; the list is generated from the sources. Each server takes up what the one before left, shows that it is right,
 * and is killed at the next commit. At the end the books are compared.
 */
const points = scenarios.flatMap((scenario) =>
  scenario.commits.flatMap((commit) => (['before', 'after'] as const).map((moment) => ({ scenario, commit, moment }))),
);
const done: string[][] = [];
let folder: string;
let fresh: FreshDatabase;
let database: Database;
let place: Place;
let environment: Record<string, string>;
let machines: Machine[];
let server: KeysteadProcess;

const killAt = (point: string): void => writeFileSync(path.join(folder, 'kill-at'), point);

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'keystead-kill-'));
  killAt('');
  fresh = await freshDatabase();
  place = await openPlace({ port: await freePort(), names: points.map((_, n) => `Machine ${n + 1}`) });
  place.simulators.stripe.holdWebhooks(true);
  place.environment.CRON_SECRET = 'cron-secret-of-the-test';
  const { host, port, user, database: name } = fresh.connection;
  environment = {
    ...place.environment,
    DATABASE_URL: `postgresql://${user}@/${name}?host=${encodeURIComponent(host ?? '')}&port=${port}`,
    MASTER_KEY: Buffer.alloc(32, 3).toString('base64'),
    KEYSTEAD_KILL_AT: `@${path.join(folder, 'kill-at')}`,
  };
  database = await openDatabase({ connection: fresh.connection, clock: systemClock, log: silent, killPoints: null });
  server = await startKeystead(environment);
  machines = await place.furnish();
  await server.stop(); // an orderly end leaves what it compiled
  server = await startKeystead(environment);
}, 120_000);
afterAll(async () => {
  await killAll();
  await place.close();
  await database.close();
  await fresh.drop();
  rmSync(folder, { recursive: true, force: true });
  process.stdout.write(`\nkill -9 at ${done.length} points:\n${table(done)}\n`);
});

describe('the list of commits', () => {
  const killed = new Set(points.map(({ commit }) => commit));
  const names = commitNames().map(({ name }) => name);

  test('each is killed in a scenario, or stands outside the money with a reason', () => {
    const missing = commitNames().filter(({ name }) => !killed.has(name) && outsideTheMoney[name] === undefined);
    expect(
      missing.map(
        ({ name, file }) =>
          `${name} (${file}): add a scenario to test/crash/kill-scenarios.ts that comes to it, or, if no purchase ever does, a reason to test/crash/outside-the-money.ts`,
      ),
    ).toEqual([]);
  });

  test('nothing is listed that there is not, or twice', () => {
    const listed = [...killed, ...Object.keys(outsideTheMoney)];
    expect(listed.filter((name) => !names.includes(name))).toEqual([]);
    expect(listed.filter((name, n) => listed.indexOf(name) !== n)).toEqual([]);
  });
});

describe('killed at every commit of a purchase', () => {
  test.each(points.map((point, n) => ({ ...point, n, what: point.scenario.what })))(
    '$commit:$moment when $what',
    async ({ scenario, commit, moment, n }) => {
      const machine = machines[n];
      if (machine === undefined) throw new Error('There are too few machines');
      const scene: Scene = { place, machine, cookie: '', token: '', checkoutId: '' };
      ({ cookie: scene.cookie } = await place.call('GET', `/pay/${machine.uid}`, { staff: false }));
      await scenario.prepare?.(scene);
      killAt(`${commit}:${moment}`);
      await scenario.act(scene).catch(() => undefined); // its answer may die with it
      const end = await Promise.race([server.ended(), systemClock.sleep(20_000).then(() => 'it never came there')]);
      killAt('');
      expect(end).toBe('SIGKILL');
      server = await startKeystead(environment);
      await scenario.right(scene);
      done.push([commit, moment, scenario.what, 'right']);
    },
  );
});

describe('after all of it', () => {
  test('paid = delivered + refunded at Stripe, to the cent, and nothing is left undone', async () => {
    place.ahead(45 * 60_000); // checkouts that nobody paid are over
    for (let n = 0; n < 40; n++) {
      if ((await leftUndone((sql, values) => rows(sql, values), 0)).length === 0) break;
      await systemClock.sleep(250);
      place.ahead(60_000);
    }
    const counts = createCounts();
    for (const { id, type } of place.simulators.stripe.events()) {
      if (type === 'charge.refunded') await place.simulators.stripe.deliver(id);
    }
    const books = await readBooks({ read: database.read, stripe: place.simulators.stripe }, 0);
    expect(wrongWithMoney(books, counts)).toEqual([]);
    expect(wrongWithNews(books)).toEqual([]);
    expect(await leftUndone((sql, values) => rows(sql, values), 0)).toEqual([]);
    expect(books.charges.size).toBeGreaterThan(points.length / 2);
    expect(place.simulators.shelly.devices().filter(({ channels }) => channels[0]?.output)).toEqual([]);
    process.stdout.write(`the books after it:\n${counts.table()}\n`);
  });
});

async function rows<T extends object>(sql: string, values: unknown[]): Promise<T[]> {
  return (await database.pool.query<T>(sql, values)).rows;
}

function table(lines: string[][]): string {
  const wide = [0, 1, 2].map((column) => Math.max(0, ...lines.map((line) => line[column]?.length ?? 0)));
  return lines.map((line) => `  ${line.map((cell, n) => cell.padEnd(wide[n] ?? 0)).join('  ')}`).join('\n');
}
