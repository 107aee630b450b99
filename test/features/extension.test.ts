import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Laundry, openLaundry } from '../support/laundry.ts';
import { beginToPay, sessionOf, untilState } from '../support/purchase.ts';

let laundry: Laundry;
beforeAll(async () => {
  laundry = await openLaundry();
});
afterEach(async () => {
  laundry.shelly.setFault('Washer 1', 'none');
  laundry.stripe.holdWebhooks(false);
  for (const row of await live()) {
    await laundry.call('PATCH', `/api/sessions/${row.token}/end`, { token: laundry.tokens.admin, body: {} });
  }
  await laundry.ahead(4000);
});
afterAll(() => laundry.close());

const relay = () => laundry.shelly.device('Washer 1').channels[0];
const live = async (): Promise<{ token: string }[]> =>
  (await laundry.call('GET', '/api/sessions?status=ACTIVE', { token: laundry.tokens.admin })).body;
const staffView = async (token: string) =>
  (await laundry.call('GET', `/api/sessions/${token}`, { token: laundry.tokens.admin })).body;
const extend = (token: string, planId: string) =>
  laundry.call('POST', `/api/public/sessions/${token}/extend`, { body: { planId } });
const checkout = (id: string) => {
  const found = laundry.stripe.checkouts().find((one) => one.id === id);
  if (found === undefined) throw new Error('There is no such checkout');
  return found;
};
/** The checkout for more time, by its id at Stripe. */
async function wish(token: string, planId: string): Promise<string> {
  const { status, body } = await extend(token, planId);
  expect(status).toBe(200);
  return laundry.stripe.checkouts().find((one) => one.url === body.url)?.id ?? '';
}
/** What of the charge behind a checkout went back at Stripe. */
const refundedOf = (id: string) => {
  const { paymentIntentId } = checkout(id);
  return laundry.stripe.charges().find((one) => one.paymentIntentId === paymentIntentId)?.amountRefunded;
};

/** A run of the hour's plan, under way. */
async function running(): Promise<{ token: string; checkout: string; endsAt: number }> {
  const begun = await beginToPay(laundry, laundry.washer.plans.hour);
  expect((await laundry.stripe.pay(begun.checkoutId)).paid).toBe(true);
  await untilState(laundry, begun.token, 'waiting-to-start');
  await laundry.ahead(5 * 60_000);
  const session = await untilState(laundry, begun.token, 'running');
  return { token: begun.token, checkout: begun.checkoutId, endsAt: Date.parse(session.endsAt) };
}

async function endsAt(token: string, at: number): Promise<void> {
  await laundry.until('the new end', async () => Date.parse((await sessionOf(laundry, token)).endsAt) === at);
}

describe('more time for a running session', () => {
  test('is sold in the currency of the run alone, so that its sums are of one money; for nothing it is had as before', async () => {
    const run = await running();
    const currency = (code: string) =>
      laundry.call('PATCH', '/api/settings', { token: laundry.tokens.admin, body: { currency: code } });
    const onTop = async (): Promise<{ price: number }[]> => (await sessionOf(laundry, run.token)).onTop;
    const before = await onTop();
    expect((await currency('usd')).status).toBe(200);
    expect(await onTop()).toEqual(before.filter(({ price }) => price === 0));
    const { length } = laundry.stripe.checkouts();
    const refused = await extend(run.token, laundry.washer.plans.hour);
    expect([refused.status, refused.body.code]).toEqual([409, 'NOT_EXTENDABLE']);
    expect(laundry.stripe.checkouts()).toHaveLength(length);
    await currency('eur');
    expect(await onTop()).toEqual(before);
    expect((await extend(run.token, laundry.washer.plans.hour)).status).toBe(200);
  });

  test('is offered on its page, paid, and moves the end and the timer of the device together', async () => {
    const run = await running();
    const offered = (await sessionOf(laundry, run.token)).onTop;
    expect(offered).toContainEqual({ id: laundry.washer.plans.hour, name: 'Standard wash', duration: 60, price: 250 });
    const more = await wish(run.token, laundry.washer.plans.hour);
    expect(checkout(more).successUrl).toBe(`${laundry.url}/session/${run.token}?added=1`);
    await laundry.stripe.pay(more);
    await endsAt(run.token, run.endsAt + 3_600_000);
    await laundry.until('the timer of the device', () => (relay()?.timerDuration ?? 0) > 3700);
    const session = await sessionOf(laundry, run.token);
    expect(session.added).toEqual([{ minutes: 60, at: expect.any(String) }]);
    expect(await staffView(run.token)).toMatchObject({ durationMinutes: 120, added: [{ minutes: 60 }] });
    const page = await laundry.call('GET', `/session/${run.token}`, { headers: { 'accept-language': 'en' } });
    expect(page.text).toContain('1 h added.');
    const { rows } = await laundry.app.database.pool.query(
      "select from audit_entries where action = 'session extended'",
    );
    expect(rows).toHaveLength(1);
    await laundry.ahead(2 * 3_600_000);
    await untilState(laundry, run.token, 'complete');
    expect(relay()?.output).toBe(false);
    expect([refundedOf(run.checkout), refundedOf(more)]).toEqual([0, 0]);
  });

  test('told by every event twice is added once', async () => {
    const run = await running();
    const more = await wish(run.token, laundry.washer.plans.now);
    await laundry.stripe.pay(more);
    await endsAt(run.token, run.endsAt + 60_000);
    for (const event of laundry.stripe.events()) await laundry.stripe.deliver(event.id, 2);
    await laundry.call('GET', `/session/${run.token}?added=1`);
    await laundry.call('POST', `/api/public/device/${laundry.washer.uid}/activate`, {
      body: { checkoutSessionId: more },
    });
    expect(Date.parse((await sessionOf(laundry, run.token)).endsAt)).toBe(run.endsAt + 60_000);
  });

  test('asked for twice is one checkout, and another plan another', async () => {
    const run = await running();
    const [first, second, other] = [
      await extend(run.token, laundry.washer.plans.now),
      await extend(run.token, laundry.washer.plans.now),
      await extend(run.token, laundry.washer.plans.hour),
    ];
    expect(second.body.url).toBe(first.body.url);
    expect(other.body.url).not.toBe(first.body.url);
  });

  test('paid after the run was over goes back whole, and what was delivered stays paid', async () => {
    const run = await running();
    const more = await wish(run.token, laundry.washer.plans.hour);
    laundry.stripe.holdWebhooks(true);
    expect(await laundry.stripe.pay(more)).toEqual({ paid: true });
    await laundry.ahead(61 * 60_000);
    await untilState(laundry, run.token, 'complete');
    await laundry.until('all of it back', () => refundedOf(more) === 250);
    laundry.stripe.holdWebhooks(false);
    expect(refundedOf(run.checkout)).toBe(0);
    expect((await sessionOf(laundry, run.token)).added).toEqual([]);
  });

  test('whose checkout is open when the run ends cannot be paid any more', async () => {
    const run = await running();
    const more = await wish(run.token, laundry.washer.plans.hour);
    await laundry.ahead(61 * 60_000);
    await untilState(laundry, run.token, 'complete');
    await laundry.until('its checkout expired', () => checkout(more).status === 'expired');
    expect(await laundry.stripe.pay(more)).toMatchObject({ paid: false });
  });

  test('ended by staff in the middle: what is left goes back from the newest payment first', async () => {
    const run = await running();
    const more = await wish(run.token, laundry.washer.plans.hour);
    await laundry.stripe.pay(more);
    await endsAt(run.token, run.endsAt + 3_600_000);
    await laundry.ahead(30 * 60_000);
    await laundry.call('PATCH', `/api/sessions/${run.token}/end`, { token: laundry.tokens.admin, body: {} });
    await laundry.until('the newest back whole', () => refundedOf(more) === 250);
    const session = (await laundry.app.services.sessions.byToken(run.token))?.run;
    const earned = Math.floor((500 * Math.floor((session?.onMs ?? 0) / 1000)) / 7200); // of both hours
    await laundry.until('and of the older the rest', () => refundedOf(run.checkout) === 500 - earned - 250);
  });

  test('given back by hand takes the time away again', async () => {
    const run = await running();
    const more = await wish(run.token, laundry.washer.plans.hour);
    await laundry.stripe.pay(more);
    await endsAt(run.token, run.endsAt + 3_600_000);
    await laundry.stripe.refundFromDashboard(checkout(more).paymentIntentId ?? '');
    await endsAt(run.token, run.endsAt);
    expect(await sessionOf(laundry, run.token)).toMatchObject({ added: [], state: 'running' });
    await laundry.until('the timer of the device', () => (relay()?.timerDuration ?? 9999) <= 3600);
    await laundry.ahead(61 * 60_000);
    await untilState(laundry, run.token, 'complete');
    expect([refundedOf(run.checkout), refundedOf(more)]).toEqual([0, 250]);
  });

  test('that costs nothing is added at once', async () => {
    const run = await running();
    const { status, body } = await extend(run.token, laundry.washer.plans.free);
    expect([status, body.url]).toEqual([200, `${laundry.url}/session/${run.token}?added=1`]);
    expect(Date.parse((await sessionOf(laundry, run.token)).endsAt)).toBe(run.endsAt + 120_000);
  });

  test('that costs nothing is added once, however often it is asked for', async () => {
    const run = await running();
    const offered = async (): Promise<string[]> =>
      (await sessionOf(laundry, run.token)).onTop.map((one: { id: string }) => one.id);
    expect(await offered()).toContain(laundry.washer.plans.free);
    const asked = await Promise.all(Array.from({ length: 8 }, () => extend(run.token, laundry.washer.plans.free)));
    expect(new Set(asked.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await sessionOf(laundry, run.token)).toMatchObject({ added: [{ minutes: 2 }] });
    expect(Date.parse((await sessionOf(laundry, run.token)).endsAt)).toBe(run.endsAt + 120_000);
    expect(await offered()).not.toContain(laundry.washer.plans.free);
  });
});

describe('more time is not sold', () => {
  test.each([
    ['of a plan that there is not', 404, 'NOT_FOUND', async (token: string) => extend(token, 'plan_none')],
    ['of another device', 404, 'NOT_FOUND', async (token: string) => extend(token, laundry.dryer.plan)],
    ['for a session that there is not', 404, 'NOT_FOUND', async () => extend('none', laundry.washer.plans.now)],
    [
      'in the last minute',
      409,
      'NOT_EXTENDABLE',
      async (token: string) => {
        await laundry.ahead(59.5 * 60_000);
        return extend(token, laundry.washer.plans.now);
      },
    ],
    [
      'in maintenance',
      409,
      'NOT_EXTENDABLE',
      async (token: string) => {
        const path = `/api/devices/${laundry.washer.id}`;
        await laundry.call('PATCH', path, { token: laundry.tokens.admin, body: { status: 'MAINTENANCE' } });
        const answer = await extend(token, laundry.washer.plans.now);
        await laundry.call('PATCH', path, { token: laundry.tokens.admin, body: { status: 'ACTIVE' } });
        return answer;
      },
    ],
    [
      'outside the opening hours',
      409,
      'NOT_EXTENDABLE',
      async (token: string) => {
        const set = (openingHours: unknown) =>
          laundry.call('PATCH', `/api/devices/${laundry.washer.id}`, {
            token: laundry.tokens.admin,
            body: { openingHours },
          });
        expect((await set({ kind: 'closed' })).status).toBe(200);
        const answer = await extend(token, laundry.washer.plans.now);
        expect((await sessionOf(laundry, token)).onTop).toEqual([]);
        await set(null);
        return answer;
      },
    ],
    [
      'while the machine does not answer',
      409,
      'NOT_EXTENDABLE',
      async (token: string) => {
        laundry.shelly.setFault('Washer 1', 'offline');
        await laundry.ahead(15_000);
        await untilState(laundry, token, 'unavailable');
        return extend(token, laundry.washer.plans.now);
      },
    ],
    [
      'with an address to return to that is not ours',
      400,
      'VALIDATION_ERROR',
      async (token: string) =>
        laundry.call('POST', `/api/public/sessions/${token}/extend`, {
          body: { planId: laundry.washer.plans.now, successUrl: 'https://evil.example/' },
        }),
    ],
  ])('%s', async (_, status, code, ask) => {
    const run = await running();
    const before = laundry.stripe.checkouts().length;
    const answer = await ask(run.token);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(laundry.stripe.checkouts()).toHaveLength(before);
  });

  test('beyond a day, all in all', async () => {
    const run = await running();
    const path = `/api/devices/${laundry.washer.id}/periods`;
    const body = { name: 'All day', duration: 1440, price: 0 };
    const plan = (await laundry.call('POST', path, { token: laundry.tokens.admin, body })).body.id;
    expect((await extend(run.token, plan)).body.code).toBe('NOT_EXTENDABLE');
    expect((await sessionOf(laundry, run.token)).onTop.map((one: { id: string }) => one.id)).not.toContain(plan);
  });
});
