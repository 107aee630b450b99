/** Locks, houses, bridges and capabilities, as clients read them (reference §4 and §8). */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Answer } from '../../support/laundry.ts';
import { instant } from '../../support/requests.ts';
import { openYalePlace, type YalePlace } from '../../support/yale-locks.ts';

let place: YalePlace;

beforeAll(async () => {
  place = await openYalePlace();
  const { owner, guest } = place.people;
  const path = `/locks/adduser/${place.wire.front}/${guest.id}/user`;
  expect((await place.ask('PUT', path, { token: owner.token })).status).toBe(200);
});
afterAll(() => place.close());

type Who = keyof YalePlace['people'];
const get = (path: string, who: Who = 'owner', headers: Record<string, string> = {}): Promise<Answer> =>
  place.ask('GET', filled(path), { token: place.people[who].token, headers });
const filled = (path: string): string =>
  path
    .replace('{front}', place.wire.front)
    .replace('{back}', place.wire.back)
    .replace('{cellar}', place.wire.cellar)
    .replace('{house}', place.houseId)
    .replace('{home}', place.homeId);
const uuid = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);

describe('lists', () => {
  test('of staff hold every lock, of a guest those that they were added to, of others none', async () => {
    const { front, back, cellar } = place.wire;
    const all = (await get('/users/locks/mine')).body;
    expect(Object.keys(all).sort()).toEqual([front, back, cellar].sort());
    expect(all[front]).toEqual({
      LockName: 'Front',
      UserType: 'superuser',
      macAddress: expect.stringMatching(/^([0-9A-F]{2}:){5}[0-9A-F]{2}$/),
      HouseID: place.houseId,
      HouseName: 'Harbour Street',
    });
    expect(all[cellar]).toMatchObject({ HouseID: place.homeId, HouseName: 'Keystead' });
    expect((await get('/users/locks/mine', 'helper')).body[front].UserType).toBe('manager');
    const own = (await get('/users/locks/mine', 'guest')).body;
    expect([Object.keys(own), own[front].UserType]).toEqual([[front], 'user']);
    expect((await get('/users/locks/mine', 'nobody')).body).toEqual({});
  });

  test('of bridges name each gateway with the locks that it hears; there are no doorbells', async () => {
    const bridges: { locks: string[] }[] = Object.values((await get('/users/bridges/mine')).body);
    expect(bridges).toEqual([
      { locks: expect.any(Array), appID: '', deviceModel: 'gateway', firmwareVersion: 'unknown', operative: true },
    ]);
    expect(bridges[0]?.locks.toSorted()).toEqual([place.wire.front, place.wire.back].sort());
    expect((await get('/users/doorbells/mine')).text).toBe('{}');
  });

  test('of houses are a bare array, and an object for newer clients; a new token comes with them', async () => {
    const old = await get('/users/houses/mine');
    const house = { HouseID: place.houseId, HouseName: 'Harbour Street', type: 'superuser', imageInfo: {} };
    expect(old.body).toContainEqual(house);
    const token = old.headers.get('x-access-token') ?? '';
    expect(old.headers.get('x-august-access-token')).toBe(token);
    expect((await place.ask('GET', '/users/me', { token })).status).toBe(200);
    const newer = await get('/users/houses/mine', 'owner', { 'accept-version': '2.0.0' });
    expect(newer.body.houses).toEqual(old.body);
    expect((await get('/users/houses/mine?houseID={house}')).body).toEqual([house]);
    expect((await get('/users/houses/mine', 'guest')).body).toEqual([{ ...house, type: 'user' }]);
    expect((await get('/users/houses/mine', 'nobody')).body).toEqual([]);
  });
});

describe('a lock', () => {
  const fence = {
    debounceInterval: expect.any(Number),
    gpsAccuracyMultiplier: expect.any(Number),
    maximumGeofence: expect.any(Number),
    minimumGeofence: expect.any(Number),
    minGPSAccuracyRequired: expect.any(Number),
  };

  test('has every field that its clients read', async () => {
    const { owner, guest } = place.people;
    const answer = await get('/locks/{front}');
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      LockName: 'Front',
      Type: 2,
      Created: instant,
      Updated: instant,
      LockID: place.wire.front,
      HouseID: place.houseId,
      HouseName: 'Harbour Street',
      Calibrated: true,
      timeZone: 'Europe/Berlin',
      battery: 0.9,
      batteryInfo: {
        level: 'Full',
        warningState: 'lock_state_battery_warning_none',
        ...(answer.body.batteryInfo.infoUpdatedDate === undefined ? {} : { infoUpdatedDate: instant }),
      },
      supportsEntryCodes: true,
      accessSchedulesAllowed: true,
      remoteOperateSecret: '',
      HomeKitSetupPayload: null,
      skuNumber: expect.any(String),
      macAddress: expect.any(String),
      SerialNumber: String(place.front.hardwareId),
      LockStatus: {
        status: 'unknown',
        dateTime: instant,
        isLockStatusChanged: false,
        valid: true,
        doorState: expect.stringMatching(/^(init|unknown)$/),
      },
      currentFirmwareVersion: expect.any(String),
      homeKitEnabled: false,
      zWaveEnabled: false,
      isGalileo: false,
      Bridge: {
        _id: expect.stringMatching(/^[0-9a-f]{24}$/),
        mfgBridgeID: String(place.gatewayId),
        deviceModel: 'gateway',
        firmwareVersion: 'unknown',
        operative: true,
        status: expect.objectContaining({ current: 'online' }),
        hyperBridge: true,
      },
      keypad: {
        _id: expect.any(String),
        serialNumber: String(place.front.hardwareId),
        lockID: place.wire.front,
        currentFirmwareVersion: expect.any(String),
        battery: {},
        batteryLevel: 'Full',
        batteryRaw: 90,
      },
      parametersToSet: {},
      users: {
        [owner.id]: {
          UserType: 'superuser',
          FirstName: 'owner',
          LastName: '',
          identifiers: ['email:owner@keystead.test'],
          imageInfo: {},
        },
        [guest.id]: {
          UserType: 'user',
          FirstName: 'guest',
          LastName: 'Person',
          identifiers: ['email:guest@keystead.test'],
          imageInfo: {},
        },
      },
      invitations: [],
      OfflineKeys: { created: [], loaded: [], deleted: [] },
      pubsubCHannel: place.wire.front.toLowerCase(),
      pubsubChannel: place.wire.front.toLowerCase(),
      ruleHash: {},
      cameras: [],
      geofenceLimits: { ios: fence, android: fence },
      hostLockInfo: {},
    });
  });

  test('without a gateway has no bridge at all, and no status', async () => {
    const { body } = await get('/locks/{cellar}');
    expect('Bridge' in body).toBe(false);
    const status = await get('/locks/{cellar}/status');
    expect([status.status, status.body]).toEqual([409, { code: 'ConflictError', message: 'Lock has no bridge' }]);
  });

  test('tells a guest nothing of others, and nothing that is for owners', async () => {
    const { body } = await get('/locks/{front}', 'guest');
    expect(Object.keys(body.users)).toEqual([place.people.guest.id]);
    for (const secret of ['remoteOperateSecret', 'OfflineKeys', 'invitations', 'pins'])
      expect(secret in body).toBe(false);
  });

  test.each([
    ['locked', null, 'locked'],
    ['unlocked', null, 'unlocked'],
    ['jammed', null, 'FAILED_BRIDGE_ERROR_LOCK_JAMMED'],
    ['unknown', null, 'unknown'],
  ])('that is %s reads %3$s', async (bolt, door, status) => {
    await place.app.database.pool.query(
      'update locks set bolt = $1, door_state = $2, observed_at = now() where id = $3',
      [bolt, door, place.front.id],
    );
    const stored = (await get('/locks/{front}/status', 'guest')).body;
    expect(stored).toMatchObject({ status, dateTime: instant, valid: true, isLockStatusChanged: false });
    expect((await get('/locks/{front}')).body.LockStatus).toEqual(stored);
  });

  test('whose gateway is away says so', async () => {
    await place.app.database.pool.query('update locks set bridge_online = false where id = $1', [place.front.id]);
    expect((await get('/locks/{front}')).body.Bridge.status.current).toBe('offline');
    await place.app.database.pool.query('update locks set bridge_online = true where id = $1', [place.front.id]);
  });

  test.each<[string, string, Who, number, string]>([
    ['a lock that nobody has', `/locks/${'0123456789ABCDEF'.repeat(2)}`, 'owner', 404, 'ResourceNotFound'],
    ['its status', `/locks/${'0123456789ABCDEF'.repeat(2)}/status`, 'owner', 404, 'ResourceNotFound'],
    ['an id in lower case', '/locks/abcdefabcdefabcdefabcdefabcdefab', 'owner', 400, 'InvalidArgument'],
    ['a short id', '/locks/ABC', 'owner', 400, 'InvalidArgument'],
    ['somebody who is not on it', '/locks/{front}', 'nobody', 403, 'Forbidden'],
    ['its status, by somebody who is not on it', '/locks/{front}/status', 'nobody', 403, 'Forbidden'],
    ['a guest of another lock', '/locks/{back}', 'guest', 403, 'Forbidden'],
  ])('%s: %4$i', async (_, path, who, status, code) => {
    const answer = await get(path, who);
    expect([answer.status, answer.body]).toEqual([status, { code, message: expect.any(String) }]);
  });

  test('of another organization does not exist', async () => {
    const { program, token } = place.strange;
    const answer = await place.ask('GET', filled('/locks/{front}'), { key: program.key, token });
    expect([answer.status, answer.body.code]).toEqual([404, 'ResourceNotFound']);
  });
});

describe('a house', () => {
  test('tells its locks and who is what in it', async () => {
    const { owner, guest } = place.people;
    const { body } = await get('/houses/{house}');
    expect(body).toEqual({
      HouseID: place.houseId,
      HouseName: 'Harbour Street',
      users: { [owner.id]: 'superuser', [guest.id]: 'user' },
      locks: [place.wire.front],
    });
    const newer = (await get('/houses/{house}', 'owner', { 'accept-version': '2.0.0' })).body;
    expect(newer.users.toSorted()).toEqual([owner.id, guest.id].sort());
    expect((await get('/houses/{house}', 'guest')).body.users).toEqual({ [guest.id]: 'user' });
    expect((await get('/houses/{home}')).body.locks.toSorted()).toEqual([place.wire.back, place.wire.cellar].sort());
  });

  test.each<[string, Who, number]>([
    ['/houses/a57f9bda-a0f3-4990-8567-aec391f13038', 'owner', 404],
    ['/houses/{house}', 'nobody', 403],
    ['/houses/{home}', 'guest', 403],
    ['/houses/front', 'owner', 400],
  ])('%s by %s: %i', async (path, who, status) => {
    expect((await get(path, who)).status).toBe(status);
  });

  test('is made by administrators', async () => {
    const make = (who: Who, body: unknown) => place.ask('POST', '/houses', { token: place.people[who].token, body });
    const made = await make('owner', { HouseName: 'Mill Lane', extra: 1 });
    const users = { [place.people.owner.id]: 'superuser' };
    expect(made.body).toEqual({ HouseID: uuid, HouseName: 'Mill Lane', users });
    expect((await get(`/houses/${made.body.HouseID}`)).body).toMatchObject({
      HouseName: 'Mill Lane',
      locks: [],
      users,
    });
    expect((await make('owner', {})).body.code).toBe('InvalidArgument');
    expect((await make('owner', { HouseName: ' ' })).status).toBe(400);
    for (const who of ['helper', 'guest'] as const) expect((await make(who, { HouseName: 'x' })).status).toBe(403);
  });
});

describe('capabilities', () => {
  test('are found by lock id or serial, whichever field it is in', async () => {
    const { hardwareId } = place.front;
    const answers = await Promise.all(
      [
        'serialNumber={front}&topLevelHost=true',
        `serialNumber=${hardwareId}`,
        'deviceType=lock&deviceID={front}',
        'deviceID={front}&productID=5',
      ].map((query) => get(`/devices/capabilities?${query}`)),
    );
    for (const { status, body } of answers) {
      expect([status, body]).toEqual([200, answers[0]?.body]);
      expect(body.lock).toMatchObject({
        unlatch: false,
        doorSense: expect.any(Boolean),
        pinSlotMin: 1,
        pinSlotMax: 240,
        pinLengthMin: 4,
        pinLengthMax: 9,
        serialNumber: String(hardwareId),
        integratedKeypad: true,
      });
      expect(body.keypad).toMatchObject({ supportsPinCodes: true, pinLengthMin: 4, pinLengthMax: 9 });
    }
    const keypad = (await get('/devices/capabilities?deviceType=keypad&serialNumber={front}')).body;
    expect(Object.keys(keypad)).toEqual(['keypad']);
  });

  test.each<[string, Who, number]>([
    ['?serialNumber=unknown', 'owner', 404],
    ['?serialNumber={back}', 'guest', 404],
    ['?deviceType=doorbell&serialNumber={front}', 'owner', 404],
    ['?deviceType=toaster&serialNumber={front}', 'owner', 400],
    ['', 'owner', 400],
  ])('%s by %s: %i', async (query, who, status) => {
    expect((await get(`/devices/capabilities${query}`, who)).status).toBe(status);
  });
});
