import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startShellySimulator } from '../../simulators/shelly/start.ts';
import { type Laundry, openLaundry } from '../support/laundry.ts';
import { beginToPay, untilState } from '../support/purchase.ts';
import { ask } from '../support/requests.ts';

let laundry: Laundry;
beforeAll(async () => {
  laundry = await openLaundry({ engine: false, at: Date.parse('2026-06-12T10:00:00Z') });
  laundry.clock.standAt(laundry.clock.now()); // so that every watt-hour can be reckoned
});
afterEach(async () => {
  laundry.shelly.setFault('Washer 1', 'none');
  await laundry.ahead(5000); // a look older than 3 s is repeated before the next guest
});
afterAll(() => laundry.close());

/** 2050 W for so many seconds, as it is told: to a tenth. */
const washed = (seconds: number): number => Math.round(((2050 * seconds) / 3600) * 10) / 10;
const energyOf = async (token: string): Promise<number | null> =>
  (await ask(laundry, `GET /api/sessions/${token}`)).body.energyWh;
/** A free run of two minutes, which has just begun. */
async function running(): Promise<string> {
  const { token } = await beginToPay(laundry, laundry.washer.plans.free);
  await laundry.ahead(0);
  await untilState(laundry, token, 'running');
  return token;
}

describe('the energy of a session', () => {
  test('grows with its readings, and is that of the whole run at its end', async () => {
    const before = await beginToPay(laundry, laundry.washer.plans.free);
    expect(await energyOf(before.token)).toBeNull();
    await laundry.ahead(0);
    expect(await energyOf(before.token)).toBe(0);
    await laundry.ahead(60_000);
    expect(await energyOf(before.token)).toBe(washed(60));
    await laundry.ahead(61_000);
    await untilState(laundry, before.token, 'complete');
    expect(await energyOf(before.token)).toBe(washed(120));
    const [listed] = (await ask(laundry, 'GET /api/sessions?limit=1')).body;
    expect(listed.energyWh).toBe(washed(120));
    expect((await ask(laundry, `GET /api/public/sessions/${before.token}`, undefined, { token: null })).body) //
      .not.toHaveProperty('energyWh');
  });

  test('is its own: what the relay counted before it does not count', async () => {
    await ask(laundry, 'POST /api/devices/{washer}/switch', { on: true, minutes: 30 });
    await laundry.ahead(10 * 60_000);
    await ask(laundry, 'POST /api/devices/{washer}/switch', { on: false });
    const token = await running();
    await laundry.ahead(121_000);
    expect(await energyOf(token)).toBe(washed(120));
  });

  test('misses nothing where readings are lost', async () => {
    const token = await running();
    laundry.shelly.setFault('Washer 1', 'offline');
    await laundry.ahead(40_000);
    expect(await energyOf(token)).toBe(0);
    laundry.shelly.setFault('Washer 1', 'none');
    await laundry.ahead(10_000);
    expect(await energyOf(token)).toBe(washed(50));
    await laundry.ahead(71_000);
    expect(await energyOf(token)).toBe(washed(120));
  });

  test('begins with the run, also where the answer to its beginning was lost', async () => {
    laundry.shelly.setFault('Washer 1', 'answer-lost');
    const { token } = await beginToPay(laundry, laundry.washer.plans.free);
    await laundry.ahead(0);
    laundry.shelly.setFault('Washer 1', 'none');
    await laundry.ahead(10_000);
    expect(await energyOf(token)).toBe(washed(10));
    await laundry.ahead(111_000);
    expect(await energyOf(token)).toBe(washed(120));
  });

  test('goes on when the counter begins anew, less what nobody saw', async () => {
    const token = await running();
    await laundry.ahead(60_000);
    const { address } = laundry.shelly.device('Washer 1');
    expect((await fetch(`http://${address}/rpc/Switch.ResetCounters?id=0`)).status).toBe(200);
    await laundry.ahead(10_000); // seen to be lower: reckoning goes on from there
    expect(await energyOf(token)).toBe(washed(60));
    await laundry.ahead(51_000);
    expect(await energyOf(token)).toBe(washed(110));
  });

  test('is its own, also where the counter showed nothing for a moment just before it', async () => {
    const { database, services } = laundry.app;
    const device = await services.devices.byUid(laundry.washer.uid);
    if (device === null) throw new Error('There is no washer');
    const seen = { kind: 'relay', on: false, autoOffAt: null, powerWatts: 0, energyWh: 0, source: null } as const;
    await database.transaction('test-reading', (tx) =>
      services.relays.record(tx, device.organization_id, device.id, { ...seen, at: laundry.clock.now() }),
    );
    const token = await running();
    await laundry.ahead(121_000);
    expect(await energyOf(token)).toBe(washed(120));
  });

  test('is not known where the relay does not meter', async () => {
    const { tokens, clock } = laundry;
    const plain = await startShellySimulator({
      stateDir: null,
      clock,
      devices: [{ name: 'Chair', load: { watts: 180 }, metered: false }],
    });
    const chair = plain.device('Chair');
    const connection = await ask(laundry, 'POST /api/connections', {
      vendor: 'shelly-lan',
      name: 'Chairs',
      devices: [{ address: chair.address }],
    });
    const device = await ask(laundry, 'POST /api/devices', {
      shellyDeviceId: chair.id,
      connectionId: connection.body.id,
      locationId: laundry.locationId,
    });
    const plan = await ask(laundry, `POST /api/devices/${device.body.id}/periods`, {
      name: 'Ten',
      duration: 1,
      price: 0,
    });
    const { token } = await beginToPay(laundry, plan.body.id, { uid: device.body.uid });
    await laundry.ahead(0);
    await untilState(laundry, token, 'running');
    await laundry.ahead(61_000);
    await untilState(laundry, token, 'complete');
    expect(await energyOf(token)).toBeNull();
    expect(
      (await laundry.call('GET', `/api/devices/${device.body.id}`, { token: tokens.admin })).body.powerWatts,
    ).toBeNull();
    await plain.close();
  });

  test('does not take over the counter of a relay that hung there before', async () => {
    const { washer, dryer } = laundry;
    await beginToPay(laundry, dryer.plan, { uid: dryer.uid }); // the dryer's counter is read: it is low
    const ids = { washer: laundry.shelly.device('Washer 1').id, dryer: laundry.shelly.device('Dryer').id };
    const change = (id: string, shellyDeviceId: string) => ask(laundry, `PATCH /api/devices/${id}`, { shellyDeviceId });
    await change(dryer.id, 'shellyplus1-5ba4e0f00d42');
    expect((await change(washer.id, ids.dryer)).status).toBe(200);
    expect((await change(dryer.id, ids.washer)).status).toBe(200);
    const { rows } = await laundry.app.database.pool.query(
      'select energy_counter from relays where device_id = any($1)',
      [[washer.id, dryer.id]],
    );
    expect(rows.filter(({ energy_counter }) => energy_counter !== null)).toEqual([]);
    await change(washer.id, 'shellyplus1-5ba4e0f00d42');
    await change(dryer.id, ids.dryer);
    await change(washer.id, ids.washer);
  });
});
