import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { silent } from '../../src/database/log.ts';
import { createLanes } from '../../src/engine/lanes.ts';
import { laneOf } from '../../src/features/commands/switching.service.ts';
import { systemClock } from '../../src/host/clock.ts';
import { type Bought, buy, expectMoneyAddsUp } from '../support/bought.ts';
import { type Laundry, openLaundry } from '../support/laundry.ts';
import { untilState } from '../support/purchase.ts';

/** A run begins in the transaction that takes its money in, where nobody else is at its device; and nothing is lost where not. */
let laundry: Laundry;
const elsewhere = () => createLanes({ connection: laundry.connection, clock: systemClock, log: silent });

beforeAll(async () => {
  laundry = await openLaundry();
  laundry.stripe.holdWebhooks(true);
}, 60_000);
afterEach(() => laundry.shelly.setTrouble('Washer 1', null));
afterAll(() => laundry.close());

const heard = () => laundry.shelly.heard('Washer 1').switching;
const tell = async (bought: Bought) => laundry.stripe.deliver(bought.events()['checkout.session.completed'] ?? '');
const rows = async <T extends object>(sql: string): Promise<T[]> =>
  (await laundry.app.database.pool.query<T>(sql)).rows;

async function endIt(bought: Bought): Promise<void> {
  const path = `/api/sessions/${bought.token}/end`;
  expect((await laundry.call('PATCH', path, { token: laundry.tokens.admin })).status).toBe(200);
  await expectMoneyAddsUp(laundry, bought);
}

test('the switch-on is written by the commit that takes the money in', async () => {
  const bought = await buy(laundry);
  laundry.shelly.setTrouble('Washer 1', { kind: 'timeout-before', where: 'switching' });
  await tell(bought);
  const [open] = await laundry.until('the switch-on under way', async () => {
    const found = await rows<{ command: string; event: string }>(
      `select c.xmin::text as command, e.xmin::text as event from commands c, provider_events e
       where c.outcome is null and c.kind = 'switch-on' order by e.received_at desc limit 1`,
    );
    return found.length > 0 ? found : null;
  });
  expect(open?.command).toBe(open?.event);
  laundry.shelly.setTrouble('Washer 1', null);
  await untilState(laundry, bought.token, 'running');
  await endIt(bought);
});

test('what is rolled back sends nothing, and leaves the device to others', async () => {
  const bought = await buy(laundry);
  const { organization_id, id, device_id } = await bought.session();
  const { devices, sessions } = laundry.app.services;
  const before = heard();
  const failing = laundry.app.database.transaction('test-paid', async (tx) => {
    const device = await devices.lock(tx, organization_id, device_id);
    const waiting = await sessions.lockToStart(tx, organization_id, id);
    if (waiting !== null) await sessions.paid(tx, waiting, { device, paidAt: null });
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  expect([heard(), (await bought.session()).phase]).toEqual([before, 'awaiting-payment']);
  await tell(bought);
  await untilState(laundry, bought.token, 'running');
  expect(heard()).toBe(before + 1);
  await endIt(bought);
});

test('while another process is at the device the money is taken in all the same, and the run begins after it', async () => {
  const bought = await buy(laundry);
  const lanes = elsewhere();
  const { organization_id, device_id } = await bought.session();
  const lane = await lanes.takeIfFree(laneOf({ organization_id, id: device_id }));
  const before = heard();
  await tell(bought);
  expect([(await bought.payment()).status, (await bought.session()).phase]).toEqual(['SUCCEEDED', 'delayed']);
  expect(heard()).toBe(before);
  lane?.leave();
  await untilState(laundry, bought.token, 'running');
  expect(heard()).toBe(before + 1);
  await lanes.close();
  await endIt(bought);
});
