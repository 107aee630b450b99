import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Laundry, openLaundry } from '../../support/laundry.ts';
import { beginToPay, sessionOf } from '../../support/purchase.ts';
import { ask, expectError, expectRefused, idOf, instant, type Refusal } from '../../support/requests.ts';

let laundry: Laundry;
beforeAll(async () => {
  laundry = await openLaundry({ engine: false });
});
afterAll(() => laundry.close());

const relay = (name = 'Washer 1') => laundry.shelly.device(name).channels[0]?.output;
const pending = (token: string) => ({
  id: idOf('ses'),
  token,
  deviceId: laundry.washer.id,
  deviceName: 'Washer 1',
  locationId: laundry.locationId,
  planId: laundry.washer.plans.now,
  planName: 'Quick rinse',
  paymentId: idOf('pay'),
  guestEmail: 'guest@example.com',
  status: 'PENDING',
  durationMinutes: 1,
  delayMinutes: 0,
  added: [],
  actualDuration: null,
  energyWh: null,
  remainingSeconds: 60,
  startsAt: null,
  startedAt: null,
  endsAt: null,
  endedAt: null,
  failureReason: null,
  createdAt: instant,
});

async function runs(planId = laundry.washer.plans.now) {
  const begun = await beginToPay(laundry, planId);
  await laundry.stripe.pay(begun.checkoutId);
  await laundry.until('the money is here', async () => (await sessionOf(laundry, begun.token)).status === 'ACTIVE');
  await laundry.ahead(0);
  return begun;
}
const settled = (token: string) =>
  laundry.until('what was asked for went back', async () => {
    await laundry.ahead(1000);
    const session = await sessionOf(laundry, token);
    return session.refund === null || session.refund.state === 'done' ? session : null;
  });

describe('sessions as staff sees them', () => {
  test('are the same in the list and alone, where their messages are told as well, for operators too', async () => {
    const begun = await beginToPay(laundry, laundry.washer.plans.now);
    const operator = { token: laundry.tokens.operator };
    const list = await ask(laundry, 'GET /api/sessions', undefined, operator);
    expect([list.status, list.body]).toEqual([200, [pending(begun.token)]]);
    const one = await ask(laundry, `GET /api/sessions/${begun.token}`, undefined, operator);
    expect([one.status, one.body]).toEqual([200, { ...list.body[0], messages: [] }]);
    await ask(laundry, `PATCH /api/sessions/${begun.token}/end`);
  });

  test('are filtered by status, device and location', async () => {
    const done = await runs();
    await laundry.ahead(61_000);
    const active = await runs(laundry.washer.plans.delayed);
    const waiting = await beginToPay(laundry, laundry.dryer.plan, { uid: laundry.dryer.uid });
    const { body: cellar } = await ask(laundry, 'POST /api/locations', { name: 'Cellar' });
    await ask(laundry, 'PATCH /api/devices/{dryer}', { locationId: cellar.id });
    const tokens = async (query: string) =>
      (await ask(laundry, `GET /api/sessions?${query}`)).body.map(({ token }: { token: string }) => token);
    expect(await tokens('status=PENDING')).toEqual([waiting.token]);
    expect(await tokens('status=ACTIVE')).toEqual([active.token]);
    expect(await tokens('status=COMPLETED')).toEqual([done.token]);
    expect((await tokens('status=CANCELLED')).length).toBe(1);
    expect((await tokens('')).slice(0, 3)).toEqual([waiting.token, active.token, done.token]);
    expect(await tokens('deviceId={dryer}')).toEqual([waiting.token]);
    expect((await tokens('deviceId={washer}')).length).toBe(3);
    expect(await tokens(`locationId=${cellar.id}`)).toEqual([waiting.token]);
    expect(await tokens('deviceId={washer}&status=COMPLETED&locationId={location}')).toEqual([done.token]);
    expect(await tokens(`deviceId={washer}&locationId=${cellar.id}`)).toEqual([]);
    for (const unknown of ['deviceId=dev_unknown', 'locationId=loc_unknown', 'deviceId={washerUid}']) {
      expect(await tokens(unknown)).toEqual([]);
    }
    for (const { token } of [active, waiting]) await ask(laundry, `PATCH /api/sessions/${token}/end`);
    await ask(laundry, 'PATCH /api/devices/{dryer}', { locationId: laundry.locationId });
  });

  test('tell what was bought, what was delivered, and when', async () => {
    const begun = await runs();
    await laundry.ahead(61_000);
    const { body } = await ask(laundry, `GET /api/sessions/${begun.token}`);
    expect(body).toEqual({
      ...pending(begun.token),
      messages: [],
      status: 'COMPLETED',
      actualDuration: 1,
      energyWh: 34.2, // 2050 W for a minute
      remainingSeconds: 0,
      startsAt: instant,
      startedAt: instant,
      endsAt: instant,
      endedAt: instant,
    });
  });

  test('still name a device that is gone', async () => {
    const made = await ask(laundry, 'POST /api/devices/{dryer}/periods', { name: 'Free', duration: 1, price: 0 });
    const begun = await beginToPay(laundry, made.body.id, { uid: laundry.dryer.uid });
    await ask(laundry, `PATCH /api/sessions/${begun.token}/end`);
    expect((await ask(laundry, 'DELETE /api/devices/{dryer}')).body).toEqual({ ok: true });
    expect((await ask(laundry, `GET /api/sessions/${begun.token}`)).body).toMatchObject({
      deviceId: laundry.dryer.id,
      deviceName: 'Dryer',
      status: 'CANCELLED',
    });
    expect(await sessionOf(laundry, begun.token)).toMatchObject({ deviceName: 'Dryer' });
    expect((await ask(laundry, 'GET /api/sessions?deviceId={dryer}')).body.length).toBeGreaterThan(0);
  });
});

describe('ending a session', () => {
  test('switches off at once, and what was not delivered goes back', async () => {
    const begun = await runs();
    expect(relay()).toBe(true);
    await laundry.ahead(20_000);
    const ended = await ask(laundry, `PATCH /api/sessions/${begun.token}/end`);
    expect(relay()).toBe(false);
    expect([ended.status, ended.body]).toEqual([
      200,
      {
        ...pending(begun.token),
        status: 'CANCELLED',
        failureReason: 'force_ended_by_admin',
        actualDuration: expect.any(Number),
        energyWh: expect.any(Number),
        remainingSeconds: 0,
        startsAt: instant,
        startedAt: instant,
        endsAt: instant,
        endedAt: instant,
      },
    ]);
    expect(ended.body.actualDuration).toBeGreaterThanOrEqual(0.32);
    expect(ended.body.energyWh).toBeGreaterThanOrEqual(11.3); // 20 s
    const { refund } = await settled(begun.token);
    expect(refund.amount).toBeGreaterThan(50);
    expect(refund.amount).toBeLessThanOrEqual(68);
  });

  test.each([
    [{ refund: false }, 'nothing'],
    [{ refund: true }, 'all'],
    [{}, 'all'],
  ])('during the delay, asked with %j, gives back %s', async (body, what) => {
    const begun = await runs(laundry.washer.plans.delayed);
    const { status, failureReason } = (await ask(laundry, `PATCH /api/sessions/${begun.token}/end`, body)).body;
    expect([status, failureReason]).toEqual(['CANCELLED', 'force_ended_by_admin']);
    const { refund } = await settled(begun.token);
    expect(refund).toEqual(what === 'all' ? { amount: 100, state: 'done' } : null);
    expect(relay()).toBe(false);
  });

  test('without a refund keeps the money of a run that was cut short', async () => {
    const begun = await runs();
    await ask(laundry, `PATCH /api/sessions/${begun.token}/end`, { refund: false });
    expect(relay()).toBe(false);
    expect((await settled(begun.token)).refund).toBeNull();
    expect(laundry.stripe.charges().at(-1)?.amountRefunded).toBe(0);
  });

  test('before it is paid gives up its checkout', async () => {
    const begun = await beginToPay(laundry, laundry.washer.plans.now);
    const ended = await ask(laundry, `PATCH /api/sessions/${begun.token}/end`);
    expect(ended.body).toMatchObject({ status: 'CANCELLED', failureReason: 'force_ended_by_admin', startedAt: null });
    await laundry.ahead(0);
    expect(laundry.stripe.checkouts().find(({ id }) => id === begun.checkoutId)?.status).toBe('expired');
  });

  test('takes hold even when the relay cannot be reached', async () => {
    const begun = await runs();
    laundry.shelly.setFault('Washer 1', 'offline');
    const ended = await ask(laundry, `PATCH /api/sessions/${begun.token}/end`);
    expect([ended.status, ended.body.status, ended.body.failureReason]).toEqual([
      200,
      'CANCELLED',
      'force_ended_by_admin',
    ]);
    laundry.shelly.setFault('Washer 1', 'none');
    await laundry.ahead(61_000);
    expect(relay()).toBe(false);
    await ask(laundry, 'POST /api/devices/{washer}/force-off');
  });
});

describe('marking a session as failed', () => {
  test('switches off at once, and all of it goes back', async () => {
    const begun = await runs();
    await laundry.ahead(40_000);
    const failed = await ask(laundry, `PATCH /api/sessions/${begun.token}/fail`, { reason: 'The door leaks' });
    expect([failed.status, relay()]).toEqual([200, false]);
    expect(failed.body).toMatchObject({ token: begun.token, status: 'CANCELLED', failureReason: 'failed_by_admin' });
    expect(failed.text).not.toContain('leaks');
    expect((await settled(begun.token)).refund).toEqual({ amount: 100, state: 'done' });
    const { rows } = await laundry.app.database.pool.query(
      `select action, details from audit_entries where entity = 'Session' order by number desc limit 1`,
    );
    expect(rows[0]).toMatchObject({
      action: 'session marked failed by staff',
      details: { deviceId: laundry.washer.id, reason: 'The door leaks' },
    });
  });

  test('needs no reason', async () => {
    const begun = await runs(laundry.washer.plans.delayed);
    expect((await ask(laundry, `PATCH /api/sessions/${begun.token}/fail`)).body.failureReason).toBe('failed_by_admin');
    expect((await settled(begun.token)).refund).toEqual({ amount: 100, state: 'done' });
  });
});

describe('what staff may not do to sessions', () => {
  const wrong = 'VALIDATION_ERROR';
  let live = '';
  beforeAll(async () => {
    live = (await runs(laundry.washer.plans.hour)).token;
  });

  test.each<Refusal>([
    ['end with a refund in words', 'PATCH /api/sessions/LIVE/end', { refund: 'no' }, 400, wrong, 'refund'],
    ['end with an amount', 'PATCH /api/sessions/LIVE/end', { refund: 50 }, 400, wrong, 'refund'],
    ['end with more', 'PATCH /api/sessions/LIVE/end', { amount: 50 }, 400, wrong, 'amount'],
    ['end with a list', 'PATCH /api/sessions/LIVE/end', [], 400, wrong, 'body'],
    ['fail for a number', 'PATCH /api/sessions/LIVE/fail', { reason: 5 }, 400, wrong, 'reason'],
    ['fail at length', 'PATCH /api/sessions/LIVE/fail', { reason: 'x'.repeat(501) }, 400, wrong, 'reason'],
    ['fail for half a character', 'PATCH /api/sessions/LIVE/fail', { reason: '\udc00' }, 400, wrong, 'reason'],
    ['look at an unknown one', 'GET /api/sessions/unknown', undefined, 404, 'NOT_FOUND'],
    ['end an unknown one', 'PATCH /api/sessions/unknown/end', {}, 404, 'NOT_FOUND'],
    ['fail an unknown one', 'PATCH /api/sessions/unknown/fail', {}, 404, 'NOT_FOUND'],
    ['ask for a state of another kind', 'GET /api/sessions?status=RUNNING', undefined, 400, wrong, 'status'],
    ['ask for a state in small letters', 'GET /api/sessions?status=active', undefined, 400, wrong, 'status'],
    ['ask for two states', 'GET /api/sessions?status=ACTIVE&status=PENDING', undefined, 400, wrong, 'status'],
    ['ask for half a list', 'GET /api/sessions?limit=0.5', undefined, 400, wrong, 'limit'],
  ])('%s', async (what, request, ...rest) => {
    await expectRefused(laundry, [what, request.replace('LIVE', live), ...rest]);
  });

  test.each(['end', 'fail'])('operators may not %s them', async (verb) => {
    const refusal: Refusal = ['', `PATCH /api/sessions/${live}/${verb}`, {}, 403, 'FORBIDDEN'];
    await expectRefused(laundry, refusal, { token: laundry.tokens.operator });
  });

  test('one that is over stays as it ended', async () => {
    await ask(laundry, `PATCH /api/sessions/${live}/end`);
    await settled(live);
    for (const verb of ['end', 'fail']) {
      await expectRefused(laundry, ['', `PATCH /api/sessions/${live}/${verb}`, undefined, 409, 'CONFLICT']);
    }
    expectError(await ask(laundry, `GET /api/sessions/${live}/end`), 405, 'METHOD_NOT_ALLOWED');
  });
});
