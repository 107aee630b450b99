import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Laundry, openLaundry } from '../../support/laundry.ts';
import { beginToPay, sessionOf } from '../../support/purchase.ts';
import { ask, expectError, expectRefused, type Refusal } from '../../support/requests.ts';

let laundry: Laundry;
beforeAll(async () => {
  laundry = await openLaundry({ engine: false });
});
afterAll(() => laundry.close());
afterEach(async () => {
  laundry.shelly.setFault('Dryer', 'none');
  await ask(laundry, 'POST /api/devices/{dryer}/switch', { on: false });
});

const relay = (name = 'Dryer') => laundry.shelly.device(name).channels[0];
const doSwitch = (body?: unknown, token = laundry.tokens.admin) =>
  ask(laundry, 'POST /api/devices/{dryer}/switch', body, { token });

/** A washer that runs for a guest who paid for its minute. */
async function running() {
  const begun = await beginToPay(laundry, laundry.washer.plans.now);
  await laundry.stripe.pay(begun.checkoutId);
  await laundry.until('the washer runs', async () => {
    await laundry.ahead(0);
    return (await sessionOf(laundry, begun.token)).state === 'running';
  });
  return begun;
}

describe('switching by hand', () => {
  test('on carries its own end: a quarter of an hour, or as many minutes as were asked for', async () => {
    const answer = await doSwitch({ on: true });
    expect([answer.status, answer.body]).toEqual([200, { on: true }]);
    expect(relay()).toMatchObject({ output: true, timerDuration: 900 });
    expect((await doSwitch({ on: true, minutes: 240 }, laundry.tokens.operator)).body).toEqual({ on: true });
    expect(relay()).toMatchObject({ output: true, timerDuration: 14_400 });
    expect((await ask(laundry, 'GET /api/devices/{dryer}')).body).toMatchObject({ relay: 'on', inUse: false });
  });

  test('off is off, also when it is off already', async () => {
    await doSwitch({ on: true });
    for (const body of [{ on: false }, { on: false, minutes: 5 }]) {
      expect((await doSwitch(body)).body).toEqual({ on: false });
      expect(relay()).toMatchObject({ output: false, timerDuration: null });
    }
  });

  test('without saying which way it goes the other way round', async () => {
    expect((await doSwitch()).body).toEqual({ on: true });
    expect((await doSwitch({})).body).toEqual({ on: false });
    expect((await doSwitch({ minutes: 2 })).body).toEqual({ on: true });
    expect(relay()).toMatchObject({ output: true, timerDuration: 120 });
  });

  test('is written down: who, what, and for how long', async () => {
    await doSwitch({ on: true, minutes: 3 }, laundry.tokens.operator);
    const { rows } = await laundry.app.database.pool.query(
      `select action, details from audit_entries where entity = 'Device' order by number desc limit 1`,
    );
    expect(rows).toEqual([
      { action: 'switched on by staff', details: { name: 'Dryer', kind: 'switch-on', autoOffSeconds: 180 } },
    ]);
  });

  test.each([
    ['offline', 502, 'UPSTREAM_ERROR'],
    ['refuses', 502, 'UPSTREAM_ERROR'],
    ['dead-relay', 502, 'UPSTREAM_ERROR'],
    ['slow', 504, 'UPSTREAM_TIMEOUT'],
  ] as const)('of a device that is %s is the vendor’s trouble, and says so', async (fault, status, code) => {
    laundry.shelly.setFault('Dryer', fault);
    const answer = await doSwitch({ on: true });
    expectError(answer, status, code);
    expect(answer.text).not.toMatch(/127\.0\.0\.1|dryer-password/);
  });

  const path = 'POST /api/devices/{dryer}/switch';
  const wrong = 'VALIDATION_ERROR';
  test.each<Refusal>([
    ['on in words', path, { on: 'true' }, 400, wrong, 'on'],
    ['on by number', path, { on: 1 }, 400, wrong, 'on'],
    ['on by null', path, { on: null }, 400, wrong, 'on'],
    ['no minutes', path, { on: true, minutes: 0 }, 400, wrong, 'minutes'],
    ['negative minutes', path, { on: true, minutes: -5 }, 400, wrong, 'minutes'],
    ['241 minutes', path, { on: true, minutes: 241 }, 400, wrong, 'minutes'],
    ['half a minute', path, { on: true, minutes: 0.5 }, 400, wrong, 'minutes'],
    ['minutes in words', path, { on: true, minutes: '15' }, 400, wrong, 'minutes'],
    ['seconds', path, { on: true, seconds: 15 }, 400, wrong, 'seconds'],
    ['a list', path, [true], 400, wrong, 'body'],
    ['an unknown device', 'POST /api/devices/dev_unknown/switch', { on: true }, 404, 'NOT_FOUND'],
    ['a device by its public address', 'POST /api/devices/{dryerUid}/switch', { on: true }, 404, 'NOT_FOUND'],
    ['an unknown device, off', 'POST /api/devices/dev_unknown/force-off', undefined, 404, 'NOT_FOUND'],
  ])('refuses %s', async (...row) => {
    await expectRefused(laundry, row);
    expect(relay()?.output).toBe(false);
  });
});

describe('forcing off', () => {
  test('is for administrators', async () => {
    await doSwitch({ on: true });
    const refusal: Refusal = ['', 'POST /api/devices/{dryer}/force-off', undefined, 403, 'FORBIDDEN'];
    await expectRefused(laundry, refusal, { token: laundry.tokens.operator });
    expect(relay()?.output).toBe(true);
    const answer = await ask(laundry, 'POST /api/devices/{dryer}/force-off');
    expect([answer.status, answer.body, relay()?.output]).toEqual([200, { on: false }, false]);
  });

  test('ends a running session as ended by staff, and what was not delivered goes back; switching is refused before', async () => {
    const begun = await running();
    for (const on of [true, false]) {
      await expectRefused(laundry, ['', 'POST /api/devices/{washer}/switch', { on }, 409, 'DEVICE_IN_USE']);
    }
    expect(relay('Washer 1')?.output).toBe(true);
    await laundry.ahead(30_000);
    expect((await ask(laundry, 'POST /api/devices/{washer}/force-off', {})).body).toEqual({ on: false });
    expect(relay('Washer 1')?.output).toBe(false);
    const ended = await laundry.until('the money went back', async () => {
      await laundry.ahead(1000);
      const session = await sessionOf(laundry, begun.token);
      return session.refund?.state === 'done' ? session : null;
    });
    expect(ended).toMatchObject({ status: 'CANCELLED', failureReason: 'force_ended_by_admin', remainingSeconds: 0 });
    const onFor = (Date.parse(ended.endedAt) - Date.parse(ended.startedAt)) / 1000;
    expect(onFor).toBeGreaterThanOrEqual(29);
    expect(ended.refund.amount).toBeLessThanOrEqual(51);
    expect(ended.refund.amount).toBeGreaterThanOrEqual(35);
    expect(laundry.stripe.charges().at(-1)?.amountRefunded).toBe(ended.refund.amount);
  });

  test('ends the session even when the relay cannot be reached, and says that it could not', async () => {
    const begun = await running();
    laundry.shelly.setFault('Washer 1', 'offline');
    expectError(await ask(laundry, 'POST /api/devices/{washer}/force-off'), 502, 'UPSTREAM_ERROR');
    await laundry.ahead(1000);
    expect(await sessionOf(laundry, begun.token)).toMatchObject({
      status: 'CANCELLED',
      failureReason: 'force_ended_by_admin',
    });
    laundry.shelly.setFault('Washer 1', 'none');
    expect((await ask(laundry, 'POST /api/devices/{washer}/force-off')).body).toEqual({ on: false });
    expect(relay('Washer 1')?.output).toBe(false);
  });
});
