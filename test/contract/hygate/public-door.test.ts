import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { beginAtDoor, uidOf } from '../../support/entrance.ts';
import { type LockPlace, openLockPlace } from '../../support/lock-place.ts';
import { ask, expectError, expectRefused } from '../../support/requests.ts';

let place: LockPlace;
let uid: string;
beforeAll(async () => {
  place = await openLockPlace({ engine: false });
  uid = await uidOf(place, place.front.doorId);
});
afterAll(() => place.close());

const nobody = { token: null };
const intent = (body: unknown) => ask(place, `POST /api/public/door/${uid}/intent`, body, nobody);
const checkoutOf = (url: string) => place.stripe.checkouts().find((checkout) => checkout.url === url);

describe('what a guest sees of a door', () => {
  test('is its name, price, time, place and branding, and whether a way in can be bought now', async () => {
    const answer = await ask(place, `GET /api/public/door/${uid}/info`, undefined, nobody);
    expect([answer.status, answer.body]).toEqual([
      200,
      {
        name: 'Front door',
        price: 100,
        currency: 'eur',
        duration: 60,
        location: 'Harbour Street',
        branding: { logo: null, color: null, headerText: null, footerText: null },
        description: null,
        status: 'ACTIVE',
        available: true,
        reason: null,
        open: true,
        opensAt: null,
        closesAt: null,
        openingHours: null,
      },
    ]);
    expect(answer.headers.get('set-cookie')).toBeNull();
  });

  test('never is what staff wrote for itself, or the name of its lock', async () => {
    await ask(place, `PATCH /api/doors/${place.front.doorId}`, { notes: 'key under the mat' });
    const { text } = await ask(place, `GET /api/public/door/${uid}/info`, undefined, nobody);
    for (const secret of ['mat', place.front.id, String(place.front.hardwareId), place.front.doorId]) {
      expect(text).not.toContain(secret);
    }
  });
});

describe('a guest begins to pay for a way in', () => {
  test('and learns where: at Stripe, for this door, this price and this guest', async () => {
    const answer = await intent({ email: ' guest@example.com ' });
    expect([answer.status, answer.body]).toEqual([200, { url: expect.stringContaining(place.stripe.url) }]);
    const checkout = checkoutOf(answer.body.url);
    expect(checkout).toMatchObject({
      amount: 100,
      currency: 'eur',
      name: 'Front door',
      customerEmail: 'guest@example.com',
      metadata: { kind: 'door', doorId: place.front.doorId },
      cancelUrl: `${place.url}/pay/${uid}?cancelled=1`,
    });
    expect(checkout?.successUrl).toMatch(new RegExp(`^${place.url}/access/[\\w-]{32}$`));
    const [payment] = (await ask(place, `GET /api/payments?doorId=${place.front.doorId}&limit=1`)).body;
    expect(payment).toMatchObject({ module: 'DOOR', status: 'PENDING', amount: 100, doorId: place.front.doorId });
  });

  test('without a body; an address of ours for the way back gets the way in appended', async () => {
    expect((await ask(place, `POST /api/public/door/${uid}/intent`, undefined, nobody)).status).toBe(200);
    const answer = await intent({ email: null, successUrl: `${place.url}/thanks?a=b`, cancelUrl: `${place.url}/no` });
    const checkout = checkoutOf(answer.body.url);
    expect(checkout?.successUrl).toMatch(new RegExp(`^${place.url}/thanks\\?a=b&access=[\\w-]{32}$`));
    expect(checkout).toMatchObject({ cancelUrl: `${place.url}/no`, customerEmail: null });
  });

  test.each<[string, unknown, string]>([
    ['no e-mail address', { email: 'guest' }, 'email'],
    ['an e-mail with a second line', { email: 'a@b.cc\nBcc: c@d.ee' }, 'email'],
    ['a number for an e-mail', { email: 5 }, 'email'],
    ['an address of strangers', { successUrl: 'https://evil.example/' }, 'successUrl'],
    ['a script for an address', { cancelUrl: 'javascript:alert(1)' }, 'cancelUrl'],
    ['a price of the guest’s own', { price: 1 }, 'price'],
    ['a list for a body', [], 'body'],
  ])('not with %s', async (what, body, field) => {
    const request = `POST /api/public/door/${uid}/intent`;
    await expectRefused(place, [what, request, body, 400, 'VALIDATION_ERROR', field], nobody);
  });

  test.each(['unknown', '{washerUid}', '{door}', '%00', `${'a'.repeat(3000)}`])('not at %s', async (name) => {
    const at = name === '{door}' ? place.front.doorId : name;
    for (const request of [`POST /api/public/door/${at}/intent`, `GET /api/public/door/${at}/info`]) {
      const body = request.startsWith('POST') ? {} : undefined;
      const answer = await ask(place, request, body, nobody);
      expect([400, 404, 414]).toContain(answer.status);
      expect(answer.body).toMatchObject({ error: expect.any(String), code: expect.any(String) });
    }
    expectError(await ask(place, `GET /api/public/device/${uid}/info`, undefined, nobody), 404, 'NOT_FOUND');
  });

  test('not with a body that never ends', async () => {
    const raw = JSON.stringify({ email: 'a'.repeat(3_000_000) });
    const answer = await place.call('POST', `/api/public/door/${uid}/intent`, {
      raw,
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.status).toBe(413);
  });

  test('with a checkout for a door nobody starts a machine', async () => {
    const { checkoutId } = await beginAtDoor(place, uid);
    await place.stripe.pay(checkoutId);
    const answer = await ask(place, 'POST /api/public/device/{washerUid}/activate', { checkoutSessionId: checkoutId });
    expect(answer.status).toBe(401);
  });
});

test('what was bought is waiting for its money, and holds no secret yet', async () => {
  const { token } = await beginAtDoor(place, uid);
  const answer = await ask(place, `GET /api/public/access/${token}`, undefined, nobody);
  expect([answer.status, answer.body, answer.headers.get('cache-control')]).toEqual([
    200,
    {
      state: 'waiting-for-payment',
      door: { name: 'Front door', location: 'Harbour Street' },
      validFrom: null,
      validUntil: null,
      openedAt: null,
      ways: { code: null, qr: null, openNow: false },
      failureReason: null,
      refund: null,
    },
    'no-store',
  ]);
  const early = await ask(place, `POST /api/public/access/${token}/open`, undefined, nobody);
  expectError(early, 403, 'ACCESS_DENIED');
  expect(early.body.reason).toBe('unknown-credential');
  expect(place.ttlock.counts(place.front.hardwareId).remoteOpens).toBe(0);
});
