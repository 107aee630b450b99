import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LocationId } from '../../../src/rules/ids.ts';
import { type Laundry, openLaundry } from '../../support/laundry.ts';
import { beginToPay } from '../../support/purchase.ts';
import { ask, expectError, expectRefused, idOf, instant, type Refusal } from '../../support/requests.ts';

let laundry: Laundry;
beforeAll(async () => {
  laundry = await openLaundry({ engine: false });
});
afterAll(() => laundry.close());

const washer = () => ({
  id: laundry.washer.id,
  uid: laundry.washer.uid,
  shellyDeviceId: laundry.shelly.device('Washer 1').id,
  channel: 0,
  connectionId: laundry.connectionId,
  locationId: laundry.locationId,
  name: 'Washer 1',
  description: null,
  status: 'ACTIVE',
  openingHours: null,
  online: false,
  relay: null,
  relaySeenAt: null,
  powerWatts: null,
  inUse: false,
  deviceType: expect.any(String),
  channelCount: 1,
  payUrl: `${laundry.url}/pay/${laundry.washer.uid}`,
  shortUrl: expect.stringContaining(`${laundry.url}/p/`),
  model: expect.any(String),
  firmware: expect.any(String),
  onlineSince: null,
  lastReadingAt: null,
  lastReadingAgeSeconds: null,
  createdAt: instant,
  updatedAt: instant,
});
const spare = 'shellyplus1-5ba4e0f00d42';
/** Another device of a relay that is not plugged in. */
const addSpare = (body: Record<string, unknown> = {}) =>
  ask(laundry, 'POST /api/devices', {
    shellyDeviceId: spare,
    connectionId: '{connection}',
    locationId: '{location}',
    ...body,
  });

describe('devices', () => {
  test('are listed oldest first, with what was last seen of them', async () => {
    const unseen = await ask(laundry, 'GET /api/devices', undefined, { token: laundry.tokens.operator });
    expect(unseen.status).toBe(200);
    expect(unseen.body[0]).toEqual(washer());
    expect(unseen.body[1]).toEqual({
      ...washer(),
      id: laundry.dryer.id,
      uid: laundry.dryer.uid,
      shellyDeviceId: laundry.shelly.device('Dryer').id,
      name: 'Dryer',
      payUrl: `${laundry.url}/pay/${laundry.dryer.uid}`,
    });
    expect(unseen.body.length).toBe(2);
    await ask(laundry, 'GET /api/public/device/{washerUid}/info', undefined, { token: null });
    expect((await ask(laundry, 'GET /api/devices/{washer}')).body).toEqual({
      ...washer(),
      online: true,
      relay: 'off',
      relaySeenAt: instant,
      powerWatts: 0,
      onlineSince: instant,
      lastReadingAt: instant,
      lastReadingAgeSeconds: expect.any(Number),
    });
  });

  test('are listed by location', async () => {
    const { body: empty } = await ask(laundry, 'POST /api/locations', { name: 'Empty' });
    expect((await ask(laundry, 'GET /api/devices?locationId={location}')).body.length).toBe(2);
    expect((await ask(laundry, `GET /api/devices?locationId=${empty.id}`)).body).toEqual([]);
    expect((await ask(laundry, 'GET /api/devices?locationId=loc_unknown')).body).toEqual([]);
    expect((await ask(laundry, 'GET /api/devices?locationId=')).body.length).toBe(2);
  });

  test('are added while offline by naming the connection, and take the relay’s name where none is given', async () => {
    const made = await addSpare({ description: ' by the window ', status: 'MAINTENANCE' });
    expect([made.status, made.body]).toEqual([
      200,
      {
        ...washer(),
        id: idOf('dev'),
        uid: expect.stringMatching(/^[0-9a-z]{16}$/),
        shellyDeviceId: spare,
        name: spare,
        description: 'by the window',
        status: 'MAINTENANCE',
        deviceType: null,
        channelCount: null,
        model: null,
        firmware: null,
        payUrl: `${laundry.url}/pay/${made.body.uid}`,
      },
    ]);
    expect((await addSpare({ channel: 1, name: 'Second channel' })).body).toMatchObject({
      channel: 1,
      name: 'Second channel',
    });
    expectError(await addSpare(), 409, 'CONFLICT');
  });

  test('are added once when added twice at the same moment', async () => {
    const answers = await Promise.all([1, 2, 3].map(() => addSpare({ shellyDeviceId: 'shellyplus1-twins' })));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409, 409]);
    for (const answer of answers.filter(({ status }) => status === 409)) expectError(answer, 409, 'CONFLICT');
  });

  test('keep what a change does not name', async () => {
    const { body: before } = await ask(laundry, 'GET /api/devices/{dryer}');
    const operator = { token: laundry.tokens.operator };
    const changed = await ask(
      laundry,
      'PATCH /api/devices/{dryer}',
      { name: 'Dryer 7', status: 'MAINTENANCE' },
      operator,
    );
    expect([changed.status, changed.body]).toEqual([
      200,
      { ...before, name: 'Dryer 7', status: 'MAINTENANCE', updatedAt: instant },
    ]);
    const described = await ask(laundry, 'PATCH /api/devices/{dryer}', { description: 'hot' }, operator);
    expect(described.body).toEqual({ ...changed.body, description: 'hot', updatedAt: instant });
    const back = { name: 'Dryer', status: 'ACTIVE', description: null };
    expect((await ask(laundry, 'PATCH /api/devices/{dryer}', back)).body).toEqual({ ...before, updatedAt: instant });
  });

  test('move to another location, or to none, through administrators alone', async () => {
    const { body: cellar } = await ask(laundry, 'POST /api/locations', { name: 'Cellar' });
    for (const locationId of [cellar.id, null, laundry.locationId]) {
      const refusal: Refusal = ['', 'PATCH /api/devices/{dryer}', { locationId }, 403, 'FORBIDDEN'];
      await expectRefused(laundry, refusal, { token: laundry.tokens.operator });
      expect((await ask(laundry, 'PATCH /api/devices/{dryer}', { locationId })).body.locationId).toBe(locationId);
    }
  });

  test('are tied to another relay through administrators alone', async () => {
    for (const body of [{ channel: 0 }, { shellyDeviceId: '{washerRelay}' }, { connectionId: '{connection}' }]) {
      const refusal: Refusal = ['', 'PATCH /api/devices/{dryer}', body, 403, 'FORBIDDEN'];
      await expectRefused(laundry, refusal, { token: laundry.tokens.operator });
    }
    const moved = await ask(laundry, 'PATCH /api/devices/{dryer}', {
      shellyDeviceId: 'shellyplus1-new-one',
      channel: 3,
    });
    expect(moved.body).toMatchObject({ shellyDeviceId: 'shellyplus1-new-one', channel: 3 });
    const back = { shellyDeviceId: laundry.shelly.device('Dryer').id, channel: 0 };
    expect((await ask(laundry, 'PATCH /api/devices/{dryer}', back)).status).toBe(200);
  });

  test('keep their hardware during a session, and cannot be deleted', async () => {
    await beginToPay(laundry, laundry.washer.plans.free);
    expect((await ask(laundry, 'GET /api/devices/{washer}')).body.inUse).toBe(true);
    const refusals: Refusal[] = [
      ['', 'PATCH /api/devices/{washer}', { channel: 1 }, 409, 'DEVICE_IN_USE'],
      ['', 'PATCH /api/devices/{washer}', { shellyDeviceId: 'another' }, 409, 'DEVICE_IN_USE'],
      ['', 'PATCH /api/devices/{washer}', { connectionId: '{connection}' }, 409, 'DEVICE_IN_USE'],
      ['', 'DELETE /api/devices/{washer}', undefined, 409, 'DEVICE_IN_USE'],
    ];
    for (const refusal of refusals) await expectRefused(laundry, refusal);
    const maintained = await ask(laundry, 'PATCH /api/devices/{washer}', { status: 'MAINTENANCE' });
    expect(maintained.body).toMatchObject({ status: 'MAINTENANCE', inUse: true });
    await ask(laundry, 'PATCH /api/devices/{washer}', { status: 'ACTIVE' });
  });

  test('are gone when deleted, their public address too, while payments still name them', async () => {
    const { body: made } = await addSpare({ shellyDeviceId: 'shellyplus1-leaving' });
    expect((await ask(laundry, `DELETE /api/devices/${made.id}`)).body).toEqual({ ok: true });
    for (const path of [`/api/devices/${made.id}`, `/api/devices/${made.id}/periods`]) {
      expectError(await ask(laundry, `GET ${path}`), 404, 'NOT_FOUND');
    }
    expectError(await ask(laundry, `DELETE /api/devices/${made.id}`), 404, 'NOT_FOUND');
    expectError(
      await ask(laundry, `GET /api/public/device/${made.uid}/info`, undefined, { token: null }),
      404,
      'NOT_FOUND',
    );
    expect((await addSpare({ shellyDeviceId: 'shellyplus1-leaving' })).body.id).not.toBe(made.id);
  });

  const create = 'POST /api/devices';
  const change = 'PATCH /api/devices/{washer}';
  const wrong = 'VALIDATION_ERROR';
  const good = { shellyDeviceId: 'shellyplus1-new', connectionId: '{connection}', locationId: '{location}' };
  test.each<Refusal>([
    ['no body', create, undefined, 400, wrong, 'body'],
    ['no hardware', create, { locationId: '{location}' }, 400, wrong, 'shellyDeviceId'],
    ['no location', create, { shellyDeviceId: 'x' }, 400, wrong, 'locationId'],
    ['empty hardware', create, { ...good, shellyDeviceId: '' }, 400, wrong, 'shellyDeviceId'],
    ['blank hardware', create, { ...good, shellyDeviceId: '  ' }, 400, wrong, 'shellyDeviceId'],
    ['null for the location', create, { ...good, locationId: null }, 400, wrong, 'locationId'],
    ['an unknown location', create, { ...good, locationId: 'loc_unknown' }, 400, wrong, 'locationId'],
    ['an unknown connection', create, { ...good, connectionId: 'con_unknown' }, 400, wrong, 'connectionId'],
    [
      'hardware that no connection knows',
      create,
      { shellyDeviceId: 'x', locationId: '{location}' },
      400,
      wrong,
      'shellyDeviceId',
    ],
    [
      'a channel that the hardware does not have',
      create,
      { shellyDeviceId: '{washerRelay}', channel: 1, locationId: '{location}' },
      400,
      wrong,
      'channel',
    ],
    ['a negative channel', create, { ...good, channel: -1 }, 400, wrong, 'channel'],
    ['half a channel', create, { ...good, channel: 0.5 }, 400, wrong, 'channel'],
    ['a channel in words', create, { ...good, channel: '0' }, 400, wrong, 'channel'],
    ['channel 64', create, { ...good, channel: 64 }, 400, wrong, 'channel'],
    ['an empty name', create, { ...good, name: '' }, 400, wrong, 'name'],
    ['a name of 121 characters', create, { ...good, name: 'x'.repeat(121) }, 400, wrong, 'name'],
    ['a description of 501 characters', create, { ...good, description: 'x'.repeat(501) }, 400, wrong, 'description'],
    ['a door’s status', create, { ...good, status: 'PASSAGE' }, 400, wrong, 'status'],
    ['a status in small letters', create, { ...good, status: 'active' }, 400, wrong, 'status'],
    ['a public address of one’s own', create, { ...good, uid: 'washer' }, 400, wrong, 'uid'],
    [
      'hardware that is a device already',
      create,
      { shellyDeviceId: '{washerRelay}', locationId: '{location}' },
      409,
      'CONFLICT',
    ],
    ['a change to no name', change, { name: ' ' }, 400, wrong, 'name'],
    ['a change to an unknown location', change, { locationId: 'loc_unknown' }, 400, wrong, 'locationId'],
    ['a change to no known status', change, { status: 'BROKEN' }, 400, wrong, 'status'],
    ['a change of what is only seen', change, { online: true }, 400, wrong, 'online'],
    ['a change of an unknown one', 'PATCH /api/devices/dev_unknown', { name: 'x' }, 404, 'NOT_FOUND'],
    ['a look at an unknown one', 'GET /api/devices/dev_unknown', undefined, 404, 'NOT_FOUND'],
    ['a look by the public address', 'GET /api/devices/{washerUid}', undefined, 404, 'NOT_FOUND'],
    ['the deletion of an unknown one', 'DELETE /api/devices/dev_unknown', undefined, 404, 'NOT_FOUND'],
  ])('refuse %s, and stay as they are', async (...row) => {
    await expectRefused(laundry, row);
  });

  test.each<Refusal>([
    [
      'an unknown connection',
      'PATCH /api/devices/{dryer}',
      { connectionId: 'con_unknown' },
      400,
      wrong,
      'connectionId',
    ],
    ['the relay of another device', 'PATCH /api/devices/{dryer}', { shellyDeviceId: '{washerRelay}' }, 409, 'CONFLICT'],
  ])('do not move to %s', async (...row) => {
    await expectRefused(laundry, row);
  });

  test.each<Refusal>([
    ['add', create, good, 403, 'FORBIDDEN'],
    ['delete', 'DELETE /api/devices/{dryer}', undefined, 403, 'FORBIDDEN'],
  ])('operators may not %s them', async (...row) => {
    await expectRefused(laundry, row, { token: laundry.tokens.operator });
  });
});

describe('staff of one location', () => {
  test('see and change what stands there, and nothing else', async () => {
    const { body: cellar } = await ask(laundry, 'POST /api/locations', { name: 'Far away' });
    const { body: far } = await addSpare({ shellyDeviceId: 'shellyplus1-far', locationId: cellar.id, name: 'Far' });
    const token = await scoped([cellar.id]);
    const nowhere = await scoped([]);
    const names = async (path: string, as: string) =>
      (await ask(laundry, `GET ${path}`, undefined, { token: as })).body.map(({ name }: { name: string }) => name);
    expect(await names('/api/devices', token)).toEqual(['Far']);
    expect(await names('/api/locations', token)).toEqual(['Far away']);
    expect(await names('/api/devices', nowhere)).toEqual([]);
    expect(await names('/api/locations', nowhere)).toEqual([]);
    expect((await ask(laundry, `PATCH /api/devices/${far.id}`, { name: 'Near' }, { token })).status).toBe(200);
    const refusals: Refusal[] = [
      ['', 'GET /api/locations/{location}', undefined, 404, 'NOT_FOUND'],
      ['', 'PATCH /api/locations/{location}', { name: 'x' }, 404, 'NOT_FOUND'],
      ['', 'GET /api/devices/{washer}', undefined, 404, 'NOT_FOUND'],
      ['', 'PATCH /api/devices/{washer}', { name: 'x' }, 404, 'NOT_FOUND'],
      ['', 'POST /api/devices/{washer}/switch', { on: true }, 404, 'NOT_FOUND'],
      ['', 'GET /api/devices/{washer}/periods', undefined, 404, 'NOT_FOUND'],
    ];
    for (const refusal of refusals) await expectRefused(laundry, refusal, { token });
  });

  async function scoped(scope: LocationId[]): Promise<string> {
    const { accounts, organizations } = laundry.app.services;
    const first = await organizations.first();
    if (first === null) throw new Error('There is no first organization');
    const username = `scoped-${scope.length}`;
    const email = `${username}@keystead.test`;
    const password = 'correct horse battery';
    await accounts.create({
      organizationId: first.id,
      username,
      email,
      password,
      role: 'user',
      scope,
      by: null,
    });
    return (await laundry.call('POST', '/api/auth/login', { body: { email, password } })).body.token;
  }
});
