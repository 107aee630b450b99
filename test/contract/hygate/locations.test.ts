import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Laundry, openLaundry } from '../../support/laundry.ts';
import { ask, expectError, expectRefused, idOf, instant, type Refusal } from '../../support/requests.ts';

let laundry: Laundry;
beforeAll(async () => {
  laundry = await openLaundry({ engine: false });
});
afterAll(() => laundry.close());

const long = (characters: number) => 'x'.repeat(characters);
const harbour = () => ({
  id: laundry.locationId,
  name: 'Harbour Street',
  address: null,
  timeZone: 'Europe/Berlin',
  openingHours: null,
  holidays: [],
  lastStart: 'ends-before-closing',
  createdAt: instant,
  updatedAt: instant,
});

describe('locations', () => {
  test('are listed, oldest first, and shown one by one in the same shape', async () => {
    const list = await ask(laundry, 'GET /api/locations');
    expect([list.status, list.body]).toEqual([200, [harbour()]]);
    const one = await ask(laundry, 'GET /api/locations/{location}', undefined, { token: laundry.tokens.operator });
    expect([one.status, one.body]).toEqual([200, list.body[0]]);
  });

  test('are created with a trimmed name, and with the zone of the settings where none is given', async () => {
    await ask(laundry, 'PATCH /api/settings', { timeZone: 'Asia/Tokyo' });
    const made = await ask(laundry, 'POST /api/locations', { name: '  Downtown Property ' });
    expect(made.status).toBe(200);
    expect(made.body).toEqual({
      id: idOf('loc'),
      name: 'Downtown Property',
      address: null,
      timeZone: 'Asia/Tokyo',
      openingHours: null,
      holidays: [],
      lastStart: 'ends-before-closing',
      createdAt: instant,
      updatedAt: instant,
    });
    expect((await ask(laundry, 'GET /api/locations')).body.map(({ name }: { name: string }) => name)).toEqual([
      'Harbour Street',
      'Downtown Property',
    ]);
    expect((await ask(laundry, `DELETE /api/locations/${made.body.id}`)).body).toEqual({ ok: true });
    await ask(laundry, 'PATCH /api/settings', { timeZone: 'UTC' });
  });

  test('keep what a change does not name', async () => {
    const address = await ask(
      laundry,
      'PATCH /api/locations/{location}',
      { address: '1 Quay' },
      { token: laundry.tokens.operator },
    );
    expect([address.status, address.body]).toEqual([200, { ...harbour(), address: '1 Quay' }]);
    const name = await ask(laundry, 'PATCH /api/locations/{location}', { name: 'Harbour Street', address: null });
    expect(name.body).toEqual(harbour());
    expect((await ask(laundry, 'PATCH /api/locations/{location}', { address: '  ' })).body.address).toBeNull();
    expect(Date.parse(name.body.updatedAt)).toBeGreaterThanOrEqual(Date.parse(address.body.updatedAt));
  });

  test('change their zone through administrators alone', async () => {
    const zone = { timeZone: 'Europe/Vienna' };
    const refusal: Refusal = ['zone', 'PATCH /api/locations/{location}', zone, 403, 'FORBIDDEN'];
    await expectRefused(laundry, refusal, { token: laundry.tokens.operator });
    expect((await ask(laundry, 'PATCH /api/locations/{location}', zone)).body.timeZone).toBe('Europe/Vienna');
    const fixed = { timeZone: 'Etc/GMT+5' };
    expect((await ask(laundry, 'PATCH /api/locations/{location}', fixed)).body.timeZone).toBe('Etc/GMT+5');
    await ask(laundry, 'PATCH /api/locations/{location}', zone);
    await ask(laundry, 'PATCH /api/locations/{location}', { timeZone: 'Europe/Berlin' });
  });

  test('leave their devices in place, at no location, when deleted', async () => {
    const { body: location } = await ask(laundry, 'POST /api/locations', { name: 'Gone tomorrow' });
    await ask(laundry, 'PATCH /api/devices/{dryer}', { locationId: location.id });
    expect((await ask(laundry, `DELETE /api/locations/${location.id}`)).body).toEqual({ ok: true });
    expectError(await ask(laundry, `GET /api/locations/${location.id}`), 404, 'NOT_FOUND');
    expectError(await ask(laundry, `DELETE /api/locations/${location.id}`), 404, 'NOT_FOUND');
    expect((await ask(laundry, 'GET /api/devices/{dryer}')).body.locationId).toBeNull();
    expect(
      (await ask(laundry, 'GET /api/public/device/{dryerUid}/info', undefined, { token: null })).body,
    ).toMatchObject({ name: 'Dryer', location: null });
    await ask(laundry, 'PATCH /api/devices/{dryer}', { locationId: laundry.locationId });
  });

  const create = 'POST /api/locations';
  const change = 'PATCH /api/locations/{location}';
  const wrong = 'VALIDATION_ERROR';
  test.each<Refusal>([
    ['no body', create, undefined, 400, wrong, 'body'],
    ['a list for a body', create, [], 400, wrong, 'body'],
    ['no name', create, {}, 400, wrong, 'name'],
    ['an empty name', create, { name: '' }, 400, wrong, 'name'],
    ['a name of blanks', create, { name: ' \t' }, 400, wrong, 'name'],
    ['a name of 121 characters', create, { name: long(121) }, 400, wrong, 'name'],
    ['a name of 1000 characters', create, { name: long(1000) }, 400, wrong, 'name'],
    ['a number for a name', create, { name: 7 }, 400, wrong, 'name'],
    ['null for a name', create, { name: null }, 400, wrong, 'name'],
    ['NUL in a name', create, { name: 'a\0b' }, 400, wrong, 'name'],
    ['half a character in a name', create, { name: 'a\ud800' }, 400, wrong, 'name'],
    ['an address of 301 characters', create, { name: 'x', address: long(301) }, 400, wrong, 'address'],
    ['a number for an address', create, { name: 'x', address: 5 }, 400, wrong, 'address'],
    ['an offset for a zone', create, { name: 'x', timeZone: '+05:00' }, 400, wrong, 'timeZone'],
    ['no zone at all', create, { name: 'x', timeZone: '' }, 400, wrong, 'timeZone'],
    ['an unknown zone', create, { name: 'x', timeZone: 'Mars/Olympus' }, 400, wrong, 'timeZone'],
    ['null for a zone', create, { name: 'x', timeZone: null }, 400, wrong, 'timeZone'],
    ['a field nobody knows', create, { name: 'x', colour: 'red' }, 400, wrong, 'colour'],
    ['an id of one’s own', create, { name: 'x', id: 'loc_1' }, 400, wrong, 'id'],
    ['an empty new name', change, { name: '' }, 400, wrong, 'name'],
    ['an unknown new zone', change, { timeZone: 'Europe/Atlantis' }, 400, wrong, 'timeZone'],
    ['a new field', change, { createdAt: '2026-01-01T00:00:00Z' }, 400, wrong, 'createdAt'],
    ['a change of an unknown one', 'PATCH /api/locations/loc_unknown', { name: 'x' }, 404, 'NOT_FOUND'],
    ['a look at an unknown one', 'GET /api/locations/loc_unknown', undefined, 404, 'NOT_FOUND'],
    ['a look at a device as a location', 'GET /api/locations/{washer}', undefined, 404, 'NOT_FOUND'],
    ['the deletion of an unknown one', 'DELETE /api/locations/loc_unknown', undefined, 404, 'NOT_FOUND'],
    ['no limit', 'GET /api/locations?limit=0', undefined, 400, wrong, 'limit'],
  ])('refuse %s, and stay as they are', async (...row) => {
    await expectRefused(laundry, row);
  });

  test.each<Refusal>([
    ['create', create, { name: 'x' }, 403, 'FORBIDDEN'],
    ['delete', 'DELETE /api/locations/{location}', undefined, 403, 'FORBIDDEN'],
  ])('operators may not %s', async (...row) => {
    await expectRefused(laundry, row, { token: laundry.tokens.operator });
  });
});
