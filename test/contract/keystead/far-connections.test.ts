import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Laundry, openLaundry } from '../../support/laundry.ts';
import { ask, expectRefused, idOf, instant, type Refusal } from '../../support/requests.ts';

/** Connections to relays that are not on our network: a broker, and devices that dial us. */
let laundry: Laundry;
beforeAll(async () => {
  laundry = await openLaundry({ engine: false });
});
afterAll(() => laundry.close());

const create = (body: Record<string, unknown>) => ask(laundry, 'POST /api/connections', body);
const nowhere = 'mqtt://127.0.0.1:9';

describe('a broker', () => {
  test('is created, shown without its passwords, changed and deleted', async () => {
    const { status, body, text } = await create({
      vendor: 'shelly-mqtt',
      name: 'Cellar',
      url: ' MQTT://127.0.0.1:9/ ',
      username: 'keystead',
      password: 'open sesame',
      topics: ['cellar/left'],
      devicePassword: 'sesame two',
      devicePasswords: [{ deviceId: 'shellyplus1-a', password: 'sesame three' }],
    });
    expect([status, body]).toEqual([
      200,
      {
        id: idOf('con'),
        vendor: 'shelly-mqtt',
        name: 'Cellar',
        url: nowhere,
        username: 'keystead',
        hasPassword: true,
        topics: ['cellar/left'],
        hasDevicePassword: true,
        devicePasswords: ['shellyplus1-a'],
        trouble: [],
        createdAt: instant,
        updatedAt: instant,
      },
    ]);
    expect(text).not.toContain('sesame');
    for (const table of ['connections', 'audit_entries']) {
      const { rows } = await laundry.app.database.pool.query(`select string_agg(x::text, '') as all from ${table} x`);
      expect(rows[0].all).not.toContain('sesame');
    }
    const path = `/api/connections/${body.id}`;
    const changed = async (change: object) => (await ask(laundry, `PATCH ${path}`, { ...change })).body;
    expect(await changed({ name: 'Attic', devicePassword: null })).toMatchObject({
      name: 'Attic',
      hasPassword: true,
      hasDevicePassword: false,
    });
    const list = [{ deviceId: 'shellyplus1-a' }, { deviceId: 'shellyplus1-b', password: 'x' }];
    expect((await changed({ devicePasswords: list })).devicePasswords).toEqual(['shellyplus1-a', 'shellyplus1-b']);
    expect((await changed({ devicePasswords: [] })).devicePasswords).toEqual([]);
    // a password goes to the address that it was given for, and to no other
    expect(await changed({ url: 'mqtts://broker.example' })).toMatchObject({
      url: 'mqtts://broker.example',
      hasPassword: false,
    });
    expect((await ask(laundry, `DELETE ${path}`)).body).toEqual({ ok: true });
  });

  test('that does not answer is the result of its test, and a 502 where its hardware is asked for', async () => {
    const { body } = await create({ vendor: 'shelly-mqtt', url: nowhere });
    const tested = await ask(laundry, `POST /api/connections/${body.id}/test`);
    expect(tested.body).toMatchObject({ ok: false, online: 0, fault: 'network' });
    expect(tested.body.error).toMatch(/^The broker cannot be reached.*127\.0\.0\.1:9 cannot be reached/);
    const listed = await ask(laundry, `GET /api/connections/${body.id}/hardware`);
    expect([listed.status, listed.body.code]).toEqual([502, 'UPSTREAM_ERROR']);
    await ask(laundry, `DELETE /api/connections/${body.id}`);
  });
});

describe('devices that dial us', () => {
  test('have an address with a secret of ours; nothing hangs on it yet', async () => {
    const { status, body } = await create({ vendor: 'shelly-websocket', devicePassword: 'x' });
    expect([status, body]).toEqual([
      200,
      {
        id: idOf('con'),
        vendor: 'shelly-websocket',
        name: 'Shelly that dials in',
        dialUrl: expect.stringMatching(/^ws:\/\/127\.0\.0\.1:\d+\/api\/inbound\/shelly\/[\w-]{32}$/),
        hasDevicePassword: true,
        devicePasswords: [],
        trouble: [],
        createdAt: instant,
        updatedAt: instant,
      },
    ]);
    expect((await ask(laundry, `POST /api/connections/${body.id}/test`)).body).toEqual({
      ok: false,
      online: 0,
      offline: 0,
      error: `No relay has dialled in yet. Set this address in each relay (Settings, Outbound WebSocket), and restart it: ${body.dialUrl}`,
      fault: 'device',
    });
    const changed = await ask(laundry, `PATCH /api/connections/${body.id}`, { name: 'Cellar' });
    expect(changed.body.dialUrl).toBe(body.dialUrl);
    await ask(laundry, `DELETE /api/connections/${body.id}`);
  });
});

const path = 'POST /api/connections';
const wrong = 'VALIDATION_ERROR';
const broker = (more: object) => ({ vendor: 'shelly-mqtt', url: nowhere, ...more });
const dialling = (more: object) => ({ vendor: 'shelly-websocket', ...more });
test.each<Refusal>([
  ['no address', path, { vendor: 'shelly-mqtt' }, 400, wrong, 'url'],
  ['another protocol', path, broker({ url: 'http://a.lan' }), 400, wrong, 'url'],
  ['a name in the address', path, broker({ url: 'mqtt://u:p@a.lan' }), 400, wrong, 'url'],
  ['a path in the address', path, broker({ url: 'mqtt://a.lan/x' }), 400, wrong, 'url'],
  ['a port that is none', path, broker({ url: 'mqtt://a.lan:99999' }), 400, wrong, 'url'],
  ['a password without a name', path, broker({ password: 'x' }), 400, wrong, 'username'],
  ['a wildcard for a prefix', path, broker({ topics: ['a', 'b/+'] }), 400, wrong, 'topics[1]'],
  ['an empty prefix', path, broker({ topics: [' '] }), 400, wrong, 'topics[0]'],
  ['a prefix that ends in a slash', path, broker({ topics: ['a/'] }), 400, wrong, 'topics[0]'],
  ['the prefix of generation 1', path, broker({ topics: ['shellies/x'] }), 400, wrong, 'topics[0]'],
  ['a prefix twice', path, broker({ topics: ['a', 'a'] }), 400, wrong, 'topics'],
  ['addresses for a broker', path, broker({ devices: [] }), 400, wrong, 'devices'],
  ['an address for devices that dial', path, dialling({ url: nowhere }), 400, wrong, 'url'],
  ['a secret of their own', path, dialling({ secret: 'x' }), 400, wrong, 'secret'],
  [
    'an id that is none',
    path,
    dialling({ devicePasswords: [{ deviceId: 'a b', password: 'x' }] }),
    400,
    wrong,
    'devicePasswords[0].deviceId',
  ],
  [
    'a device twice',
    path,
    dialling({ devicePasswords: [{ deviceId: 'a' }, { deviceId: 'a' }] }),
    400,
    wrong,
    'devicePasswords',
  ],
  ['a broker for a list of addresses', 'PATCH /api/connections/{connection}', { url: nowhere }, 400, wrong, 'url'],
  ['a new address where nothing dials', 'POST /api/connections/{connection}/renew', undefined, 409, 'CONFLICT'],
])('%s is refused', async (...refusal) => {
  await expectRefused(laundry, refusal);
});
