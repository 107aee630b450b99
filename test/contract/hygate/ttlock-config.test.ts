import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Laundry, openLaundry } from '../../support/laundry.ts';
import { ask, expectRefused, idOf, instant, type Refusal } from '../../support/requests.ts';

let laundry: Laundry;
beforeAll(async () => {
  laundry = await openLaundry({ engine: false });
});
afterAll(() => laundry.close());
afterEach(async () => {
  const { ttlock } = laundry;
  ttlock.trouble(null);
  ttlock.setLimits({});
  for (const { gatewayId } of ttlock.gateways()) ttlock.setGateway(gatewayId, { online: true });
  for (const { id } of await ours()) await ask(laundry, `DELETE /api/connections/${id}`);
});

const account = () => {
  const { clientId, clientSecret, username, password } = laundry.ttlock.account;
  return { serverUrl: laundry.ttlock.url, clientId, clientSecret, username, password };
};
const shown = () => ({
  configured: true,
  serverUrl: laundry.ttlock.url,
  clientId: account().clientId,
  clientSecret: { configured: true, last4: account().clientSecret.slice(-4) },
  username: account().username,
  password: { configured: true, last4: null },
});
const unset = { configured: false, last4: null };
const none = {
  configured: false,
  serverUrl: null,
  clientId: null,
  clientSecret: unset,
  username: null,
  password: unset,
};
const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
const change = (body: unknown) => ask(laundry, 'PATCH /api/configs/ttlock', body);
const ours = async (): Promise<{ id: string; vendor: string }[]> =>
  (await ask(laundry, 'GET /api/connections')).body.filter(({ vendor }: { vendor: string }) => vendor === 'ttlock');
const query = async (text: string, values: unknown[] = []) =>
  (await laundry.app.database.pool.query(text, values)).rows;
const path = 'PATCH /api/configs/ttlock';
const wrong = 'VALIDATION_ERROR';
const candidate = { clientId: 'client-id-1', clientSecret: 'client-secret-1', username: 'me', password: 'secret' };

describe('the TTLock configuration', () => {
  test('is empty at first, then the first account, its secrets masked', async () => {
    expect((await ask(laundry, 'GET /api/configs/ttlock')).body).toEqual(none);
    const made = await change(account());
    expect([made.status, made.body]).toEqual([200, shown()]);
    expect((await ask(laundry, 'GET /api/configs/ttlock')).body).toEqual(shown());
    const [own] = await ours();
    expect(own).toEqual({
      id: idOf('con'),
      vendor: 'ttlock',
      name: 'TTLock',
      server: laundry.ttlock.url,
      clientId: account().clientId,
      clientSecret: shown().clientSecret,
      username: account().username,
      hasPassword: true,
      monthlyRequests: null,
      trouble: [],
      createdAt: instant,
      updatedAt: instant,
    });
  });

  test('lives at the server of most of the world where none is named', async () => {
    expect((await change(candidate)).body.serverUrl).toBe('https://euapi.ttlock.com');
  });

  test('keeps the secrets that are not given again, for the same server and names alone', async () => {
    await change(account());
    expect((await change({ serverUrl: `${laundry.ttlock.url}/` })).body).toEqual(shown());
    for (const [body, field] of [
      [{ serverUrl: 'cnapi.ttlock.com' }, 'clientSecret'],
      [{ serverUrl: 'cnapi.ttlock.com', clientSecret: 'client-secret-1' }, 'password'],
      [{ clientId: 'client-id-1' }, 'clientSecret'],
      [{ username: 'somebody' }, 'password'],
    ] as const) {
      await expectRefused(laundry, ['', path, body, 400, wrong, field]);
    }
    expect((await change({ username: 'somebody', password: 'theirs' })).body.username).toBe('somebody');
    expect(await ours()).toHaveLength(1);
  });

  test('keeps the password as its MD5 alone, and everything secret sealed and out of the record of changes', async () => {
    await change({ ...account(), clientSecret: 'open-sesame-secret', password: 'open-sesame-password' });
    const kept = [];
    for (const table of ['connections', 'audit_entries', 'audit_personal']) {
      kept.push((await query(`select coalesce(string_agg(x::text, ''), '') as all from ${table} x`))[0].all);
    }
    for (const secret of ['open-sesame-secret', 'open-sesame-password', md5('open-sesame-password')]) {
      expect(kept.join()).not.toContain(secret);
      expect(laundry.logged()).not.toContain(secret);
    }
    await change({ password: 'another' });
    const [last] = await query('select action, details from audit_entries order by number desc limit 1');
    expect(last).toMatchObject({ action: 'connection changed', details: { secrets: 'password changed' } });
  });

  test('says which user it wants where none is given', async () => {
    const { username: _, ...rest } = account();
    const answer = await change(rest);
    expect([answer.status, answer.body.error]).toEqual([400, 'username is required: a user of the TTLock app']);
  });

  test('is each organization’s own', async () => {
    await change(account());
    const theirs = await ask(laundry, 'GET /api/configs/ttlock', undefined, { token: laundry.tokens.stranger });
    expect(theirs.body).toEqual(none);
  });

  test.each<Refusal>([
    ['no client id', path, { ...candidate, clientId: undefined }, 400, wrong, 'clientId'],
    ['no client secret', path, { ...candidate, clientSecret: undefined }, 400, wrong, 'clientSecret'],
    ['no user', path, { ...candidate, username: undefined }, 400, wrong, 'username'],
    ['an empty user', path, { ...candidate, username: '  ' }, 400, wrong, 'username'],
    ['no password', path, { ...candidate, password: undefined }, 400, wrong, 'password'],
    ['an empty password', path, { ...candidate, password: '' }, 400, wrong, 'password'],
    ['null for a password', path, { ...candidate, password: null }, 400, wrong, 'password'],
    ['a masked secret', path, { ...candidate, clientSecret: '…………abcd' }, 400, wrong, 'clientSecret'],
    ['a server in the open', path, { ...candidate, serverUrl: 'http://euapi.ttlock.com' }, 400, wrong, 'serverUrl'],
    ['a server with a path', path, { ...candidate, serverUrl: 'euapi.ttlock.com/v3' }, 400, wrong, 'serverUrl'],
    ['a number for a server', path, { ...candidate, serverUrl: 7 }, 400, wrong, 'serverUrl'],
    ['a field nobody knows', path, { ...candidate, region: 'eu' }, 400, wrong, 'region'],
  ])('refuses %s, and stays as it is', async (...row) => {
    await expectRefused(laundry, row);
  });
});

describe('connections to TTLock', () => {
  const create = async () => {
    const { serverUrl: server, ...rest } = account();
    return (await ask(laundry, 'POST /api/connections', { vendor: 'ttlock', name: 'Locks', server, ...rest })).body;
  };

  test('list their locks, and mark what is a lock or a door already', async () => {
    const { id } = await create();
    const listed = await ask(laundry, `GET /api/connections/${id}/hardware`);
    expect(listed.status).toBe(200);
    const { ttlock } = laundry;
    expect(listed.body.map(({ name }: { name: string }) => name).toSorted()).toEqual(['Back', 'Cellar', 'Front']);
    expect(listed.body).toContainEqual({
      hardwareId: String(ttlock.idOf('Front')),
      name: 'Front',
      model: 'SN9206_PV53',
      firmware: '6.0.6.210622',
      mac: expect.any(String),
      battery: 90,
      bridge: { id: String(ttlock.gateways()[0]?.gatewayId), online: true },
      capabilities: expect.objectContaining({ unlock: true, issuesQr: true, momentary: false }),
      online: true,
      lockId: null,
      doorId: null,
    });
    const [{ organization_id: organizationId }] = await query('select organization_id from connections where id = $1', [
      id,
    ]);
    await query(
      `insert into locks (organization_id, id, connection_id, hardware_id, name, capabilities, created_at, updated_at)
       values ($1, 'lck_of_the_test', $2, $3, 'Front', '{}', now(), now())`,
      [organizationId, id, String(ttlock.idOf('Front'))],
    );
    await query(
      `insert into doors (organization_id, id, uid, code, lock_id, name, price, duration_minutes, status, created_at, updated_at)
       values ($1, 'door_of_the_test', 'uid-of-the-test', 'abc', 'lck_of_the_test', 'Front', 0, 60, 'ACTIVE', now(), now())`,
      [organizationId],
    );
    const again = await ask(laundry, `GET /api/connections/${id}/hardware`);
    expect(again.body).toContainEqual(
      expect.objectContaining({ name: 'Front', lockId: 'lck_of_the_test', doorId: 'door_of_the_test' }),
    );
    const kept = await ask(laundry, `DELETE /api/connections/${id}`);
    expect([kept.status, kept.body.code]).toEqual([409, 'CONFLICT']);
    await query(`delete from doors where id = 'door_of_the_test'`);
    await query(`delete from locks where id = 'lck_of_the_test'`);
  });

  test('answer their test, and name what is behind a gateway that is offline', async () => {
    const { id } = await create();
    const run = async () => (await ask(laundry, `POST /api/connections/${id}/test`)).body;
    expect(await run()).toEqual({ ok: true, online: 3, offline: 0, error: null, fault: null });
    laundry.ttlock.setGateway(laundry.ttlock.gateways()[0]?.gatewayId ?? 0, { online: false });
    expect(await run()).toEqual({
      ok: false,
      online: 1,
      offline: 2,
      fault: 'device',
      error: expect.stringMatching(/gateway is offline: .*Front/),
    });
    laundry.ttlock.trouble({ kind: 'broken', where: 'everything' });
    expect(await run()).toMatchObject({ ok: false, fault: 'vendor' });
    const failed = await ask(laundry, `GET /api/connections/${id}/hardware`);
    expect([failed.status, failed.body.code]).toEqual([502, 'UPSTREAM_ERROR']);
  });

  test('keep their tokens over a change of name, and get others for another password', async () => {
    const { id } = await create();
    const list = () => ask(laundry, `GET /api/connections/${id}/hardware`);
    const signIns = () => laundry.ttlock.requests().filter((one) => one.path === '/oauth2/token').length;
    await list();
    const before = signIns();
    await ask(laundry, `PATCH /api/connections/${id}`, { name: 'Doors' });
    await list();
    expect(signIns()).toBe(before);
    const rows = await query('select sealed from vendor_tokens where connection_id = $1', [id]);
    expect(rows).toHaveLength(1);
    await ask(laundry, `PATCH /api/connections/${id}`, { password: 'not this one' });
    const refused = await list();
    expect([refused.status, refused.body.reason]).toEqual([502, 'credentials']);
    await ask(laundry, `PATCH /api/connections/${id}`, { password: account().password });
    expect((await list()).status).toBe(200);
  });

  test('no relay can be added from them', async () => {
    const { id } = await create();
    const body = { connectionId: id, shellyDeviceId: String(laundry.ttlock.idOf('Front')), locationId: '{location}' };
    await expectRefused(laundry, ['', 'POST /api/devices', body, 400, wrong, 'connectionId']);
  });

  test.each<Refusal>([
    [
      'addresses for an account',
      'POST /api/connections',
      { vendor: 'ttlock', ...candidate, devices: [] },
      400,
      wrong,
      'devices',
    ],
    [
      'a client id for a LAN',
      'POST /api/connections',
      { vendor: 'shelly-lan', devices: [], clientId: 'client-id-1' },
      400,
      wrong,
      'clientId',
    ],
    ['no client id', 'POST /api/connections', { vendor: 'ttlock' }, 400, wrong, 'clientId'],
  ])('refuse %s, and stay as they are', async (...row) => {
    await expectRefused(laundry, row);
  });
});

describe('the test of TTLock', () => {
  const run = (body?: unknown) => ask(laundry, 'POST /api/integrations/ttlock/test', body);
  const counts = () => ({ server: laundry.ttlock.url, locks: 3, online: 3, offline: 0 });

  test('tells that nothing is set up', async () => {
    expect((await run()).body).toEqual({
      ok: false,
      fault: 'ours',
      error: expect.stringContaining('client id'),
      details: {},
    });
  });

  test('works with what is saved, and with what is only tried: nothing of that is saved', async () => {
    expect((await run(account())).body).toEqual({ ok: true, details: counts() });
    expect((await ask(laundry, 'GET /api/configs/ttlock')).body).toEqual(none);
    expect(await query('select * from vendor_tokens')).toEqual([]);
    await change(account());
    expect((await run()).body).toEqual({ ok: true, details: counts() });
    const [last] = await query('select action, entity, details from audit_entries order by number desc limit 1');
    expect(last).toEqual({
      action: 'TTLock configuration tested',
      entity: 'TtlockConfig',
      details: { ok: true, fault: null, candidate: false },
    });
  });

  test.each<[string, () => Record<string, unknown>, () => void, string, RegExp]>([
    ['a wrong client id', () => ({ clientId: 'not-this-one' }), quiet, 'ours', /client id/],
    ['a wrong client secret', () => ({ clientSecret: 'not-this-one' }), quiet, 'ours', /client secret/],
    ['a user nobody knows', () => ({ username: 'nobody' }), quiet, 'ours', /user name.*TTLock app/],
    ['a wrong password', () => ({ password: 'not-this-one' }), quiet, 'ours', /password/],
    ['another region', () => ({ serverUrl: laundry.ttlock.otherRegionUrl }), quiet, 'ours', /region.*euapi.*cnapi/],
    ['a clock that is off', () => ({}), refusing(80000), 'ours', /clock of this machine/],
    ['too many requests', () => ({}), () => laundry.ttlock.setLimits({ perMinute: 0 }), 'vendor', /too many requests/],
    [
      'a month used up',
      () => ({}),
      () => laundry.ttlock.setLimits({ perMonth: 0 }),
      'vendor',
      /in a month are used up/,
    ],
    ['a server that is not there', () => ({ serverUrl: 'http://127.0.0.1:9' }), quiet, 'network', /connection refused/],
    ['trouble of the platform', () => ({}), refusing(90000), 'vendor', /trouble of its own/],
    ['no answer that can be understood', () => ({}), () => strike('malformed'), 'vendor', /cannot be understood/],
    ['a gateway that is offline', () => ({}), gatewayAway, 'device', /gateway is offline/],
  ])('tells of %s in plain words, and whose trouble it is', async (_, with_, trouble, fault, error) => {
    const { setLimits } = laundry.ttlock;
    const body = { ...account(), ...with_() };
    trouble();
    const answer = await run(body);
    setLimits({});
    expect([answer.status, answer.body.ok, answer.body.fault]).toEqual([200, false, fault]);
    expect(answer.body.error).toMatch(error);
    expect(answer.body.error).not.toMatch(/TTLock: TTLock/);
    for (const secret of [body.clientSecret, body.password, md5(body.password)]) {
      expect(answer.text).not.toContain(secret);
    }
  });

  test.each<Refusal>([
    ['a number for a secret', 'POST /api/integrations/ttlock/test', { clientSecret: 5 }, 400, wrong, 'clientSecret'],
    ['half an account', 'POST /api/integrations/ttlock/test', { clientId: 'client-id-1' }, 400, wrong, 'username'],
    ['a field nobody knows', 'POST /api/integrations/ttlock/test', { key: 'x' }, 400, wrong, 'key'],
  ])('refuses %s', async (...row) => {
    await expectRefused(laundry, row);
  });
});

test.each<Refusal>([
  ['read the TTLock configuration', 'GET /api/configs/ttlock', undefined, 403, 'FORBIDDEN'],
  ['change the TTLock configuration', path, candidate, 403, 'FORBIDDEN'],
  ['test TTLock', 'POST /api/integrations/ttlock/test', {}, 403, 'FORBIDDEN'],
])('operators may not %s', async (...row) => {
  await expectRefused(laundry, row, { token: laundry.tokens.operator });
});

function quiet(): void {}
function strike(kind: 'malformed'): void {
  laundry.ttlock.trouble({ kind, where: 'everything' });
}
function refusing(errcode: 80000 | 90000): () => void {
  return () => laundry.ttlock.trouble({ kind: 'error-body', where: 'looking', errcode });
}
function gatewayAway(): void {
  laundry.ttlock.setGateway(laundry.ttlock.gateways()[0]?.gatewayId ?? 0, { online: false });
}
