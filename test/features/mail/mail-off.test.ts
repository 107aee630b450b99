import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Laundry, openLaundry } from '../../support/laundry.ts';
import { beginToPay, untilState } from '../../support/purchase.ts';

let laundry: Laundry;
beforeAll(async () => {
  laundry = await openLaundry();
});
afterAll(() => laundry.close());

test('without a mail server nothing is written down, and the start has said so once', async () => {
  const begun = await beginToPay(laundry, laundry.washer.plans.now);
  await laundry.stripe.pay(begun.checkoutId);
  await untilState(laundry, begun.token, 'running');
  await laundry.ahead(61_000);
  await untilState(laundry, begun.token, 'complete');
  expect((await laundry.app.database.pool.query('select from mails')).rows).toEqual([]);
  expect(laundry.mail.mails()).toEqual([]);
  expect(laundry.logged().match(/Mail is off/g)).toHaveLength(1);
});

test('the page promises no mail of ours, and Stripe sends the receipt', async () => {
  expect((await laundry.call('GET', `/pay/${laundry.dryer.uid}`)).text).not.toContain('mailWhenDone');
  const told = laundry.stripe.events().findLast(({ type }) => type === 'payment_intent.succeeded');
  expect(told?.data.object).toMatchObject({ receipt_email: 'guest@example.com' });
});
