import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { minutes } from '../../../src/rules/instant.ts';
import { untilMails } from '../../support/inbox.ts';
import { type Answer, type Laundry, openLaundry, password } from '../../support/laundry.ts';
import { instant } from '../../support/requests.ts';
import {
  addProgram,
  askYale,
  helper,
  newestCode,
  owner,
  type Program,
  stranger,
  type YaleCall,
  yaleToken,
} from '../../support/yale-place.ts';

let laundry: Laundry;
let partner: Program;
let _other: Program;

beforeAll(async () => {
  laundry = await openLaundry({ mail: true });
  partner = await addProgram(laundry);
  _other = await addProgram(laundry, { name: 'Another' });
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
const _badKey = { code: 'Forbidden', message: 'API key is not valid' };
const badToken = { code: 'InvalidCredentials', message: 'Access token is not valid' };
const told = ({ status, body }: Answer) => [status, body];

describe('a password session', () => {
  test('asks a new installation for the mailed code, once', async () => {
    const first = await session({ installId: 'tablet' });
    const token = tokenOf(first);
    expect(first.body).toEqual({
      userId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      installId: 'tablet',
      expiresAt: instant,
      vPassword: true,
      vInstallId: false,
      vEmail: false,
      vPhone: false,
      hasInstallId: true,
      hasPassword: true,
      hasEmail: true,
      hasPhone: false,
      isLockedOut: false,
    });
    expect(first.headers.get('x-august-access-token')).toBe(token);
    const sent = await ask('POST', '/validation/email', { token, body: { value: owner } });
    expect(told(sent)).toEqual([200, { message: 'success' }]);
    const [mail] = await untilMails(laundry, owner, 1);
    const code = /\b(\d{6})\b/.exec(mail?.text ?? '')?.[1] ?? '';
    expect(code).toBe(await newestCode(laundry));
    const confirmed = await ask('POST', '/validate/email', { token, body: { code, email: owner } });
    expect(told(confirmed)).toEqual([200, { message: 'success' }]);
    expect((await ask('GET', '/users/me', { token })).status).toBe(200);
    expect((await ask('GET', '/users/me', { token: tokenOf(confirmed) })).status).toBe(200);
    const second = await session({ installId: 'tablet' });
    expect(second.body).toMatchObject({ vPassword: true, vInstallId: true, vEmail: true });
    expect((await ask('GET', '/users/me', { token: tokenOf(second) })).body.UserID).toBe(first.body.userId);
  });

  test('with a wrong password, or of nobody, is no error but says so', async () => {
    for (const body of [{ password: 'wrong password' }, { identifier: 'email:nobody@keystead.test' }]) {
      const answer = await session(body);
      expect(answer.status).toBe(200);
      expect(answer.body).toMatchObject({ vPassword: false, vInstallId: false, userId: '', expiresAt: instant });
      expect(tokenOf(answer)).not.toBe('');
    }
  });

  test('of another organization does not exist for this program', async () => {
    expect((await session({ identifier: `email:${stranger}` })).body.vPassword).toBe(false);
  });

  test('is locked after five failures, like the login at the console', async () => {
    for (let n = 0; n < 5; n++) await session({ password: 'wrong password' });
    const locked = await session({});
    expect([locked.status, locked.body.code]).toEqual([423, 'Locked']);
    expect(Number(locked.headers.get('retry-after'))).toBeGreaterThan(800);
  });

  test('by phone finds the account whose person has that number', async () => {
    const people = (await laundry.call('GET', '/api/people', { token: laundry.tokens.admin })).body;
    const person = people.find(({ name }: { name: string }) => name === 'helper');
    const path = `/api/people/${person.id}`;
    const body = { phone: '+49 170 1234567' };
    expect((await laundry.call('PATCH', path, { token: laundry.tokens.admin, body })).body.phone).toBe('+491701234567');
    const answer = await session({ identifier: 'phone:+491701234567' });
    expect(answer.body).toMatchObject({ vPassword: true, vInstallId: false, hasPhone: true, userId: person.uuid });
    const token = tokenOf(answer);
    const sent = await ask('POST', '/validation/phone', {
      token,
      body: { value: '+491701234567', smsHashString: 'x' },
    });
    expect(sent.status).toBe(200);
    await untilMails(laundry, helper, 1);
    const code = await newestCode(laundry);
    const confirmed = await ask('POST', '/validate/phone', { token, body: { code, phone: '+491701234567' } });
    expect(confirmed.status).toBe(200);
    expect((await session({ identifier: 'phone:+491701234568' })).body.vPassword).toBe(false);
  });

  test('of an account without an address gets no code', async () => {
    await laundry.app.database.pool.query("update accounts set email = null where username = 'helper'");
    const token = tokenOf(await session({ identifier: `email:${helper}`, installId: 'no mail' }));
    const answer = await ask('POST', '/validation/email', { token, body: { value: helper } });
    expect([answer.status, answer.body.code]).toEqual([409, 'ConflictError']);
    await laundry.app.database.pool.query("update accounts set email = $1 where username = 'helper'", [helper]);
  });

  test.each<[string, Record<string, unknown>]>([
    ['no identifier', { identifier: undefined }],
    ['an identifier without its kind', { identifier: owner }],
    ['a UUID', { identifier: 'a57f9bda-a0f3-4990-8567-aec391f13038' }],
    ['a number for a password', { password: 5 }],
    ['no password', { password: '' }],
    ['no installation', { installId: undefined }],
    ['an endless password', { password: 'x'.repeat(2000) }],
  ])('%s: 400', async (_, body) => {
    const answer = await session(body);
    expect([answer.status, answer.body]).toEqual([400, { code: 'InvalidArgument', message: expect.any(String) }]);
  });

  test('fields that nobody described are let through', async () => {
    expect((await session({ installId: 'phone-1', apiVersion: 3, extra: { deep: true } })).status).toBe(200);
  });
});

describe('codes', () => {
  const begin = async (installId: string): Promise<string> => {
    const token = tokenOf(await session({ installId }));
    await ask('POST', '/validation/email', { token, body: { value: owner } });
    return token;
  };

  test('five wrong ones, and the right one is worth nothing', async () => {
    const token = await begin('guesser');
    const code = await newestCode(laundry);
    const wrong = code === '000000' ? '000001' : '000000';
    for (let n = 0; n < 5; n++) {
      const answer = await ask('POST', '/validate/email', { token, body: { code: wrong, email: owner } });
      expect(told(answer)).toEqual([401, { code: 'InvalidCredentials', message: 'The code is not valid' }]);
    }
    expect((await ask('POST', '/validate/email', { token, body: { code, email: owner } })).status).toBe(401);
    expect((await ask('GET', '/users/me', { token })).status).toBe(401);
  });

  test('are good for ten minutes and for one use', async () => {
    const token = await begin('late');
    const code = await newestCode(laundry);
    laundry.clock.ahead(minutes(11));
    expect((await ask('POST', '/validate/email', { token, body: { code } })).status).toBe(401);
    const again = await begin('late');
    const good = await newestCode(laundry);
    expect((await ask('POST', '/validate/email', { token: again, body: { code: Number(good) } })).status).toBe(200);
    expect((await ask('POST', '/validate/email', { token: again, body: { code: good } })).status).toBe(401);
  });

  test('of another session do not fit', async () => {
    const mine = await begin('mine');
    const code = await newestCode(laundry);
    await begin('theirs');
    const second = await newestCode(laundry);
    if (second !== code)
      expect((await ask('POST', '/validate/email', { token: mine, body: { code: second } })).status).toBe(401);
    expect((await ask('POST', '/validate/email', { token: mine, body: { code } })).status).toBe(200);
  });

  test('are sent three times in a quarter of an hour, then not before it is over', async () => {
    const token = await begin('impatient');
    for (const status of [200, 200, 429]) {
      const answer = await ask('POST', '/validation/email', { token, body: { value: owner } });
      expect(answer.status).toBe(status);
      if (status !== 429) continue;
      expect(answer.body.code).toBe('TooManyRequests');
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(600);
    }
  });

  test('are asked for with a token alone', async () => {
    for (const path of ['/validation/email', '/validate/email']) {
      expect(told(await ask('POST', path, { body: { value: owner, code: '123456' } }))).toEqual([401, badToken]);
    }
    expect((await ask('POST', '/validation/pigeon', { body: { value: owner } })).status).toBe(400);
  });
});

describe('signing out', () => {
  test.each([
    ['POST', '/users/logout'],
    ['DELETE', '/session'],
  ])('%s %s ends what that installation has, and nothing else', async (method, path) => {
    const [here, again, elsewhere] = [
      await yaleToken(laundry, partner, owner, 'here'),
      await yaleToken(laundry, partner, owner, 'here'),
      await yaleToken(laundry, partner, owner, 'elsewhere'),
    ];
    const body = { apnsDeviceID: '61d45ae2-b358-49e3-8101-1cca8951fd48', installID: 'here' };
    const answer = await ask(method, path, { token: elsewhere, body });
    expect([answer.status, answer.text]).toEqual([200, 'null']);
    for (const token of [here, again]) expect((await ask('GET', '/users/me', { token })).status).toBe(401);
    expect((await ask('GET', '/users/me', { token: elsewhere })).status).toBe(200);
    expect((await ask(method, path, { token: elsewhere })).status).toBe(200);
    expect((await ask('GET', '/users/me', { token: elsewhere })).status).toBe(401);
  });

  test('ends nothing of somebody else with the same installation', async () => {
    const theirs = await yaleToken(laundry, partner, helper, 'shared tablet');
    const mine = await yaleToken(laundry, partner, owner, 'shared tablet');
    await ask('POST', '/users/logout', { token: mine, body: { installID: 'shared tablet' } });
    expect((await ask('GET', '/users/me', { token: theirs })).status).toBe(200);
  });
});
