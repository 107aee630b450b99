import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Laundry, openLaundry } from '../../support/laundry.ts';
import { lockThings } from '../../support/lock-place.ts';
import { ask, expectError, expectRefused, idOf, instant, type Refusal } from '../../support/requests.ts';

let laundry: Laundry;
beforeAll(async () => {
  laundry = await openLaundry({ engine: false });
});
afterAll(() => laundry.close());

const add = (body: Record<string, unknown> = {}) =>
  ask(laundry, 'POST /api/doors', { locationId: '{location}', name: 'Main Entrance', ...body });
const operator = () => ({ token: laundry.tokens.operator });

describe('doors', () => {
  test('are added without a lock, at the settings’ price and duration, which are copied', async () => {
    await ask(laundry, 'PATCH /api/settings', { defaultAccessPrice: 180, defaultAccessDuration: 90 });
    const made = await add({ description: ' by the yard ', notes: 'key under the mat' });
    expect([made.status, made.body]).toEqual([
      200,
      {
        id: idOf('door'),
        uid: expect.stringMatching(/^[0-9a-z]{16}$/),
        code: expect.stringMatching(/^[0-9a-z]{8}$/),
        ttlockLockId: null,
        lockId: null,
        locationId: laundry.locationId,
        name: 'Main Entrance',
        description: 'by the yard',
        notes: 'key under the mat',
        price: 180,
        duration: 90,
        status: 'ACTIVE',
        openingHours: null,
        passage: null,
        passageConfigured: false,
        passageTrouble: null,
        lockState: 'UNKNOWN',
        gatewayType: null,
        gatewayOnline: null,
        batteryLevel: null,
        batteryAt: null,
        firmwareVersion: null,
        lastSyncAt: null,
        payUrl: `${laundry.url}/pay/${made.body.uid}`,
        shortUrl: expect.stringMatching(new RegExp(`^${laundry.url}/p/[A-HJKMNP-TV-Z2-9]{6}$`)),
        createdAt: instant,
        updatedAt: instant,
      },
    ]);
    await ask(laundry, 'PATCH /api/settings', { defaultAccessPrice: 100, defaultAccessDuration: 60 });
    const again = await ask(laundry, `GET /api/doors/${made.body.id}`, undefined, operator());
    expect(again.body).toEqual(made.body);
    const listed = await ask(laundry, 'GET /api/doors', undefined, operator());
    expect(listed.body).toEqual([made.body]);
    expect((await ask(laundry, 'GET /api/doors?locationId=loc_unknown')).body).toEqual([]);
  });

  test('tell of a lock on the WiFi as of one behind a gateway, and of a phone alone where nothing else reaches it', async () => {
    const { app, connectionId } = laundry;
    const own = await app.services.organizations.first();
    if (own === null) throw new Error('There is no organization');
    const { lock } = await lockThings(laundry, { organizationId: own.id, connectionId });
    const { body: door } = await add({ name: 'Roof', lockId: lock });
    expect([door.gatewayType, door.gatewayOnline]).toEqual(['Gateway', null]);
    const away = { unlock: false, lock: false, tellsBolt: false };
    await app.database.pool.query('update locks set capabilities = capabilities || $1 where id = $2', [away, lock]);
    expect((await ask(laundry, `GET /api/doors/${door.id}`)).body.gatewayType).toBe('Bluetooth');
    await ask(laundry, `DELETE /api/doors/${door.id}`);
  });

  test('are changed by operators; what a change does not name stays', async () => {
    const { body: before } = await add({ name: 'Side door' });
    const path = `/api/doors/${before.id}`;
    const changed = await ask(laundry, `PATCH ${path}`, { name: 'Side', price: 0, duration: 5 }, operator());
    expect([changed.status, changed.body]).toEqual([
      200,
      { ...before, name: 'Side', price: 0, duration: 5, updatedAt: instant },
    ]);
    const passage = { weekdays: [5, 1, 1], from: '08:00', until: '18:00' };
    const hours = await ask(laundry, `PATCH ${path}`, { passage, openingHours: { kind: 'always' } });
    expect(hours.body).toMatchObject({
      passage: { weekdays: [1, 5], allDay: false, from: '08:00', until: '18:00' },
      openingHours: { kind: 'always' },
    });
    const none = await ask(laundry, `PATCH ${path}`, { passage: null, openingHours: null, description: '' });
    expect(none.body).toEqual({ ...changed.body, updatedAt: instant });
  });

  test('change their status through operators, and the record tells before and after', async () => {
    const { body: door } = await add({ name: 'Gate' });
    for (const [status, before] of [
      ['MAINTENANCE', 'ACTIVE'],
      ['PASSAGE', 'MAINTENANCE'],
      ['ACTIVE', 'PASSAGE'],
    ]) {
      const answer = await ask(laundry, `POST /api/doors/${door.id}/status`, { status }, operator());
      expect([answer.status, answer.body.status]).toEqual([200, status]);
      const { rows } = await laundry.app.database.pool.query(
        `select action, entity, entity_id, details from audit_entries order by number desc limit 1`,
      );
      expect(rows).toEqual([
        {
          action: 'door status changed',
          entity: 'Door',
          entity_id: door.id,
          details: { doorId: door.id, doorName: 'Gate', previousStatus: before, newStatus: status },
        },
      ]);
    }
    const same = await ask(laundry, `POST /api/doors/${door.id}/status`, { status: 'ACTIVE' });
    expect(same.body.status).toBe('ACTIVE');
  });

  test('move to another location, or to none, through administrators alone', async () => {
    const { body: door } = await add({ name: 'Moving' });
    const { body: cellar } = await ask(laundry, 'POST /api/locations', { name: 'Cellar' });
    for (const locationId of [cellar.id, null, laundry.locationId]) {
      const refusal: Refusal = ['', `PATCH /api/doors/${door.id}`, { locationId }, 403, 'FORBIDDEN'];
      await expectRefused(laundry, refusal, operator());
      expect((await ask(laundry, `PATCH /api/doors/${door.id}`, { locationId })).body.locationId).toBe(locationId);
    }
    await ask(laundry, `PATCH /api/doors/${door.id}`, { locationId: cellar.id });
    expect((await ask(laundry, `DELETE /api/locations/${cellar.id}`)).status).toBe(200);
    expect((await ask(laundry, `GET /api/doors/${door.id}`)).body.locationId).toBeNull();
  });

  test('are for administrators to add, to delete, and to give another address', async () => {
    const { body: door } = await add();
    const refusals: Refusal[] = [
      ['', 'POST /api/doors', { locationId: '{location}', name: 'x' }, 403, 'FORBIDDEN'],
      ['', `DELETE /api/doors/${door.id}`, undefined, 403, 'FORBIDDEN'],
      ['', `POST /api/doors/${door.id}/qr/regenerate`, undefined, 403, 'FORBIDDEN'],
      ['', `PATCH /api/doors/${door.id}`, { lockId: null }, 403, 'FORBIDDEN'],
      ['', `PATCH /api/doors/${door.id}`, { openingHours: null }, 403, 'FORBIDDEN'],
    ];
    for (const refusal of refusals) await expectRefused(laundry, refusal, operator());
    for (const refusal of refusals) {
      expectError(await ask(laundry, refusal[1], refusal[2], { token: null }), 401, 'UNAUTHORIZED');
    }
  });

  test('are gone when deleted, their addresses too', async () => {
    const { body: door } = await add({ name: 'Leaving' });
    expect((await ask(laundry, `DELETE /api/doors/${door.id}`)).body).toEqual({ ok: true });
    expectError(await ask(laundry, `GET /api/doors/${door.id}`), 404, 'NOT_FOUND');
    expectError(await ask(laundry, `DELETE /api/doors/${door.id}`), 404, 'NOT_FOUND');
    expect((await laundry.call('GET', new URL(door.shortUrl).pathname)).status).toBe(404);
    expect((await laundry.call('GET', `/pay/${door.uid}`)).status).toBe(404);
  });

  test('are nobody else’s', async () => {
    const { body: door } = await add();
    const theirs = { token: laundry.tokens.stranger };
    for (const request of [`GET /api/doors/${door.id}`, `GET /api/doors/${door.id}/qr`]) {
      expectError(await ask(laundry, request, undefined, theirs), 404, 'NOT_FOUND');
    }
    expect((await ask(laundry, 'GET /api/doors', undefined, theirs)).body).toEqual([]);
  });

  const create = 'POST /api/doors';
  const good = { locationId: '{location}', name: 'Door' };
  const wrong = 'VALIDATION_ERROR';
  test.each<Refusal>([
    ['no body', create, undefined, 400, wrong, 'body'],
    ['no location', create, { name: 'x' }, 400, wrong, 'locationId'],
    ['an unknown location', create, { ...good, locationId: 'loc_unknown' }, 400, wrong, 'locationId'],
    ['no name and no lock to take it from', create, { locationId: '{location}' }, 400, wrong, 'name'],
    ['a price that no card can be charged', create, { ...good, price: 20 }, 400, wrong, 'price'],
    ['a negative price', create, { ...good, price: -1 }, 400, wrong, 'price'],
    ['no time at all', create, { ...good, duration: 0 }, 400, wrong, 'duration'],
    ['half a minute', create, { ...good, duration: 0.5 }, 400, wrong, 'duration'],
    ['a status at birth', create, { ...good, status: 'PASSAGE' }, 400, wrong, 'status'],
    ['a code of one’s own', create, { ...good, code: 'abc' }, 400, wrong, 'code'],
    ['both names of a lock', create, { ...good, lockId: 'lck_x', ttlockLockId: 7 }, 400, wrong, 'lockId'],
    [
      'a connection without a lock of it',
      create,
      { ...good, connectionId: '{connection}' },
      400,
      wrong,
      'connectionId',
    ],
    ['an unknown lock', create, { ...good, lockId: 'lck_unknown' }, 400, wrong, 'lockId'],
    ['a lock of TTLock without an account there', create, { ...good, ttlockLockId: 4711 }, 409, 'NOT_CONFIGURED'],
    [
      'passage that ends before it begins',
      create,
      { ...good, passage: { from: '18:00', until: '08:00' } },
      400,
      wrong,
      'passage.until',
    ],
    ['passage with half its times', create, { ...good, passage: { from: '18:00' } }, 400, wrong, 'passage.from'],
    ['passage on no day', create, { ...good, passage: { weekdays: [] } }, 400, wrong, 'passage.weekdays'],
    ['a change of an unknown one', 'PATCH /api/doors/door_unknown', { name: 'x' }, 404, 'NOT_FOUND'],
    ['a status of an unknown one', 'POST /api/doors/door_unknown/status', { status: 'ACTIVE' }, 404, 'NOT_FOUND'],
  ])('refuse %s, and stay as they are', async (...row) => {
    await expectRefused(laundry, row);
  });

  test.each<Refusal>([
    ['no status', 'status', {}, 400, wrong, 'status'],
    ['a status of no door', 'status', { status: 'OPEN' }, 400, wrong, 'status'],
  ])('refuse %s', async (what, path, ...rest) => {
    const { body: door } = await add();
    await expectRefused(laundry, [what, `POST /api/doors/${door.id}/${path}`, ...rest]);
  });
});

describe.each([
  ['a door', () => add().then(({ body }) => `/api/doors/${body.id}`)],
  ['a device', async () => `/api/devices/${laundry.washer.id}`],
])('the QR code of %s', (_what, pathOf) => {
  test('is a picture, drawn or in pixels', async () => {
    const path = await pathOf();
    const svg = await ask(laundry, `GET ${path}/qr`, undefined, operator());
    expect([svg.status, svg.headers.get('content-type')]).toEqual([200, expect.stringContaining('image/svg+xml')]);
    expect(svg.text).toMatch(/^<svg /);
    const png = await ask(laundry, `GET ${path}/qr?format=png`);
    expect([png.status, png.headers.get('content-type')]).toEqual([200, 'image/png']);
    await expectRefused(laundry, ['', `GET ${path}/qr?format=gif`, undefined, 400, 'VALIDATION_ERROR', 'format']);
  });

  test('dies at once when it is made anew, and its short code with it; the record tells both', async () => {
    const path = await pathOf();
    await ask(laundry, `GET ${path}/qr`);
    const { body: before } = await ask(laundry, `GET ${path}`);
    const short = (url: string) => laundry.call('GET', new URL(url).pathname);
    expect((await short(before.shortUrl)).headers.get('location')).toBe(`/pay/${before.uid}`);
    const { body: after } = await ask(laundry, `POST ${path}/qr/regenerate`);
    expect(after).toEqual({
      ...before,
      uid: expect.not.stringContaining(before.uid),
      payUrl: `${laundry.url}/pay/${after.uid}`,
      shortUrl: expect.not.stringContaining(before.shortUrl),
      updatedAt: instant,
    });
    expect((await laundry.call('GET', `/pay/${before.uid}`)).status).toBe(404);
    expect((await short(before.shortUrl)).status).toBe(404);
    expect((await short(after.shortUrl)).headers.get('location')).toBe(`/pay/${after.uid}`);
    const { rows } = await laundry.app.database.pool.query(
      `select action, details from audit_entries order by number desc limit 1`,
    );
    expect(rows[0]).toMatchObject({
      action: expect.stringMatching(/^QR code of a (door|device) made anew$/),
      details: { before: { uid: before.uid }, after: { uid: after.uid } },
    });
  });
});

test('short codes are not guessed: after twenty wrong ones an address has to wait', async () => {
  const guess = (code: string) => laundry.call('GET', `/p/${code}`);
  expect((await guess('nonsense')).status).toBe(404);
  for (let n = 0; n < 25; n++) await guess(`AAAAA${'23456789'[n % 8]}`);
  const refused = await guess('AAAAAA');
  expect([refused.status, Number(refused.headers.get('retry-after'))]).toEqual([429, expect.any(Number)]);
  laundry.clock.ahead(10 * 60_000 + 1);
  expect((await guess('AAAAAA')).status).toBe(404);
});
