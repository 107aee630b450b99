import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../database/fresh.ts';
import { freePort } from '../support/free-port.ts';
import { movingClock } from '../support/moving-clock.ts';
import { type KeysteadProcess, killAll, startKeystead } from './keystead-process.ts';
import { type Answer, type Machine, openPlace, type Place, until } from './place.ts';

/** Two servers on one database, both alive: what must hold between guests, staff and clocks who meet at different ones. */
const cronSecret = 'cron-secret-of-the-test';
const clock = movingClock();
const names = ['Held', 'Sold', 'Switched', 'Slow', 'Ended', 'Left'];
let fresh: FreshDatabase;
let place: Place;
let machines: Machine[];
let ports: readonly [number, number];
let one: KeysteadProcess;
let two: KeysteadProcess;
let oneLives = true;

const start = (port: number) =>
  startKeystead({
    ...place.environment,
    DATABASE_URL: fresh.url,
    MASTER_KEY: Buffer.alloc(32, 5).toString('base64'),
    PUBLIC_URL: `http://127.0.0.1:${ports[0]}`,
    CRON_SECRET: cronSecret,
    PORT: String(port),
  });

beforeAll(async () => {
  fresh = await freshDatabase();
  ports = [await freePort(), await freePort()];
  place = await openPlace({ port: ports[0], names, clock });
  [one, two] = await Promise.all([start(ports[0]), start(ports[1])]);
  machines = await place.furnish();
});
/** The first server comes back, as after a restart. */
beforeEach(async () => {
  if (!oneLives) one = await start(ports[0]);
  oneLives = true;
});
afterAll(async () => {
  await killAll();
  await place.close();
  await fresh.drop();
});

const machine = (name: string): Machine => {
  const found = machines.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`There is no machine ${name}`);
  return found;
};
const { stripe, shelly } = { stripe: () => place.simulators.stripe, shelly: () => place.simulators.shelly };
const sets = (name: string) =>
  shelly()
    .history(name)
    .filter(({ kind }) => kind === 'set');
async function killOne(): Promise<void> {
  oneLives = false;
  await one.kill();
}
/** By turns at one server and at the other. */
const server = (n: number): string => (n % 2 === 0 ? one.url : two.url);

async function query<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
  const client = new pg.Client(fresh.connection);
  await client.connect();
  try {
    return (await client.query<Row>(text, values)).rows;
  } finally {
    await client.end();
  }
}

async function intent(at: Machine, url: string, plan = at.minute): Promise<Answer> {
  const { cookie } = await place.call('GET', `/pay/${at.uid}`, { url, staff: false });
  const path = `/api/public/device/${at.uid}/intent`;
  return place.call('POST', path, { url, staff: false, cookie, body: { planId: plan } });
}

async function run(at: Machine, url: string, plan = at.minute): Promise<string> {
  const begun = await intent(at, url, plan);
  expect(begun.status).toBe(200);
  const checkout = stripe()
    .checkouts()
    .find((candidate) => candidate.url === begun.body.url);
  expect(await stripe().pay(checkout?.id ?? '')).toEqual({ paid: true });
  const token = /\/session\/([^?]+)/.exec(checkout?.successUrl ?? '')?.[1] ?? '';
  await until('it runs', async () => (await session(token)).startedAt !== null);
  return token;
}
const session = async (token: string) =>
  (await place.call('GET', `/api/public/sessions/${token}`, { url: two.url, staff: false })).body;

describe('a hold', () => {
  test('made at one server keeps the machine there and at the other', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, (_, n) => intent(machine('Held'), server(n))));
    expect(answers.filter(({ status }) => status === 200).length).toBe(1);
    const others = answers.filter(({ status }) => status !== 200);
    expect(others.map(({ status, body }) => [status, body.code])).toEqual(Array(7).fill([409, 'DEVICE_HELD']));
    expect((await query('select from holds where device_id = $1', [machine('Held').id])).length).toBe(1);
    for (const url of [one.url, two.url]) {
      const late = await intent(machine('Held'), url);
      expect([late.status, late.body.code]).toEqual([409, 'DEVICE_HELD']);
    }
  });
});

describe('a device', () => {
  test('has one session, however often its money is told of at both servers', async () => {
    const sold = machine('Sold');
    const begun = await intent(sold, one.url);
    const checkout = stripe()
      .checkouts()
      .find(({ url }) => url === begun.body.url);
    expect(await stripe().pay(checkout?.id ?? '')).toEqual({ paid: true });
    const back = new URL(checkout?.successUrl ?? '').pathname;
    await Promise.all(Array.from({ length: 10 }, (_, n) => place.call('GET', back, { url: server(n), staff: false })));
    await until('it runs', () => sets('Sold').length > 0);
    expect(sets('Sold').map(({ on }) => on)).toEqual([true]);
    const live =
      "select from sessions where device_id = $1 and phase in ('delayed', 'starting', 'running', 'stopping')";
    expect((await query(live, [sold.id])).length).toBe(1);
    const elsewhere = await intent(sold, two.url);
    expect([elsewhere.status, elsewhere.body.code]).toEqual([409, 'DEVICE_IN_USE']);
  });

  test('is given one command at a time, whoever asks at whichever server', async () => {
    const { id } = machine('Switched');
    const asked = Array.from({ length: 12 }, (_, n) =>
      place.call('POST', `/api/devices/${id}/switch`, { url: server(n), body: { on: n % 3 !== 0, minutes: 5 } }),
    );
    const answers = await Promise.all(asked);
    expect(answers.map(({ status }) => status)).toEqual(Array(12).fill(200));
    const commands = await query<{ asked_at: Date; finished_at: Date; outcome: string }>(
      'select asked_at, finished_at, outcome from commands where device_id = $1 order by asked_at, finished_at',
      [id],
    );
    expect(commands.map(({ outcome }) => outcome)).toEqual(Array(12).fill('confirmed'));
    for (const [n, { asked_at }] of commands.entries()) {
      expect(asked_at.getTime()).toBeGreaterThanOrEqual(commands[n - 1]?.finished_at.getTime() ?? 0);
    }
    expect(sets('Switched').length).toBe(12);
  });

  test('whose server dies in the middle of a switch is free for the other within seconds', async () => {
    const { id } = machine('Slow');
    shelly().setFault('Slow', 'slow');
    const cut = place.call('POST', `/api/devices/${id}/switch`, { url: one.url, body: { on: true, minutes: 5 } });
    cut.catch(() => undefined);
    await until(
      'it was asked',
      async () => (await query('select from commands where device_id = $1', [id])).length > 0,
    );
    await killOne();
    await expect(cut).rejects.toThrow();
    shelly().setFault('Slow', 'none');
    const off = place.call('POST', `/api/devices/${id}/switch`, { url: two.url, body: { on: false } });
    place.ahead(9_000); // so long nobody else is at the device: the dead may have been sending
    expect((await off).status).toBe(200);
    const outcomes = await query<{ kind: string; outcome: string }>(
      'select kind, outcome from commands where device_id = $1 order by asked_at',
      [id],
    );
    expect(outcomes).toEqual([
      { kind: 'switch-on', outcome: 'unknown' },
      { kind: 'switch-off', outcome: 'confirmed' },
    ]);
    expect(shelly().device('Slow').channels[0]?.output).toBe(false);
  });
});

describe('signing in', () => {
  test('wrong passwords count together: five tries over both servers, then both are locked', async () => {
    const login = (n: number, password: string) =>
      place.call('POST', '/api/auth/login', {
        url: server(n),
        staff: false,
        body: { email: 'nobody@x.test', password },
      });
    const answers = await Promise.all(Array.from({ length: 12 }, (_, n) => login(n, `wrong ${n}`)));
    expect(answers.filter(({ status }) => status === 401).length).toBeLessThanOrEqual(5);
    expect(answers.filter(({ status }) => status === 423).length).toBeGreaterThanOrEqual(7);
    for (const n of [0, 1]) expect((await login(n, 'another')).status).toBe(423);
  });

  test('a login that ends at one server has ended at the other', async () => {
    const credentials = { email: 'admin', password: place.environment.ADMIN_PASSWORD };
    const { body } = await place.call('POST', '/api/auth/login', { url: one.url, staff: false, body: credentials });
    const as = (url: string, method: string, path: string) =>
      fetch(url + path, { method, headers: { authorization: `Bearer ${body.token}`, connection: 'close' } });
    expect((await as(two.url, 'GET', '/api/devices')).status).toBe(200);
    expect((await as(one.url, 'POST', '/api/auth/logout')).status).toBe(200);
    expect((await as(two.url, 'GET', '/api/devices')).status).toBe(401);
  });
});

describe('the clock of an outside scheduler', () => {
  const cron = (url: string, what: 'session-cleanup' | 'session-reconcile') =>
    fetch(`${url}/api/cron/${what}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${cronSecret}`, connection: 'close' },
    });

  test('may strike at both servers at once: a run that should be over ends once, and a stray relay is switched off once', async () => {
    place.ahead(9_000); // what was seen of a relay just now is not looked at again
    const token = await run(machine('Ended'), one.url);
    // its end is brought forward, and nobody but the scheduler looks before long
    const sooner = 'update sessions set ends_at = $2, wake_at = $3 where device_id = $1';
    await query(sooner, [machine('Ended').id, new Date(clock.now()), new Date(clock.now() + 60_000)]);
    const before = sets('Ended').length;
    shelly().setOutput('Left', 0, true);
    const struck = await Promise.all(
      [0, 1, 2, 3].flatMap((n) => [cron(server(n), 'session-cleanup'), cron(server(n), 'session-reconcile')]),
    );
    expect(struck.map(({ status }) => status)).toEqual(Array(8).fill(200));
    await until('the end', async () => (await session(token)).status === 'COMPLETED');
    expect(sets('Ended').length - before).toBe(1);
    await until('the stray off', () => shelly().device('Left').channels[0]?.output === false, 45); // or else a round follows in 20 s
    expect(sets('Left').map(({ on }) => on)).toEqual([false]);
    const notices = "select from notices where kind = 'relay-on-without-session' and subject = $1";
    expect((await query(notices, [machine('Left').id])).length).toBe(1);
    expect(await query("select from refunds where status <> 'done'")).toEqual([]);
  });
});

describe('jobs of a server that is killed', () => {
  test('are done by the other: a refund that it had begun goes back once', async () => {
    const token = await run(machine('Left'), two.url, machine('Left').hour);
    const ended = place.call('PATCH', `/api/sessions/${token}/end`, { url: one.url, body: {} });
    ended.catch(() => undefined);
    await until('the refund asked for', async () => (await query('select from refunds')).length > 0);
    await killOne();
    await until('the money back', async () => (await query("select from refunds where status = 'done'")).length === 1);
    const charge = stripe()
      .charges()
      .find(({ amount }) => amount === 250);
    expect(charge?.refunds.length).toBe(1);
    await until('nothing held by the dead', async () => {
      const held = await query('select from graphile_worker.jobs where locked_at is not null');
      return held.length === 0 && (await query('select from processes')).length === 1;
    });
  });
});
