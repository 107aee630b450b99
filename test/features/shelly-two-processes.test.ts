import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type App, createApp } from '../../src/app.ts';
import type { RelayRef } from '../../src/engine/port.ts';
import { createLog } from '../../src/host/log.ts';
import { type FarMachine, type FarPlace, openDialPlace } from '../support/far-machines.ts';
import { freePort } from '../support/free-port.ts';
import { type Laundry, openLaundry } from '../support/laundry.ts';

/** Two servers on one database: a device has dialled one of them, and is wanted at the other. */
let laundry: Laundry;
let other: { app: App; url: string; stop(): Promise<void> };
let place: FarPlace;
let washer: FarMachine;
let ref: RelayRef;

beforeAll(async () => {
  laundry = await openLaundry();
  const port = await freePort();
  const app = await createApp({
    config: { publicUrl: laundry.url, trustProxy: 0, cronSecret: null, stripeBaseUrl: laundry.stripe.url },
    connection: laundry.connection,
    masterKey: Buffer.alloc(32, 7),
    clock: laundry.clock,
    log: createLog('silent'),
  });
  const engine = await app.startEngine();
  await app.server.listen({ port, host: '127.0.0.1' });
  other = {
    app,
    url: `http://127.0.0.1:${port}`,
    async stop() {
      await app.server.close();
      await engine.stop();
      await app.close();
    },
  };
  place = await openDialPlace(laundry);
  washer = await place.add('Far washer');
  const organization = await laundry.app.services.organizations.first();
  if (organization === null) throw new Error('There is no organization');
  ref = {
    organizationId: organization.id,
    connectionId: place.connectionId as RelayRef['connectionId'],
    hardwareId: washer.hardwareId,
    channel: 0,
  };
});
afterEach(() => {
  place.shelly.setTrouble('Far washer', null);
});
afterAll(async () => {
  await place.close();
  await other.stop();
  await laundry.close();
});

const relay = () => place.shelly.device('Far washer').channels[0];
const on = { kind: 'switch-on', autoOffSeconds: 60 } as const;
const off = { kind: 'switch-off' } as const;
const never = new AbortController().signal;
const query = async (text: string, values: unknown[] = []) =>
  (await laundry.app.database.pool.query(text, values)).rows;
const holder = async (): Promise<string> =>
  (await query('select process_id from device_links where hardware_id = $1', [washer.hardwareId]))[0]?.process_id;

describe('a device on the other process', () => {
  test('is listed, read and switched, with its own timer, and the outcome is what was seen', async () => {
    const listed = await other.app.services.hardware.list(ref.organizationId, ref.connectionId);
    expect(listed.filter(({ online }) => online).length).toBe(2);
    expect(await other.app.services.hardware.perform(ref, on, never)).toMatchObject({ kind: 'confirmed' });
    expect(relay()).toMatchObject({ output: true, timerDuration: 60 });
    expect(await other.app.services.hardware.observe(ref, 'people')).toMatchObject({ kind: 'relay', on: true });
    expect(await other.app.services.hardware.perform(ref, off, never)).toMatchObject({ kind: 'confirmed' });
    expect(relay()?.output).toBe(false);
    expect(await query('select from device_calls')).toEqual([]);
  });

  test('that refuses is refused, by the same words', async () => {
    place.shelly.setTrouble('Far washer', { kind: 'busy', where: 'everything' });
    expect(await other.app.services.hardware.perform(ref, on, never)).toMatchObject({
      kind: 'refused',
      reason: 'busy',
    });
  });

  test('whose process took the call and died: it may have been done', async () => {
    const id = await holder();
    // as if the process had been killed between taking it and telling: it takes, and never answers
    await query(`create function take_and_die() returns trigger language plpgsql as $$
      begin new.taken_at := now(); new.process_id := 'dead'; return new; end $$`);
    await query(
      'create trigger take_and_die before insert on device_calls for each row execute function take_and_die()',
    );
    try {
      expect(await other.app.services.hardware.perform(ref, on, never)).toMatchObject({ kind: 'unknown' });
    } finally {
      await query('drop trigger take_and_die on device_calls; drop function take_and_die()');
    }
    expect(await holder()).toBe(id);
    expect(await query('select from device_calls')).toEqual([]);
  });

  test('whose process is dead and did not take the call: surely not done', async () => {
    const ghost = { ...ref, hardwareId: 'shellyplus1-eeeeeeeeeeee' };
    const key = [ref.organizationId, ref.connectionId, ghost.hardwareId];
    // killed, and nobody has buried it yet: another session holds its lock
    const holding = new pg.Client(laundry.connection);
    await holding.connect();
    await holding.query('select pg_advisory_lock(1)');
    await query(`insert into processes (id, lock_key, worker_ids) values ('killed', 1, '{}')`);
    await query(`insert into device_links values ($1, $2, $3, 'killed', '[]', now())`, key);
    expect(await other.app.services.hardware.perform(ghost, on, never)).toMatchObject({
      kind: 'refused',
      reason: 'unreachable',
      detail: expect.stringContaining('is gone'),
    });
    await holding.end();
    // buried: it does not even count as a link
    await query(`delete from processes where id = 'killed'`);
    expect(await other.app.services.hardware.perform(ghost, on, never)).toMatchObject({
      kind: 'refused',
      detail: expect.stringContaining('has not dialled in'),
    });
    expect(await query('select from device_calls')).toEqual([]);
    await query('delete from device_links where hardware_id = $1', [ghost.hardwareId]);
  });

  test('is sold by the other process', async () => {
    const paid = await fetch(`${other.url}/api/public/device/${washer.uid}/intent`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ planId: washer.plan, email: 'guest@example.com' }),
    });
    expect(paid.status).toBe(200);
    const { url } = (await paid.json()) as { url: string };
    const checkout = laundry.stripe.checkouts().find((one) => one.url === url);
    expect(await laundry.stripe.pay(checkout?.id ?? '')).toEqual({ paid: true });
    await laundry.until('it runs', () => relay()?.output === true && relay()?.timerDuration === 3600);
    const forced = await laundry.call('POST', `/api/devices/${washer.id}/force-off`, { token: laundry.tokens.admin });
    expect(forced.status).toBe(200);
  });
});

test('a device that loses its process dials the other one, and is reached there', async () => {
  const before = await holder();
  // the device is told the address of the other server; it keeps the old socket until that breaks
  place.shelly.setFault('Far washer', 'offline');
  await laundry.until('nobody holds it', async () => (await holder()) === null);
  const moved = place.dialUrl.replace(laundry.url.replace('http', 'ws'), other.url.replace('http', 'ws'));
  place.shelly.redial('Far washer', moved);
  place.shelly.setFault('Far washer', 'none');
  await laundry.until('the other process holds it', async () => {
    const now = await holder();
    return now !== null && now !== before;
  });
  const call = (method: string, path: string, body?: unknown) =>
    laundry.call(method, path, { token: laundry.tokens.admin, ...(body === undefined ? {} : { body }) });
  expect((await call('POST', `/api/devices/${washer.id}/switch`, { on: true })).body).toEqual({ on: true });
  expect(relay()?.output).toBe(true);
  expect((await call('POST', `/api/devices/${washer.id}/switch`, { on: false })).body).toEqual({ on: false });
});
