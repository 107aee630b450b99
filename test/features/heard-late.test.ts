import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ShellySimulator } from '../../simulators/shelly/start.ts';
import { type Laundry, openLaundry } from '../support/laundry.ts';
import { addMachines, type Machine } from '../support/machines.ts';
import { openTill, type Sale, type Till } from '../support/till.ts';
import { postWebhook, stripeEvent } from '../support/webhook.ts';

/** Money that is heard of more than 15 minutes after it was paid starts nothing, by whichever way it is heard of. */
const minutes = 60_000;

let laundry: Laundry;
let shelly: ShellySimulator;
let machines: Machine[];
let till: Till;

beforeAll(async () => {
  laundry = await openLaundry({ engine: false });
  laundry.stripe.setWebhookUrl(null);
  ({ machines, shelly } = await addMachines(laundry, 30, { minutes: 60, price: 250, delayMinutes: 60 }));
  till = openTill(laundry);
}, 60_000);
afterAll(async () => {
  await laundry.close();
  await shelly.close();
});

const buy = (after = 0): Promise<Sale> => till.buy(machines.pop() ?? { uid: '', plan: '' }, { after });

async function asJob(sale: Sale): Promise<void> {
  const { organization_id, id } = await sale.payment();
  await laundry.app.services.intake.check(organization_id, id);
}
async function activate(sale: Sale): Promise<void> {
  const { device_id } = await sale.session();
  const { uid } = (await laundry.call('GET', `/api/devices/${device_id}`, { token: laundry.tokens.admin })).body;
  const body = { checkoutSessionId: sale.checkoutId };
  expect((await laundry.call('POST', `/api/public/device/${uid}/activate`, { body })).status).toBe(200);
}
/** Of a refund that the server does not remember, as after the restore of a backup. */
async function ownRefund(sale: Sale, amount: number): Promise<void> {
  const [{ id: paymentId }, { paymentIntentId }] = [await sale.payment(), sale.charge()];
  const metadata = { paymentId, refundId: 'rfd_of_before' };
  const refund = { id: `re_${paymentId}`, amount, status: 'succeeded', payment_intent: paymentIntentId, metadata };
  expect((await postWebhook(laundry, stripeEvent('refund.updated', refund))).status).toBe(200);
}

const ways: [string, (sale: Sale) => Promise<void>][] = [
  ['the guest returns and Stripe is asked', (sale) => sale.guestReturns()],
  ['the checkout’s id is shown and Stripe is asked', activate],
  ['Stripe is asked in due time', asJob],
  ['Stripe tells of the checkout', (sale) => sale.deliver('checkout.session.completed')],
  ['Stripe tells of the intent', (sale) => sale.deliver('payment_intent.succeeded')],
];

async function expectGoneBack(sale: Sale): Promise<void> {
  await sale.rest();
  expect(await sale.session()).toMatchObject({ phase: 'cancelled', failure_reason: 'heard_too_late' });
  expect(await sale.payment()).toMatchObject({ status: 'REFUNDED', refunded: 250 });
  expect(sale.charge()).toMatchObject({ amount: 250, amountRefunded: 250 });
}

async function expectBegun(sale: Sale, refunded = 0): Promise<void> {
  await sale.rest();
  expect(await sale.session()).toMatchObject({ phase: 'delayed', failure_reason: null });
  expect(await sale.payment()).toMatchObject({ status: 'SUCCEEDED', refunded });
  expect(sale.charge().amountRefunded).toBe(refunded);
}

describe('money that is heard of first when', () => {
  test.each(ways)('%s: at once, it starts the run', async (_, hear) => {
    const sale = await buy();
    await hear(sale);
    await expectBegun(sale);
  });

  test.each(ways)('%s: 16 minutes after it was paid, it goes back', async (_, hear) => {
    const sale = await buy();
    laundry.clock.ahead(16 * minutes);
    await hear(sale);
    await expectGoneBack(sale);
  });

  test.each(ways)('%s: 14 minutes after the guest took 25 to pay, it starts the run', async (_, hear) => {
    const sale = await buy(25 * minutes);
    laundry.clock.ahead(14 * minutes);
    await hear(sale);
    await expectBegun(sale);
  });
});

describe('a part of it that went back at Stripe, told before the money', () => {
  const partBack = async (sale: Sale): Promise<void> => {
    await laundry.stripe.refundFromDashboard(sale.charge().paymentIntentId, 50);
    await sale.deliver('charge.refunded');
  };

  test('in time: the run begins', async () => {
    const sale = await buy(20 * minutes);
    laundry.clock.ahead(5 * minutes);
    await partBack(sale);
    await expectBegun(sale, 50);
    await sale.deliver('checkout.session.completed');
    await expectBegun(sale, 50);
  });

  test('too late: the rest goes back as well, in whichever order the news come', async () => {
    for (const order of [
      ['charge.refunded', 'refund.created', 'checkout.session.completed'],
      ['refund.created', 'payment_intent.succeeded', 'charge.refunded'],
      ['checkout.session.completed', 'charge.refunded', 'refund.created'],
    ]) {
      const sale = await buy();
      laundry.clock.ahead(20 * minutes);
      await laundry.stripe.refundFromDashboard(sale.charge().paymentIntentId, 50);
      for (const type of order) await sale.deliver(type);
      await expectGoneBack(sale);
    }
  });
});

describe('a refund of ours that is told and does not say when the money had come', () => {
  test('begins nothing by itself: Stripe is asked, and the run begins if it is in time', async () => {
    const sale = await buy(20 * minutes);
    await ownRefund(sale, 50);
    expect((await sale.session()).phase).toBe('awaiting-payment');
    const { check_at } = await sale.payment();
    expect(check_at).toBeLessThanOrEqual(laundry.clock.now());
    await asJob(sale);
    expect(await sale.session()).toMatchObject({ phase: 'delayed' });
  });

  test('or goes back if it is not', async () => {
    const sale = await buy();
    laundry.clock.ahead(20 * minutes);
    await ownRefund(sale, 50);
    await asJob(sale);
    expect(await sale.session()).toMatchObject({ phase: 'cancelled', failure_reason: 'heard_too_late' });
  });

  test('of all of it: there is nothing to begin', async () => {
    const sale = await buy();
    await ownRefund(sale, 250);
    expect(await sale.session()).toMatchObject({ phase: 'cancelled', failure_reason: 'payment_reversed' });
    expect(await sale.payment()).toMatchObject({ status: 'REFUNDED', paid_at: expect.any(Number), owed: 250 });
  });
});
