import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Laundry, openLaundry } from '../support/laundry.ts';
import { beginToPay, sessionOf, untilState } from '../support/purchase.ts';

let laundry: Laundry;
beforeAll(async () => {
  laundry = await openLaundry();
});
afterAll(() => laundry.close());

const extend = async (token: string, planId: string): Promise<string> => {
  const { status, body } = await laundry.call('POST', `/api/public/sessions/${token}/extend`, { body: { planId } });
  expect(status).toBe(200);
  return laundry.stripe.checkouts().find((one) => one.url === body.url)?.id ?? '';
};

test('who opened two ways to have more time, paid for the first and comes back has it, before any webhook', async () => {
  const begun = await beginToPay(laundry, laundry.washer.plans.hour);
  await laundry.stripe.pay(begun.checkoutId);
  await untilState(laundry, begun.token, 'waiting-to-start');
  await laundry.ahead(5 * 60_000);
  const { endsAt } = await untilState(laundry, begun.token, 'running');
  const paid = await extend(begun.token, laundry.washer.plans.hour);
  await extend(begun.token, laundry.washer.plans.now); // looked at in another tab, and not paid
  laundry.stripe.holdWebhooks(true);
  expect(await laundry.stripe.pay(paid)).toEqual({ paid: true });
  for (let look = 0; look < 3; look++) {
    await laundry.call('GET', `/session/${begun.token}?added=1`);
    await laundry.clock.sleep(100);
    laundry.clock.ahead(4000);
  }
  expect(Date.parse((await sessionOf(laundry, begun.token)).endsAt)).toBe(Date.parse(endsAt) + 3_600_000);
});
