import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Laundry, openLaundry } from '../support/laundry.ts';
import { beginToPay, sessionOf, untilState } from '../support/purchase.ts';

let laundry: Laundry;
beforeAll(async () => {
  laundry = await openLaundry();
});
afterAll(() => laundry.close());

const relay = () => laundry.shelly.device('Washer 1').channels[0];

test('a guest pays, the washer runs for its minute and is seen off at the end', async () => {
  const begun = await beginToPay(laundry, laundry.washer.plans.now);
  expect(await sessionOf(laundry, begun.token)).toMatchObject({
    status: 'PENDING',
    startedAt: null,
    remainingSeconds: 60,
  });
  expect((await laundry.stripe.pay(begun.checkoutId)).paid).toBe(true);
  const running = await untilState(laundry, begun.token, 'running');
  expect(running).toMatchObject({ status: 'ACTIVE', deviceName: 'Washer 1', planName: 'Quick rinse' });
  expect(Date.parse(running.endsAt) - Date.parse(running.startedAt)).toBe(60_000);
  expect(relay()).toMatchObject({ output: true, timerDuration: 60 });
  await laundry.ahead(61_000);
  expect(await untilState(laundry, begun.token, 'complete')).toMatchObject({
    status: 'COMPLETED',
    remainingSeconds: 0,
    refund: null,
  });
  expect(relay()?.output).toBe(false);
  expect(laundry.stripe.charges().map((charge) => charge.amountRefunded)).toEqual([0]);
});
