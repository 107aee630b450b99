import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Laundry, openLaundry } from '../../support/laundry.ts';
import { beginToPay, sessionOf } from '../../support/purchase.ts';
import { ask, expectRefused, idOf, instant, type Refusal } from '../../support/requests.ts';

type Payment = { id: string; stripeSessionId: string | null; createdAt: string };

let laundry: Laundry;
/** One of each: failed, refunded, free, succeeded, pending; in this order. */
let made: { failed: string; refunded: string; succeeded: string; pending: string };

beforeAll(async () => {
  laundry = await openLaundry({ engine: false });
  const failed = await beginToPay(laundry, laundry.washer.plans.now);
  await ask(laundry, `PATCH /api/sessions/${failed.token}/end`);
  await laundry.until('its payment has failed', async () => {
    await laundry.ahead(1000);
    return (await list('status=FAILED')).length === 1;
  });
  const refunded = await paid(laundry.washer.plans.now);
  await ask(laundry, `PATCH /api/sessions/${refunded.token}/fail`);
  await laundry.until('its money is back', async () => {
    await laundry.ahead(1000);
    return (await list('status=REFUNDED')).length === 1;
  });
  const free = await beginToPay(laundry, laundry.washer.plans.free);
  await ask(laundry, `PATCH /api/sessions/${free.token}/end`);
  const succeeded = await paid(laundry.washer.plans.hour);
  const pending = await beginToPay(laundry, laundry.dryer.plan, { uid: laundry.dryer.uid, body: { email: null } });
  made = {
    failed: failed.checkoutId,
    refunded: refunded.checkoutId,
    succeeded: succeeded.checkoutId,
    pending: pending.checkoutId,
  };
});
afterAll(() => laundry.close());

async function paid(planId: string) {
  const begun = await beginToPay(laundry, planId);
  await laundry.stripe.pay(begun.checkoutId);
  await laundry.until('the money is here', async () => (await sessionOf(laundry, begun.token)).status === 'ACTIVE');
  return begun;
}
const list = async (query: string, token = laundry.tokens.admin): Promise<Payment[]> =>
  (await ask(laundry, `GET /api/payments?${query}`, undefined, { token })).body;
const checkouts = async (query: string) => (await list(query)).map(({ stripeSessionId }) => stripeSessionId);

describe('payments', () => {
  test('are listed newest first, in minor units, for operators too', async () => {
    const answer = await ask(laundry, 'GET /api/payments', undefined, { token: laundry.tokens.operator });
    const common = {
      id: idOf('pay'),
      currency: 'eur',
      module: 'DEVICE',
      doorId: null,
      deviceId: laundry.washer.id,
      locationId: laundry.locationId,
      sessionId: idOf('ses'),
      passId: null,
      guestEmail: 'guest@example.com',
      refundedAmount: 0,
      dispute: null,
      declineCode: null,
      stripePaymentIntentId: null,
      paidAt: null,
      createdAt: instant,
    };
    const { now, free, hour } = laundry.washer.plans;
    const intent = expect.stringMatching(/^pi_/);
    expect([answer.status, answer.body]).toEqual([
      200,
      [
        {
          ...common,
          amount: 200,
          status: 'PENDING',
          deviceId: laundry.dryer.id,
          planId: laundry.dryer.plan,
          guestEmail: null,
          stripeSessionId: made.pending,
        },
        {
          ...common,
          amount: 250,
          status: 'SUCCEEDED',
          planId: hour,
          stripeSessionId: made.succeeded,
          stripePaymentIntentId: intent,
          paidAt: instant,
        },
        { ...common, amount: 0, status: 'SUCCEEDED', planId: free, stripeSessionId: null, paidAt: instant },
        {
          ...common,
          amount: 100,
          status: 'REFUNDED',
          planId: now,
          stripeSessionId: made.refunded,
          stripePaymentIntentId: intent,
          refundedAmount: 100,
          paidAt: instant,
        },
        { ...common, amount: 100, status: 'FAILED', planId: now, stripeSessionId: made.failed },
      ],
    ]);
  });

  test('are filtered by status, module, device and location', async () => {
    expect(await checkouts('status=PENDING')).toEqual([made.pending]);
    expect(await checkouts('status=SUCCEEDED')).toEqual([made.succeeded, null]);
    expect(await checkouts('status=FAILED')).toEqual([made.failed]);
    expect(await checkouts('status=REFUNDED')).toEqual([made.refunded]);
    expect((await checkouts('module=DEVICE')).length).toBe(5);
    expect(await checkouts('module=DOOR')).toEqual([]);
    expect(await checkouts('deviceId={dryer}')).toEqual([made.pending]);
    expect(await checkouts('deviceId={washer}&status=REFUNDED')).toEqual([made.refunded]);
    expect((await checkouts('locationId={location}')).length).toBe(5);
    for (const unknown of ['deviceId=dev_unknown', 'doorId={washer}', 'locationId=loc_unknown']) {
      expect(await checkouts(unknown)).toEqual([]);
    }
    expect((await checkouts('status=&module=&deviceId=&from=&limit=')).length).toBe(5);
  });

  test('are filtered by time: from included, to excluded, with any offset', async () => {
    const all = await list('');
    const refunded = all.find(({ stripeSessionId }) => stripeSessionId === made.refunded);
    const at = Date.parse(refunded?.createdAt ?? '');
    const iso = (milliseconds: number) => new Date(milliseconds).toISOString();
    expect(await checkouts(`from=${iso(at)}&to=${iso(at + 1)}`)).toEqual([made.refunded]);
    expect(await checkouts(`from=${iso(at)}&to=${iso(at)}`)).toEqual([]);
    expect(await checkouts(`to=${iso(at)}`)).toEqual([made.failed]);
    expect((await checkouts(`from=${iso(at + 1)}`)).length).toBe(3);
    const inTokyo = iso(at + 9 * 3_600_000).replace('Z', '%2B09:00');
    expect(await checkouts(`to=${inTokyo}`)).toEqual([made.failed]);
    expect((await checkouts('from=2020-01-01')).length).toBe(5);
    expect(await checkouts('to=2020-01-01')).toEqual([]);
    expect(await checkouts('from=2026-06-01&to=2020-01-01')).toEqual([]);
  });

  test('of one organization are not those of another', async () => {
    expect(await list('', laundry.tokens.stranger)).toEqual([]);
    expect(await list('deviceId={washer}', laundry.tokens.stranger)).toEqual([]);
  });

  const wrong = 'VALIDATION_ERROR';
  test.each<Refusal>([
    ['a status nobody knows', 'GET /api/payments?status=PAID', undefined, 400, wrong, 'status'],
    ['a status in small letters', 'GET /api/payments?status=pending', undefined, 400, wrong, 'status'],
    ['two statuses', 'GET /api/payments?status=PENDING&status=FAILED', undefined, 400, wrong, 'status'],
    ['a module nobody knows', 'GET /api/payments?module=WASHER', undefined, 400, wrong, 'module'],
    ['yesterday', 'GET /api/payments?from=yesterday', undefined, 400, wrong, 'from'],
    ['a day that does not exist', 'GET /api/payments?from=2026-13-45', undefined, 400, wrong, 'from'],
    ['a time without a zone', 'GET /api/payments?to=2026-01-01T00:00:00', undefined, 400, wrong, 'to'],
    ['seconds since 1970', 'GET /api/payments?to=1767225600', undefined, 400, wrong, 'to'],
    ['NUL for a device', 'GET /api/payments?deviceId=%00', undefined, 400, wrong, 'deviceId'],
    ['an endless device', `GET /api/payments?deviceId=${'x'.repeat(300)}`, undefined, 400, wrong, 'deviceId'],
  ])('are not filtered by %s', async (...row) => {
    await expectRefused(laundry, row);
  });
});
