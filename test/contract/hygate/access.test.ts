import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DeclaredRoute, routes } from '../../../src/http/route-registry.ts';
import { type Laundry, openLaundry, password } from '../../support/laundry.ts';
import { expectError } from '../../support/requests.ts';
import { filled, isStream } from '../../support/route-ids.ts';
import { fingerprint } from '../../support/rows.ts';

let laundry: Laundry;
let tab: { cookie: string; csrf: string };
beforeAll(async () => {
  laundry = await openLaundry({ engine: false });
  tab = await browser('owner');
});
afterAll(() => laundry.close());

/** A browser that is signed in. */
async function browser(username: string): Promise<{ cookie: string; csrf: string }> {
  const jar = new Map<string, string>();
  const keep = (headers: Headers) => {
    for (const cookie of headers.getSetCookie()) {
      const [name = '', value = ''] = (cookie.split(';')[0] ?? '').split('=');
      jar.set(name, value);
    }
    return [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
  };
  const asked = await laundry.call('GET', '/api/auth/csrf');
  const csrf = String(asked.body.csrfToken);
  const cookie = keep(asked.headers);
  const headers = { 'x-csrf-token': csrf };
  const answer = await laundry.call('POST', '/api/auth/login', { body: { username, password }, cookie, headers });
  expect(answer.status).toBe(200);
  return { cookie: keep(answer.headers), csrf };
}

type Call = { method: string; route: DeclaredRoute };
const calls = (): Call[] =>
  routes(laundry.app.server)
    .filter(({ access }) => access === 'staff' || access === 'admin')
    .filter((route) => !isStream(route)) // its own test asks who may open it
    .flatMap((route) => route.methods.map((method) => ({ method, route })));
const isWrite = ({ method }: Call): boolean => method !== 'GET';
/** With ids that nobody has: whoever is let in is told that there is nothing. */
const pathOf = ({ route }: Call): string =>
  filled(route, new Proxy({}, { get: (_, name) => `unknown-${String(name).replaceAll(/\W/g, '')}` })).path.split(
    '?',
  )[0] ?? '';
const name = ({ method, route }: Call): string => `${method} ${route.url}`;
const send = (call: Call, o: Parameters<Laundry['call']>[2] = {}) =>
  laundry.call(call.method, pathOf(call), { ...o, ...(isWrite(call) ? { body: {} } : {}) });

/** Who may do what: reference/hygate.md 2, and product.md for our own. */
const allowed: Record<string, 'staff' | 'admin'> = {
  'GET /api/locations': 'staff',
  'POST /api/locations': 'admin',
  'GET /api/locations/:id': 'staff',
  'PATCH /api/locations/:id': 'staff',
  'DELETE /api/locations/:id': 'admin',
  'GET /api/devices': 'staff',
  'POST /api/devices': 'admin',
  'GET /api/devices/:id': 'staff',
  'PATCH /api/devices/:id': 'staff',
  'DELETE /api/devices/:id': 'admin',
  'POST /api/devices/:id/switch': 'staff',
  'POST /api/devices/:id/force-off': 'admin',
  'GET /api/devices/:id/periods': 'staff',
  'POST /api/devices/:id/periods': 'admin',
  'PATCH /api/devices/:id/periods/:periodId': 'admin',
  'DELETE /api/devices/:id/periods/:periodId': 'admin',
  'GET /api/sessions': 'staff',
  'GET /api/sessions/:token': 'staff',
  'PATCH /api/sessions/:token/end': 'admin',
  'PATCH /api/sessions/:token/fail': 'admin',
  'GET /api/payments': 'staff',
  'GET /api/settings': 'admin',
  'PATCH /api/settings': 'admin',
  'GET /api/configs/stripe': 'admin',
  'PATCH /api/configs/stripe': 'admin',
  'GET /api/configs/shelly': 'admin',
  'PATCH /api/configs/shelly': 'admin',
  'POST /api/integrations/shelly/test': 'admin',
  'POST /api/integrations/stripe/test': 'admin',
  'GET /api/connections': 'admin',
  'POST /api/connections': 'admin',
  'GET /api/connections/:id': 'admin',
  'PATCH /api/connections/:id': 'admin',
  'DELETE /api/connections/:id': 'admin',
  'POST /api/connections/:id/test': 'admin',
  'GET /api/connections/:id/hardware': 'admin',
  'GET /api/notices': 'staff',
  'POST /api/notices/:id/dismiss': 'staff',
  'GET /api/devices/:id/timeline': 'staff',
  'GET /api/locks': 'staff',
  'POST /api/locks': 'admin',
  'GET /api/locks/:id': 'staff',
  'PATCH /api/locks/:id': 'staff',
  'DELETE /api/locks/:id': 'admin',
  'POST /api/locks/:id/refresh': 'staff',
  'GET /api/locks/:id/batteries': 'staff',
  'POST /api/doors/:id/unlock': 'staff',
  'POST /api/doors/:id/lock': 'staff',
  'POST /api/locks/:id/unlock': 'staff',
  'POST /api/locks/:id/lock': 'staff',
  'GET /api/commands/:id': 'staff',
  'GET /api/locations/:id/mode': 'staff',
  'POST /api/locations/:id/lockdown': 'staff',
  'POST /api/locations/:id/open-all': 'staff',
  'POST /api/locations/:id/normal': 'staff',
};
const families: readonly string[] = ['hygate', 'keystead'];

describe('who may call', () => {
  test('each route is as the reference says', () => {
    const declared = Object.fromEntries(calls().map((call) => [name(call), call.route.access]));
    expect(declared).toMatchObject(allowed);
  });

  test('nobody without a credential, nor with one that is not ours: 401 before anything else', async () => {
    const before = await fingerprint(laundry);
    for (const call of calls().filter(({ route }) => families.includes(route.family))) {
      const refused = [
        await send(call),
        await send(call, { token: 'not-a-token' }),
        await send(call, { token: `${laundry.tokens.admin}x` }),
        await send(call, {
          token: laundry.tokens.admin.replace(/^[^.]+/, Buffer.from('{"alg":"none"}').toString('base64url')),
        }),
        await send(call, { cookie: 'keystead_session=not-a-token' }),
        await send(call, { headers: { authorization: `Basic ${laundry.tokens.admin}` } }),
        await send(call, { token: laundry.cronSecret }),
        await laundry.call(
          call.method,
          pathOf(call),
          isWrite(call) ? { raw: '{"broken', headers: { 'content-type': 'application/json' } } : {},
        ),
      ];
      for (const answer of refused) {
        expect([name(call), answer.status, answer.body]).toEqual([
          name(call),
          401,
          { error: 'Not authenticated', code: 'UNAUTHORIZED' },
        ]);
      }
    }
    expect(await fingerprint(laundry)).toEqual(before);
  });

  test('operators get 403 on what is for administrators, before their request is looked at', async () => {
    const before = await fingerprint(laundry);
    const json = { 'content-type': 'application/json' };
    for (const call of calls().filter(({ route }) => route.access === 'admin')) {
      const token = laundry.tokens.operator;
      const broken = { token, headers: json, ...(isWrite(call) ? { raw: '{"broken' } : {}) };
      for (const answer of [await send(call, { token }), await laundry.call(call.method, pathOf(call), broken)]) {
        expect([name(call), answer.status, answer.body]).toEqual([
          name(call),
          403,
          { error: 'Insufficient permissions', code: 'FORBIDDEN' },
        ]);
      }
    }
    expect(await fingerprint(laundry)).toEqual(before);
  });

  test('the cookie is as good as the Bearer; writes by cookie need the CSRF token', async () => {
    const headers = { 'x-csrf-token': tab.csrf };
    for (const call of calls()) {
      const byBearer = await send(call, { token: laundry.tokens.admin });
      const byCookie = await send(call, { cookie: tab.cookie, headers });
      const both = [byBearer, byCookie].map(({ status, body }) => ({ call: name(call), status, body }));
      expect(both[1]).toEqual(both[0]);
      if (!isWrite(call)) {
        expect((await send(call, { cookie: tab.cookie })).status).toBe(byBearer.status);
        continue;
      }
      for (const wrong of [{}, { 'x-csrf-token': '' }, { 'x-csrf-token': tab.csrf.replace(/.$/, 'x') }]) {
        const refused = await send(call, { cookie: tab.cookie, headers: wrong });
        expect([name(call), refused.status, refused.body.code]).toEqual([name(call), 403, 'INVALID_CSRF_TOKEN']);
      }
    }
  });

  test('a good cookie does not help a bad Bearer', async () => {
    for (const call of calls()) {
      const answer = await send(call, { token: 'bad', cookie: tab.cookie, headers: { 'x-csrf-token': tab.csrf } });
      expect([name(call), answer.status]).toEqual([name(call), 401]);
    }
  });

  test('a login that was ended is nobody’s, by Bearer and by cookie', async () => {
    const own = await browser('helper');
    const token = own.cookie.replace(/.*keystead_session=([^;]+).*/, '$1');
    expect((await laundry.call('GET', '/api/devices', { token })).status).toBe(200);
    expect((await laundry.call('GET', '/api/devices', { cookie: own.cookie })).status).toBe(200);
    const headers = { 'x-csrf-token': own.csrf };
    expect((await laundry.call('POST', '/api/auth/logout', { cookie: own.cookie, headers })).status).toBe(200);
    expectError(await laundry.call('GET', '/api/devices', { token }), 401, 'UNAUTHORIZED');
    expectError(await laundry.call('GET', '/api/devices', { cookie: own.cookie }), 401, 'UNAUTHORIZED');
  });

  test('after twelve hours a token is nobody’s', async () => {
    laundry.clock.ahead(12 * 3_600_000 + 1000);
    expectError(await laundry.call('GET', '/api/devices', { token: laundry.tokens.admin }), 401, 'UNAUTHORIZED');
    laundry.clock.ahead(-12 * 3_600_000 - 1000);
  });

  test('a known path under another method is 405 and says which; an unknown one is 404', async () => {
    const token = laundry.tokens.admin;
    const declared = routes(laundry.app.server).filter(({ url }) => url.startsWith('/api/'));
    for (const url of new Set(declared.map((route) => route.url))) {
      const methods = declared.filter((route) => route.url === url).flatMap((route) => route.methods);
      const other = (['PUT', 'DELETE', 'PATCH'] as const).find((method) => !methods.includes(method)) ?? '';
      const path = url.replaceAll(/:\w+/g, 'unknown');
      const refused = await laundry.call(other, path, { token, body: {} });
      expect([url, refused.status, refused.body?.code]).toEqual([url, 405, 'METHOD_NOT_ALLOWED']);
      for (const method of methods) expect(refused.headers.get('allow')).toContain(method);
      expectError(await laundry.call('GET', `${path}/nothing/at/all`, { token }), 404, 'NOT_FOUND');
    }
  });
});
