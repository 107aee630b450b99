import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { silent } from '../../src/database/log.ts';
import { openDatabase } from '../../src/database/open.ts';
import { livePostmaster } from '../../src/database/supervise/postmaster.ts';
import { systemClock } from '../../src/host/clock.ts';
import { clearAbandoned } from '../database/abandoned.ts';
import { chance } from '../support/chance.ts';
import { freePort } from '../support/free-port.ts';
import { readBooks } from '../support/schedules/books.ts';
import { createCounts } from '../support/schedules/counts.ts';
import { leftUndone } from '../support/schedules/left-undone.ts';
import { wrongWithRelays } from '../support/schedules/relays.ts';
import { wrongWithMoney, wrongWithNews } from '../support/schedules/wrong-with-money.ts';
import { type KeysteadProcess, killAll, startKeystead } from './keystead-process.ts';
import { type Machine, openPlace, type Place, until } from './place.ts';

/**
 * Guests at many machines at once, and kill -9 of the server or of its database at random moments; whatever ends is started
 * again, as a machine's own supervisor would. What a guest was told stays true, and the books are right at the end.
 */
const kills = Number(process.env.KEYSTEAD_KILLS ?? 10);
const guests = 20;
const stepSeconds = 15;
const prefix = 'keystead-kills-';
const luck = chance('random kills');
const counts = createCounts();
/** Tokens of runs that their guests were told to be running, and checkouts that Stripe said are paid. */
const told = { running: new Set<string>(), paid: new Set<string>() };
let folder: string;
let place: Place;
let machines: Machine[];
let server: KeysteadProcess;
let watching = true;
let leaving = false;

beforeAll(async () => {
  await clearAbandoned(prefix);
  folder = mkdtempSync(path.join(os.tmpdir(), prefix));
  chmodSync(folder, 0o755); // the database's user has to reach it
  const names = Array.from({ length: guests }, (_, n) => `Machine ${n + 1}`);
  place = await openPlace({ port: await freePort(), names, minutes: 3 });
  place.environment.DATA_DIR = folder;
  server = await startKeystead(place.environment);
  machines = await place.furnish();
}, 120_000);
afterAll(async () => {
  watching = false;
  await killAll();
  await place.close();
  await clearAbandoned(prefix);
  rmSync(folder, { recursive: true, force: true });
  process.stdout.write(`random kills, KEYSTEAD_SEED=${luck.seed}:\n${counts.table()}\n`);
});

/** Starts what has ended, until the test is over. */
async function supervise(): Promise<void> {
  while (watching) {
    await server.ended();
    if (watching) server = await startKeystead(place.environment);
  }
}

const stripe = () => place.simulators.stripe;

/** Asks until somebody answers; a server that stumbles over its dying database is asked again, as a phone would. */
const ask = (method: string, where: string, o: { body?: unknown; cookie?: string } = {}) =>
  until(
    `an answer to ${method} ${where}`,
    async () => {
      const answer = await place.call(method, where, { ...o, staff: false });
      return answer.status < 500 ? answer : null;
    },
    60,
  );

async function guest(machine: Machine): Promise<void> {
  while (!leaving) await visit(machine);
}

/** From the code on the machine to the end of the run, with a second payment now and then. */
async function visit(machine: Machine): Promise<void> {
  await systemClock.sleep(luck.below(300));
  const { cookie } = await ask('GET', `/pay/${machine.uid}`);
  const begun = await ask('POST', `/api/public/device/${machine.uid}/intent`, {
    body: { planId: machine.minute },
    cookie,
  });
  if (begun.status !== 200) return counts.add(`intents refused: ${begun.body.code}`);
  const checkout = stripe()
    .checkouts()
    .find(({ url }) => url === begun.body.url);
  if (checkout === undefined) return counts.add('checkouts that were over already');
  if (luck.odds(8)) return counts.add('guests who went away');
  if (!(await stripe().pay(checkout.id)).paid) return;
  told.paid.add(checkout.id);
  counts.add('payments');
  const back = new URL(checkout.successUrl).pathname;
  if (luck.odds(50)) await ask('GET', back);
  const token = back.split('/').at(-1) ?? '';
  if (await runs(token)) await comesToItsEnd(machine, token);
}

const stateOf = async (token: string) => (await ask('GET', `/api/public/sessions/${token}`)).body;

async function runs(token: string): Promise<boolean> {
  const session = await until(
    'the run, or word that there will be none',
    async () => {
      const now = await stateOf(token);
      return now.startedAt !== null || now.status === 'CANCELLED' ? now : null;
    },
    90,
  );
  counts.add(session.startedAt === null ? 'runs that did not start' : 'runs');
  if (session.startedAt !== null) told.running.add(token);
  return session.startedAt !== null;
}

async function comesToItsEnd(machine: Machine, token: string): Promise<void> {
  if (luck.odds(30)) {
    const asked = await ask('POST', `/api/public/sessions/${token}/extend`, { body: { planId: machine.minute } });
    const more = stripe()
      .checkouts()
      .find(({ url }) => url !== null && url === asked.body?.url);
    if (more !== undefined && (await stripe().pay(more.id)).paid) {
      told.paid.add(more.id);
      counts.add('payments for more time');
    }
  }
  await until(
    'its end',
    async () => (leaving ? true : ['COMPLETED', 'CANCELLED'].includes((await stateOf(token)).status)),
    240,
  );
}

const answers = () => until('an answer', async () => (await place.call('GET', '/api/ready')).status === 200, 60);

/** The server, or the postmaster under it. */
async function kill(): Promise<void> {
  const postmaster = livePostmaster(path.join(folder, 'postgres'));
  if (postmaster !== null && luck.odds(35)) {
    counts.add('kills of the database');
    process.kill(postmaster.pid, 'SIGKILL');
  } else {
    counts.add('kills of the server');
    process.kill(server.pid, 'SIGKILL');
  }
}

/** Time goes on in small steps: a machine's timer hardly ever runs out between a command and its answer. */
async function pass(seconds: number): Promise<void> {
  for (let left = seconds; left > 0; left -= stepSeconds) {
    place.ahead(Math.min(stepSeconds, left) * 1000);
    await systemClock.sleep(250);
  }
}

test(`${guests} guests at once, ${kills} kills: nothing that was acknowledged is lost, nothing stays on, no half purchase`, {
  timeout: 120_000 + kills * 30_000,
}, async () => {
  const supervised = supervise();
  const all = Promise.all(machines.map(guest));
  for (let n = 0; n < kills; n++) {
    const before = server;
    await answers();
    await systemClock.sleep(luck.below(1500));
    await kill();
    await Promise.race([
      before.ended(),
      systemClock.sleep(30_000).then(() => Promise.reject(new Error('It lives on'))),
    ]);
    await answers();
    await systemClock.sleep(400 + luck.below(800)); // what was paid begins; then time goes on
    await pass(45 + luck.below(75));
  }
  leaving = true;
  await all;
  const postmaster = livePostmaster(path.join(folder, 'postgres'));
  const connection = { host: postmaster?.socket ?? '', port: 5432, user: 'keystead', database: 'keystead', ssl: false };
  const database = await openDatabase({ connection, clock: systemClock, log: silent, killPoints: null });
  const rows = async <T extends object>(sql: string, values: unknown[] = []): Promise<T[]> =>
    (await database.pool.query<T>(sql, values)).rows;
  for (let n = 0; n < 60 && (await leftUndone(rows, 0)).length > 0; n++) await pass(60);
  place.ahead(60 * 60_000);
  const books = await readBooks({ read: database.read, stripe: stripe() }, 0);
  const watched = machines.map((machine) => ({ machine, untouched: () => true }));
  const known = { since: 0, jump: stepSeconds * 1000 };
  expect(wrongWithMoney(books, counts)).toEqual([]);
  expect(wrongWithNews(books)).toEqual([]);
  expect(await wrongWithRelays({ rows, shelly: place.simulators.shelly }, watched, books, known)).toEqual([]);
  expect(await leftUndone(rows, 0)).toEqual([]);
  const paid = stripe()
    .checkouts()
    .filter(({ id }) => told.paid.has(id));
  expect(paid.filter(({ metadata }) => !books.charges.has(metadata.paymentId ?? ''))).toEqual([]);
  for (const token of told.running) {
    const { body } = await place.call('GET', `/api/sessions/${token}`);
    expect(body.startedAt, 'of a run that its guest was told of').not.toBeNull();
  }
  await database.close();
  watching = false;
  await server.stop();
  await supervised;
});
