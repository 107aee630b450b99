import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type App, createApp } from '../../src/app.ts';
import { createLog } from '../../src/host/log.ts';
import { type FreshDatabase, freshDatabase } from '../database/fresh.ts';
import { freePort } from '../support/free-port.ts';
import { movingClock } from '../support/moving-clock.ts';
import { type KeysteadProcess, killAll, startKeystead } from './keystead-process.ts';
import { type Machine, openPlace, type Place, until } from './place.ts';

/**
 * Two servers on one database, guests at both, and one of them killed in the middle: the other finishes what it had begun.
 * Then the other is killed as well, and a third one comes when all runs should be over: it is the first one, so to say,
 * after a long power cut.
 */
const masterKey = Buffer.alloc(32, 9);
const guests = 10;
const clock = movingClock();
let fresh: FreshDatabase;
let place: Place;
let machines: Machine[];
let one: KeysteadProcess;
let two: KeysteadProcess;

beforeAll(async () => {
  fresh = await freshDatabase({ from: 'template0' }); // both come to an empty database at once
  const names = Array.from({ length: guests }, (_, n) => `Machine ${n + 1}`);
  const ports = [await freePort(), await freePort()] as const;
  place = await openPlace({ port: ports[0], names, clock });
  const environment = {
    ...place.environment,
    DATABASE_URL: fresh.url,
    MASTER_KEY: masterKey.toString('base64'),
    PUBLIC_URL: `http://127.0.0.1:${ports[0]}`,
  };
  [one, two] = await Promise.all(
    ports.map((number) => startKeystead({ ...environment, PORT: String(number) })) as [
      Promise<KeysteadProcess>,
      Promise<KeysteadProcess>,
    ],
  );
  machines = await place.furnish();
});
afterAll(async () => {
  await killAll();
  await place.close();
  await fresh.drop();
});

const stripe = () => place.simulators.stripe;
const history = ({ name }: Machine) => place.simulators.shelly.history(name);
const switchOns = (machine: Machine) => history(machine).filter(({ kind, on }) => kind === 'set' && on).length;
const output = ({ name }: Machine) => place.simulators.shelly.device(name).channels[0]?.output;
const staff = (path: string) => place.call('GET', path, { url: two.url });

/** Somebody at a machine: asks this server or that, and asks again where one does not answer. */
async function guest(machine: Machine, n: number): Promise<void> {
  const servers = n % 2 === 0 ? [one.url, two.url] : [two.url, one.url];
  const anywhere = (method: string, path: string, o: { body?: unknown; cookie?: string } = {}) =>
    until(path, async () => {
      const url = servers.reverse()[0] ?? ''; // the next one each time
      const answer = await place.call(method, path, { ...o, url, staff: false });
      return answer.status < 500 ? answer : null;
    });
  const { cookie } = await anywhere('GET', `/pay/${machine.uid}`);
  await clock.sleep(n * 30);
  const begun = await anywhere('POST', `/api/public/device/${machine.uid}/intent`, {
    body: { planId: machine.minute },
    cookie,
  });
  expect(begun.status).toBe(200);
  const checkout = stripe()
    .checkouts()
    .find(({ url }) => url === begun.body.url);
  expect(await stripe().pay(checkout?.id ?? '')).toEqual({ paid: true });
  const back = new URL(checkout?.successUrl ?? '').pathname;
  await Promise.all([anywhere('GET', back), anywhere('GET', back)]);
}

test(`${guests} guests at two servers, one server killed meanwhile: every machine is switched on once`, async () => {
  const all = Promise.all(machines.map(guest));
  await until('some of them paid', () => stripe().charges().length >= 3);
  await one.kill();
  stripe().setWebhookUrl(`${two.url}/api/stripe/webhook`);
  await all;
  await until('all runs', async () => {
    const sessions = (await staff('/api/sessions')).body as { startedAt: string | null }[];
    return sessions.filter(({ startedAt }) => startedAt !== null).length === guests;
  });
  expect(machines.map(switchOns)).toEqual(Array(guests).fill(1));
  for (const machine of machines) {
    expect(history(machine).find(({ kind, on }) => kind === 'set' && on)?.toggleAfter).toBe(60);
  }
  const payments = (await staff('/api/payments')).body as { status: string; refundedAmount: number }[];
  expect(payments.map(({ status }) => status)).toEqual(Array(guests).fill('SUCCEEDED'));
  expect(stripe().charges().length).toBe(guests);
});

test('nothing waits for the dead: its jobs and its lanes are free', async () => {
  const client = new pg.Client(fresh.connection);
  await client.connect();
  await until('no row of the dead', async () => (await client.query('select from processes')).rowCount === 1);
  await until('no job locked', async () => {
    const { rowCount } = await client.query('select from graphile_worker.jobs where locked_at is not null');
    return rowCount === 0;
  });
  await client.end();
});

test('all servers gone until after the end: the relays went off by themselves, and every run is complete', async () => {
  await two.kill();
  clock.ahead(3 * 60_000);
  expect(machines.map(output)).toEqual(Array(guests).fill(false));
  const third: App = await createApp({
    config: { publicUrl: one.url, trustProxy: 0, cronSecret: null, stripeBaseUrl: stripe().url },
    connection: fresh.connection,
    masterKey,
    clock,
    log: createLog('silent'),
  });
  const engine = await third.startEngine();
  const phases = async () => {
    const { rows } = await third.database.pool.query<{ phase: string }>('select phase from sessions');
    return rows.map(({ phase }) => phase);
  };
  await until('the ends', async () => (await phases()).every((phase) => phase === 'completed'));
  expect(await phases()).toEqual(Array(guests).fill('completed'));
  expect(machines.map(switchOns)).toEqual(Array(guests).fill(1));
  expect(
    stripe()
      .charges()
      .map(({ amountRefunded }) => amountRefunded),
  ).toEqual(Array(guests).fill(0));
  await engine.stop();
  await third.close();
});
