import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bought, buy } from '../support/bought.ts';
import { type Laundry, openLaundry } from '../support/laundry.ts';

/** The key of another account was saved: that account does not know the checkouts of the one before. */
let laundry: Laundry;
beforeAll(async () => {
  laundry = await openLaundry();
  laundry.stripe.holdWebhooks(true);
});
afterAll(() => laundry.close());

const nameAtStripe = async (bought: Bought, checkoutId: string): Promise<void> => {
  const { id } = await bought.payment();
  await laundry.app.database.pool.query('update payments set provider_checkout_id = $1 where id = $2', [
    checkoutId,
    id,
  ]);
};

test('a checkout that Stripe does not know is asked about again: it was paid, and the run begins', async () => {
  const bought = await buy(laundry, { pay: false });
  await laundry.stripe.pay(bought.checkoutId);
  await nameAtStripe(bought, 'cs_test_ofTheOtherAccount');
  await laundry.ahead(61_000);
  await laundry.until('it was asked', async () => (await bought.payment()).checks > 0);
  expect(await bought.payment()).toMatchObject({ status: 'PENDING' });
  expect((await bought.session()).phase).toBe('awaiting-payment');
  await nameAtStripe(bought, bought.checkoutId);
  await laundry.ahead(60_000);
  await laundry.until('a run', async () => (await bought.session()).phase === 'running');
  await laundry.ahead(61_000);
  await laundry.until('the end', async () => (await bought.session()).phase === 'completed');
});

test('one that nobody knows until it has expired was not paid', async () => {
  const bought = await buy(laundry, { pay: false });
  await nameAtStripe(bought, 'cs_test_ofTheOtherAccount');
  await laundry.ahead(61_000);
  await laundry.until('it was asked', async () => (await bought.payment()).checks > 0);
  expect(await bought.payment()).toMatchObject({ status: 'PENDING' });
  await laundry.ahead(45 * 60_000);
  await laundry.until('it is over', async () => (await bought.payment()).status === 'FAILED');
  expect(await bought.session()).toMatchObject({ phase: 'cancelled', failure_reason: 'payment_not_completed' });
  expect(await laundry.app.rounds.due()).toBe(0);
});

test('one that was given up, and that nobody knows, is not asked about for ever', async () => {
  const bought = await buy(laundry, { pay: false });
  await nameAtStripe(bought, 'cs_test_alsoOfTheOther');
  const { id } = await bought.payment();
  await laundry.app.database.pool.query('update payments set abandoned = true where id = $1', [id]);
  await laundry.ahead(61_000);
  await laundry.until('it was asked', async () => (await bought.payment()).checks > 0);
  expect(await bought.payment()).toMatchObject({ status: 'PENDING' });
  await laundry.ahead(45 * 60_000);
  await laundry.until('it is over', async () => (await bought.payment()).status === 'FAILED');
});
