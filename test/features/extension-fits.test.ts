import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Laundry, openLaundry } from '../support/laundry.ts';
import { beginToPay, sessionOf, untilState } from '../support/purchase.ts';

/** Money for more time, when it comes: whether what it bought still fits. In Berlin it is a Monday evening. */
const minutes = 60_000;
const evening = Date.parse('2027-01-11T20:00:00+01:00');
const till22 = {
  openingHours: { kind: 'weekly', monday: [{ opens: '07:00', closes: '22:00' }] },
  lastStart: 'before-closing',
};

let laundry: Laundry;
beforeEach(async () => {
  laundry = await openLaundry({ at: evening });
});
afterEach(() => laundry.close());

const change = async (what: 'devices' | 'locations', body: unknown): Promise<void> => {
  const id = what === 'devices' ? laundry.washer.id : laundry.locationId;
  const answer = await laundry.call('PATCH', `/api/${what}/${id}`, { token: laundry.tokens.admin, body });
  expect(answer.status).toBe(200);
};

/** A run of an hour, five minutes after it was bought; webhooks are held from then on. */
async function running(): Promise<{ token: string; endsAt: number }> {
  const begun = await beginToPay(laundry, laundry.washer.plans.hour);
  await laundry.stripe.pay(begun.checkoutId);
  await untilState(laundry, begun.token, 'waiting-to-start');
  await laundry.ahead(5 * minutes);
  const session = await untilState(laundry, begun.token, 'running');
  laundry.stripe.holdWebhooks(true);
  return { token: begun.token, endsAt: Date.parse(session.endsAt) };
}

async function wish(token: string, planId: string): Promise<string> {
  const { status, body } = await laundry.call('POST', `/api/public/sessions/${token}/extend`, { body: { planId } });
  expect(status).toBe(200);
  return laundry.stripe.checkouts().find((one) => one.url === body.url)?.id ?? '';
}
const pay = async (id: string): Promise<void> => expect(await laundry.stripe.pay(id)).toEqual({ paid: true });

async function expectEnd(token: string, at: number): Promise<void> {
  await laundry.until('the new end', async () => Date.parse((await sessionOf(laundry, token)).endsAt) === at);
}

async function expectGoneBack(run: { token: string; endsAt: number }, checkout: string): Promise<void> {
  await laundry.until('all of it back', () => {
    const { checkout: at, charge } = laundry.stripe.about(checkout);
    return charge?.amountRefunded === at.amount;
  });
  expect(await sessionOf(laundry, run.token)).toMatchObject({ added: [], state: 'running' });
  await expectEnd(run.token, run.endsAt);
}

const hear = () => laundry.stripe.holdWebhooks(false);

describe('more time that was offered and paid', () => {
  test('is kept: also when the place has closed between the offer and the money', async () => {
    await change('locations', till22);
    const run = await running();
    await laundry.ahead(50 * minutes);
    const first = await wish(run.token, laundry.washer.plans.hour);
    await pay(first);
    hear();
    await expectEnd(run.token, run.endsAt + 60 * minutes);
    laundry.stripe.holdWebhooks(true);
    await laundry.ahead(58 * minutes); // 21:53
    const more = await wish(run.token, laundry.washer.plans.hour);
    await laundry.ahead(8 * minutes); // 22:01
    await pay(more);
    hear();
    await expectEnd(run.token, run.endsAt + 120 * minutes);
  });

  test('goes back when the hours were changed meanwhile', async () => {
    const run = await running();
    const more = await wish(run.token, laundry.washer.plans.hour);
    await change('devices', { openingHours: { kind: 'weekly', monday: [{ opens: '07:00', closes: '21:30' }] } });
    await pay(more);
    hear();
    await expectGoneBack(run, more);
  });

  test('goes back when the machine was taken out of service meanwhile', async () => {
    const run = await running();
    const more = await wish(run.token, laundry.washer.plans.hour);
    await change('devices', { status: 'MAINTENANCE' });
    await pay(more);
    hear();
    await expectGoneBack(run, more);
  });

  test('twice at once, and only one fits before closing: the first is had, the second goes back', async () => {
    const run = await running(); // until 21:05
    await change('devices', { openingHours: { kind: 'weekly', monday: [{ opens: '07:00', closes: '22:06' }] } });
    const one = await wish(run.token, laundry.washer.plans.now);
    const two = await wish(run.token, laundry.washer.plans.hour);
    await pay(two);
    hear();
    await expectEnd(run.token, run.endsAt + 60 * minutes);
    await pay(one);
    await laundry.until('the other back', () => laundry.stripe.about(one).charge?.amountRefunded === 100);
    await expectEnd(run.token, run.endsAt + 60 * minutes);
  });

  test.each([
    [14, true],
    [16, false],
  ])('and heard of %i minutes later: kept is %s', async (late, kept) => {
    const run = await running();
    const more = await wish(run.token, laundry.washer.plans.hour);
    await pay(more);
    await laundry.ahead(late * minutes);
    if (kept) await expectEnd(run.token, run.endsAt + 60 * minutes);
    else await expectGoneBack(run, more);
  });
});
