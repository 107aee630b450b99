import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Laundry, openLaundry } from '../../support/laundry.ts';
import { ask, expectError, expectRefused, idOf, instant, type Refusal } from '../../support/requests.ts';

let laundry: Laundry;
beforeAll(async () => {
  laundry = await openLaundry({ engine: false });
});
afterAll(() => laundry.close());
afterEach(() => {
  for (const name of ['Washer 1', 'Dryer']) laundry.shelly.setFault(name, 'none');
});

const address = (name: string) => laundry.shelly.device(name).address;
const relays = () => ({
  id: laundry.connectionId,
  vendor: 'shelly-lan',
  name: 'Relays',
  devices: [
    { address: address('Washer 1'), hasPassword: false },
    { address: address('Dryer'), hasPassword: true },
  ],
  trouble: [],
  createdAt: instant,
  updatedAt: instant,
});
const create = (body: Record<string, unknown> = {}) =>
  ask(laundry, 'POST /api/connections', { vendor: 'shelly-lan', devices: [], ...body });
const dead = '127.0.0.1:9';

describe('connections', () => {
  test('are listed and shown without passwords; Stripe is none of them', async () => {
    const list = await ask(laundry, 'GET /api/connections');
    expect([list.status, list.body]).toEqual([200, [relays()]]);
    expect((await ask(laundry, 'GET /api/connections/{connection}')).body).toEqual(relays());
    expect(list.text).not.toContain('dryer-password');
    const { rows } = await laundry.app.database.pool.query(`select id from connections where vendor = 'stripe'`);
    expect(rows.length).toBe(1);
    for (const [method, body] of [['GET'], ['PATCH', { name: 'x' }], ['DELETE']] as const) {
      expectError(await ask(laundry, `${method} /api/connections/${rows[0].id}`, body), 404, 'NOT_FOUND');
    }
  });

  test('are created, changed and deleted', async () => {
    const made = await create({
      devices: [{ address: 'Relay.LAN', password: 'secret' }, { address: '10.0.0.7:8080' }],
    });
    expect([made.status, made.body]).toEqual([
      200,
      {
        ...relays(),
        id: idOf('con'),
        name: 'Shelly',
        devices: [
          { address: 'relay.lan', hasPassword: true },
          { address: '10.0.0.7:8080', hasPassword: false },
        ],
      },
    ]);
    const path = `/api/connections/${made.body.id}`;
    expect((await ask(laundry, `PATCH ${path}`, { name: ' Laundry room ' })).body).toEqual({
      ...made.body,
      name: 'Laundry room',
      updatedAt: instant,
    });
    expect((await ask(laundry, `DELETE ${path}`)).body).toEqual({ ok: true });
    for (const request of [`GET ${path}`, `DELETE ${path}`, `POST ${path}/test`, `GET ${path}/hardware`]) {
      expectError(await ask(laundry, request), 404, 'NOT_FOUND');
    }
  });

  test.each([
    ['a password left out stays', [{ address: 'a.lan' }, { address: 'b.lan' }], [true, false]],
    ['null takes a password away', [{ address: 'a.lan', password: null }], [false]],
    ['an empty one takes it away', [{ address: 'a.lan', password: '' }], [false]],
    ['another address has none', [{ address: 'c.lan' }], [false]],
    ['the same address in capitals keeps it', [{ address: ' A.LAN ' }], [true]],
  ])('%s when the list is replaced', async (_, devices, kept) => {
    const { body } = await create({ devices: [{ address: 'a.lan', password: 'secret' }] });
    const changed = await ask(laundry, `PATCH /api/connections/${body.id}`, { devices });
    expect(changed.body.devices.map(({ hasPassword }: { hasPassword: boolean }) => hasPassword)).toEqual(kept);
    await ask(laundry, `DELETE /api/connections/${body.id}`);
  });

  test('keep passwords sealed, and out of the record of changes', async () => {
    const { body } = await create({ devices: [{ address: 'a.lan', password: 'open sesame' }] });
    for (const table of ['connections', 'audit_entries']) {
      const { rows } = await laundry.app.database.pool.query(`select string_agg(x::text, '') as all from ${table} x`);
      expect(rows[0].all).not.toContain('open sesame');
    }
    await ask(laundry, `DELETE /api/connections/${body.id}`);
  });

  test('are not deleted while devices hang on them', async () => {
    await expectRefused(laundry, ['', 'DELETE /api/connections/{connection}', undefined, 409, 'CONFLICT']);
  });

  test.each([
    ['an IPv4 address', '192.168.1.40', '192.168.1.40'],
    ['port 80 written out', '192.168.1.40:80', '192.168.1.40'],
    ['an IPv6 address', '[fd00::40]', '[fd00::40]'],
    ['a name with a port', 'relay.lan:8080', 'relay.lan:8080'],
  ])('take %s', async (_, written, stored) => {
    const { status, body } = await create({ devices: [{ address: written }] });
    expect([status, body.devices]).toEqual([200, [{ address: stored, hasPassword: false }]]);
    await ask(laundry, `DELETE /api/connections/${body.id}`);
  });

  const path = 'POST /api/connections';
  const change = 'PATCH /api/connections/{connection}';
  const wrong = 'VALIDATION_ERROR';
  const lan = (devices: unknown) => ({ vendor: 'shelly-lan', devices });
  const at = (value: unknown) => lan([{ address: 'good.lan' }, { address: value }]);
  const second = 'devices[1].address';
  test.each<Refusal>([
    ['no body', path, undefined, 400, wrong, 'body'],
    ['no vendor', path, { devices: [] }, 400, wrong, 'vendor'],
    ['no devices', path, { vendor: 'shelly-lan' }, 400, wrong, 'devices'],
    ['a vendor nobody drives', path, { vendor: 'acme', devices: [] }, 400, wrong, 'vendor'],
    ['Stripe for a vendor', path, { vendor: 'stripe', devices: [] }, 400, wrong, 'vendor'],
    ['an empty name', path, { ...lan([]), name: ' ' }, 400, wrong, 'name'],
    ['a name of 121 characters', path, { ...lan([]), name: 'x'.repeat(121) }, 400, wrong, 'name'],
    ['a device in words', path, lan(['192.168.1.40']), 400, wrong, 'devices[0]'],
    ['a device without address', path, lan([{ password: 'x' }]), 400, wrong, 'devices[0].address'],
    ['a number for a password', path, lan([{ address: 'a.lan', password: 5 }]), 400, wrong, 'devices[0].password'],
    ['201 devices', path, lan(Array(201).fill({ address: 'a.lan' })), 400, wrong, 'devices'],
    ['the same address twice', path, lan([{ address: 'a.lan' }, { address: 'A.lan:80' }]), 400, wrong, 'devices'],
    ['an empty address', path, at(''), 400, wrong, second],
    ['a blank address', path, at(' '), 400, wrong, second],
    ['an address with a scheme', path, at('http://relay.lan'), 400, wrong, second],
    ['an address with a path', path, at('relay.lan/rpc'), 400, wrong, second],
    ['an address with a query', path, at('relay.lan?x'), 400, wrong, second],
    ['an address with a user', path, at('admin:secret@relay.lan'), 400, wrong, second],
    ['an address with a blank', path, at('relay lan'), 400, wrong, second],
    ['an address with a second line', path, at('relay.lan\r\nhost: x'), 400, wrong, second],
    ['a port that does not exist', path, at('relay.lan:99999'), 400, wrong, second],
    ['a field nobody knows', path, { ...lan([]), apiKey: 'x' }, 400, wrong, 'apiKey'],
    ['a change to another vendor', change, { vendor: 'shelly-lan' }, 400, wrong, 'vendor'],
    ['a change to no name', change, { name: '' }, 400, wrong, 'name'],
    ['a change to a wrong address', change, { devices: [{ address: '/' }] }, 400, wrong, 'devices[0].address'],
    ['a change of an unknown one', 'PATCH /api/connections/con_unknown', { name: 'x' }, 404, 'NOT_FOUND'],
    ['a look at an unknown one', 'GET /api/connections/con_unknown', undefined, 404, 'NOT_FOUND'],
    ['a test of an unknown one', 'POST /api/connections/con_unknown/test', undefined, 404, 'NOT_FOUND'],
    ['the hardware of an unknown one', 'GET /api/connections/con_unknown/hardware', undefined, 404, 'NOT_FOUND'],
    ['the deletion of an unknown one', 'DELETE /api/connections/con_unknown', undefined, 404, 'NOT_FOUND'],
  ])('refuse %s, and stay as they are', async (...row) => {
    const answer = await expectRefused(laundry, row);
    expect(answer.text).not.toContain('secret');
  });

  test.each<Refusal>([
    ['list', 'GET /api/connections', undefined, 403, 'FORBIDDEN'],
    ['see', 'GET /api/connections/{connection}', undefined, 403, 'FORBIDDEN'],
    ['create', path, lan([]), 403, 'FORBIDDEN'],
    ['change', change, { name: 'Mine' }, 403, 'FORBIDDEN'],
    ['delete', 'DELETE /api/connections/{connection}', undefined, 403, 'FORBIDDEN'],
    ['test', 'POST /api/connections/{connection}/test', undefined, 403, 'FORBIDDEN'],
    ['look behind', 'GET /api/connections/{connection}/hardware', undefined, 403, 'FORBIDDEN'],
  ])('operators may not %s them', async (...row) => {
    await expectRefused(laundry, row, { token: laundry.tokens.operator });
  });
});

describe('what hangs on a connection', () => {
  const test1 = () => ask(laundry, 'POST /api/connections/{connection}/test');

  test('is listed channel by channel, and what is a device already is marked', async () => {
    const relay = (name: string, deviceId: string | null) => ({
      shellyDeviceId: laundry.shelly.device(name).id,
      channel: 0,
      name,
      model: expect.any(String),
      firmware: expect.any(String),
      channelCount: 1,
      online: true,
      deviceId,
    });
    const answer = await ask(laundry, 'GET /api/connections/{connection}/hardware');
    expect(answer.status).toBe(200);
    expect(answer.body.toSorted(byName)).toEqual([
      relay('Dryer', laundry.dryer.id),
      relay('Washer 1', laundry.washer.id),
    ]);
  });

  test('answers its test: how much answers, and what is wrong', async () => {
    const all = await test1();
    expect([all.status, all.body]).toEqual([200, { ok: true, online: 2, offline: 0, error: null, fault: null }]);
    laundry.shelly.setFault('Dryer', 'offline');
    expect((await test1()).body).toEqual({
      ok: false,
      online: 1,
      offline: 1,
      error: expect.stringContaining(`1 of 2 addresses do not answer as they should: ${address('Dryer')} (Dryer).`),
      fault: 'device',
    });
    laundry.shelly.setFault('Washer 1', 'offline');
    const none = await test1();
    expect([none.status, none.body]).toEqual([
      200,
      { ok: false, online: 0, offline: 2, error: expect.any(String), fault: 'device' },
    ]);
    expectError(await ask(laundry, 'GET /api/connections/{connection}/hardware'), 502, 'UPSTREAM_ERROR');
  });

  test('is nothing where nothing is', async () => {
    const { body } = await create({ devices: [{ address: dead }] });
    const path = `/api/connections/${body.id}`;
    expect((await ask(laundry, `POST ${path}/test`)).body).toMatchObject({ ok: false, online: 0, offline: 1 });
    expectError(await ask(laundry, `GET ${path}/hardware`), 502, 'UPSTREAM_ERROR');
    await ask(laundry, `PATCH ${path}`, { devices: [] });
    expect((await ask(laundry, `GET ${path}/hardware`)).body).toEqual([]);
    await ask(laundry, `DELETE ${path}`);
  });

  test('does not answer to a wrong password', async () => {
    const { body } = await create({ devices: [{ address: address('Dryer'), password: 'guessed' }] });
    const answer = await ask(laundry, `POST /api/connections/${body.id}/test`);
    expect(answer.body).toMatchObject({ ok: false, online: 0, offline: 1 });
    expect(answer.body.error).toMatch(/password/i);
    expect(answer.text).not.toContain('guessed');
    await ask(laundry, `DELETE /api/connections/${body.id}`);
  });

  const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name);
});
