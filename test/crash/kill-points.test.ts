import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/host/clock.ts';
import { commitNames } from '../support/commit-names.ts';
import { readBooks } from '../support/schedules/books.ts';
import { createCounts } from '../support/schedules/counts.ts';
import { leftUndone } from '../support/schedules/left-undone.ts';
import { wrongWithMoney, wrongWithNews } from '../support/schedules/wrong-with-money.ts';
import { killAll } from './keystead-process.ts';
import { type KillPlace, openKillPlace } from './kill-place.ts';
import { scenarios } from './kill-scenarios.ts';
import { outsideTheMoney } from './outside-the-money.ts';
import type { Scene } from './scene.ts';
import { type SideBySide, sideBySide } from './side-by-side.ts';

/**
 * kill -9 at every named commit that the life of a purchase comes to, right before its COMMIT is sent and right after it was
 * answered; the list is generated from the sources. Each server takes up what the one before left, shows that it is right,
 * and is killed at the next commit. At the end the books are compared.
 */
const points = scenarios.flatMap((scenario) =>
  scenario.commits.flatMap((commit) => (['before', 'after'] as const).map((moment) => ({ scenario, commit, moment }))),
);
const done: string[][] = [];
let places: SideBySide<KillPlace>;

beforeAll(async () => {
  const machines = Math.ceil((points.length * 2) / 3);
  places = await sideBySide(
    () => openKillPlace(machines),
    (one) => one.hasMachine(),
  );
}, 120_000);
afterAll(async () => {
  await Promise.all(places.all.map((one) => one.close()));
  await killAll();
  const order = points.map(({ commit, moment, scenario }) => [commit, moment, scenario.what].join());
  const lines = done.toSorted((a, b) => order.indexOf(a.slice(0, 3).join()) - order.indexOf(b.slice(0, 3).join()));
  process.stdout.write(`\nkill -9 at ${done.length} points:\n${table(lines)}\n`);
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
  test.concurrent.each(points.map((point) => ({ ...point, what: point.scenario.what })))(
    '$commit:$moment when $what',
    ({ scenario, commit, moment }) =>
      places.inOne(async (at) => {
        const { place } = at;
        const machine = at.nextMachine();
        if (machine === null) throw new Error('There are too few machines');
        const scene: Scene = { place, machine, cookie: '', token: '', checkoutId: '' };
        ({ cookie: scene.cookie } = await place.call('GET', `/pay/${machine.uid}`, { staff: false }));
        await scenario.prepare?.(scene);
        expect(await at.killedAt(`${commit}:${moment}`, async () => scenario.act(scene))).toBe('SIGKILL');
        await scenario.right(scene);
        done.push([commit, moment, scenario.what, 'right']);
      }),
  );
});

describe('after all of it', () => {
  test('paid = delivered + refunded at Stripe, to the cent, and nothing is left undone', async () => {
    const counts = createCounts();
    const charges = await Promise.all(places.all.map((one) => booksAreRight(one, counts)));
    expect(charges.reduce((sum, some) => sum + some, 0)).toBeGreaterThan(points.length / 2);
    process.stdout.write(`the books after it:\n${counts.table()}\n`);
  });
});

/** Answers how many charges there were. */
async function booksAreRight({ place, database, rows }: KillPlace, counts: ReturnType<typeof createCounts>) {
  const { stripe, shelly } = place.simulators;
  place.ahead(45 * 60_000); // checkouts that nobody paid are over
  for (let n = 0; n < 40; n++) {
    if ((await leftUndone(rows, 0)).length === 0) break;
    await systemClock.sleep(250);
    place.ahead(60_000);
  }
  for (const { id, type } of stripe.events()) if (type === 'charge.refunded') await stripe.deliver(id);
  const books = await readBooks({ read: database.read, stripe }, 0);
  expect(wrongWithMoney(books, counts)).toEqual([]);
  expect(wrongWithNews(books)).toEqual([]);
  expect(await leftUndone(rows, 0)).toEqual([]);
  expect(shelly.devices().filter(({ channels }) => channels[0]?.output)).toEqual([]);
  return books.charges.size;
}

function table(lines: string[][]): string {
  const wide = [0, 1, 2].map((column) => Math.max(0, ...lines.map((line) => line[column]?.length ?? 0)));
  return lines.map((line) => `  ${line.map((cell, n) => cell.padEnd(wide[n] ?? 0)).join('  ')}`).join('\n');
}
