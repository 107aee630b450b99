import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Laundry, openLaundry, password } from '../support/laundry.ts';
import { beginToPay, untilState } from '../support/purchase.ts';

let laundry: Laundry;
beforeAll(async () => {
  laundry = await openLaundry();
});
afterAll(() => laundry.close());

let token = '';
const signIn = async (): Promise<void> => {
  const body = { email: 'owner@keystead.test', password };
  token = (await laundry.call('POST', '/api/auth/login', { body })).body.token;
};
const open = async (): Promise<string[]> =>
  (await laundry.call('GET', '/api/notices', { token })).body.map((one: { kind: string }) => one.kind);

test('a notice that a relay was lost sight of is over when its device is deleted: nobody will ever see it off', async () => {
  const begun = await beginToPay(laundry, laundry.washer.plans.free);
  await untilState(laundry, begun.token, 'running');
  laundry.shelly.setFault('Washer 1', 'offline');
  await laundry.ahead(3 * 60_000);
  await laundry.ahead(25 * 3_600_000);
  await signIn(); // a day has passed
  await laundry.until('the notice', async () => (await open()).includes('session-lost-sight'));
  expect((await laundry.call('DELETE', `/api/devices/${laundry.washer.id}`, { token })).status).toBe(200);
  expect(await open()).toEqual([]);
});
