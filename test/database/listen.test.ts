import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { silent } from '../../src/database/log.ts';
import { type Notification, notify } from '../../src/database/notify.ts';
import { type Database, openDatabase } from '../../src/database/open.ts';
import { systemClock } from '../../src/host/clock.ts';
import { type FreshDatabase, freshDatabase } from './fresh.ts';

let fresh: FreshDatabase;
let database: Database;
let heard: Notification[] = [];

beforeEach(async () => {
  fresh = await freshDatabase();
  database = await openDatabase({ connection: fresh.connection, clock: systemClock, log: silent });
  heard = [];
});

afterEach(async () => {
  await database.close();
  await fresh.drop();
});

const say = (topic: string) =>
  database.transaction('say', (tx) => notify(tx, { topic, organizationId: 'org_1', id: 'dev_1' }));

it('a message is heard after the commit only, and never after a rollback', async () => {
  const listening = await database.listen((message) => heard.push(message));
  let heardInside = -1;
  await database.transaction('say', async (tx) => {
    await notify(tx, { topic: 'door' });
    await systemClock.sleep(100);
    heardInside = heard.length;
  });
  await vi.waitFor(() => expect(heard).toEqual([{ topic: 'door' }]), 10_000);
  expect(heardInside).toBe(0);
  const failing = database.transaction('say', async (tx) => {
    await notify(tx, { topic: 'never' });
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  await say('lock');
  const both = [{ topic: 'door' }, { topic: 'lock', organizationId: 'org_1', id: 'dev_1' }];
  await vi.waitFor(() => expect(heard).toEqual(both), 10_000);
  await listening.close();
});

it('a listener whose connection was cut is told to read afresh, and hears on', async () => {
  const listening = await database.listen((message) => heard.push(message));
  await database.pool.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'keystead listening' and datname = current_database()",
  );
  await vi.waitFor(() => expect(heard).toEqual([{ topic: '*resync' }]), 10_000);
  await say('door');
  await vi.waitFor(() => expect(heard.at(-1)?.topic).toBe('door'), 10_000);
  await listening.close();
});

it('what is no message of ours, and a listener that throws, do not disturb it', async () => {
  const listening = await database.listen((message) => {
    heard.push(message);
    throw new Error('clumsy');
  });
  for (const noise of ['', 'hello', '[]', '{"id":"x"}'])
    await database.pool.query("select pg_notify('keystead', $1)", [noise]);
  await say('door');
  await say('lock');
  await vi.waitFor(() => expect(heard.map(({ topic }) => topic)).toEqual(['door', 'lock']), 10_000);
  await listening.close();
});

it('after it is closed nothing is heard and no connection remains', async () => {
  const listening = await database.listen((message) => heard.push(message));
  await listening.close();
  await say('door');
  const connections = () =>
    database.pool.query(
      "select from pg_stat_activity where application_name = 'keystead listening' and datname = current_database()",
    );
  await vi.waitFor(async () => expect((await connections()).rowCount).toBe(0), 10_000);
  expect(heard).toEqual([]);
});
