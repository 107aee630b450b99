import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Laundry, openLaundry } from '../../support/laundry.ts';
import { beginToPay, sessionOf } from '../../support/purchase.ts';
import { ask, expectError, instant } from '../../support/requests.ts';

let laundry: Laundry;
beforeAll(async () => {
  laundry = await openLaundry({ engine: false });
});
afterAll(() => laundry.close());

const fresh = {
  status: 'PENDING',
  startedAt: null,
  endsAt: null,
  remainingSeconds: 60,
  deviceName: 'Washer 1',
  planName: 'Quick rinse',
  state: 'waiting-for-payment',
  startsAt: null,
  endedAt: null,
  failureReason: null,
  added: [],
  onTop: [],
  refund: null,
};
/** Without an engine nothing happens but what is asked for. */
const until = (token: string, state: string) =>
  laundry.until(`the session is ${state}`, async () => {
    await laundry.ahead(0);
    const session = await sessionOf(laundry, token);
    return session.state === state ? session : null;
  });
const paid = (token: string) =>
  laundry.until('the payment has come in', async () => (await sessionOf(laundry, token)).status === 'ACTIVE');

describe('a session as its guest sees it', () => {
  test('waits for the money, starts, runs and is complete', async () => {
    const begun = await beginToPay(laundry, laundry.washer.plans.now);
    const waiting = await ask(laundry, `GET /api/public/sessions/${begun.token}`, undefined, { token: null });
    expect([waiting.status, waiting.body]).toEqual([200, fresh]);
    expect(waiting.headers.get('cache-control')).toBe('no-store');
    await laundry.stripe.pay(begun.checkoutId);
    await paid(begun.token);
    const running = await until(begun.token, 'running');
    expect(running).toEqual({
      ...fresh,
      status: 'ACTIVE',
      state: 'running',
      remainingSeconds: expect.any(Number),
      startsAt: instant,
      startedAt: instant,
      endsAt: instant,
    });
    expect(Date.parse(running.endsAt) - Date.parse(running.startedAt)).toBe(60_000);
    expect(running.remainingSeconds).toBeGreaterThan(55);
    await laundry.ahead(30_000);
    expect((await sessionOf(laundry, begun.token)).remainingSeconds).toBeLessThanOrEqual(30);
    await laundry.ahead(31_000);
    expect(await until(begun.token, 'complete')).toEqual({
      ...running,
      status: 'COMPLETED',
      state: 'complete',
      remainingSeconds: 0,
      endedAt: instant,
    });
  });

  test('is active during the delay, with the relay off and the whole time left', async () => {
    const begun = await beginToPay(laundry, laundry.washer.plans.delayed);
    await laundry.stripe.pay(begun.checkoutId);
    await paid(begun.token);
    const delayed = await until(begun.token, 'waiting-to-start');
    expect(delayed).toEqual({
      ...fresh,
      planName: 'Quick rinse, load first',
      status: 'ACTIVE',
      state: 'waiting-to-start',
      startsAt: instant,
    });
    expect(laundry.shelly.device('Washer 1').channels[0]?.output).toBe(false);
    await laundry.ahead(61_000);
    const running = await until(begun.token, 'running');
    expect(Date.parse(running.startedAt)).toBeGreaterThanOrEqual(Date.parse(delayed.startsAt));
    await ask(laundry, `PATCH /api/sessions/${begun.token}/end`);
  });

  test('is cancelled when its checkout runs out unpaid', async () => {
    const begun = await beginToPay(laundry, laundry.washer.plans.now);
    laundry.clock.ahead(3_600_000);
    laundry.stripe.checkouts();
    const over = await until(begun.token, 'payment-not-completed');
    expect(over).toEqual({
      ...fresh,
      status: 'CANCELLED',
      state: 'payment-not-completed',
      remainingSeconds: 0,
      endedAt: instant,
      failureReason: 'payment_not_completed',
    });
    const [payment] = (await ask(laundry, 'GET /api/payments?limit=1')).body;
    expect(payment).toMatchObject({ status: 'FAILED', stripeSessionId: begun.checkoutId, paidAt: null });
  });

  test('tells what goes back when the machine did not start', async () => {
    const begun = await beginToPay(laundry, laundry.washer.plans.now);
    await laundry.stripe.pay(begun.checkoutId);
    await paid(begun.token);
    laundry.shelly.setFault('Washer 1', 'dead-relay');
    await laundry.ahead(0);
    await laundry.ahead(21_000);
    const failed = await until(begun.token, 'failed-to-start');
    expect(failed).toMatchObject({ status: 'CANCELLED', startedAt: null, failureReason: 'relay_on_failed' });
    expect(failed.refund).toEqual({ amount: 100, state: expect.stringMatching(/pending|done/) });
    const refunded = await laundry.until('the money is back', async () => {
      await laundry.ahead(1000);
      const session = await sessionOf(laundry, begun.token);
      return session.refund?.state === 'done' ? session : null;
    });
    expect(refunded.refund).toEqual({ amount: 100, state: 'done' });
    laundry.shelly.setFault('Washer 1', 'none');
  });

  test.each(['unknown', 'ses_00000000000000000000000000', 'A'.repeat(32), 'A'.repeat(513), '%2e%2e%2fhealth'])(
    'is not found by %s',
    async (token) => {
      for (const path of [`/api/public/sessions/${token}`, `/api/public/sessions/${token}/events`]) {
        expectError(await ask(laundry, `GET ${path}`, undefined, { token: null }), 404, 'NOT_FOUND');
      }
    },
  );
});

describe('a session followed live', () => {
  test('sends the whole view at once, and again at every change', async () => {
    const begun = await beginToPay(laundry, laundry.washer.plans.now);
    const events = await follow(begun.token);
    expect(events.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(events.headers.get('cache-control')).toBe('no-store');
    expect(await events.next((view) => view.state === 'waiting-for-payment')).toEqual(fresh);
    await laundry.stripe.pay(begun.checkoutId);
    await events.next((view) => view.status === 'ACTIVE');
    await laundry.ahead(0);
    const running = await events.next((view) => view.state === 'running');
    expect(running).toMatchObject({ startedAt: instant, endsAt: instant });
    await ask(laundry, `PATCH /api/sessions/${begun.token}/end`);
    const ended = await events.next((view) => view.status === 'CANCELLED');
    expect(ended).toMatchObject({ failureReason: 'force_ended_by_admin', endedAt: instant });
    await events.leave();
  });

  type View = Record<string, unknown>;

  async function follow(token: string) {
    const leaving = new AbortController();
    const response = await fetch(`${laundry.url}/api/public/sessions/${token}/events`, { signal: leaving.signal });
    const views: View[] = [];
    const reading = (async () => {
      let text = '';
      for await (const bytes of response.body ?? []) {
        text += Buffer.from(bytes).toString('utf8');
        const parts = text.split('\n\n');
        text = parts.pop() ?? '';
        for (const part of parts) if (part.startsWith('data: ')) views.push(JSON.parse(part.slice(6)));
      }
    })().catch(() => undefined);
    return {
      headers: response.headers,
      next: (wanted: (view: View) => boolean) => laundry.until('an event', () => views.find(wanted)),
      leave: async () => {
        leaving.abort();
        await reading;
      },
    };
  }
});
