import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startYale, type YaleSimulator } from '../../../simulators/yale/start.ts';
import { type Laundry, openLaundry } from '../../support/laundry.ts';
import { ask, expectRefused, idOf, instant, type Refusal } from '../../support/requests.ts';

/** An account at Yale: a person who signs in with a code that is mailed, or what a consent gave to a program. */
let laundry: Laundry;
let yale: YaleSimulator;
beforeAll(async () => {
  laundry = await openLaundry({ engine: false });
  yale = await startYale({
    clock: laundry.clock,
    airMs: 1,
    bridges: [{ name: 'Hall' }],
    locks: [{ name: 'Annex', bridge: 'Hall' }, { name: 'Shed' }],
  });
});
afterAll(async () => {
  await yale.close();
  await laundry.close();
});

const post = (path: string, body?: unknown) => ask(laundry, `POST ${path}`, body);
const servers = () => ({ server: yale.url, oauthServer: yale.url });
const person = () => {
  const { email, password, apiKey } = yale.account;
  return { vendor: 'yale', name: 'Annex', ...servers(), apiKey, identifier: email, password };
};
const program = () => {
  const { clientId, clientSecret, apiKey } = yale.account;
  return { vendor: 'yale', ...servers(), apiKey, clientId, clientSecret, refreshToken: yale.consent() };
};
const storedText = async (): Promise<string> => {
  const tables = ['connections', 'vendor_tokens', 'audit_entries'].map(
    (table) => `select string_agg(x::text, '') as all from ${table} x`,
  );
  const { rows } = await laundry.app.database.pool.query(tables.join(' union all '));
  return rows.map((row) => String(row.all)).join('\n');
};

describe('a person’s account', () => {
  test('is let in with the code that was mailed, and its lock opens', async () => {
    const made = await post('/api/connections', person());
    const { email, apiKey } = yale.account;
    expect([made.status, made.body]).toEqual([
      200,
      {
        id: idOf('con'),
        vendor: 'yale',
        name: 'Annex',
        family: 'yale',
        ...servers(),
        apiKey: { configured: true, last4: apiKey.slice(-4) },
        identifier: `email:${email}`,
        hasPassword: true,
        trouble: [],
        createdAt: instant,
        updatedAt: instant,
      },
    ]);
    const path = `/api/connections/${made.body.id}`;
    expect((await post(`${path}/test`)).body).toMatchObject({
      ok: false,
      fault: 'ours',
      error: expect.stringMatching(/does not know this installation yet/),
    });
    expect((await post(`${path}/sign-in`, {})).body).toEqual({ signedIn: false, codeSentTo: email });
    const code = yale.mailedCodes().at(-1) ?? '';
    const wrong = code === '111111' ? '222222' : '111111';
    expect(await post(`${path}/sign-in`, { code: wrong })).toMatchObject({ status: 400 });
    expect((await post(`${path}/sign-in`, { code })).body).toEqual({ signedIn: true, codeSentTo: null });
    expect((await post(`${path}/test`)).body).toEqual({ ok: true, online: 2, offline: 0, error: null, fault: null });

    const { body: hardware } = await ask(laundry, `GET ${path}/hardware`);
    const annex = hardware.find(({ name }: { name: string }) => name === 'Annex');
    expect(annex).toMatchObject({ hardwareId: yale.idOf('Annex'), battery: 90, online: true, lockId: null });
    const lock = await post('/api/locks', { connectionId: made.body.id, hardwareId: annex.hardwareId });
    expect(lock.status).toBe(200);
    expect((await post(`/api/locks/${lock.body.id}/unlock`)).status).toBe(200);
    expect(yale.lock(annex.hardwareId).locked).toBe(false);
    expect((await ask(laundry, `DELETE ${path}`)).status).toBe(409);

    const stored = await storedText();
    for (const secret of [yale.account.password, apiKey, ...yale.secrets()]) expect(stored).not.toContain(secret);
  });

  test('keeps its password and its installation for the same person and server, and for no other', async () => {
    const { body } = await post('/api/connections', person());
    const change = (fields: object) => ask(laundry, `PATCH /api/connections/${body.id}`, fields);
    expect((await change({ name: 'Barn' })).body).toMatchObject({ name: 'Barn', hasPassword: true });
    expect((await change({ identifier: 'else@keystead.example' })).status).toBe(400);
    expect((await change({ server: 'https://api.example.com' })).status).toBe(400);
    expect((await change({ clientId: 'a', clientSecret: 'b', refreshToken: 'c' })).body).toMatchObject({
      clientId: 'a',
    });
    expect((await ask(laundry, `DELETE /api/connections/${body.id}`)).status).toBe(200);
  });
});

describe('a program’s account', () => {
  test('goes on from one refresh token to the next, also in a driver that is opened anew', async () => {
    const { body } = await post('/api/connections', program());
    const path = `/api/connections/${body.id}`;
    expect((await post(`${path}/sign-in`, {})).body).toEqual({ signedIn: true, codeSentTo: null });
    laundry.clock.ahead(3_700_000);
    expect((await post(`${path}/test`)).body).toMatchObject({ ok: true });
    expect((await post(`${path}/sign-in`, { code: '123456' })).status).toBe(502);
    const stored = await storedText();
    for (const secret of yale.secrets()) expect(stored).not.toContain(secret);
  });
});

test('without an address the account is at the cloud of its family', async () => {
  const { server: _, oauthServer: __, ...rest } = person();
  const { body } = await post('/api/connections', { ...rest, family: 'august' });
  expect(body).toMatchObject({
    family: 'august',
    server: 'https://api-production.august.com',
    oauthServer: 'https://auth.august.com',
  });
  expect((await ask(laundry, `DELETE /api/connections/${body.id}`)).status).toBe(200);
});

test.each<[string, object, string]>([
  ['without an API key', { identifier: 'a@b.example', password: 'x' }, 'apiKey'],
  ['without a password', { apiKey: 'k', identifier: 'a@b.example' }, 'password'],
  ['with a name that is neither address nor number', { apiKey: 'k', identifier: 'robin', password: 'x' }, 'identifier'],
  [
    'with both ways of signing in',
    { apiKey: 'k', identifier: 'a@b.example', password: 'x', clientId: 'c' },
    'identifier',
  ],
  ['with a client and no consent', { apiKey: 'k', clientId: 'c', clientSecret: 's' }, 'refreshToken'],
  [
    'on an address that is none',
    { apiKey: 'k', identifier: 'a@b.example', password: 'x', server: 'http://x.example' },
    'server',
  ],
  ['with another vendor’s fields', { apiKey: 'k', identifier: 'a@b.example', password: 'x', authKey: 'a' }, 'authKey'],
])('an account %s is refused, and names the field', async (_, fields, field) => {
  const refusal: Refusal = ['', 'POST /api/connections', { vendor: 'yale', ...fields }, 400, 'VALIDATION_ERROR', field];
  await expectRefused(laundry, refusal);
});

test('what needs no signing in says so', async () => {
  const { status, body } = await post(`/api/connections/${laundry.connectionId}/sign-in`, {});
  expect([status, body.code]).toEqual([409, 'CONFLICT']);
});
