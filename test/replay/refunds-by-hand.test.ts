import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bought, buy, expectMoneyAddsUp, switchOns } from '../support/bought.ts';
import { type Laundry, openLaundry } from '../support/laundry.ts';

let laundry: Laundry;
beforeAll(async () => {
  laundry = await openLaundry();
});
afterAll(() => laundry.close());

const relay = () => laundry.shelly.device('Washer 1').channels[0];
const phase = (bought: Bought, wanted: string) =>
  laundry.until(wanted, async () => ((await bought.session()).phase === wanted ? true : null));
const byHand = (bought: Bought, amount?: number) =>
  laundry.stripe.refundFromDashboard(bought.charge().paymentIntentId, amount);

describe('money that the owner gives back at Stripe by hand', () => {
  test('all of it during the run: the relay goes off, and nothing goes back twice', async () => {
    const bought = await buy(laundry);
    await phase(bought, 'running');
    await byHand(bought);
    await phase(bought, 'cancelled');
    expect((await bought.session()).failure_reason).toBe('payment_reversed');
    expect(relay()?.output).toBe(false);
    await expectMoneyAddsUp(laundry, bought, 0);
    expect(bought.charge().refunds.length).toBe(1);
  });

  test('all of it during the delay: the relay never goes on', async () => {
    const before = switchOns(laundry.shelly.history('Washer 1'));
    const bought = await buy(laundry, { plan: laundry.washer.plans.delayed });
    await phase(bought, 'delayed');
    await byHand(bought);
    await phase(bought, 'cancelled');
    await laundry.ahead(61_000);
    expect(switchOns(laundry.shelly.history('Washer 1'))).toBe(before);
    await expectMoneyAddsUp(laundry, bought, 0);
  });

  test('a part during the run: it goes on to its end', async () => {
    const bought = await buy(laundry);
    await phase(bought, 'running');
    await byHand(bought, 30);
    await laundry.until('the part known', async () => (await bought.payment()).refunded === 30);
    await laundry.ahead(61_000);
    await phase(bought, 'completed');
    expect(await bought.payment()).toMatchObject({ status: 'SUCCEEDED', refunded: 30, refunded_outside: 30 });
    expect(bought.charge().refunds.map(({ amount }) => amount)).toEqual([30]);
  });

  test('a part before staff ends the run: only what is still owed goes back', async () => {
    const bought = await buy(laundry);
    await phase(bought, 'running');
    await byHand(bought, 30);
    await laundry.until('the part known', async () => (await bought.payment()).refunded === 30);
    await laundry.ahead(20_000);
    const { token } = bought;
    expect((await laundry.call('PATCH', `/api/sessions/${token}/end`, { token: laundry.tokens.admin })).status).toBe(
      200,
    );
    await expectMoneyAddsUp(laundry, bought);
    expect(bought.charge().refunds.map(({ amount }) => amount)[0]).toBe(30);
    expect(bought.charge().refunds.length).toBe(2);
  });

  test('all of it after the run: the payment is REFUNDED, the run stays COMPLETED', async () => {
    const bought = await buy(laundry);
    await phase(bought, 'running');
    await laundry.ahead(61_000);
    await phase(bought, 'completed');
    await byHand(bought, 40);
    await byHand(bought);
    await laundry.until('it known', async () => (await bought.payment()).status === 'REFUNDED');
    expect((await bought.session()).phase).toBe('completed');
    expect(bought.charge()).toMatchObject({ amountRefunded: 100, refunds: [{ amount: 40 }, { amount: 60 }] });
  });
});
