import type { InjectOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FreshDatabase } from '../database/fresh.ts';
import { tryRoutes } from './http-routes.ts';
import { bearer, browser, fresh, password, type SmallApp, signIn, smallApp, withPeople } from './small-app.ts';

let database: FreshDatabase;
let small: SmallApp;
let admin: string;
let host: string;

beforeAll(async () => {
  database = await fresh();
  small = await smallApp({ fresh: database, more: tryRoutes });
  await withPeople(small);
  admin = await signIn(small.app, 'admin');
  host = await signIn(small.app, 'host');
});

afterAll(async () => {
  await small.close();
  await database.drop();
});

const send = (request: InjectOptions) => small.app.inject(request);
const post = (url: string, payload: InjectOptions['payload'], headers = {}) =>
  send({ method: 'POST', url, ...(payload === undefined ? {} : { payload }), headers });
const json = { 'content-type': 'application/json' };

describe('who may call', () => {
  const unauthorized = { error: 'Not authenticated', code: 'UNAUTHORIZED' };
  const csrfMissing = { error: 'Invalid CSRF token', code: 'INVALID_CSRF_TOKEN' };

  test.each(['ring', 'hygate', 'keystead'])(
    '%s: a read without credential is 401, with either credential it works',
    async (family) => {
      const url = `/api/try/${family}/staff`;
      const tab = browser(small.app);
      await tab.csrf();
      await tab.send({ method: 'POST', url: '/api/auth/login', payload: { username: 'host', password } });
      expect((await send({ url })).json()).toEqual(unauthorized);
      expect((await send({ url, headers: bearer(host) })).json()).toEqual({ ok: true });
      expect((await tab.send({ url })).json()).toEqual({ ok: true });
    },
  );

  test('a write on ring paths asks for the CSRF token before it asks who calls', async () => {
    const url = '/api/try/ring/staff';
    const tab = browser(small.app);
    expect((await post(url, {})).json()).toEqual(csrfMissing);
    expect((await post(url, {}, { authorization: 'Basic eDp5' })).json()).toEqual(csrfMissing);
    await tab.csrf();
    expect((await tab.send({ method: 'POST', url })).json()).toEqual(unauthorized);
    expect((await post(url, {}, bearer('wrong'))).json()).toEqual(unauthorized);
    expect((await post(url, {}, bearer(host))).json()).toEqual({ ok: true });
  });

  test.each(['hygate', 'keystead'])(
    'a write on %s paths asks who calls first, and a cookie for the CSRF token',
    async (family) => {
      const url = `/api/try/${family}/staff`;
      const tab = browser(small.app);
      expect((await post(url, {})).json()).toEqual(unauthorized);
      const csrf = await tab.csrf();
      await tab.send({ method: 'POST', url: '/api/auth/login', payload: { username: 'host', password } });
      const without = await tab.send({ method: 'POST', url, headers: { 'x-csrf-token': '' } });
      const other = await tab.send({ method: 'POST', url, headers: { 'x-csrf-token': csrf.replace(/.$/, 'z') } });
      expect([without.statusCode, without.json(), other.statusCode]).toEqual([403, csrfMissing, 403]);
      expect((await tab.send({ method: 'POST', url })).json()).toEqual({ ok: true });
      tab.cookies.set('keystead_session', 'stale');
      expect((await tab.send({ method: 'POST', url })).json()).toEqual(unauthorized);
    },
  );

  test('a bad Bearer is not saved by a good cookie', async () => {
    const tab = browser(small.app);
    await tab.csrf();
    await tab.send({ method: 'POST', url: '/api/auth/login', payload: { username: 'host', password } });
    const response = await tab.send({ method: 'POST', url: '/api/try/ring/staff', headers: bearer('bad') });
    expect(response.statusCode).toBe(401);
  });

  test('administrators only: a user gets 403, before the body is looked at', async () => {
    const response = await post('/api/try/hygate/admin', '{broken', { ...json, ...bearer(host) });
    expect([response.statusCode, response.json()]).toEqual([
      403,
      { error: 'Insufficient permissions', code: 'FORBIDDEN' },
    ]);
    expect((await post('/api/try/hygate/admin', {}, bearer(admin))).json()).toEqual({ ok: true });
    const early = await post('/api/try/hygate/staff', '{broken', json);
    expect(early.statusCode).toBe(401);
  });

  test('public paths never meet CSRF', async () => {
    expect((await post('/api/try/ring/public', {})).json()).toEqual({ ok: true });
  });

  test.each<[string, Record<string, string>, number]>([
    ['/api/try/cron', {}, 401],
    ['/api/try/cron?token=wrong', {}, 401],
    ['/api/try/cron?token=cron-secret', {}, 200],
    ['/api/try/cron', bearer('cron-secret'), 200],
    ['/api/try/cron?token=cron-secret', bearer('wrong'), 401],
  ])('cron: %s %j is %i', async (url, headers, status) => {
    for (const method of ['GET', 'POST'] as const) {
      const response = await send({ method, url, headers });
      expect(response.statusCode).toBe(status);
      if (status === 401) expect(response.json()).toEqual(unauthorized);
    }
  });

  test('cron refuses everybody while no secret is set', async () => {
    const config = { publicUrl: 'http://x.test', trustProxy: 0, cronSecret: null };
    const bare = await smallApp({ fresh: database, more: tryRoutes, server: { config } });
    for (const url of ['/api/try/cron', '/api/try/cron?token=', '/api/try/cron?token=null']) {
      expect((await bare.app.inject({ url, headers: bearer('') })).statusCode).toBe(401);
    }
    await bare.close();
  });

  test('a path under /api cannot be added without saying who may call it', async () => {
    const more = (app: SmallApp['app']): void => void app.get('/api/sneaky', async () => 'in');
    await expect(smallApp({ fresh: database, more })).rejects.toThrow('/api/sneaky must be declared');
  });
});
