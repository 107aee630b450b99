import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Laundry, openLaundry } from '../../support/laundry.ts';
import { ask, expectRefused, idOf, instant, type Refusal } from '../../support/requests.ts';
import { fingerprint } from '../../support/rows.ts';

let laundry: Laundry;
beforeAll(async () => {
  laundry = await openLaundry({ engine: false });
});
afterAll(() => laundry.close());
afterEach(() => {
  laundry.shelly.cloud.setTrouble(null);
  laundry.shelly.setFault('Dryer', 'none');
  laundry.stripe.setFault('none');
});

const cloud = () => laundry.shelly.cloud;
const account = () => ({ serverUrl: cloud().url, authKey: cloud().authKey() });
const shown = () => ({
  configured: true,
  serverUrl: cloud().url,
  authKey: { configured: true, last4: cloud().authKey().slice(-4) },
});
const none = { configured: false, serverUrl: null, authKey: { configured: false, last4: null } };
const change = (body: unknown) => ask(laundry, 'PATCH /api/configs/shelly', body);
const connections = async (): Promise<{ id: string; vendor: string }[]> =>
  (await ask(laundry, 'GET /api/connections')).body;
async function forget(): Promise<void> {
  for (const { id, vendor } of await connections()) {
    if (vendor === 'shelly-cloud') await ask(laundry, `DELETE /api/connections/${id}`);
  }
}
const lastAudit = async () => {
  const { rows } = await laundry.app.database.pool.query(
    'select action, entity, details from audit_entries order by number desc limit 1',
  );
  return rows[0];
};
const path = 'PATCH /api/configs/shelly';
const wrong = 'VALIDATION_ERROR';

describe('the Shelly configuration', () => {
  afterEach(forget);

  test('given twice at once, the first time, is one connection', async () => {
    const { pool } = laundry.app.database;
    const holding = await pool.connect(); // both find none, and are held up where it would be written
    await holding.query('begin; lock table connections in share row exclusive mode');
    const both = [change(account()), change(account())];
    await laundry.until('both wait', async () => {
      const { rowCount } = await pool.query(
        `select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
      );
      return rowCount === 2;
    });
    await holding.query('rollback');
    holding.release();
    for (const { status, body } of await Promise.all(both)) expect([status, body]).toEqual([200, shown()]);
    expect((await connections()).filter(({ vendor }) => vendor === 'shelly-cloud')).toHaveLength(1);
  });

  test('is empty at first, then the first connection to Shelly Cloud, its key masked', async () => {
    expect((await ask(laundry, 'GET /api/configs/shelly')).body).toEqual(none);
    const made = await change(account());
    expect([made.status, made.body]).toEqual([200, shown()]);
    expect(made.text).not.toContain(cloud().authKey());
    expect((await ask(laundry, 'GET /api/configs/shelly')).body).toEqual(shown());
    const own = (await connections()).find(({ vendor }) => vendor === 'shelly-cloud');
    expect(own).toEqual({
      id: idOf('con'),
      vendor: 'shelly-cloud',
      name: 'Shelly Cloud',
      server: cloud().url,
      authKey: shown().authKey,
      trouble: [],
      createdAt: instant,
      updatedAt: instant,
    });
    expect((await ask(laundry, `GET /api/connections/${own?.id}`)).body).toEqual(own);
  });

  test('keeps the key that is not given again, for the same server alone', async () => {
    await change(account());
    expect((await change({ serverUrl: `${cloud().url}/` })).body).toEqual(shown());
    await expectRefused(laundry, ['', path, { serverUrl: 'shelly-2-eu.shelly.cloud' }, 400, wrong, 'authKey']);
    const other = await change({ serverUrl: 'shelly-2-eu.shelly.cloud', authKey: 'another-key-1234' });
    expect(other.body).toEqual({
      configured: true,
      serverUrl: 'https://shelly-2-eu.shelly.cloud',
      authKey: { configured: true, last4: '1234' },
    });
    expect((await change({ authKey: 'third-key-5678' })).body.authKey.last4).toBe('5678');
    expect((await connections()).filter(({ vendor }) => vendor === 'shelly-cloud')).toHaveLength(1);
  });

  test('keeps its key sealed, and out of the record of changes', async () => {
    await change({ ...account(), authKey: 'open-sesame-key' });
    for (const table of ['connections', 'audit_entries', 'audit_personal']) {
      const { rows } = await laundry.app.database.pool.query(
        `select coalesce(string_agg(x::text, ''), '') as all from ${table} x`,
      );
      expect(rows[0].all).not.toContain('open-sesame-key');
    }
    await change({ authKey: 'open-sesame-two' });
    expect(await lastAudit()).toEqual({
      action: 'connection changed',
      entity: 'Connection',
      details: { name: 'Shelly Cloud', from: cloud().url, to: cloud().url, secrets: 'auth key changed' },
    });
  });

  test('is each organization’s own', async () => {
    await change(account());
    const theirs = await ask(laundry, 'GET /api/configs/shelly', undefined, { token: laundry.tokens.stranger });
    expect(theirs.body).toEqual(none);
  });

  test.each<Refusal>([
    ['no body', path, undefined, 400, wrong, 'body'],
    ['a server without a key', path, { serverUrl: 'shelly-1-eu.shelly.cloud' }, 400, wrong, 'authKey'],
    ['a key without a server', path, { authKey: 'some-key-1234' }, 400, wrong, 'serverUrl'],
    ['a server in the open', path, { serverUrl: 'http://shelly.cloud', authKey: 'k' }, 400, wrong, 'serverUrl'],
    ['a server with a path', path, { serverUrl: 'shelly.cloud/v2', authKey: 'k' }, 400, wrong, 'serverUrl'],
    ['a server with a user', path, { serverUrl: 'https://a:b@shelly.cloud', authKey: 'k' }, 400, wrong, 'serverUrl'],
    ['an empty server', path, { serverUrl: '', authKey: 'some-key-1234' }, 400, wrong, 'serverUrl'],
    ['a number for a server', path, { serverUrl: 5, authKey: 'some-key-1234' }, 400, wrong, 'serverUrl'],
    ['an empty key', path, { serverUrl: 'shelly.cloud', authKey: '' }, 400, wrong, 'authKey'],
    ['a masked key', path, { serverUrl: 'shelly.cloud', authKey: '…………abcd' }, 400, wrong, 'authKey'],
    ['a key with a second line', path, { serverUrl: 'shelly.cloud', authKey: 'some-key\nx' }, 400, wrong, 'authKey'],
    ['null for a key', path, { serverUrl: 'shelly.cloud', authKey: null }, 400, wrong, 'authKey'],
    ['a field nobody knows', path, { server: 'shelly.cloud' }, 400, wrong, 'server'],
  ])('refuses %s, and stays as it is', async (...row) => {
    await expectRefused(laundry, row);
  });
});

describe('connections to Shelly Cloud', () => {
  afterEach(forget);
  const create = (body: Record<string, unknown> = {}) =>
    ask(laundry, 'POST /api/connections', {
      vendor: 'shelly-cloud',
      server: cloud().url,
      authKey: cloud().authKey(),
      ...body,
    });

  test('list what hangs on them, mark what is a device already, and answer their test', async () => {
    const { body } = await create({ name: 'Sky' });
    expect(body).toMatchObject({ vendor: 'shelly-cloud', name: 'Sky', server: cloud().url });
    const [washer, dryer] = [cloud().idOf('Washer 1'), cloud().idOf('Dryer')];
    expect((await ask(laundry, 'DELETE /api/devices/{dryer}')).status).toBe(200); // else it is a device already
    const added = await ask(laundry, 'POST /api/devices', { shellyDeviceId: dryer, locationId: '{location}' });
    expect([added.status, added.body.name]).toEqual([200, 'Dryer']); // only this connection knows it
    const { rows } = await laundry.app.database.pool.query('select connection_id from devices where id = $1', [
      added.body.id,
    ]);
    expect(rows).toEqual([{ connection_id: body.id }]);
    const hardware = await ask(laundry, `GET /api/connections/${body.id}/hardware`);
    expect(hardware.status).toBe(200);
    expect(hardware.body).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ shellyDeviceId: dryer, channel: 0, online: true, deviceId: added.body.id }),
        expect.objectContaining({ shellyDeviceId: washer, name: 'Washer 1', deviceId: laundry.washer.id }), // by the LAN
      ]),
    );
    const test1 = () => ask(laundry, `POST /api/connections/${body.id}/test`);
    expect((await test1()).body).toEqual({ ok: true, online: 2, offline: 0, error: null, fault: null });
    expect(await lastAudit()).toMatchObject({ action: 'connection tested', details: { ok: true, fault: null } });
    laundry.shelly.setFault('Dryer', 'offline');
    const away = (await test1()).body;
    expect(away).toMatchObject({ ok: false, online: 1, offline: 1, fault: 'device' });
    expect(away.error).toContain('Dryer');
    cloud().setTrouble({ kind: 'credentials-expired', where: 'everything' });
    expect((await test1()).body).toMatchObject({ ok: false, fault: 'ours' });
    const failed = await ask(laundry, `GET /api/connections/${body.id}/hardware`);
    expect([failed.status, failed.body.code, failed.body.reason]).toEqual([502, 'UPSTREAM_ERROR', 'credentials']);
    cloud().setTrouble(null);
    await ask(laundry, `DELETE /api/devices/${added.body.id}`);
    expect(cloud().shortestSpacing()).toBeGreaterThanOrEqual(1000);
  });

  test.each<Refusal>([
    ['no server', 'POST /api/connections', { vendor: 'shelly-cloud', authKey: 'some-key-1' }, 400, wrong, 'server'],
    ['no key', 'POST /api/connections', { vendor: 'shelly-cloud', server: 'shelly.cloud' }, 400, wrong, 'authKey'],
    [
      'addresses for a cloud',
      'POST /api/connections',
      { vendor: 'shelly-cloud', server: 'shelly.cloud', authKey: 'some-key-1', devices: [] },
      400,
      wrong,
      'devices',
    ],
    [
      'a server for a LAN',
      'POST /api/connections',
      { vendor: 'shelly-lan', devices: [], server: 'shelly.cloud' },
      400,
      wrong,
      'server',
    ],
    ['a key for a LAN', 'PATCH /api/connections/{connection}', { authKey: 'some-key-1' }, 400, wrong, 'authKey'],
  ])('refuse %s, and stay as they are', async (...row) => {
    await expectRefused(laundry, row);
  });
});

describe('the test of Shelly', () => {
  afterEach(forget);
  const run = (body?: unknown) => ask(laundry, 'POST /api/integrations/shelly/test', body);
  const counts = () => ({ server: cloud().url, online: 2, offline: 0 });

  test('tells that nothing is set up', async () => {
    const answer = await run();
    expect([answer.status, answer.body]).toEqual([
      200,
      { ok: false, fault: 'ours', error: expect.stringContaining('auth key'), details: {} },
    ]);
  });

  test('works with what is saved, and with what is only tried: nothing of that is saved', async () => {
    expect((await run(account())).body).toEqual({ ok: true, details: counts() });
    expect((await ask(laundry, 'GET /api/configs/shelly')).body).toEqual(none);
    expect(await lastAudit()).toEqual({
      action: 'Shelly configuration tested',
      entity: 'ShellyConfig',
      details: { ok: true, fault: null, candidate: true },
    });
    await change(account());
    expect((await run()).body).toEqual({ ok: true, details: counts() });
    expect((await run({})).body).toEqual({ ok: true, details: counts() });
  });

  test('tells our fault, the network’s, the vendor’s and a device’s apart', async () => {
    const faultOf = async (body: unknown = account()) => {
      const answer = await run(body);
      expect([answer.status, answer.body.ok, typeof answer.body.error]).toEqual([200, false, 'string']);
      expect(answer.text).not.toContain(cloud().authKey());
      expect(answer.text, 'words, no codes').not.toMatch(/\b(E[A-Z]{5,}|UND_)/);
      return answer.body.fault;
    };
    expect(await faultOf({ ...account(), authKey: 'not-this-one' })).toBe('ours');
    expect(await faultOf({ ...account(), serverUrl: 'http://127.0.0.1:9' })).toBe('network');
    for (const fault of ['broken', 'malformed', 'error-body', 'busy'] as const) {
      cloud().setTrouble({ kind: fault, where: 'everything' });
      expect([fault, await faultOf()]).toEqual([fault, 'vendor']);
    }
    cloud().setTrouble(null);
    laundry.shelly.setFault('Dryer', 'offline');
    expect(await faultOf()).toBe('device');
  });

  test.each<Refusal>([
    ['a number for a key', 'POST /api/integrations/shelly/test', { authKey: 5 }, 400, wrong, 'authKey'],
    [
      'a key without a server',
      'POST /api/integrations/shelly/test',
      { authKey: 'some-key-1' },
      400,
      wrong,
      'serverUrl',
    ],
    ['a field nobody knows', 'POST /api/integrations/shelly/test', { key: 'x' }, 400, wrong, 'key'],
  ])('refuses %s', async (...row) => {
    await expectRefused(laundry, row);
  });
});

describe('the test of Stripe', () => {
  const run = (body?: unknown) => ask(laundry, 'POST /api/integrations/stripe/test', body);

  test('works with the saved keys, is written down, and changes nothing else', async () => {
    const before = await ask(laundry, 'GET /api/configs/stripe');
    expect((await run()).body).toEqual({ ok: true, details: { mode: 'test', webhookSecret: true } });
    expect(await lastAudit()).toEqual({
      action: 'Stripe configuration tested',
      entity: 'StripeConfig',
      details: { ok: true, fault: null, candidate: false },
    });
    expect((await run({ secretKey: 'sk_test_wrongkey' })).body).toMatchObject({ ok: false, fault: 'ours' });
    expect((await ask(laundry, 'GET /api/configs/stripe')).body).toEqual(before.body);
  });

  test.each<[string, Record<string, unknown>, string, RegExp]>([
    ['a key that Stripe does not know', { secretKey: 'sk_test_wrongkey' }, 'ours', /secret key/],
    ['no key at all', { secretKey: null }, 'ours', /No secret key/],
    ['no webhook secret', { webhookSecret: '' }, 'ours', /webhook/],
    ['keys of two modes', { publishableKey: 'pk_live_abcdefgh' }, 'ours', /same mode/],
  ])('tells of %s', async (_, body, fault, error) => {
    const answer = await run(body);
    expect([answer.status, answer.body.ok, answer.body.fault]).toEqual([200, false, fault]);
    expect(answer.body.error).toMatch(error);
    expect(answer.text).not.toContain('wrongkey');
  });

  test.each(['down', 'server-error'] as const)('tells that Stripe is %s: the vendor’s', async (fault) => {
    laundry.stripe.setFault(fault);
    expect((await run()).body).toMatchObject({ ok: false, fault: 'vendor', error: expect.any(String) });
  });

  test.each<Refusal>([
    [
      'no key for a key',
      'POST /api/integrations/stripe/test',
      { secretKey: 'pk_test_abcdefgh' },
      400,
      wrong,
      'secretKey',
    ],
    ['a field nobody knows', 'POST /api/integrations/stripe/test', { key: 'x' }, 400, wrong, 'key'],
  ])('refuses %s', async (...row) => {
    await expectRefused(laundry, row);
  });
});

test.each<Refusal>([
  ['read the Shelly configuration', 'GET /api/configs/shelly', undefined, 403, 'FORBIDDEN'],
  ['change the Shelly configuration', path, { authKey: 'mine' }, 403, 'FORBIDDEN'],
  ['test Shelly', 'POST /api/integrations/shelly/test', {}, 403, 'FORBIDDEN'],
  ['test Stripe', 'POST /api/integrations/stripe/test', {}, 403, 'FORBIDDEN'],
])('operators may not %s', async (...row) => {
  await expectRefused(laundry, row, { token: laundry.tokens.operator });
});

test('a refused test leaves no trace', async () => {
  const before = await fingerprint(laundry);
  await ask(laundry, 'POST /api/integrations/stripe/test', { secretKey: 'nonsense' });
  expect(await fingerprint(laundry)).toEqual(before);
});
