import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Laundry, openLaundry } from '../../support/laundry.ts';
import { beginToPay, sessionOf, untilState } from '../../support/purchase.ts';
import { ask, expectError } from '../../support/requests.ts';

/** Friday, 12 June 2026, 12:00 in Berlin. */
const noon = Date.parse('2026-06-12T10:00:00Z');
const minute = 60_000;

let laundry: Laundry;
beforeAll(async () => {
  laundry = await openLaundry({ engine: false, at: noon });
});
/** The same day again for each of them: what was seen later has to be forgotten. */
beforeEach(async () => {
  laundry.clock.standAt(noon);
  await laundry.app.database.pool.query('delete from relays');
});
afterEach(async () => {
  for (const { token, status } of (await ask(laundry, 'GET /api/sessions')).body) {
    if (status === 'PENDING' || status === 'ACTIVE') await ask(laundry, `PATCH /api/sessions/${token}/end`);
  }
  await ask(laundry, 'PATCH /api/locations/{location}', {
    openingHours: null,
    holidays: null,
    lastStart: 'ends-before-closing',
  });
  await ask(laundry, 'PATCH /api/devices/{washer}', { openingHours: null });
});
afterAll(() => laundry.close());

const every = (...pairs: [string, string][]) => {
  const day = pairs.map(([opens, closes]) => ({ opens, closes }));
  return {
    kind: 'weekly',
    monday: day,
    tuesday: day,
    wednesday: day,
    thursday: day,
    friday: day,
    saturday: day,
    sunday: day,
  };
};
const place = async (body: unknown) =>
  expect((await ask(laundry, 'PATCH /api/locations/{location}', body)).status).toBe(200);
const nobody = { token: null };
const info = async () => (await ask(laundry, 'GET /api/public/device/{washerUid}/info', undefined, nobody)).body;
const intent = (planId = '{now}', cookie?: string) =>
  ask(laundry, 'POST /api/public/device/{washerUid}/intent', { planId }, { ...nobody, ...(cookie ? { cookie } : {}) });
const begin = (plan: keyof Laundry['washer']['plans'] = 'now') => beginToPay(laundry, laundry.washer.plans[plan]);

describe('outside its hours a device', () => {
  test('sells nothing, says when it opens, and makes nothing', async () => {
    await place({ openingHours: every(['13:00', '22:00']) });
    const checkouts = laundry.stripe.checkouts().length;
    const answer = await intent();
    expectError(answer, 409, 'DEVICE_CLOSED');
    expect(answer.body).toMatchObject({ reason: 'closed', opensAt: '2026-06-12T11:00:00.000Z', closesAt: null });
    expect(answer.headers.get('retry-after')).toBe('3600');
    expectError(await intent('{free}'), 409, 'DEVICE_CLOSED');
    expect(laundry.stripe.checkouts().length).toBe(checkouts);
    expect(
      (await ask(laundry, 'GET /api/sessions')).body.filter(({ status }: { status: string }) => status === 'PENDING'),
    ).toEqual([]);
    expectError(await intent('plan_unknown'), 404, 'NOT_FOUND');
  });

  test('says so beforehand, with its week and the holidays that are near', async () => {
    await place({
      openingHours: every(['13:00', '22:00']),
      holidays: [
        { date: '2020-06-13', name: 'Founders’ day', yearly: true },
        { date: '2026-06-14', name: 'Short day', windows: [{ opens: '18:00', closes: '02:00' }] },
        { date: '2026-12-25', name: 'Christmas' },
      ],
    });
    const told = await info();
    expect(told).toMatchObject({ open: false, opensAt: '2026-06-12T11:00:00.000Z', closesAt: null, available: false });
    expect(
      told.usagePlans.map(({ available, unavailableReason }: Record<string, unknown>) => [
        available,
        unavailableReason,
      ]),
    ) //
      .toEqual(Array.from({ length: 4 }, () => [false, 'closed']));
    expect(told.openingHours).toEqual({
      ...every(['13:00', '22:00']),
      timeZone: 'Europe/Berlin',
      holidays: [
        { date: '2026-06-13', name: 'Founders’ day', closed: true, windows: [] },
        { date: '2026-06-14', name: 'Short day', closed: false, windows: [{ opens: '18:00', closes: '02:00' }] },
      ],
    });
    laundry.clock.standAt(noon + 60 * minute);
    expect(await info()).toMatchObject({
      open: true,
      opensAt: null,
      closesAt: '2026-06-12T20:00:00.000Z',
      available: true,
    });
  });

  test('may never open: then it says no time', async () => {
    await place({ openingHours: { kind: 'closed' } });
    const answer = await intent();
    expectError(answer, 409, 'DEVICE_CLOSED');
    expect([answer.body.opensAt, answer.headers.get('retry-after')]).toEqual([null, null]);
  });

  test('of its own goes by them; what is said of its place holds for the others', async () => {
    await place({ openingHours: { kind: 'closed' } });
    await ask(laundry, 'PATCH /api/devices/{washer}', { openingHours: { kind: 'always' } });
    expect(await info()).toMatchObject({ open: true, closesAt: null, openingHours: null });
    expect((await intent()).status).toBe(200);
    const dryer = `POST /api/public/device/{dryerUid}/intent`;
    expectError(await ask(laundry, dryer, { planId: '{dryPlan}' }, nobody), 409, 'DEVICE_CLOSED');
  });

  test('is closed on a holiday, also with hours of its own', async () => {
    await ask(laundry, 'PATCH /api/devices/{washer}', { openingHours: { kind: 'always' } });
    await place({ holidays: [{ date: '2026-06-12', name: 'Founders’ day' }] });
    const answer = await intent();
    expectError(answer, 409, 'DEVICE_CLOSED');
    expect(answer.body.opensAt).toBe('2026-06-12T22:00:00.000Z');
  });

  test('in maintenance says that, for nobody knows when it is over', async () => {
    await place({ openingHours: { kind: 'closed' } });
    await ask(laundry, 'PATCH /api/devices/{washer}', { status: 'MAINTENANCE' });
    expectError(await intent(), 409, 'DEVICE_UNAVAILABLE');
    expect((await info()).usagePlans[0].unavailableReason).toBe('maintenance');
    await ask(laundry, 'PATCH /api/devices/{washer}', { status: 'ACTIVE' });
  });
});

describe('at the border', () => {
  const closing = noon + 60 * minute;

  test('a run may end at closing time, to the millisecond', async () => {
    await place({ openingHours: every(['07:00', '13:05']) }); // 65 minutes from noon
    expect((await info()).usagePlans.map(({ available }: { available: boolean }) => available)).toEqual([
      true,
      true,
      true,
      true,
    ]);
    const begun = await begin('hour');
    expect(begun.status).toBe(200);
    await ask(laundry, `PATCH /api/sessions/${begun.token}/end`);
    laundry.clock.standAt(noon + 1);
    const answer = await intent('{hour}');
    expectError(answer, 409, 'DEVICE_CLOSED');
    expect(answer.body).toMatchObject({
      reason: 'ends-after-closing',
      closesAt: '2026-06-12T11:05:00.000Z',
      opensAt: '2026-06-13T05:00:00.000Z',
    });
    const told = await info();
    expect(told).toMatchObject({ open: true, available: true, opensAt: null, closesAt: '2026-06-12T11:05:00.000Z' });
    expect(told.usagePlans.map(({ unavailableReason }: { unavailableReason: string }) => unavailableReason)).toEqual([
      null,
      null,
      'ends-after-closing',
      null,
    ]);
    expect((await intent('{now}')).status).toBe(200);
  });

  test('where runs need only begin before closing, they may until the last moment', async () => {
    await place({ openingHours: every(['07:00', '13:00']), lastStart: 'before-closing' });
    laundry.clock.standAt(closing - 5 * minute);
    expectError(await intent('{hour}'), 409, 'DEVICE_CLOSED');
    expect((await info()).usagePlans[2].unavailableReason).toBe('starts-after-closing');
    laundry.clock.standAt(closing - 5 * minute - 1);
    expect((await intent('{hour}')).status).toBe(200);
  });

  test('the first moment of opening is open, and the one before it is not', async () => {
    await place({ openingHours: every(['13:00', '22:00']) });
    laundry.clock.standAt(noon + 60 * minute - 1);
    const early = await intent('{free}');
    expectError(early, 409, 'DEVICE_CLOSED');
    expect(early.headers.get('retry-after')).toBe('1');
    laundry.clock.standAt(noon + 60 * minute);
    expect((await intent('{free}')).status).toBe(200);
  });

  test('the hours count at the moment of the checkout’s transaction, not of the look before it', async () => {
    await place({ openingHours: every(['07:00', '13:00']) });
    laundry.clock.standAt(closing - minute);
    const database = laundry.app.database.pool.options;
    const other = new pg.Client({
      host: database.host,
      port: database.port,
      user: database.user,
      database: database.database,
    });
    await other.connect();
    await other.query('begin');
    await other.query('select from devices where id = $1 for no key update', [laundry.washer.id]);
    const answer = intent('{now}');
    await laundry.until('the checkout waits for the device', async () => {
      const { rows } = await laundry.app.database.pool.query(
        "select from pg_stat_activity where wait_event_type = 'Lock' and query like '%devices%' and datname = current_database()",
      );
      return rows.length > 0;
    });
    laundry.clock.standAt(closing - minute + 1);
    await other.query('commit');
    await other.end();
    expectError(await answer, 409, 'DEVICE_CLOSED');
    expect((await ask(laundry, 'GET /api/sessions?status=PENDING')).body).toEqual([]);
  });
});

describe('who began to pay while it was open', () => {
  const closing = noon + 60 * minute;
  beforeEach(async () => {
    await place({ openingHours: every(['07:00', '13:00']) });
    laundry.clock.standAt(closing - minute);
  });

  test('goes on with the same checkout for as long as the hold runs, and with no other', async () => {
    const begun = await begin();
    expect(begun.status).toBe(200);
    laundry.clock.standAt(closing + minute);
    const again = await intent('{now}', begun.cookie);
    expect([again.status, again.body.url]).toEqual([200, begun.url]);
    expectError(await intent('{delayed}', begun.cookie), 409, 'DEVICE_CLOSED');
    expectError(await intent('{now}'), 409, 'DEVICE_CLOSED'); // somebody else
    laundry.clock.standAt(closing + 2 * minute); // the hold's three minutes are over
    expectError(await intent('{now}', begun.cookie), 409, 'DEVICE_CLOSED');
  });

  test('is let in although the money comes after closing, and the run goes to its end', async () => {
    const begun = await begin();
    laundry.clock.standAt(closing + minute);
    expect(await laundry.stripe.pay(begun.checkoutId)).toEqual({ paid: true });
    await laundry.until('paid', async () => (await sessionOf(laundry, begun.token)).status === 'ACTIVE');
    await laundry.ahead(0);
    await untilState(laundry, begun.token, 'running');
    await place({ openingHours: { kind: 'closed' } });
    await laundry.ahead(30_000);
    expect(await sessionOf(laundry, begun.token)).toMatchObject({ state: 'running', remainingSeconds: 30 });
    await laundry.ahead(31_000);
    expect(await sessionOf(laundry, begun.token)).toMatchObject({ status: 'COMPLETED', refund: null });
  });
});
