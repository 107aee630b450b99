import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type App, createApp } from '../../src/app.ts';
import { createLog } from '../../src/host/log.ts';
import { type Laundry, openLaundry } from '../support/laundry.ts';

/**
 * Two servers on one database, and the session that holds the first one's lane breaks while a command of its is under
 * way: the second has the lane at once, but does not touch the relay while the first may still be at it.
 */
let laundry: Laundry;
let second: App;
let database: pg.Client;
beforeAll(async () => {
  laundry = await openLaundry({ engine: false });
  second = await createApp({
    config: { publicUrl: laundry.url, trustProxy: 0, cronSecret: null, stripeBaseUrl: laundry.stripe.url },
    connection: laundry.connection,
    masterKey: laundry.masterKey,
    clock: laundry.clock,
    log: createLog('silent'),
  });
  database = new pg.Client(laundry.connection);
  await database.connect();
});
afterEach(() => laundry.shelly.setTrouble('Washer 1', null));
afterAll(async () => {
  await database.end();
  await second.close();
  await laundry.close();
});

const heard = () => laundry.shelly.heard('Washer 1').switching;
const path = () => `/api/devices/${laundry.washer.id}/switch`;
const atFirst = (on: boolean) => laundry.call('POST', path(), { token: laundry.tokens.admin, body: { on } });
const atSecond = async (on: boolean): Promise<number> => {
  const headers = { authorization: `Bearer ${laundry.tokens.admin}` };
  return (await second.server.inject({ method: 'POST', url: path(), headers, payload: { on } })).statusCode;
};
type Row = { outcome: string | null; asked_at: Date; finished_at: Date | null; lease_until: Date };
const commands = async (): Promise<Row[]> =>
  (await database.query<Row>('select * from commands order by asked_at desc, id desc limit 2')).rows.reverse();

/** The backends that hold a lane, oldest first. */
const holders = async (): Promise<number[]> => {
  const { rows } = await database.query<{ pid: number }>(
    `select a.pid from pg_stat_activity a join pg_locks l using (pid)
     where a.application_name = 'keystead lanes' and a.datname = current_database()
       and l.locktype = 'advisory' and l.granted order by a.backend_start`,
  );
  return rows.map(({ pid }) => pid);
};

async function breakIt(pid: number): Promise<void> {
  await database.query('select pg_terminate_backend($1)', [pid]);
  await laundry.until('its lanes are free', async () => !(await holders()).includes(pid));
}

test('the first gives up what it is at, and the second switches when that is written', async () => {
  laundry.shelly.setTrouble('Washer 1', { kind: 'timeout-before', where: 'switching' });
  const before = heard();
  const first = atFirst(true);
  await laundry.until('the first at it', () => heard() === before + 1);
  const [pid] = await laundry.until('its lane', async () => ((await holders()).length > 0 ? holders() : null));
  laundry.shelly.setTrouble('Washer 1', null);
  await breakIt(pid ?? 0);
  expect(await atSecond(false)).toBe(200);
  expect((await first).status).toBe(504); // it cannot say what came of it
  const [one, two] = await commands();
  expect([one?.outcome, two?.outcome]).toEqual(['unknown', 'confirmed']);
  expect(two?.asked_at.getTime()).toBeGreaterThanOrEqual(one?.finished_at?.getTime() ?? Number.POSITIVE_INFINITY);
});

test('as long as nothing is heard of the first, the second waits, until the lease of its command is over', async () => {
  const before = heard();
  // the first wrote it, and then lost its lane and the whole database: whether it is still sending nobody can tell
  const { commands: service, device } = await serviceOf();
  await laundry.app.database.transaction('test-asked', (tx) =>
    service.ask(tx, device, { kind: 'switch-on', autoOffSeconds: 60 }, {}),
  );
  let answered = false;
  const late = atSecond(false).finally(() => {
    answered = true;
  });
  await laundry.until('the second in the lane', async () => (await holders()).length > 0);
  for (let looks = 0; looks < 10; looks++) {
    await laundry.clock.sleep(30);
    expect([answered, heard()]).toEqual([false, before]);
  }
  laundry.clock.ahead(9000); // the lease ends
  expect(await late).toBe(200);
  const [one, two] = await commands();
  expect([one?.outcome, two?.outcome]).toEqual(['unknown', 'confirmed']);
  expect(two?.asked_at.getTime()).toBeGreaterThanOrEqual(one?.lease_until.getTime() ?? Number.POSITIVE_INFINITY);
});

test('the only server on a database waits for nobody: whoever wrote a command before it is dead', async () => {
  const { commands: service, device } = await serviceOf();
  await laundry.app.database.transaction('test-asked', (tx) => service.ask(tx, device, { kind: 'switch-off' }, {}));
  await service.ofTheDead();
  expect(await atSecond(false)).toBe(200);
});

test('a command that was not begun in its time is never sent', async () => {
  const before = heard();
  // between writing and sending the machine slept
  const { commands: service, device } = await serviceOf();
  const asked = await laundry.app.database.transaction('test-asked', (tx) =>
    service.ask(tx, device, { kind: 'switch-on', autoOffSeconds: 60 }, {}),
  );
  laundry.clock.ahead(2500);
  const outcome = await service.send(device, asked, { lost: new AbortController().signal });
  expect(outcome).toMatchObject({ kind: 'refused', reason: 'busy' });
  const gone = await service.send(device, { ...asked, askedAt: laundry.clock.now() }, { lost: AbortSignal.abort() });
  expect(gone).toMatchObject({ kind: 'refused', reason: 'busy' });
  expect(heard()).toBe(before);
});

async function serviceOf() {
  const { commands: service, devices } = laundry.app.services;
  const device = await devices.byUid(laundry.washer.uid);
  if (device === null) throw new Error('There is no washer');
  return { commands: service, device };
}
