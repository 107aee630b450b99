import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { hours, minutes } from '../../src/rules/instant.ts';
import type { FreshDatabase } from '../database/fresh.ts';
import {
  bearer,
  browser,
  fresh,
  type People,
  password,
  type SmallApp,
  signIn,
  smallApp,
  withPeople,
} from './small-app.ts';

let database: FreshDatabase;
let one: SmallApp;
let other: SmallApp;
let people: People;

beforeAll(async () => {
  database = await fresh();
  one = await smallApp({ fresh: database });
  other = await smallApp({ fresh: database });
  people = await withPeople(one);
});

afterAll(async () => {
  await one.close();
  await other.close();
  await database.drop();
});

beforeEach(async () => {
  await one.database.read.deleteFrom('login_attempts').execute();
});

const post = (url: string, payload: object, headers: Record<string, string> = {}) =>
  one.app.inject({ method: 'POST', url, payload, headers });
const later = (milliseconds: number): void => {
  for (const small of [one, other]) small.later(milliseconds);
};
const login = (payload: object) => post('/api/auth/login', payload);
const me = (token: string, app = one.app) => app.inject({ url: '/api/auth/me', headers: bearer(token) });

describe('signing in by user name', () => {
  test('needs the CSRF token, sets the cookie and answers the union of both originals', async () => {
    const tab = browser(one.app);
    const csrfToken = await tab.csrf();
    expect(csrfToken).toMatch(/^[0-9a-f]{32}\.[0-9a-f]{64}$/);
    expect(tab.cookies.get('csrf_token')).toBe(csrfToken);
    const response = await tab.send({
      method: 'POST',
      url: '/api/auth/login',
      payload: { username: 'Admin ', password },
    });
    expect(response.statusCode).toBe(200);
    expect(response.json()).toEqual({
      ok: true,
      username: 'admin',
      role: 'admin',
      token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      expiresAt: expect.stringMatching(/Z$/),
      user: { id: expect.any(String), email: 'admin@keystead.test', name: null, username: 'admin', role: 'ADMIN' },
    });
    const cookie = response.cookies.find(({ name }) => name === 'keystead_session');
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/' });
    expect(cookie).not.toHaveProperty('secure');
    expect((await tab.send({ url: '/api/auth/me' })).json()).toEqual({
      username: 'admin',
      role: 'admin',
      id: expect.any(String),
      email: 'admin@keystead.test',
      name: null,
      firstName: null,
      lastName: null,
      allLocations: true,
      locationIds: [],
      organization: { slug: 'main', name: 'Keystead' },
    });
  });

  test('is refused without a CSRF token before anything else is looked at', async () => {
    const none = await login({});
    const wrong = await post(
      '/api/auth/login',
      { username: 'admin', password },
      { 'x-csrf-token': `${'0'.repeat(32)}.x` },
    );
    expect([none.statusCode, wrong.statusCode]).toEqual([403, 403]);
    expect(none.json()).toEqual({ error: 'Invalid CSRF token', code: 'INVALID_CSRF_TOKEN' });
  });

  test('a token that somebody planted as cookie and header, but that is not ours, is refused', async () => {
    const forged = `${'a'.repeat(32)}.${'b'.repeat(64)}`;
    const response = await one.app.inject({
      method: 'POST',
      url: '/api/auth/login',
      payload: { username: 'admin', password },
      headers: { 'x-csrf-token': forged },
      cookies: { csrf_token: forged },
    });
    expect(response.statusCode).toBe(403);
  });

  test('a second tab does not take the first tab’s CSRF token away', async () => {
    const tab = browser(one.app);
    expect(await tab.csrf()).toBe(await tab.csrf());
  });

  test('where browsers come by https the cookies are Secure', async () => {
    const secure = await smallApp({ fresh: database, publicUrl: 'https://keystead.test' });
    const tab = browser(secure.app);
    await tab.csrf();
    const response = await tab.send({
      method: 'POST',
      url: '/api/auth/login',
      payload: { username: 'host', password },
    });
    expect(response.cookies[0]).toMatchObject({ name: 'keystead_session', secure: true });
    expect(response.headers['strict-transport-security']).toContain('max-age');
    await secure.close();
  });
});

describe('signing in by e-mail', () => {
  test('needs no CSRF token and sets no cookie', async () => {
    const response = await login({ email: 'HOST@keystead.test', password });
    expect(response.statusCode).toBe(200);
    expect(response.json()).toMatchObject({ ok: true, username: 'host', role: 'user', user: { role: 'OPERATOR' } });
    expect(response.cookies).toEqual([]);
  });

  test('finds an account that has a user name only', async () => {
    const { organizationId } = people;
    const account = { organizationId, username: 'Only Name', email: null, role: 'user', scope: [], by: null } as const;
    await one.accounts.create({ ...account, password });
    const response = await login({ email: 'only name', password });
    expect(response.statusCode).toBe(200);
    expect((await me(response.json().token)).json()).toMatchObject({ allLocations: false, locationIds: [] });
  });
});

describe('what is refused', () => {
  test.each([
    [{ email: 'admin@keystead.test' }, 'password'],
    [{ email: '', password: 'x' }, 'email'],
    [{ email: 5, password: 'x' }, 'email'],
    [{ email: 'a@b.c', password: ['x'] }, 'password'],
  ])('%j is 400 Missing credentials', async (payload, field) => {
    const response = await login(payload);
    expect(response.statusCode).toBe(400);
    expect(response.json()).toEqual({ error: 'Missing credentials', code: 'VALIDATION_ERROR', field });
  });

  test.each([{}, { username: 'admin' }, { password: 'x' }, undefined])(
    '%j by user name is 400 as well',
    async (payload) => {
      const tab = browser(one.app);
      await tab.csrf();
      const request = { method: 'POST', url: '/api/auth/login' } as const;
      const response = await tab.send(payload === undefined ? request : { ...request, payload });
      expect(response.json()).toMatchObject({ error: 'Missing credentials', code: 'VALIDATION_ERROR' });
    },
  );

  test('a wrong password and an unknown name get the same answer', async () => {
    const wrong = await login({ email: 'admin@keystead.test', password: 'wrong' });
    const unknown = await login({ email: 'nobody@keystead.test', password: 'wrong' });
    expect([wrong.statusCode, unknown.statusCode]).toEqual([401, 401]);
    expect(wrong.json()).toEqual({ error: 'Invalid credentials', code: 'INVALID_CREDENTIALS' });
    expect(unknown.json()).toEqual(wrong.json());
  });

  test('a disabled account shows only to whoever knows its password', async () => {
    const { organizationId } = people;
    const account = { organizationId, username: 'gone', email: null, role: 'user', scope: 'all', by: null } as const;
    const { id } = await one.accounts.create({ ...account, password });
    const { token } = (await login({ email: 'gone', password })).json();
    await one.database.read.updateTable('accounts').set({ disabled: true }).where('id', '=', id).execute();
    expect((await login({ email: 'gone', password: 'wrong' })).statusCode).toBe(401);
    const right = await login({ email: 'gone', password });
    expect([right.statusCode, right.json()]).toEqual([403, { error: 'User is disabled', code: 'ACCOUNT_DISABLED' }]);
    expect((await me(token)).statusCode).toBe(401);
  });
});

describe('guessing', () => {
  test.each(['admin@keystead.test', 'nobody@keystead.test'])(
    'locks %s after five failures for 15 minutes',
    async (email) => {
      for (let i = 0; i < 5; i++) expect((await login({ email, password: 'wrong' })).statusCode).toBe(401);
      const locked = await login({ email, password });
      expect(locked.statusCode).toBe(423);
      expect(locked.json()).toEqual({
        error: 'Account locked. Try again later.',
        code: 'ACCOUNT_LOCKED',
        lockedUntil: expect.stringMatching(/^\d{4}-.*Z$/),
      });
      expect(Number(locked.headers['retry-after'])).toBeGreaterThan(14 * 60);
      later(minutes(15));
      expect((await login({ email, password: 'wrong' })).statusCode).toBe(401);
      expect((await login({ email, password: 'wrong' })).statusCode).toBe(423);
      later(minutes(15));
      if (email.startsWith('admin')) expect((await login({ email, password })).statusCode).toBe(200);
    },
  );

  test('twenty at once, on two processes, get five answers', async () => {
    const email = 'host@keystead.test';
    const statuses = await Promise.all(
      Array.from({ length: 20 }, async (_, i) => {
        const { app } = i % 2 === 0 ? one : other;
        const payload = { email: i % 3 === 0 ? email.toUpperCase() : email, password: 'wrong' };
        return (await app.inject({ method: 'POST', url: '/api/auth/login', payload })).statusCode;
      }),
    );
    expect(statuses.filter((status) => status === 401).length).toBe(5);
    expect(statuses.filter((status) => status === 423).length).toBe(15);
  });

  test('twenty right ones at once all get in', async () => {
    const tries = Array.from({ length: 20 }, () => login({ email: 'host@keystead.test', password }));
    expect(new Set((await Promise.all(tries)).map((response) => response.statusCode))).toEqual(new Set([200]));
  });

  test('a success takes the failures away', async () => {
    const email = 'host@keystead.test';
    for (let i = 0; i < 4; i++) await login({ email, password: 'wrong' });
    expect((await login({ email, password })).statusCode).toBe(200);
    for (let i = 0; i < 4; i++) expect((await login({ email, password: 'wrong' })).statusCode).toBe(401);
    expect((await login({ email, password })).statusCode).toBe(200);
  });
});

describe('the end of a login', () => {
  test('comes after twelve hours', async () => {
    const token = await signIn(one.app);
    later(hours(12) - minutes(1));
    expect((await me(token)).statusCode).toBe(200);
    later(minutes(2));
    expect((await me(token)).json()).toEqual({ error: 'Not authenticated', code: 'UNAUTHORIZED' });
    later(-hours(12) - minutes(1));
  });

  test('by logout holds on every process at once, for the token and the cookie', async () => {
    const tab = browser(one.app);
    await tab.csrf();
    const { token } = (
      await tab.send({ method: 'POST', url: '/api/auth/login', payload: { username: 'host', password } })
    ).json();
    expect((await me(token, other.app)).statusCode).toBe(200);
    const cookie = tab.cookies.get('keystead_session') ?? '';
    const response = await tab.send({ method: 'POST', url: '/api/auth/logout' });
    expect([response.statusCode, response.json()]).toEqual([200, { ok: true }]);
    expect(tab.cookies.has('keystead_session')).toBe(false);
    expect((await me(token, other.app)).statusCode).toBe(401);
    expect((await other.app.inject({ url: '/api/auth/me', cookies: { keystead_session: cookie } })).statusCode).toBe(
      401,
    );
  });

  test('logout needs the CSRF token or a Bearer, not a login', async () => {
    expect((await post('/api/auth/logout', {})).statusCode).toBe(403);
    expect((await post('/api/auth/logout', {}, bearer('nonsense'))).json()).toEqual({ ok: true });
    const tab = browser(one.app);
    await tab.csrf();
    expect((await tab.send({ method: 'POST', url: '/api/auth/logout' })).json()).toEqual({ ok: true });
  });

  test('a change of the password ends all other logins', async () => {
    const { organizationId } = people;
    const account = {
      organizationId,
      username: 'changer',
      email: 'changer@keystead.test',
      role: 'user',
      scope: 'all',
    } as const;
    await one.accounts.create({ ...account, password, by: null });
    const [mine, theirs] = [await signIn(one.app, 'changer'), await signIn(other.app, 'changer')];
    const change = (currentPassword: string, newPassword: string) =>
      post('/api/auth/change-password', { currentPassword, newPassword }, bearer(mine));
    const wrong = await change('wrong', 'another long password');
    expect([wrong.statusCode, wrong.json().code]).toEqual([401, 'INVALID_CREDENTIALS']);
    const short = await change(password, 'short');
    expect([short.statusCode, short.json().field]).toEqual([400, 'newPassword']);
    expect((await change(password, 'another long password')).json()).toEqual({ ok: true });
    expect([(await me(mine)).statusCode, (await me(theirs)).statusCode]).toEqual([200, 401]);
    expect((await login({ email: 'changer', password })).statusCode).toBe(401);
    expect((await login({ email: 'changer', password: 'another long password' })).statusCode).toBe(200);
  });

  test('a login with the old password that runs beside the change does not outlive it', async () => {
    const account = { ...people, username: 'racer', email: 'racer@keystead.test', role: 'user', scope: 'all' } as const;
    await one.accounts.create({ ...account, password, by: null });
    const mine = await signIn(one.app, 'racer');
    const newPassword = 'another long password';
    const change = post('/api/auth/change-password', { currentPassword: password, newPassword }, bearer(mine));
    const beside = await Promise.all(
      Array.from({ length: 6 }, () =>
        other.app.inject({ method: 'POST', url: '/api/auth/login', payload: { email: 'racer', password } }),
      ),
    );
    expect((await change).statusCode).toBe(200);
    for (const response of beside) {
      if (response.statusCode === 200) expect((await me(response.json().token)).statusCode).toBe(401);
    }
  });

  test.each(['', 'nonsense', 'a.b.c'])('the token %j is nobody', async (token) => {
    expect((await me(token)).statusCode).toBe(401);
  });
});

test('signing in, failing and signing out stand in the audit chain, which verifies', async () => {
  const token = await signIn(one.app, 'host');
  await login({ email: 'host@keystead.test', password: 'wrong' });
  await post('/api/auth/logout', {}, bearer(token));
  const { organizationId } = people;
  const entries = await one.database.read
    .selectFrom('audit_entries')
    .select(['action', 'category'])
    .where('organization_id', '=', organizationId)
    .orderBy('number', 'desc')
    .limit(3)
    .execute();
  expect(entries.map((entry) => entry.action)).toEqual(['logout', 'login failed', 'login']);
  expect(await one.audit.verify(one.database.read, organizationId)).toBeNull();
  expect(one.logged()).not.toContain(password);
  expect(one.logged()).not.toContain(token);
});
