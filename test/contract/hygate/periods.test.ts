import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Laundry, openLaundry } from '../../support/laundry.ts';
import { beginToPay, sessionOf } from '../../support/purchase.ts';
import { ask, expectError, expectRefused, idOf, instant, type Refusal } from '../../support/requests.ts';

let laundry: Laundry;
beforeAll(async () => {
  laundry = await openLaundry({ engine: false });
});
afterAll(() => laundry.close());

const dry = () => ({
  id: laundry.dryer.plan,
  deviceId: laundry.dryer.id,
  name: 'Dry',
  description: null,
  duration: 45,
  delayMinutes: 2,
  price: 200,
  sortOrder: 1,
  active: true,
  finish: null,
  createdAt: instant,
  updatedAt: instant,
});
const of = '/api/devices/{dryer}/periods';
const create = `POST ${of}`;
const change = `PATCH ${of}/{dryPlan}`;
const good = { name: 'Standard Wash', duration: 60, price: 250 };
const offered = async () =>
  (await ask(laundry, 'GET /api/public/device/{dryerUid}/info', undefined, { token: null })).body.usagePlans;

describe('usage plans', () => {
  test('are listed, created, changed and deleted', async () => {
    const operator = { token: laundry.tokens.operator };
    expect((await ask(laundry, `GET ${of}`, undefined, operator)).body).toEqual([dry()]);
    const made = await ask(laundry, create, { ...good, name: ' Standard Wash ', description: '' });
    expect([made.status, made.body]).toEqual([
      200,
      {
        ...dry(),
        id: idOf('plan'),
        name: 'Standard Wash',
        duration: 60,
        delayMinutes: 0,
        price: 250,
        sortOrder: 2,
      },
    ]);
    const finish = { belowWatts: 4.5, afterMinutes: 3 };
    const changed = await ask(laundry, `PATCH ${of}/${made.body.id}`, { price: 300, description: 'hot', finish });
    expect(changed.body).toEqual({ ...made.body, price: 300, description: 'hot', finish, updatedAt: instant });
    expect((await ask(laundry, `PATCH ${of}/${made.body.id}`, { finish: null })).body.finish).toBeNull();
    expect((await ask(laundry, `PATCH ${of}/${made.body.id}`, {})).body).toMatchObject({ price: 300 });
    expect((await ask(laundry, `DELETE ${of}/${made.body.id}`)).body).toEqual({ ok: true });
    expect((await ask(laundry, `GET ${of}`)).body).toEqual([dry()]);
    expectError(await ask(laundry, `PATCH ${of}/${made.body.id}`, { price: 400 }), 404, 'NOT_FOUND');
    expectError(await ask(laundry, `DELETE ${of}/${made.body.id}`), 404, 'NOT_FOUND');
  });

  test('are offered in their order, active ones alone', async () => {
    const first = (await ask(laundry, create, { ...good, name: 'First', sortOrder: 0 })).body;
    const hidden = (await ask(laundry, create, { ...good, name: 'Hidden', active: false, delayMinutes: 9 })).body;
    expect((await ask(laundry, `GET ${of}`)).body.map((plan: { name: string }) => plan.name)).toEqual([
      'First',
      'Dry',
      'Hidden',
    ]);
    const ready = { description: null, available: true, unavailableReason: null };
    expect(await offered()).toEqual([
      { id: first.id, name: 'First', duration: 60, delayMinutes: 0, price: 250, ...ready },
      { id: laundry.dryer.plan, name: 'Dry', duration: 45, delayMinutes: 2, price: 200, ...ready },
    ]);
    expect((await beginToPay(laundry, hidden.id, { uid: laundry.dryer.uid })).status).toBe(404);
    for (const { id } of [first, hidden]) await ask(laundry, `DELETE ${of}/${id}`);
  });

  test('that were bought stay as they were bought', async () => {
    const plan = (await ask(laundry, create, { ...good, name: 'As bought', duration: 7, price: 100 })).body;
    const begun = await beginToPay(laundry, plan.id, { uid: laundry.dryer.uid });
    await ask(laundry, `PATCH ${of}/${plan.id}`, { name: 'Renamed', duration: 3, price: 900 });
    expect(await sessionOf(laundry, begun.token)).toMatchObject({ planName: 'As bought', remainingSeconds: 420 });
    await ask(laundry, `DELETE ${of}/${plan.id}`);
    expect(await sessionOf(laundry, begun.token)).toMatchObject({ planName: 'As bought', remainingSeconds: 420 });
    expect(laundry.stripe.checkouts().find(({ id }) => id === begun.checkoutId)?.amount).toBe(100);
    await ask(laundry, `PATCH /api/sessions/${begun.token}/end`);
  });

  const wrong = 'VALIDATION_ERROR';
  const lists: Refusal[] = [
    ['no body', create, undefined, 400, wrong, 'body'],
    ['no name', create, { duration: 60, price: 250 }, 400, wrong, 'name'],
    ['no duration', create, { name: 'x', price: 250 }, 400, wrong, 'duration'],
    ['no price', create, { name: 'x', duration: 60 }, 400, wrong, 'price'],
    ['an empty name', create, { ...good, name: ' ' }, 400, wrong, 'name'],
    ['a name of 121 characters', create, { ...good, name: 'x'.repeat(121) }, 400, wrong, 'name'],
    ['a description of 501 characters', create, { ...good, description: 'x'.repeat(501) }, 400, wrong, 'description'],
    ['no minutes', create, { ...good, duration: 0 }, 400, wrong, 'duration'],
    ['more than a day', create, { ...good, duration: 1441 }, 400, wrong, 'duration'],
    ['half a minute', create, { ...good, duration: 0.5 }, 400, wrong, 'duration'],
    ['minutes in words', create, { ...good, duration: '60' }, 400, wrong, 'duration'],
    ['a negative delay', create, { ...good, delayMinutes: -1 }, 400, wrong, 'delayMinutes'],
    ['a delay of more than a day', create, { ...good, delayMinutes: 1441 }, 400, wrong, 'delayMinutes'],
    ['null for a delay', create, { ...good, delayMinutes: null }, 400, wrong, 'delayMinutes'],
    ['a negative price', create, { ...good, price: -1 }, 400, wrong, 'price'],
    ['a price in euros', create, { ...good, price: 2.5 }, 400, wrong, 'price'],
    ['a price in words', create, { ...good, price: '250' }, 400, wrong, 'price'],
    ['a price beyond what cards take', create, { ...good, price: 100_000_000 }, 400, wrong, 'price'],
    ['a price beyond all numbers', create, { ...good, price: 1e300 }, 400, wrong, 'price'],
    ['a price below what cards take', create, { ...good, price: 49 }, 400, wrong, 'price'],
    ['a threshold of nothing', create, { ...good, finish: { belowWatts: 0, afterMinutes: 3 } }, 400, wrong, 'finish'],
    ['half a finish', create, { ...good, finish: { belowWatts: 5 } }, 400, wrong, 'finish.afterMinutes'],
    ['a rest of hours', create, { ...good, finish: { belowWatts: 5, afterMinutes: 241 } }, 400, wrong, 'finish'],
    ['a negative place in the order', create, { ...good, sortOrder: -1 }, 400, wrong, 'sortOrder'],
    ['active in words', create, { ...good, active: 'yes' }, 400, wrong, 'active'],
    ['a currency', create, { ...good, currency: 'eur' }, 400, wrong, 'currency'],
    ['an unknown device', 'POST /api/devices/dev_unknown/periods', good, 404, 'NOT_FOUND'],
    ['a list of an unknown device', 'GET /api/devices/dev_unknown/periods', undefined, 404, 'NOT_FOUND'],
    ['a change to no price', change, { price: null }, 400, wrong, 'price'],
    ['a change to too small a price', change, { price: 1 }, 400, wrong, 'price'],
    ['a change to no name', change, { name: '' }, 400, wrong, 'name'],
    ['a move to another device', change, { deviceId: '{washer}' }, 400, wrong, 'deviceId'],
    ['a change of an unknown one', `PATCH ${of}/plan_unknown`, { price: 300 }, 404, 'NOT_FOUND'],
    [
      'a change under another device',
      'PATCH /api/devices/{washer}/periods/{dryPlan}',
      { price: 300 },
      404,
      'NOT_FOUND',
    ],
    ['a deletion under another device', 'DELETE /api/devices/{washer}/periods/{dryPlan}', undefined, 404, 'NOT_FOUND'],
    ['the deletion of an unknown one', `DELETE ${of}/plan_unknown`, undefined, 404, 'NOT_FOUND'],
  ];
  test.each(lists)('refuse %s, and stay as they are', async (...row) => {
    await expectRefused(laundry, row);
  });

  test.each<Refusal>([
    ['create', create, good, 403, 'FORBIDDEN'],
    ['change', change, { price: 300 }, 403, 'FORBIDDEN'],
    ['delete', `DELETE ${of}/{dryPlan}`, undefined, 403, 'FORBIDDEN'],
  ])('operators may not %s them', async (...row) => {
    await expectRefused(laundry, row, { token: laundry.tokens.operator });
  });
});

describe('prices in the currency of the settings', () => {
  test.each([
    ['eur', 49, 50],
    ['gbp', 29, 30],
    ['czk', 1499, 1500],
    ['jpy', 49, 50],
    ['kwd', 499, 500],
  ])('of %s: %i cannot be charged, %i can, and 0 costs nothing', async (currency, tooLittle, enough) => {
    expect((await ask(laundry, 'PATCH /api/settings', { currency })).status).toBe(200);
    await expectRefused(laundry, ['', create, { ...good, price: tooLittle }, 400, 'VALIDATION_ERROR', 'price']);
    await expectRefused(laundry, ['', create, { ...good, price: 1 }, 400, 'VALIDATION_ERROR', 'price']);
    for (const price of [enough, 0]) {
      const { status, body } = await ask(laundry, create, { ...good, price });
      expect([status, body.price]).toEqual([200, price]);
      await ask(laundry, `DELETE ${of}/${body.id}`);
    }
  });

  test('of three digits are charged in tens: Stripe takes no other', async () => {
    await ask(laundry, 'PATCH /api/settings', { currency: 'kwd' });
    for (const price of [505, 1251, 99_999_999]) {
      await expectRefused(laundry, ['', create, { ...good, price }, 400, 'VALIDATION_ERROR', 'price']);
      await expectRefused(laundry, ['', change, { price }, 400, 'VALIDATION_ERROR', 'price']);
    }
    await ask(laundry, 'PATCH /api/settings', { currency: 'eur' });
  });

  test.each([
    ['jpy', 300],
    ['kwd', 1250],
  ])('a guest pays %s as they are written, %i', async (currency, price) => {
    await ask(laundry, 'PATCH /api/settings', { currency });
    const plan = (await ask(laundry, create, { ...good, price })).body;
    const info = await ask(laundry, 'GET /api/public/device/{dryerUid}/info', undefined, { token: null });
    expect(info.body).toMatchObject({ currency });
    const begun = await beginToPay(laundry, plan.id, { uid: laundry.dryer.uid });
    const checkout = laundry.stripe.checkouts().find(({ id }) => id === begun.checkoutId);
    expect(checkout).toMatchObject({ amount: price, currency });
    await laundry.stripe.pay(begun.checkoutId);
    await laundry.until('paid', async () => (await sessionOf(laundry, begun.token)).status === 'ACTIVE');
    const [payment] = (await ask(laundry, 'GET /api/payments?limit=1')).body;
    expect(payment).toMatchObject({ amount: price, currency, status: 'SUCCEEDED' });
    await ask(laundry, `PATCH /api/sessions/${begun.token}/fail`);
    await laundry.until('refunded', async () => {
      await laundry.ahead(1000);
      return laundry.stripe.charges().at(-1)?.amountRefunded === price;
    });
    await ask(laundry, `DELETE ${of}/${plan.id}`);
  });

  test('that the new currency cannot charge are not offered any more, and come back with the old one', async () => {
    const offered = async () =>
      (await ask(laundry, 'GET /api/public/device/{dryerUid}/info', undefined, { token: null })).body.usagePlans.length;
    await ask(laundry, 'PATCH /api/settings', { currency: 'eur' });
    const before = [await offered(), laundry.stripe.checkouts().length];
    await ask(laundry, 'PATCH /api/settings', { currency: 'czk' });
    expect(await offered()).toBe(0);
    const begun = await beginToPay(laundry, laundry.dryer.plan, { uid: laundry.dryer.uid });
    expect([begun.status, begun.code]).toEqual([404, 'NOT_FOUND']);
    await ask(laundry, 'PATCH /api/settings', { currency: 'eur' });
    expect([await offered(), laundry.stripe.checkouts().length]).toEqual(before);
  });
});
