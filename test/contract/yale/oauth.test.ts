/** Consent on our own page, and what programs make of it (reference §2). */
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { hours, minutes } from '../../../src/rules/instant.ts';
import { type Answer, type Laundry, openLaundry, password } from '../../support/laundry.ts';
import { fingerprint } from '../../support/rows.ts';
import { addProgram, askYale, owner, type Program, stranger } from '../../support/yale-place.ts';

let laundry: Laundry;
let program: Program;
let other: Program;
const callback = 'https://partner.example.com/callback?from=yale';

beforeAll(async () => {
  laundry = await openLaundry({ engine: false });
  program = await addProgram(laundry, { name: 'Partner <b>', redirectUris: [callback, 'http://localhost:8123/back'] });
  other = await addProgram(laundry, { name: 'Another', redirectUris: [callback] });
});
beforeEach(async () => {
  await laundry.app.database.read.deleteFrom('login_attempts').execute();
});
afterAll(() => laundry.close());

type Fields = Record<string, string | undefined>;
const query = (fields: Fields): string =>
  new URLSearchParams(
    Object.entries(fields).filter((pair): pair is [string, string] => pair[1] !== undefined),
  ).toString();
const asked = (): Fields => ({ client_id: program.id, redirect_uri: callback, state: 'a b&c', response_type: 'code' });
const form = (path: string, fields: Fields): Promise<Answer> =>
  askYale(laundry, 'POST', path, {
    raw: query(fields),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
const allow = (fields: Fields = {}, path = '/authorize') =>
  form(path, { ...asked(), name: owner, password, answer: 'allow', ...fields });
const wayBack = (answer: Answer): URLSearchParams => {
  const to = answer.headers.get('location') ?? '';
  expect([answer.status, to.startsWith('https://partner.example.com/callback?from=yale&')]).toEqual([303, true]);
  return new URL(to).searchParams;
};
const codeNow = async (): Promise<string> => wayBack(await allow()).get('code') ?? '';
const exchange = (fields: Fields, by: Program = program) =>
  form('/access_token', { client_id: by.id, client_secret: by.secret, ...fields });
const redeem = (code: string, fields: Fields = {}, by = program) =>
  exchange({ grant_type: 'authorization_code', code, redirect_uri: callback, ...fields }, by);
const refresh = (token: string, by = program) => exchange({ grant_type: 'refresh_token', refresh_token: token }, by);
const me = async (token: string): Promise<number> =>
  (await askYale(laundry, 'GET', '/users/me', { key: program.key, token })).status;
const told = ({ status, body }: Answer) => [status, body.error];

describe('the page', () => {
  test.each(['/authorize', '/authorization'])(
    '%s asks for name and password in the words of the reader',
    async (path) => {
      const page = await askYale(laundry, 'GET', `${path}?${query({ ...asked(), scope: 'anything' })}`);
      expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
      expect(page.text).toContain('data-testid="consent" data-state="asked"');
      expect(page.text).toContain('Let Partner &lt;b&gt; Use Your Locks?');
      expect(page.text).toContain('name="state" value="a b&amp;c"');
      expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
      const german = await askYale(laundry, 'GET', `${path}?${query(asked())}`, {
        headers: { 'accept-language': 'de' },
      });
      expect(german.text).toContain('Ihre Schlösser benutzen?');
    },
  );

  test.each<[string, Fields]>([
    ['an unknown program', { client_id: 'api_unknown' }],
    ['no program', { client_id: undefined }],
    ['an address that nobody named', { redirect_uri: 'https://evil.example.com/' }],
    ['an address that only begins like one', { redirect_uri: `${callback}x` }],
    ['no address', { redirect_uri: undefined }],
  ])('%s sends nobody anywhere', async (_, fields) => {
    const before = await fingerprint(laundry);
    const page = await askYale(laundry, 'GET', `/authorize?${query({ ...asked(), ...fields })}`);
    const sent = await allow(fields);
    for (const answer of [page, sent]) {
      expect([answer.status, answer.headers.get('location')]).toEqual([400, null]);
      expect(answer.text).toContain('data-state="unknown"');
    }
    expect(await fingerprint(laundry)).toEqual(before);
  });

  test('another kind of answer than a code is refused on the way back', async () => {
    const answer = await askYale(laundry, 'GET', `/authorize?${query({ ...asked(), response_type: 'token' })}`);
    const back = wayBack(answer);
    expect([back.get('error'), back.get('state')]).toEqual(['unsupported_response_type', 'a b&c']);
  });

  test('who does not allow it is sent back without a code', async () => {
    const back = wayBack(await form('/authorize', { ...asked(), answer: 'deny' }));
    expect([back.get('error'), back.get('code'), back.get('state')]).toEqual(['access_denied', null, 'a b&c']);
  });

  test('a wrong password shows it again, with the name and without the password', async () => {
    for (const fields of [{ password: 'wrong password' }, { name: stranger }, { name: '' }]) {
      const page = await allow(fields);
      expect([page.status, page.headers.get('location')]).toEqual([401, null]);
      expect(page.text).toContain('data-state="wrong"');
      expect(page.text).not.toContain('wrong password');
      if (fields.name === undefined) expect(page.text).toContain(`value="${owner}"`);
    }
  });

  test('five failures lock the name', async () => {
    for (let n = 0; n < 5; n++) await allow({ password: 'wrong password' });
    const page = await allow();
    expect([page.status, page.text.includes('data-state="locked"')]).toEqual([423, true]);
  });
});

describe('tokens', () => {
  test('come for a code, by form and by JSON, and open', async () => {
    const first = await redeem(await codeNow());
    expect(first.body).toEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 3600,
      refresh_token: expect.any(String),
    });
    const { exp = 0, iat = 0 } = decodeJwt(first.body.access_token);
    expect([exp - iat, await me(first.body.access_token)]).toEqual([3600, 200]);
    const body = {
      grant_type: 'authorization_code',
      client_id: program.id,
      client_secret: program.secret,
      code: wayBack(await allow({}, '/authorization')).get('code'),
      redirect_uri: callback,
    };
    const second = await askYale(laundry, 'POST', '/access_token', { body });
    expect([second.status, await me(second.body.access_token)]).toEqual([200, 200]);
  });

  test('are renewed by the refresh token, which changes each time', async () => {
    const { access_token, refresh_token } = (await redeem(await codeNow())).body;
    laundry.clock.ahead(hours(1) + 1000);
    expect(await me(access_token)).toBe(401);
    const renewed = (await refresh(refresh_token)).body;
    expect([renewed.refresh_token === refresh_token, await me(renewed.access_token)]).toEqual([false, 200]);
    expect((await refresh(renewed.refresh_token)).status).toBe(200);
  });

  test('a code that is used twice ends what it gave', async () => {
    const code = await codeNow();
    const { access_token, refresh_token } = (await redeem(code)).body;
    expect(told(await redeem(code))).toEqual([400, 'invalid_grant']);
    expect([await me(access_token), told(await refresh(refresh_token))]).toEqual([401, [400, 'invalid_grant']]);
  });

  test('a refresh token that is used twice ends what it gave', async () => {
    const { refresh_token } = (await redeem(await codeNow())).body;
    const { access_token } = (await refresh(refresh_token)).body;
    expect(told(await refresh(refresh_token))).toEqual([400, 'invalid_grant']);
    expect(await me(access_token)).toBe(401);
  });

  test('of two who bring one code at once, one gets tokens at most', async () => {
    const code = await codeNow();
    const both = await Promise.all([redeem(code), redeem(code)]);
    expect(both.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 400]);
  });

  test('a code is good for a minute', async () => {
    const code = await codeNow();
    laundry.clock.ahead(minutes(1) + 1);
    expect(told(await redeem(code))).toEqual([400, 'invalid_grant']);
  });

  test.each<[string, Fields, number, string]>([
    ['another address', { redirect_uri: 'http://localhost:8123/back' }, 400, 'invalid_grant'],
    ['no address', { redirect_uri: undefined }, 400, 'invalid_grant'],
    ['another code', { code: 'other' }, 400, 'invalid_grant'],
    ['a wrong secret', { client_secret: 'wrong' }, 401, 'invalid_client'],
    ['no secret', { client_secret: undefined }, 401, 'invalid_client'],
    ['an unknown program', { client_id: 'api_unknown' }, 401, 'invalid_client'],
    ['another way', { grant_type: 'password' }, 400, 'unsupported_grant_type'],
    ['no way', { grant_type: undefined }, 400, 'invalid_request'],
  ])('%s gives none, and leaves the code as it was', async (_, fields, status, error) => {
    const code = await codeNow();
    const answer = await redeem(code, fields);
    expect(told(answer)).toEqual([status, error]);
    expect(answer.body).toMatchObject({ code: expect.any(String), message: expect.any(String) });
    expect((await redeem(code)).status).toBe(200);
  });

  test('another program gets nothing for codes and tokens that are not its own', async () => {
    const code = await codeNow();
    expect(told(await redeem(code, {}, other))).toEqual([400, 'invalid_grant']);
    const { access_token, refresh_token } = (await redeem(code)).body;
    expect(told(await refresh(refresh_token, other))).toEqual([400, 'invalid_grant']);
    const answer = await askYale(laundry, 'GET', '/users/me', { key: other.key, token: access_token });
    expect(answer.status).toBe(401);
    expect(await me(access_token)).toBe(200);
  });

  test('end with the program, refresh and all', async () => {
    const leaving = await addProgram(laundry, { name: 'Leaving', redirectUris: [callback] });
    const code = wayBack(await allow({ client_id: leaving.id })).get('code') ?? '';
    const { refresh_token } = (await redeem(code, {}, leaving)).body;
    const { app } = laundry;
    await app.database.pool.query('update api_clients set revoked_at = now() where id = $1', [leaving.id]);
    expect(told(await refresh(refresh_token, leaving))).toEqual([401, 'invalid_client']);
  });

  test('neither codes nor refresh tokens can be read from the database', async () => {
    const code = await codeNow();
    const { refresh_token } = (await redeem(code)).body;
    const { rows } = await laundry.app.database.pool.query(
      'select c::text from authorization_codes c union select r::text from refresh_tokens r union select e::text from audit_entries e',
    );
    const all = JSON.stringify(rows);
    expect([all.includes(code), all.includes(refresh_token)]).toEqual([false, false]);
  });
});
