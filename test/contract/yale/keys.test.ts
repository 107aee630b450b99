/** Keys and tokens: who may call at all, and how long. */
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { hours } from '../../../src/rules/instant.ts';
import { type Answer, type Laundry, openLaundry, password } from '../../support/laundry.ts';
import {
  addProgram,
  askYale,
  owner,
  type Program,
  stranger,
  type YaleCall,
  yaleToken,
} from '../../support/yale-place.ts';

let laundry: Laundry;
let partner: Program;
let other: Program;

beforeAll(async () => {
  laundry = await openLaundry({ mail: true });
  partner = await addProgram(laundry);
  other = await addProgram(laundry, { name: 'Another' });
});
beforeEach(async () => {
  await laundry.app.database.read.deleteFrom('login_attempts').execute();
  await laundry.app.database.read.deleteFrom('sign_in_codes').execute();
});
afterAll(() => laundry.close());

const ask = (method: string, path: string, o: YaleCall = {}): Promise<Answer> =>
  askYale(laundry, method, path, { key: partner.key, ...o });
const session = (body: Record<string, unknown>, o: YaleCall = {}): Promise<Answer> =>
  ask('POST', '/session', { body: { installId: 'phone-1', identifier: `email:${owner}`, password, ...body }, ...o });
const tokenOf = (answer: Answer): string => answer.headers.get('x-access-token') ?? '';
const badKey = { code: 'Forbidden', message: 'API key is not valid' };
const badToken = { code: 'InvalidCredentials', message: 'Access token is not valid' };
const told = ({ status, body }: Answer) => [status, body];

describe('keys', () => {
  test.each([
    ['none', null],
    ['an unknown one', 'unknown-key'],
    ['an empty one', ''],
    ['a very long one', 'x'.repeat(5000)],
  ])('%s is 403 before anything else is looked at', async (_, key) => {
    for (const [method, path] of [
      ['POST', '/session'],
      ['GET', '/users/me'],
      ['POST', '/validate/email'],
    ] as const) {
      const answer = await ask(method, path, { key, token: 'x', ...(method === 'POST' ? { body: {} } : {}) });
      expect(told(answer)).toEqual([403, badKey]);
      expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    }
  });

  test('both families of headers name key and token', async () => {
    const token = await yaleToken(laundry, partner);
    for (const headers of [
      { 'x-api-key': partner.key, 'x-access-token': token },
      { 'x-august-api-key': partner.key, 'x-august-access-token': token },
      { 'x-api-key': partner.key, 'x-august-access-token': token, 'x-kease-api-key': 'other' },
    ]) {
      const answer = await askYale(laundry, 'GET', '/users/me', { headers });
      expect([answer.status, answer.body.FirstName]).toEqual([200, 'owner']);
      expect(answer.headers.get('x-response-time')).toMatch(/^\d+$/);
    }
  });

  test('a revoked program is out at once, and so are the tokens it holds', async () => {
    const leaving = await addProgram(laundry, { name: 'Leaving' });
    const token = await yaleToken(laundry, leaving);
    expect((await ask('GET', '/users/me', { key: leaving.key, token })).status).toBe(200);
    await laundry.call('DELETE', `/api/api-clients/${leaving.id}`, { token: laundry.tokens.admin });
    expect(told(await ask('GET', '/users/me', { key: leaving.key, token }))).toEqual([403, badKey]);
    expect(told(await ask('GET', '/users/me', { token }))).toEqual([401, badToken]);
  });
});

describe('tokens', () => {
  test.each([
    ['none', async () => null],
    ['nonsense', async () => 'nonsense'],
    ['of a login at the console', async () => laundry.tokens.admin],
    ['of another program', async () => yaleToken(laundry, other)],
    ['of a wrong password', async () => tokenOf(await session({ password: 'wrong password' }))],
    ['before the code', async () => tokenOf(await session({ installId: 'never confirmed' }))],
    ['of another organization', async () => yaleToken(laundry, await strangers(), stranger)],
    ['changed by hand', async () => `${(await yaleToken(laundry, partner)).slice(0, -3)}abc`],
  ])('%s: 401', async (_, token) => {
    expect(told(await ask('GET', '/users/me', { token: await token() }))).toEqual([401, badToken]);
  });

  const strangers = () => addProgram(laundry, { name: 'Theirs' }, laundry.tokens.stranger);

  test('the console takes no token of a program', async () => {
    const token = await yaleToken(laundry, partner);
    expect((await laundry.call('GET', '/api/auth/me', { token })).status).toBe(401);
  });

  test('say until when they are good, and are renewed by the answer once half of that is over', async () => {
    const token = await yaleToken(laundry, partner, owner, 'renewed');
    const { exp = 0, iat = 0 } = decodeJwt(token);
    expect(exp - iat).toBe(60 * 86_400);
    const fresh = await ask('GET', '/users/me', { token });
    expect(fresh.headers.get('x-access-token')).toBeNull();
    laundry.clock.ahead(hours(24 * 31));
    const later = await ask('GET', '/users/me', { token });
    const renewed = tokenOf(later);
    expect(later.headers.get('x-august-access-token')).toBe(renewed);
    expect(decodeJwt(renewed).exp).toBeGreaterThan(exp);
    expect((await ask('GET', '/users/me', { token })).status).toBe(200);
    laundry.clock.ahead(hours(24 * 30));
    expect((await ask('GET', '/users/me', { token })).status).toBe(401);
    expect((await ask('GET', '/users/me', { token: renewed })).status).toBe(200);
    await signInAgain();
  });

  test('end with a changed password and with a disabled account, at once', async () => {
    const { accounts } = laundry.app.services;
    const { rows } = await laundry.app.database.pool.query(
      "select organization_id from accounts where username = 'owner'",
    );
    const organizationId = rows[0].organization_id;
    const email = 'leaver@keystead.test';
    const made = {
      organizationId,
      username: 'leaver',
      email,
      password,
      role: 'admin',
      scope: 'all',
      by: null,
    } as const;
    await accounts.create(made);
    const login = await laundry.call('POST', '/api/auth/login', { body: { email, password } });
    const token = await yaleToken(laundry, partner, email);
    const body = { currentPassword: password, newPassword: `${password}!` };
    expect((await laundry.call('POST', '/api/auth/change-password', { token: login.body.token, body })).status).toBe(
      200,
    );
    expect((await ask('GET', '/users/me', { token })).status).toBe(401);
    const again = tokenOf(
      await session({ identifier: `email:${email}`, password: `${password}!`, installId: `install of ${email}` }),
    );
    expect((await ask('GET', '/users/me', { token: again })).status).toBe(200);
    await laundry.app.database.pool.query("update accounts set disabled = true where username = 'leaver'");
    expect((await ask('GET', '/users/me', { token: again })).status).toBe(401);
    const refused = await session({ identifier: `email:${email}`, password: `${password}!` });
    expect([refused.status, refused.body.code]).toEqual([403, 'Forbidden']);
  });
});

/** Days have gone by: the administrator's login at the console is over. */
async function signInAgain(): Promise<void> {
  const answer = await laundry.call('POST', '/api/auth/login', { body: { email: owner, password } });
  laundry.tokens.admin = answer.body.token;
  const theirs = await laundry.call('POST', '/api/auth/login', { body: { email: stranger, password } });
  laundry.tokens.stranger = theirs.body.token;
}
