import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ShellySimulator, type ShellySpec, startShellySimulator } from '../../simulators/shelly/start.ts';
import { buy, expectMoneyAddsUp, switchOns } from '../support/bought.ts';
import { type Laundry, openLaundry } from '../support/laundry.ts';

/** Whole purchases over the other ways to a Shelly relay: generation 1 on the LAN, and both generations by the cloud. */
let laundry: Laundry;
let shelly: ShellySimulator;
beforeAll(async () => {
  laundry = await openLaundry();
  const crowd = Array.from({ length: 40 }, (_, n): ShellySpec => ({ name: `Machine ${n}`, load: { watts: 100 } }));
  shelly = await startShellySimulator({
    stateDir: null,
    clock: laundry.clock,
    devices: [
      { name: 'Old washer', generation: 1, password: 'owner:secret', load: { watts: 2000 } },
      { name: 'Old dryer', generation: 1, load: { watts: 2400 } },
      ...crowd,
    ],
  });
  await post('/api/connections', {
    vendor: 'shelly-lan',
    name: 'Cellar',
    devices: [{ address: shelly.device('Old washer').address, password: 'owner:secret' }],
  });
});
afterAll(async () => {
  await laundry.close();
  await shelly.close();
});

async function post(path: string, body: unknown) {
  const answer = await laundry.call('POST', path, { token: laundry.tokens.admin, body });
  if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.text}`);
  return answer.body;
}

async function cloudConnection(): Promise<string> {
  const { body } = await laundry.call('GET', '/api/connections', { token: laundry.tokens.admin });
  return String(body.find(({ vendor }: { vendor: string }) => vendor === 'shelly-cloud').id);
}

async function machine(
  shellyDeviceId: string,
  connectionId?: string,
): Promise<{ id: string; uid: string; plan: string }> {
  const device = await post('/api/devices', { shellyDeviceId, connectionId, locationId: laundry.locationId });
  const plan = await post(`/api/devices/${device.id}/periods`, {
    name: 'Run',
    duration: 1,
    delayMinutes: 0,
    price: 100,
  });
  return { id: String(device.id), uid: String(device.uid), plan: String(plan.id) };
}

/** A guest pays, the machine runs its minute, and is seen off at the end. */
async function purchase({ uid, plan }: { uid: string; plan: string }, name: string): Promise<void> {
  const begun = shelly.history(name).length;
  const bought = await buy(laundry, { uid, plan });
  await laundry.until('running', async () => (await bought.session()).phase === 'running');
  expect(shelly.device(name).channels[0]).toMatchObject({ output: true, timerDuration: 60 });
  const { started_at, ends_at } = await bought.session();
  expect((ends_at ?? 0) - (started_at ?? 0)).toBe(60_000);
  await laundry.ahead(61_000);
  await laundry.until('completed', async () => (await bought.session()).phase === 'completed');
  expect(shelly.device(name).channels[0]?.output).toBe(false);
  expect(switchOns(shelly.history(name).slice(begun))).toBe(1);
  await expectMoneyAddsUp(laundry, bought, 100);
}

test('a relay of generation 1 on the LAN, of which only one connection knows', async () => {
  await purchase(await machine(shelly.device('Old washer').id, undefined), 'Old washer');
});

describe('by Shelly Cloud, among forty machines', () => {
  let old: { id: string; uid: string; plan: string };
  let newer: { id: string; uid: string; plan: string };
  beforeAll(async () => {
    const body = { serverUrl: shelly.cloud.url, authKey: shelly.cloud.authKey() };
    const answer = await laundry.call('PATCH', '/api/configs/shelly', { token: laundry.tokens.admin, body });
    expect(answer.status).toBe(200);
    const connectionId = await cloudConnection();
    for (let n = 0; n < 40; n++) {
      const made = await machine(shelly.cloud.idOf(`Machine ${n}`), connectionId);
      if (n === 0) newer = made;
    }
    old = await machine(shelly.cloud.idOf('Old dryer'), connectionId);
  }, 120_000);

  test('a relay of generation 2', () => purchase(newer, 'Machine 0'), 40_000);

  test('a relay of generation 1', () => purchase(old, 'Old dryer'), 40_000);

  test('a command is nobody else’s for as long as the cloud may take', async () => {
    const { rows } = await laundry.app.database.pool.query(
      `select distinct d.connection_id, extract(epoch from c.lease_until - c.asked_at)::int as seconds
       from commands c join devices d on d.organization_id = c.organization_id and d.id = c.device_id`,
    );
    const cloud = await cloudConnection();
    const leases = (own: boolean) =>
      rows.filter((row) => (row.connection_id === cloud) === own).map(({ seconds }) => seconds);
    expect([leases(true), leases(false)]).toEqual([[20], [9]]);
  });

  test('a round over all of them does not keep a guest from starting, nor asks twice within a second', async () => {
    const token = laundry.tokens.admin;
    await laundry.until('everything was looked at once', async () => {
      const { rows } = await laundry.app.database.pool.query('select from relays where seen_at is not null');
      return rows.length >= 40;
    });
    const bought = await buy(laundry, { uid: newer.uid, plan: newer.plan, pay: false });
    await laundry.ahead(9000); // everything is worth a look again
    const before = shelly.cloud.requests().length;
    const round = laundry.call('POST', '/api/cron/session-reconcile', { token: laundry.cronSecret });
    await laundry.until('the round under way', () => shelly.cloud.requests().length > before);
    expect(await laundry.stripe.pay(bought.checkoutId)).toEqual({ paid: true });
    await laundry.until('running', async () => (await bought.session()).phase === 'running');
    expect((await round).status).toBe(200);
    const asked = shelly.cloud.requests().slice(before);
    expect(asked.findIndex(({ path }) => path.endsWith('/set/switch'))).toBeLessThan(4);
    expect(Math.max(...asked.map(({ ids }) => ids.length))).toBe(10);
    const off = await laundry.call('POST', `/api/devices/${newer.id}/force-off`, { token, body: {} });
    expect([off.status, off.body]).toEqual([200, { on: false }]);
    expect(shelly.cloud.shortestSpacing()).toBeGreaterThanOrEqual(1000);
    expect(shelly.cloud.requests().filter(({ status }) => status === 429)).toEqual([]);
  }, 60_000);
});
