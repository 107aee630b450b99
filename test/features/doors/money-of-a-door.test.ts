import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { minutes, seconds } from '../../../src/rules/instant.ts';
import { accessOf, beginAtDoor, buyEntry, kept, uidOf, untilAccess } from '../../support/entrance.ts';
import { type LockPlace, openLockPlace } from '../../support/lock-place.ts';
import { postWebhook } from '../../support/webhook.ts';

let place: LockPlace;
let front: string;
beforeEach(async () => {
  place = await openLockPlace({ engine: true });
  front = await uidOf(place, place.front.doorId);
});
afterEach(() => place.close());

const notices = async (kind: string, token?: string) => (await place.get(`/api/notices?kind=${kind}`, token)).body;
const charge = () => place.stripe.charges().at(-1);
const intentOf = (checkoutId: string) => place.stripe.about(checkoutId).checkout.paymentIntentId ?? '';
const refunded = (amount: number) => place.until(`${amount} went back`, () => charge()?.amountRefunded === amount);

/** Paid, and nothing was heard of it yet: the news as Stripe will tell them. */
async function paidUnheard() {
  place.stripe.setWebhookUrl(null);
  const begun = await beginAtDoor(place, front);
  await place.stripe.pay(begun.checkoutId);
  const news = (type: string) => structuredClone(place.stripe.events().findLast((one) => one.type === type));
  return { ...begun, news };
}

/** Operators who see this location, and another one. */
async function operators() {
  const { accounts, organizations } = place.app.services;
  const first = await organizations.first();
  if (first === null) throw new Error('There is no first organization');
  const elsewhere = (await place.post('/api/locations', { name: 'Elsewhere' })).body.id;
  const password = 'correct horse battery';
  const signedIn = async (username: string, scope: string[]) => {
    const email = `${username}@keystead.test`;
    const account = { organizationId: first.id, username, email, password, role: 'user', by: null } as const;
    await accounts.create({ ...account, scope: scope as never });
    return String((await place.call('POST', '/api/auth/login', { body: { email, password } })).body.token);
  };
  return { here: await signedIn('here', [place.locationId]), there: await signedIn('there', [elsewhere]) };
}

describe('money for a door that is not what was asked for', () => {
  test.each([
    ['another amount', { amount_total: 99 }, 99, 'eur'],
    ['another currency', { currency: 'usd' }, 100, 'usd'],
  ])('%s: buys no way in, goes back as it came, and a notice names the door', async (_, wrong, came, currency) => {
    const { token, news } = await paidUnheard();
    const event = news('checkout.session.completed');
    Object.assign(event?.data.object ?? {}, wrong);
    expect((await postWebhook(place, event)).status).toBe(200);
    expect(await accessOf(place, token)).toMatchObject({ state: 'could-not-make', failureReason: 'door_unavailable' });
    expect(place.ttlock.qrCodes(place.front.hardwareId)).toEqual([]);
    const { payment } = await kept(place, token);
    const mismatch = 'payment-mismatch&open=false'; // over as soon as the money is back
    expect(await notices(mismatch)).toMatchObject([
      {
        title: 'Front door: payment does not fit',
        subject: { type: 'payment', id: payment.id, name: 'Front door' },
        device: null,
        facts: { doorId: place.front.doorId, expected: 100, came, cameCurrency: currency },
      },
    ]);
    const { here, there } = await operators();
    expect((await notices(mismatch, here)).length).toBe(1);
    expect(await notices(mismatch, there)).toEqual([]);
    await place.ahead(seconds(1));
    await refunded(came);
  });
});

describe('a payment for a door that its cardholder objects to', () => {
  test('is a notice that names the door; the way in stays, and nothing goes back while the bank has it', async () => {
    const { token, checkoutId } = await buyEntry(place, front);
    const id = place.stripe.dispute(intentOf(checkoutId));
    await place.until('the notice', async () => (await notices('dispute')).length > 0);
    expect(await notices('dispute')).toMatchObject([
      { title: expect.stringMatching(/^Front door: /), facts: { doorId: place.front.doorId, disputeId: id } },
    ]);
    expect((await accessOf(place, token)).state).toBe('ready');
    place.stripe.closeDispute(id, 'lost');
    await place.until('no notice', async () => (await notices('dispute')).length === 0);
    expect((await accessOf(place, token)).ways.qr).not.toBeNull();
    expect(charge()?.amountRefunded).toBe(0);
  });

  test('where no way in was made: it goes back once the bank has decided for us, and not twice else', async () => {
    const begun = await beginAtDoor(place, front);
    place.ttlock.trouble({ kind: 'broken', where: 'everything' });
    await place.stripe.pay(begun.checkoutId);
    await untilAccess(place, begun.token, 'getting-ready');
    const id = place.stripe.dispute(intentOf(begun.checkoutId));
    await place.until('the notice', async () => (await notices('dispute')).length > 0);
    await place.ahead(minutes(2) + seconds(1));
    await untilAccess(place, begun.token, 'could-not-make');
    await place.ahead(minutes(5));
    expect(charge()?.amountRefunded).toBe(0);
    place.stripe.closeDispute(id, 'won');
    await place.until('no notice', async () => (await notices('dispute')).length === 0);
    await place.ahead(seconds(1));
    await refunded(100);
  });

  test('told of before the payment itself: the guest has the way in all the same, once', async () => {
    const { token, checkoutId, news } = await paidUnheard();
    place.stripe.dispute(intentOf(checkoutId));
    for (const type of ['charge.dispute.created', 'payment_intent.succeeded', 'checkout.session.completed']) {
      expect((await postWebhook(place, news(type))).status).toBe(200);
    }
    await untilAccess(place, token, 'ready');
    expect(place.ttlock.qrCodes(place.front.hardwareId).length).toBe(1);
    expect((await kept(place, token)).payment.status).toBe('SUCCEEDED');
  });
});

describe('the news of a payment for a door', () => {
  test('told any number of times, at once and backwards, make one way in and one receipt of money', async () => {
    const { token, news } = await paidUnheard();
    const events = ['payment_intent.succeeded', 'charge.succeeded', 'checkout.session.completed'].map(news);
    const answers = await Promise.all(
      [...events, ...events.toReversed(), ...events].map((event, n) =>
        postWebhook(place, n < 6 ? event : { ...event, id: `evt_again_${n}` }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    await untilAccess(place, token, 'ready');
    expect(place.ttlock.qrCodes(place.front.hardwareId).length).toBe(1);
    const { pass, payment } = await kept(place, token);
    expect([pass.way.issued.length, payment.amount, payment.status, payment.refunded]).toEqual([
      1,
      100,
      'SUCCEEDED',
      0,
    ]);
  });

  test('that it all went back, told before the payment: nothing is issued', async () => {
    const { token, checkoutId, news } = await paidUnheard();
    await place.stripe.refundFromDashboard(intentOf(checkoutId), 100);
    for (const type of ['charge.refunded', 'checkout.session.completed', 'payment_intent.succeeded']) {
      expect((await postWebhook(place, news(type))).status).toBe(200);
    }
    await place.ahead(seconds(1));
    expect((await accessOf(place, token)).state).toMatch(/^(refunded|could-not-make)$/);
    expect(place.ttlock.qrCodes(place.front.hardwareId)).toEqual([]);
    expect([(await kept(place, token)).payment.status, charge()?.amountRefunded]).toEqual(['REFUNDED', 100]);
  });

  test('of a way in that was used already, given back by the owner: it opens no more', async () => {
    const { token, checkoutId } = await buyEntry(place, front);
    expect((await place.call('POST', `/api/public/access/${token}/open`)).status).toBeLessThan(203);
    await place.stripe.refundFromDashboard(intentOf(checkoutId), 100);
    await untilAccess(place, token, 'refunded');
    const late = await place.call('POST', `/api/public/access/${token}/open`);
    expect([late.status, late.body.reason]).toEqual([403, 'ended']);
    expect((await kept(place, token)).payment).toMatchObject({ status: 'REFUNDED', refunded: 100 });
    expect(charge()?.amountRefunded).toBe(100);
  });
});

test('a refund that the payment service refuses is a notice that names the door, and is tried until it is through', async () => {
  const begun = await beginAtDoor(place, front);
  place.ttlock.trouble({ kind: 'broken', where: 'everything' });
  await place.stripe.pay(begun.checkoutId);
  await untilAccess(place, begun.token, 'getting-ready');
  place.stripe.setFault('refund-fails');
  await place.ahead(minutes(2) + seconds(1));
  await untilAccess(place, begun.token, 'could-not-make');
  await place.until('the notice', async () => {
    await place.ahead(minutes(1));
    return (await notices('refund-failed')).length > 0;
  });
  expect(await notices('refund-failed')).toMatchObject([
    { title: expect.stringMatching(/^Front door: /), facts: { doorId: place.front.doorId, amount: 100 } },
  ]);
  place.stripe.setFault('none');
  await place.until('it went back', async () => {
    await place.ahead(minutes(30));
    return charge()?.amountRefunded === 100;
  });
  await place.until('no notice', async () => (await notices('refund-failed')).length === 0);
});
