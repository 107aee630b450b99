import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Laundry, openLaundry } from '../support/laundry.ts';
import { beginToPay, untilState } from '../support/purchase.ts';

let laundry: Laundry;
beforeEach(async () => {
  laundry = await openLaundry();
});
afterEach(() => laundry.close());

const hour = 3_600_000;
const relay = () => laundry.shelly.device('Washer 1').channels[0];

describe('a clock of the server that is set back by an hour', () => {
  test('does not close the machines: they are read anew, and can be bought', async () => {
    expect((await beginToPay(laundry, laundry.washer.plans.now)).status).toBe(200);
    expect((await beginToPay(laundry, laundry.dryer.plan, { uid: laundry.dryer.uid })).status).toBe(200);
    laundry.clock.ahead(hour);
    await laundry.app.rounds.cron.reconcile();
    laundry.clock.ahead(-hour + 240_000);
    const { status, code } = await beginToPay(laundry, laundry.dryer.plan, { uid: laundry.dryer.uid });
    expect({ status, code }).toEqual({ status: 200, code: undefined });
  });

  test('keeps no machine for a guest who began to pay before', async () => {
    expect((await beginToPay(laundry, laundry.dryer.plan, { uid: laundry.dryer.uid })).status).toBe(200);
    laundry.clock.ahead(-hour);
    const { status, code } = await beginToPay(laundry, laundry.dryer.plan, { uid: laundry.dryer.uid });
    expect({ status, code }).toEqual({ status: 200, code: undefined });
  });

  test('leaves nobody who paid before unheard for an hour', async () => {
    laundry.stripe.setWebhookUrl(null); // lost: what was paid is found by asking
    const begun = await beginToPay(laundry, laundry.washer.plans.now);
    await laundry.stripe.pay(begun.checkoutId);
    laundry.clock.ahead(-hour);
    await laundry.app.rounds.due();
    await untilState(laundry, begun.token, 'running');
  });

  test('leaves no guest waiting who comes back from paying, however often they look', async () => {
    laundry.stripe.setWebhookUrl(null);
    const begun = await beginToPay(laundry, laundry.washer.plans.now);
    const look = () => laundry.call('GET', `/session/${begun.token}`);
    await look(); // asks: not paid yet
    laundry.clock.ahead(-hour);
    await laundry.stripe.pay(begun.checkoutId);
    await look();
    await untilState(laundry, begun.token, 'running');
  });

  test('hides no relay that is on without a session', async () => {
    laundry.clock.ahead(hour);
    await laundry.app.rounds.cron.reconcile();
    laundry.clock.ahead(-hour + 30_000);
    laundry.shelly.setOutput('Washer 1', 0, true);
    await laundry.app.rounds.cron.reconcile();
    expect(relay()?.output).toBe(false);
  });
});

describe('a run that is under way when the clock is set back', () => {
  test('is watched on: a relay that goes off is switched on again', async () => {
    const begun = await beginToPay(laundry, laundry.washer.plans.hour);
    await laundry.stripe.pay(begun.checkoutId);
    await untilState(laundry, begun.token, 'waiting-to-start');
    await laundry.ahead(5 * 60_000);
    await untilState(laundry, begun.token, 'running');
    await laundry.ahead(10 * 60_000);
    laundry.clock.ahead(-hour);
    laundry.shelly.setOutput('Washer 1', 0, false);
    for (let n = 0; n < 10; n++) await laundry.ahead(10_000);
    expect(relay()?.output).toBe(true);
  });

  test('is begun when its delay is over, not an hour later', async () => {
    const begun = await beginToPay(laundry, laundry.washer.plans.delayed);
    await laundry.stripe.pay(begun.checkoutId);
    await untilState(laundry, begun.token, 'waiting-to-start');
    laundry.clock.ahead(-hour);
    for (let n = 0; n < 10; n++) await laundry.ahead(10_000);
    expect(relay()?.output).toBe(true);
  });
});

test('a relay that is off again after a clock was set back is left alone', async () => {
  const dryer = () => laundry.shelly.device('Dryer').channels[0]?.output;
  const switchedOff = async (): Promise<number> => {
    const sql = `select count(*)::int as count from commands where device_id = $1 and kind = 'switch-off'`;
    return (await laundry.app.database.pool.query(sql, [laundry.dryer.id])).rows[0].count;
  };
  laundry.clock.ahead(2 * hour);
  laundry.shelly.setOutput('Dryer', 0, true);
  await laundry.app.rounds.cron.reconcile(); // seen on, and off again
  laundry.clock.ahead(-hour);
  laundry.shelly.setOutput('Dryer', 0, true);
  await laundry.app.rounds.cron.reconcile();
  expect(dryer()).toBe(false);
  const before = await switchedOff();
  for (let n = 0; n < 3; n++) await laundry.app.rounds.cron.reconcile();
  expect(await switchedOff()).toBe(before);
});
