import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Laundry, openLaundry } from '../../support/laundry.ts';
import { beginToPay, sessionOf } from '../../support/purchase.ts';
import { ask, expectError, expectRefused, type Refusal } from '../../support/requests.ts';

let laundry: Laundry;
beforeAll(async () => {
  laundry = await openLaundry({ engine: false });
});
afterAll(() => laundry.close());
/** Whoever began to pay gives up, so that nothing is held from one test to the next. */
afterEach(async () => {
  for (const { token, status } of (await ask(laundry, 'GET /api/sessions')).body) {
    if (status === 'PENDING' || status === 'ACTIVE') await ask(laundry, `PATCH /api/sessions/${token}/end`);
  }
});

const path = 'POST /api/public/device/{washerUid}/intent';
const wrong = 'VALIDATION_ERROR';
const intent = (body: unknown) => ask(laundry, path, body, { token: null });
const checkoutOf = (url: string) => laundry.stripe.checkouts().find((checkout) => checkout.url === url);

describe('a guest begins to pay', () => {
  test('and learns where: at Stripe, for this machine, this price and this guest', async () => {
    const answer = await intent({ planId: '{hour}', email: ' guest@example.com ' });
    expect([answer.status, answer.body]).toEqual([200, { url: expect.stringContaining(laundry.stripe.url) }]);
    const checkout = checkoutOf(answer.body.url);
    expect(checkout).toMatchObject({
      amount: 250,
      currency: 'eur',
      name: 'Washer 1: Standard wash',
      customerEmail: 'guest@example.com',
      metadata: { kind: 'device', deviceId: laundry.washer.id, planId: laundry.washer.plans.hour },
      cancelUrl: `${laundry.url}/pay/${laundry.washer.uid}?cancelled=1`,
    });
    expect(checkout?.successUrl).toMatch(new RegExp(`^${laundry.url}/session/[\\w-]{32}$`));
    const [cookie] = answer.headers.getSetCookie();
    expect(cookie).toMatch(/^keystead_hold=[\w-]{32}; Max-Age=604800; Path=\/; HttpOnly; SameSite=Lax$/);
  });

  test.each([[undefined], [null], [''], ['  ']])('without an e-mail (%j): Stripe asks for it', async (email) => {
    const answer = await intent({ planId: '{now}', ...(email === undefined ? {} : { email }) });
    expect(answer.status).toBe(200);
    expect(checkoutOf(answer.body.url)?.customerEmail).toBeNull();
  });

  test('for nothing: the session starts, and its page is the answer', async () => {
    const before = laundry.stripe.checkouts().length;
    const begun = await beginToPay(laundry, laundry.washer.plans.free);
    expect(begun.url).toBe(`${laundry.url}/session/${begun.token}`);
    expect(laundry.stripe.checkouts().length).toBe(before);
    expect(await sessionOf(laundry, begun.token)).toMatchObject({ status: 'ACTIVE', remainingSeconds: 120 });
    const [payment] = (await ask(laundry, 'GET /api/payments?limit=1')).body;
    expect(payment).toMatchObject({ amount: 0, status: 'SUCCEEDED', refundedAmount: 0, stripeSessionId: null });
    await laundry.ahead(0);
    expect(laundry.shelly.device('Washer 1').channels[0]).toMatchObject({ output: true, timerDuration: 120 });
    await laundry.ahead(121_000);
    expect(await sessionOf(laundry, begun.token)).toMatchObject({ status: 'COMPLETED', refund: null });
  });

  test.each<Refusal>([
    ['no body', path, undefined, 400, wrong, 'body'],
    ['no plan', path, {}, 400, wrong, 'planId'],
    ['null for a plan', path, { planId: null }, 400, wrong, 'planId'],
    ['no e-mail address', path, { planId: '{now}', email: 'guest' }, 400, wrong, 'email'],
    ['two e-mail addresses', path, { planId: '{now}', email: 'a@b.cc,c@d.ee@f' }, 400, wrong, 'email'],
    ['an e-mail with a second line', path, { planId: '{now}', email: 'a@b.cc\nBcc: c@d.ee' }, 400, wrong, 'email'],
    ['an endless e-mail', path, { planId: '{now}', email: `${'a'.repeat(250)}@b.cc` }, 400, wrong, 'email'],
    ['a number for an e-mail', path, { planId: '{now}', email: 5 }, 400, wrong, 'email'],
    ['a price of the guest’s own', path, { planId: '{now}', price: 1 }, 400, wrong, 'price'],
    ['an unknown plan', path, { planId: 'plan_unknown' }, 404, 'NOT_FOUND'],
    ['the plan of another machine', path, { planId: '{dryPlan}' }, 404, 'NOT_FOUND'],
    ['an unknown machine', 'POST /api/public/device/unknown/intent', { planId: '{now}' }, 404, 'NOT_FOUND'],
    ['a machine by its inner id', 'POST /api/public/device/{washer}/intent', { planId: '{now}' }, 404, 'NOT_FOUND'],
  ])('not with %s', async (...row) => {
    const before = laundry.stripe.checkouts().length;
    await expectRefused(laundry, row, { token: null });
    expect(laundry.stripe.checkouts().length).toBe(before);
  });
});

describe('where the guest is sent back to', () => {
  test.each([
    ['/thanks', '/thanks?session='],
    ['/thanks?from=app', '/thanks?from=app&session='],
    ['/thanks?', '/thanks?&session='],
    ['/thanks#done', '/thanks?session=', '#done'],
    ['/thanks?a=b#done#twice?x', '/thanks?a=b&session=', '#done#twice?x'],
    ['/t?id={CHECKOUT_SESSION_ID}', '/t?id={CHECKOUT_SESSION_ID}&session='],
    ['', '?session='],
    ['/thanks?session=mine', '/thanks?session=mine&session='],
  ])('our own address %j gets the session appended', async (address, before, after = '') => {
    const answer = await intent({ planId: '{now}', successUrl: laundry.url + address });
    expect(answer.status).toBe(200);
    const { successUrl } = checkoutOf(answer.body.url) ?? { successUrl: '' };
    expect(successUrl.startsWith(laundry.url + before)).toBe(true);
    const token = successUrl.slice((laundry.url + before).length, successUrl.length - after.length);
    expect(successUrl.endsWith(after)).toBe(true);
    expect(await sessionOf(laundry, token)).toMatchObject({ status: 'PENDING' });
  });

  test('may be an origin that the settings name, whatever its case', async () => {
    await ask(laundry, 'PATCH /api/settings', { returnOrigins: ['https://shop.example.com'] });
    const addresses = { successUrl: 'https://SHOP.example.com/ok', cancelUrl: 'https://shop.example.com:443/no?x=1' };
    const answer = await intent({ planId: '{now}', ...addresses });
    const checkout = checkoutOf(answer.body.url);
    expect(checkout?.successUrl).toMatch(/^https:\/\/SHOP\.example\.com\/ok\?session=[\w-]{32}$/);
    expect(checkout?.cancelUrl).toBe('https://shop.example.com:443/no?x=1');
    await ask(laundry, 'PATCH /api/settings', { returnOrigins: [] });
    expectError(await intent({ planId: '{free}', successUrl: addresses.successUrl }), 400, wrong, 'successUrl');
  });

  test('is our own page where the address is left empty', async () => {
    const answer = await intent({ planId: '{now}', successUrl: '', cancelUrl: '' });
    expect(checkoutOf(answer.body.url)?.successUrl).toMatch(new RegExp(`^${laundry.url}/session/`));
  });

  // {own} is http://127.0.0.1:PORT, {host} the same without http://
  const astray = [
    'https://evil.example/',
    'http://127.0.0.1/',
    'https://{host}/',
    '//evil.example/{host}',
    '/thanks',
    'thanks',
    'javascript:alert(1)',
    'JavaScript://{host}/%0aalert(1)',
    'data:text/html,{host}',
    'ftp://{host}/',
    'blob:{own}/x',
    '{own}.evil.example/',
    '{own}@evil.example/',
    'http://guest@{host}/',
    'http://guest:secret@{host}/',
    'http://:@{host}@evil.example/',
    '{own}\\@evil.example/',
    '{own}\\.evil.example/',
    'http:\\\\evil.example/',
    'http:/\\evil.example/',
    'http:{host}/',
    'http:///{host}/',
    'http:/{host}/',
    ' {own}/',
    '{own}/ \t',
    'ht\ntp://{host}/',
    '{own}/\r\nLocation: https://evil.example',
    'http://evil.example#@{host}/',
    'http://evil.example?{own}/',
    'http://{host}%2eevil.example/',
    'http://',
    `{own}/${'x'.repeat(2000)}`,
  ];
  test.each(astray.flatMap((address) => ['successUrl', 'cancelUrl'].map((field) => [field, address] as const)))(
    'as %s is never %j',
    async (field, address) => {
      const value = address.replaceAll('{own}', laundry.url).replaceAll('{host}', new URL(laundry.url).host);
      const body = { planId: '{now}', [field]: value };
      await expectRefused(laundry, ['', path, body, 400, wrong, field], { token: null });
    },
  );

  test.each<[string, unknown]>([
    ['a list', []],
    ['a number', 5],
    ['null', null],
    ['an address without end', `http://x/${'y'.repeat(3000)}`],
  ])('is not %s', async (_, successUrl) => {
    await expectRefused(laundry, ['', path, { planId: '{now}', successUrl }, 400, wrong, 'successUrl'], {
      token: null,
    });
  });
});

describe('money is not taken', () => {
  const closed = async (reason: string) => {
    const before = laundry.stripe.checkouts().length;
    for (const planId of ['{now}', '{free}']) {
      const answer = await intent({ planId });
      expectError(answer, 409, 'DEVICE_UNAVAILABLE');
      expect(answer.body.reason).toBe(reason);
    }
    expect(laundry.stripe.checkouts().length).toBe(before);
  };

  test('in maintenance', async () => {
    await ask(laundry, 'PATCH /api/devices/{washer}', { status: 'MAINTENANCE' });
    await closed('maintenance');
    await ask(laundry, 'PATCH /api/devices/{washer}', { status: 'ACTIVE' });
  });

  test('for a relay that does not answer, though it did a while ago', async () => {
    laundry.shelly.setFault('Washer 1', 'offline');
    laundry.clock.ahead(31_000);
    await closed('offline');
    laundry.shelly.setFault('Washer 1', 'none');
    laundry.clock.ahead(4000);
  });

  test('while staff has it switched on', async () => {
    await ask(laundry, 'POST /api/devices/{washer}/switch', { on: true });
    await closed('switched-on');
    await ask(laundry, 'POST /api/devices/{washer}/switch', { on: false });
  });

  test('while it runs for another guest, who may not pay twice either', async () => {
    const first = await beginToPay(laundry, laundry.washer.plans.free);
    for (const cookie of [first.cookie, undefined]) {
      for (const planId of [laundry.washer.plans.now, laundry.washer.plans.free]) {
        const again = await beginToPay(laundry, planId, cookie === undefined ? {} : { cookie });
        expect([again.status, again.code]).toEqual([409, 'DEVICE_IN_USE']);
      }
    }
  });

  test('before payments are set up; what costs nothing still runs', async () => {
    const { secretKey } = laundry.stripe;
    await ask(laundry, 'PATCH /api/configs/stripe', { secretKey: null });
    expectError(await intent({ planId: '{now}' }), 409, 'PAYMENTS_NOT_CONFIGURED');
    expect((await beginToPay(laundry, laundry.washer.plans.free)).status).toBe(200);
    await ask(laundry, 'PATCH /api/configs/stripe', { secretKey });
  });

  test.each([
    ['down', 502],
    ['server-error', 502],
  ] as const)('while Stripe is %s: the guest is told kindly and may try again', async (fault, status) => {
    laundry.stripe.setFault(fault);
    const answer = await intent({ planId: '{now}' });
    expectError(answer, status, 'STRIPE_ERROR');
    expect(answer.text).not.toMatch(/127\.0\.0\.1|sk_test|ECONN|fetch/i);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    laundry.stripe.setFault('none');
  });

  test('with keys that Stripe does not know', async () => {
    const { secretKey } = laundry.stripe;
    await ask(laundry, 'PATCH /api/configs/stripe', { secretKey: 'sk_test_revoked_long_ago' });
    const answer = await intent({ planId: '{now}' });
    expectError(answer, 502, 'STRIPE_ERROR');
    expect(answer.text).not.toMatch(/key|revoked/i);
    const trouble = await ask(laundry, 'GET /api/notices');
    expect(trouble.body).toMatchObject([
      { kind: 'stripe-credentials', facts: { why: expect.stringContaining('API Key') } },
    ]);
    expect(trouble.text).not.toMatch(/revoked_long_ago|sk_test_\w/);
    expectError(await intent({ planId: '{now}' }), 502, 'STRIPE_ERROR');
    expect((await ask(laundry, 'GET /api/notices')).body.length).toBe(1);
    await ask(laundry, 'PATCH /api/configs/stripe', { secretKey });
    expect((await intent({ planId: '{now}' })).status).toBe(200);
    expect((await ask(laundry, 'GET /api/notices')).body).toEqual([]);
  });

  test('while Stripe does not answer in time: the guest is told so, and gets the same checkout later', async () => {
    laundry.stripe.setFault('silent');
    const answer = await intent({ planId: '{now}' });
    expectError(answer, 504, 'UPSTREAM_TIMEOUT');
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    laundry.stripe.setFault('none');
  }, 40_000);

  test('for an e-mail address that Stripe does not take for one: the guest is told which field it is', async () => {
    for (const email of ['a..b@example.com', 'guest@example.c']) {
      expectError(await intent({ planId: '{now}', email }), 400, wrong, 'email');
    }
    expect((await intent({ planId: '{now}', email: 'guest@example.com' })).status).toBe(200);
  });
});
