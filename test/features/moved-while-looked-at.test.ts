import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Laundry, openLaundry } from '../support/laundry.ts';
import { addMachines } from '../support/machines.ts';
import { adminOf } from '../support/signed-in.ts';

let laundry: Laundry;
let rack: Awaited<ReturnType<typeof addMachines>>['shelly'];
beforeAll(async () => {
  laundry = await openLaundry({ engine: false });
  ({ shelly: rack } = await addMachines(laundry, 1));
});
afterAll(async () => {
  await laundry.close();
  await rack.close();
});

test('a relay that its device is not any more is left alone, also by a look that began before', async () => {
  const { app, clock, shelly, washer } = laundry;
  const admin = await adminOf(() => laundry)();
  const [connection] = (await laundry.call('GET', '/api/connections?limit=500', admin)).body.filter(
    ({ name }: { name: string }) => name === 'Racks',
  );
  shelly.setTrouble('Washer 1', { kind: 'late', where: 'looking', times: 1 });
  clock.ahead(60_000);
  const before = shelly.heard('Washer 1').all;
  const round = app.rounds.cron.reconcile();
  await laundry.until('the look is under way', () => shelly.heard('Washer 1').all > before);
  const moved = await laundry.call('PATCH', `/api/devices/${washer.id}`, {
    ...admin,
    body: { connectionId: connection.id, shellyDeviceId: rack.device('Rack 1').id, channel: 1 },
  });
  expect(moved.status).toBe(200);
  shelly.setOutput('Washer 1', 0, true); // it feeds a lamp from now on
  await round;
  expect(shelly.device('Washer 1').channels[0]?.output).toBe(true);
  const { rows } = await app.database.pool.query('select output from relays where device_id = $1', [washer.id]);
  expect(rows).toEqual([{ output: null }]); // nor was it seen of the new one
});
