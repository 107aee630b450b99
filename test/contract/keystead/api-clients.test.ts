import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Answer, type Laundry, openLaundry } from '../../support/laundry.ts';
import { expectRefused, instant, type Refusal } from '../../support/requests.ts';
import { askYale } from '../../support/yale-place.ts';

let laundry: Laundry;

beforeAll(async () => {
  laundry = await openLaundry({ engine: false });
});
afterAll(() => laundry.close());

const ask = (method: string, path: string, body?: unknown, token = laundry.tokens.admin): Promise<Answer> =>
  laundry.call(method, path, { token, ...(body === undefined ? {} : { body }) });
const opens = async (key: string): Promise<boolean> =>
  (await askYale(laundry, 'GET', '/users/me', { key })).status === 401; // past the key, and stopped for want of a token

test('a program is made, listed without its secrets, given another secret, and revoked', async () => {
  const redirectUris = ['https://my.home-assistant.io/redirect/oauth'];
  const made = await ask('POST', '/api/api-clients', { name: ' Home Assistant ', redirectUris, scopes: ['webhooks'] });
  const { key, secret, ...shown } = made.body;
  expect(shown).toEqual({
    id: expect.stringMatching(/^api_[0-9a-z]{26}$/),
    name: 'Home Assistant',
    keyLast4: key.slice(-4),
    redirectUris,
    scopes: ['webhooks'],
    createdAt: instant,
    updatedAt: instant,
  });
  expect((await ask('GET', '/api/api-clients')).body).toEqual([shown]);
  expect(await opens(key)).toBe(true);

  const program = await laundry.app.services.apiClients.byKey(key);
  if (program === null) throw new Error('the key names nobody');
  const { secretIs } = laundry.app.services.apiClients;
  const changed = await ask('POST', `/api/api-clients/${shown.id}/secret`);
  expect(changed.body.secret).not.toBe(secret);
  expect(await Promise.all([secretIs(program, secret), secretIs(program, changed.body.secret)])).toEqual([false, true]);

  expect((await ask('DELETE', `/api/api-clients/${shown.id}`)).body).toEqual({ ok: true });
  expect(await opens(key)).toBe(false);
  expect((await ask('GET', '/api/api-clients')).body).toEqual([]);
  for (const request of [`DELETE /api/api-clients/${shown.id}`, `POST /api/api-clients/${shown.id}/secret`]) {
    const [method = '', path = ''] = request.split(' ');
    expect((await ask(method, path)).status).toBe(404);
  }
});

test('a key that a program carries built in may be given, to one program of the whole server at a time', async () => {
  const key = 'd9984f29-07a6-816e-e1c9-44ec9d1be431';
  const first = await ask('POST', '/api/api-clients', { name: 'Built in', key });
  expect(first.body.key).toBe(key);
  for (const token of [laundry.tokens.admin, laundry.tokens.stranger]) {
    const second = await ask('POST', '/api/api-clients', { name: 'Again', key }, token);
    expect([second.status, second.body.code, second.body.field]).toEqual([409, 'CONFLICT', 'key']);
  }
  await ask('DELETE', `/api/api-clients/${first.body.id}`);
  expect(await opens(key)).toBe(false);
  const theirs = await ask('POST', '/api/api-clients', { name: 'Theirs now', key }, laundry.tokens.stranger);
  expect([theirs.status, await opens(key)]).toEqual([200, true]);
});

test('neither key nor secret can be read from the database', async () => {
  const { body } = await ask('POST', '/api/api-clients', { name: 'Secret' });
  const { rows } = await laundry.app.database.pool.query(
    'select c::text from api_clients c union select d::text from directory d union select e::text from audit_entries e',
  );
  const all = JSON.stringify(rows);
  expect([all.includes(body.key), all.includes(body.secret)]).toEqual([false, false]);
});

test.each<Refusal>([
  ['no name', 'POST /api/api-clients', { name: ' ' }, 400, 'VALIDATION_ERROR', 'name'],
  ['a short key', 'POST /api/api-clients', { name: 'x', key: 'short' }, 400, 'VALIDATION_ERROR', 'key'],
  [
    'a key with spaces',
    'POST /api/api-clients',
    { name: 'x', key: 'has spaces in it' },
    400,
    'VALIDATION_ERROR',
    'key',
  ],
  ['an unknown scope', 'POST /api/api-clients', { name: 'x', scopes: ['all'] }, 400, 'VALIDATION_ERROR', 'scopes[0]'],
  [
    'an address that is read aloud',
    'POST /api/api-clients',
    { name: 'x', redirectUris: ['http://evil.example.com/'] },
    400,
    'VALIDATION_ERROR',
    'redirectUris',
  ],
  [
    'a script',
    'POST /api/api-clients',
    { name: 'x', redirectUris: ['javascript:alert(1)'] },
    400,
    'VALIDATION_ERROR',
    'redirectUris',
  ],
])('%s is refused', async (...row) => {
  await expectRefused(laundry, row);
});

test('programs are for administrators', async () => {
  for (const [method, path] of [
    ['GET', '/api/api-clients'],
    ['POST', '/api/api-clients'],
    ['DELETE', '/api/api-clients/x'],
  ] as const) {
    const answer = await ask(method, path, method === 'POST' ? { name: 'x' } : undefined, laundry.tokens.operator);
    expect([answer.status, answer.body.code]).toEqual([403, 'FORBIDDEN']);
  }
});
