import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ShellySimulator } from '../../../simulators/shelly/start.ts';
import { type App, createApp } from '../../../src/app.ts';
import { mailConfig } from '../../../src/config.ts';
import { createLog } from '../../../src/host/log.ts';
import { hours } from '../../../src/rules/instant.ts';
import { isOver, type SessionEvent } from '../../../src/rules/sessions/session.ts';
import { type Laundry, openLaundry } from '../../support/laundry.ts';
import { addMachines, type Machine } from '../../support/machines.ts';
import { openTill, type Sale, type Till } from '../../support/till.ts';

/** What was sold while mail was off, and what the server tells of it once it is on. */
let laundry: Laundry;
let shelly: ShellySimulator;
let machines: Machine[];
let till: Till;
let withMail: App;

beforeAll(async () => {
  laundry = await openLaundry({ engine: false });
  laundry.stripe.setWebhookUrl(null);
  ({ machines, shelly } = await addMachines(laundry, 8, { minutes: 60, price: 250, delayMinutes: 60 }));
  till = openTill(laundry);
  withMail = await createApp({
    config: {
      publicUrl: laundry.url,
      trustProxy: 0,
      cronSecret: null,
      stripeBaseUrl: laundry.stripe.url,
      mail: mailConfig(laundry.mail.smtpUrl, 'Laundry <laundry@keystead.test>'),
    },
    connection: laundry.connection,
    masterKey: laundry.masterKey,
    clock: laundry.clock,
    log: createLog('silent'),
  });
}, 60_000);
afterAll(async () => {
  await withMail.close();
  await laundry.close();
  await shelly.close();
});

async function sold(): Promise<Sale> {
  const sale = await till.buy(machines.pop() ?? { uid: '', plan: '' });
  await sale.deliver('checkout.session.completed');
  return sale;
}

async function toldOf(sale: Sale): Promise<string[]> {
  const { id } = await sale.session();
  const { rows } = await laundry.app.database.pool.query<{ kind: string }>(
    "select kind from mails where facts ->> 'sessionId' = $1 order by id",
    [id],
  );
  return rows.map(({ kind }) => kind);
}

async function step(app: App, sale: Sale, event: SessionEvent): Promise<void> {
  const { organization_id, id } = await sale.session();
  await app.database.transaction('test-session', (tx) => app.services.sessions.step(tx, organization_id, id, event));
}

describe.each([
  ['the hour after, it is told', 1, true],
  ['three days later, it is told to nobody', 72, false],
])('once mail is on: %s', (_, later, told) => {
  test('the receipt of a payment, when Stripe tells of it again', async () => {
    const sale = await sold();
    laundry.clock.ahead(hours(later));
    const payment = await sale.payment();
    await withMail.services.intake.event(payment.organization_id, {
      kind: 'paid',
      eventId: `evt_again_${payment.id}`,
      paymentId: payment.id,
      checkoutId: sale.checkoutId,
      paymentIntentId: payment.provider_intent_id,
      amount: 250,
      currency: 'eur',
      email: 'guest@example.com',
      paidAt: payment.paid_at,
    });
    expect(await toldOf(sale)).toEqual(told ? ['receipt'] : []);
  });

  test('a refund, when it comes to be carried out', async () => {
    const sale = await sold();
    await step(laundry.app, sale, { kind: 'failed-by-staff', reason: null });
    laundry.clock.ahead(hours(later));
    const payment = await sale.payment();
    const [refund] = await withMail.services.payments.refunds(payment.organization_id, [payment.id]);
    expect(refund?.status).toBe('asked');
    if (refund !== undefined) await withMail.services.refunds.perform(payment.organization_id, refund.id);
    expect(sale.charge().amountRefunded).toBe(250);
    expect(await toldOf(sale)).toEqual(told ? ['refund'] : []);
  });

  test('a run that ended while the server was away, when that is found', async () => {
    const sale = await sold();
    laundry.clock.ahead(hours(1));
    await step(laundry.app, sale, { kind: 'tick' });
    const relay = (on: boolean) => {
      const at = laundry.clock.now();
      return { kind: 'relay', on, autoOffAt: on ? at + hours(1) : null, powerWatts: null, at } as const;
    };
    await step(laundry.app, sale, { kind: 'reading', reading: relay(true), confirms: 'switch-on' });
    expect((await sale.session()).phase).toBe('running');
    laundry.clock.ahead(hours(1 + later));
    await step(withMail, sale, { kind: 'tick' });
    await step(withMail, sale, { kind: 'reading', reading: relay(false), confirms: 'switch-off' });
    expect(isOver((await sale.session()).phase)).toBe(true);
    expect((await toldOf(sale)).includes('done')).toBe(told);
  });
});
