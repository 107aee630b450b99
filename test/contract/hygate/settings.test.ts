import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Laundry, openLaundry } from '../../support/laundry.ts';
import { ask, expectRefused, type Refusal } from '../../support/requests.ts';
import { fingerprint } from '../../support/rows.ts';

let laundry: Laundry;
beforeAll(async () => {
  laundry = await openLaundry({ engine: false });
});
afterAll(() => laundry.close());

const plain = {
  companyName: null,
  paymentPageTitle: null,
  currency: 'eur',
  timeZone: 'UTC',
  branding: { logo: null, color: null, headerText: null, footerText: null },
  returnOrigins: [],
  noticeMail: { to: [], kinds: null, language: 'en' },
  defaultAccessPrice: 100,
  defaultAccessDuration: 60,
  ttlockEnabled: true,
};
const set = (body: unknown) => ask(laundry, 'PATCH /api/settings', body);
const wrong = 'VALIDATION_ERROR';

describe('settings', () => {
  afterEach(async () => {
    expect((await set(plain)).body).toEqual(plain);
  });

  test('have defaults', async () => {
    const answer = await ask(laundry, 'GET /api/settings');
    expect([answer.status, answer.body]).toEqual([200, plain]);
  });

  test('change key by key, and keep what is not named, within the branding too', async () => {
    const first = await set({ companyName: ' Bright Laundry ', branding: { color: '#0A84FF', headerText: 'Welcome' } });
    const expected = {
      ...plain,
      companyName: 'Bright Laundry',
      branding: { ...plain.branding, color: '#0A84FF', headerText: 'Welcome' },
    };
    expect([first.status, first.body]).toEqual([200, expected]);
    expect((await set({ branding: { headerText: null, logo: 'https://x.example/logo.png' } })).body).toEqual({
      ...expected,
      branding: { ...expected.branding, headerText: null, logo: 'https://x.example/logo.png' },
    });
    expect((await set({ companyName: '' })).body.companyName).toBeNull();
    expect((await set({ branding: {} })).body.branding.color).toBe('#0A84FF');
    expect((await ask(laundry, 'GET /api/settings')).body.branding.color).toBe('#0A84FF');
  });

  test.each([
    ['currency', 'JPY', 'jpy'],
    ['currency', 'Kwd', 'kwd'],
    ['timeZone', 'europe/berlin', 'Europe/Berlin'],
    ['returnOrigins', ['https://Shop.example.com/', 'https://shop.example.com'], ['https://shop.example.com']],
    ['returnOrigins', ['http://localhost:3000'], ['http://localhost:3000']],
    ['paymentPageTitle', 'x'.repeat(120), 'x'.repeat(120)],
  ])('take %s %j in one form: %j', async (key, value, stored) => {
    expect((await set({ [key]: value })).body[key]).toEqual(stored);
  });

  test('that do not change leave no trace', async () => {
    await set({ companyName: 'Bright Laundry' });
    const before = await fingerprint(laundry);
    expect((await set({ companyName: 'Bright Laundry', currency: 'EUR' })).status).toBe(200);
    expect((await set({})).status).toBe(200);
    expect(await fingerprint(laundry)).toEqual(before);
  });

  test('of one organization are not those of another', async () => {
    await set({ companyName: 'Bright Laundry' });
    const other = await ask(laundry, 'GET /api/settings', undefined, { token: laundry.tokens.stranger });
    expect(other.body).toEqual(plain);
  });

  const path = 'PATCH /api/settings';
  test.each<Refusal>([
    ['no body', path, undefined, 400, wrong, 'body'],
    ['a list', path, [], 400, wrong, 'body'],
    ['a key nobody knows', path, { theme: 'dark' }, 400, wrong, 'theme'],
    ['a part of the branding nobody knows', path, { branding: { font: 'x' } }, 400, wrong, 'branding.font'],
    ['a name of 121 characters', path, { companyName: 'x'.repeat(121) }, 400, wrong, 'companyName'],
    ['a number for a name', path, { companyName: 7 }, 400, wrong, 'companyName'],
    ['a title of 121 characters', path, { paymentPageTitle: 'x'.repeat(121) }, 400, wrong, 'paymentPageTitle'],
    ['no currency', path, { currency: '' }, 400, wrong, 'currency'],
    ['null for a currency', path, { currency: null }, 400, wrong, 'currency'],
    ['a currency that does not exist', path, { currency: 'xyz' }, 400, wrong, 'currency'],
    ['a currency by its sign', path, { currency: '€' }, 400, wrong, 'currency'],
    ['a currency by its name', path, { currency: 'euro' }, 400, wrong, 'currency'],
    ['a currency that Stripe counts otherwise', path, { currency: 'ISK' }, 400, wrong, 'currency'],
    ['an unknown zone', path, { timeZone: 'Berlin' }, 400, wrong, 'timeZone'],
    ['an offset for a zone', path, { timeZone: '+05:00' }, 400, wrong, 'timeZone'],
    ['an offset for a zone, shorter', path, { timeZone: '-03' }, 400, wrong, 'timeZone'],
    ['null for the branding', path, { branding: null }, 400, wrong, 'branding'],
    ['a colour by its name', path, { branding: { color: 'red' } }, 400, wrong, 'branding.color'],
    ['a colour with more in it', path, { branding: { color: '#0A84FF;x' } }, 400, wrong, 'branding.color'],
    ['a logo without https', path, { branding: { logo: 'http://x.example/l.png' } }, 400, wrong, 'branding.logo'],
    ['a logo that is a script', path, { branding: { logo: 'javascript:alert(1)' } }, 400, wrong, 'branding.logo'],
    [
      'a header of 201 characters',
      path,
      { branding: { headerText: 'x'.repeat(201) } },
      400,
      wrong,
      'branding.headerText',
    ],
    [
      'a footer of 501 characters',
      path,
      { branding: { footerText: 'x'.repeat(501) } },
      400,
      wrong,
      'branding.footerText',
    ],
    ['an origin with a path', path, { returnOrigins: ['https://x.example/shop'] }, 400, wrong, 'returnOrigins'],
    ['an origin with a user', path, { returnOrigins: ['https://a@x.example'] }, 400, wrong, 'returnOrigins'],
    ['an origin for all', path, { returnOrigins: ['*'] }, 400, wrong, 'returnOrigins'],
    ['an origin that is a script', path, { returnOrigins: ['javascript:alert(1)'] }, 400, wrong, 'returnOrigins'],
    ['null among the origins', path, { returnOrigins: [null] }, 400, wrong, 'returnOrigins[0]'],
    ['51 origins', path, { returnOrigins: Array(51).fill('https://x.example') }, 400, wrong, 'returnOrigins'],
    ['one wrong key among good ones', path, { companyName: 'New', currency: 'xyz' }, 400, wrong, 'currency'],
  ])('refuse %s, and stay as they are', async (...row) => {
    await expectRefused(laundry, row);
  });
});

describe('the configuration of Stripe', () => {
  const keys = () => ({
    publishableKey: laundry.stripe.publishableKey,
    secretKey: laundry.stripe.secretKey,
    webhookSecret: laundry.stripe.webhookSecret,
  });
  const shown = () => ({
    configured: true,
    publishableKey: laundry.stripe.publishableKey,
    secretKey: { configured: true, last4: laundry.stripe.secretKey.slice(-4) },
    webhookSecret: { configured: true, last4: laundry.stripe.webhookSecret.slice(-4) },
    webhookUrl: `${laundry.url}/api/stripe/webhook/main`,
  });
  const config = (body: unknown) => ask(laundry, 'PATCH /api/configs/stripe', body);
  const path = 'PATCH /api/configs/stripe';

  test('tells whether secrets are set, and never the secrets', async () => {
    const answer = await ask(laundry, 'GET /api/configs/stripe');
    expect([answer.status, answer.body]).toEqual([200, shown()]);
    const changed = await config({ secretKey: ` ${laundry.stripe.secretKey} ` });
    expect([changed.status, changed.body]).toEqual([200, shown()]);
    for (const { text } of [answer, changed]) {
      expect(text).not.toContain(laundry.stripe.secretKey);
      expect(text).not.toContain(laundry.stripe.webhookSecret);
    }
    expect(laundry.logged()).not.toContain(laundry.stripe.secretKey);
  });

  test('keeps secrets sealed, and out of the record of changes', async () => {
    await config({ secretKey: 'sk_test_another_secret', webhookSecret: 'whsec_another_secret' });
    const { pool } = laundry.app.database;
    for (const table of ['connections', 'audit_entries', 'audit_personal', 'directory']) {
      const { rows } = await pool.query(`select coalesce(string_agg(x::text, ''), '') as all from ${table} x`);
      expect(rows[0].all).not.toContain('another_secret');
    }
    const { rows } = await pool.query(
      `select action, details from audit_entries where entity = 'StripeConfig' order by number desc limit 1`,
    );
    expect(rows).toEqual([
      { action: 'Stripe configuration changed', details: { secretKey: 'changed', webhookSecret: 'changed' } },
    ]);
    expect((await config(keys())).body).toEqual(shown());
  });

  test.each([null, ''])('takes a key away by %j', async (none) => {
    const without = await config({ webhookSecret: none });
    expect(without.body).toEqual({ ...shown(), configured: false, webhookSecret: { configured: false, last4: null } });
    await config({ publishableKey: none, secretKey: none });
    expect((await ask(laundry, 'GET /api/configs/stripe')).body).toEqual({
      configured: false,
      publishableKey: null,
      secretKey: { configured: false, last4: null },
      webhookSecret: { configured: false, last4: null },
      webhookUrl: `${laundry.url}/api/stripe/webhook/main`,
    });
    expect((await config(keys())).body).toEqual(shown());
  });

  test('that does not change leaves no trace', async () => {
    const before = await fingerprint(laundry);
    expect((await config(keys())).body).toEqual(shown());
    expect((await config({})).body).toEqual(shown());
    expect(await fingerprint(laundry)).toEqual(before);
  });

  test.each<Refusal>([
    ['no body', path, undefined, 400, wrong, 'body'],
    ['a key nobody knows', path, { clientId: 'x' }, 400, wrong, 'clientId'],
    ['a number', path, { secretKey: 5 }, 400, wrong, 'secretKey'],
    ['a publishable key for a secret one', path, { secretKey: 'pk_test_abcdefgh' }, 400, wrong, 'secretKey'],
    ['a secret key for a publishable one', path, { publishableKey: 'sk_test_abcdefgh' }, 400, wrong, 'publishableKey'],
    ['a masked key', path, { secretKey: 'sk_test_…abcd' }, 400, wrong, 'secretKey'],
    ['a key with a second line', path, { secretKey: 'sk_test_abcd\nefgh' }, 400, wrong, 'secretKey'],
    ['something for a webhook secret', path, { webhookSecret: 'secret' }, 400, wrong, 'webhookSecret'],
    ['an endless key', path, { secretKey: `sk_test_${'x'.repeat(250)}` }, 400, wrong, 'secretKey'],
    ['one wrong key among good ones', path, { publishableKey: null, secretKey: 'x' }, 400, wrong, 'secretKey'],
  ])('refuses %s, and stays as it is', async (...row) => {
    const answer = await expectRefused(laundry, row);
    expect(answer.text).not.toContain('abcdefgh');
  });

  test('is each organization’s own', async () => {
    const answer = await ask(laundry, 'GET /api/configs/stripe', undefined, { token: laundry.tokens.stranger });
    expect(answer.body).toMatchObject({ configured: false, webhookUrl: `${laundry.url}/api/stripe/webhook/other` });
  });
});

test.each<Refusal>([
  ['read the settings', 'GET /api/settings', undefined, 403, 'FORBIDDEN'],
  ['change the settings', 'PATCH /api/settings', { companyName: 'Mine' }, 403, 'FORBIDDEN'],
  ['read the configuration of Stripe', 'GET /api/configs/stripe', undefined, 403, 'FORBIDDEN'],
  ['change the configuration of Stripe', 'PATCH /api/configs/stripe', { secretKey: null }, 403, 'FORBIDDEN'],
])('operators may not %s', async (...row) => {
  await expectRefused(laundry, row, { token: laundry.tokens.operator });
});
