import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Laundry, openLaundry } from '../../support/laundry.ts';
import { beginToPay } from '../../support/purchase.ts';
import { ask, expectError } from '../../support/requests.ts';

let laundry: Laundry;
beforeAll(async () => {
  laundry = await openLaundry({ engine: false });
});
afterAll(() => laundry.close());
afterEach(() => laundry.shelly.setFault('Washer 1', 'none'));

const nobody = { token: null };
const plain = { logo: null, color: null, headerText: null, footerText: null };
const info = (uid = '{washerUid}') => ask(laundry, `GET /api/public/device/${uid}/info`, undefined, nobody);
/** `reason`: why nothing can be begun on it now. */
const washer = (reason: string | null = null) => {
  const { plans } = laundry.washer;
  const plan = (id: string, name: string, duration: number, delayMinutes: number, price: number) => ({
    id,
    name,
    description: null,
    duration,
    delayMinutes,
    price,
    available: reason === null,
    unavailableReason: reason,
  });
  return {
    name: 'Washer 1',
    description: null,
    location: 'Harbour Street',
    usagePlans: [
      plan(plans.now, 'Quick rinse', 1, 0, 100),
      plan(plans.delayed, 'Quick rinse, load first', 1, 1, 100),
      plan(plans.hour, 'Standard wash', 60, 5, 250),
      plan(plans.free, 'Airing', 2, 0, 0),
    ],
    branding: plain,
    currency: 'eur',
    status: 'ACTIVE',
    available: reason === null,
    inUse: false,
    open: true,
    opensAt: null,
    closesAt: null,
    openingHours: null,
  };
};
/** A relay is read at most every 3 s. */
const forgetReading = () => laundry.clock.ahead(4000);

describe('what a guest sees of a device', () => {
  test('is its name, what it sells, and whether it can be used now', async () => {
    const answer = await info();
    expect([answer.status, answer.body]).toEqual([200, washer()]);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('set-cookie')).toBeNull();
  });

  test('goes on being shown in maintenance and while a relay does not answer', async () => {
    await ask(laundry, 'PATCH /api/devices/{washer}', { status: 'MAINTENANCE', description: 'Front-loader' });
    expect((await info()).body).toEqual({
      ...washer('maintenance'),
      description: 'Front-loader',
      status: 'MAINTENANCE',
    });
    await ask(laundry, 'PATCH /api/devices/{washer}', { status: 'ACTIVE', description: null });
    forgetReading();
    laundry.shelly.setFault('Washer 1', 'offline');
    expect((await info()).body).toEqual(washer('offline'));
    laundry.shelly.setFault('Washer 1', 'none');
    forgetReading();
    expect((await info()).body).toEqual(washer());
  });

  test('is not available while staff has it switched on', async () => {
    await ask(laundry, 'POST /api/devices/{washer}/switch', { on: true });
    expect((await info()).body).toEqual(washer('switched-on'));
    await ask(laundry, 'POST /api/devices/{washer}/switch', { on: false });
  });

  test('is in use while another’s session runs', async () => {
    const begun = await beginToPay(laundry, laundry.washer.plans.free);
    expect((await info()).body).toEqual({ ...washer('in-use'), inUse: true });
    await ask(laundry, `PATCH /api/sessions/${begun.token}/end`);
    expect((await info()).body).toEqual(washer());
  });

  test('carries the branding of its organization', async () => {
    const branding = { logo: 'https://bright.example/logo.svg', color: '#0A84FF', headerText: 'Hi', footerText: 'Bye' };
    await ask(laundry, 'PATCH /api/settings', { branding });
    expect((await info()).body.branding).toEqual(branding);
    await ask(laundry, 'PATCH /api/settings', { branding: plain });
  });

  test.each(['unknown', '{washer}', '%00', '..%2f..%2fapi', 'x'.repeat(600), '{washerUid}%20'])(
    'is not found for %s',
    async (uid) => {
      const answer = await info(uid);
      if (uid === '%00') expectError(answer, 400, 'VALIDATION_ERROR', 'uid');
      else expectError(answer, 404, 'NOT_FOUND');
    },
  );
});

describe('public settings', () => {
  test('are those of the first organization unless another is named', async () => {
    await ask(laundry, 'PATCH /api/settings', {
      companyName: 'Bright Laundry',
      paymentPageTitle: 'Pay',
      currency: 'CHF',
    });
    const own = { companyName: 'Bright Laundry', paymentPageTitle: 'Pay', currency: 'chf', timeZone: 'UTC' };
    const settings = (query = '') => ask(laundry, `GET /api/public/settings${query}`, undefined, nobody);
    const first = await settings();
    expect([first.status, first.body]).toEqual([200, { ...own, branding: plain }]);
    expect((await settings('?organization=main')).body).toEqual({ ...own, branding: plain });
    expect((await settings('?organization=other')).body).toEqual({
      companyName: null,
      paymentPageTitle: null,
      currency: 'eur',
      timeZone: 'UTC',
      branding: plain,
    });
    expectError(await settings('?organization=nobody'), 404, 'NOT_FOUND');
    await ask(laundry, 'PATCH /api/settings', { companyName: null, paymentPageTitle: null, currency: 'eur' });
  });
});

describe('the server tells of itself', () => {
  test('that it lives, and that it is ready', async () => {
    for (const path of ['/api/health', '/api/ready']) {
      const answer = await ask(laundry, `GET ${path}`, undefined, nobody);
      expect([answer.status, answer.body]).toEqual([200, { ok: true }]);
    }
  });

  test('everything that it can do, in OpenAPI 3.1, with every published path', async () => {
    const { status, body } = await ask(laundry, 'GET /api/openapi.json', undefined, nobody);
    expect([status, body.openapi]).toEqual([200, '3.1.0']);
    const operations = Object.entries<Record<string, unknown>>(body.paths).flatMap(([path, verbs]) =>
      Object.keys(verbs).map((verb) => `${verb.toUpperCase()} ${path}`),
    );
    expect(operations).toEqual(expect.arrayContaining(published));
    const intent = body.paths['/api/public/device/{uid}/intent'].post;
    expect(Object.keys(intent.responses)).toEqual(expect.arrayContaining(['200', '400', '404', '409', '502']));
  });
});

const published = [
  'GET /api/locations',
  'POST /api/locations',
  'GET /api/locations/{id}',
  'PATCH /api/locations/{id}',
  'DELETE /api/locations/{id}',
  'GET /api/devices',
  'POST /api/devices',
  'GET /api/devices/{id}',
  'PATCH /api/devices/{id}',
  'DELETE /api/devices/{id}',
  'POST /api/devices/{id}/switch',
  'POST /api/devices/{id}/force-off',
  'GET /api/devices/{id}/periods',
  'POST /api/devices/{id}/periods',
  'DELETE /api/devices/{id}/periods/{periodId}',
  'GET /api/sessions',
  'GET /api/sessions/{token}',
  'PATCH /api/sessions/{token}/end',
  'PATCH /api/sessions/{token}/fail',
  'GET /api/payments',
  'GET /api/settings',
  'PATCH /api/settings',
  'GET /api/configs/stripe',
  'PATCH /api/configs/stripe',
  'GET /api/public/device/{uid}/info',
  'POST /api/public/device/{uid}/intent',
  'POST /api/public/device/{uid}/activate',
  'GET /api/public/settings',
  'GET /api/public/sessions/{token}',
  'POST /api/stripe/webhook',
  'GET /api/cron/session-cleanup',
  'GET /api/cron/session-reconcile',
];
