import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addDoor, type LockPlace, openLockPlace } from '../../support/lock-place.ts';

let place: LockPlace;
beforeAll(async () => {
  place = await openLockPlace();
});
afterAll(() => place.close());

const path = (mode: string) => `/api/locations/${place.locationId}/${mode}`;
const order = (mode: string, body: object = {}) => place.post(path(mode), { confirm: true, ...body });

describe('a lockdown', () => {
  test('that locks down a place takes the codes off its locks, but for those who are named, and puts them on again', async () => {
    const pins = `/api/locks/${place.front.id}/pins`;
    const named = (await place.post('/api/people', { name: 'Anna' })).body.id;
    const anna = (await place.post(pins, { label: 'Anna', pin: '40718', personId: named })).body.id;
    const ben = (await place.post(pins, { label: 'Ben', pin: '60249' })).body.id;
    const [lock] = await place.rows<{ organization_id: string }>('select organization_id from locks limit 1');
    const reconcile = () => place.app.pinReconciler.run(lock?.organization_id as never, place.front.id as never);
    const opening = () =>
      ['40718', '60249'].map((pin) => place.ttlock.press(place.front.hardwareId, pin).why === 'opened');
    const told = async (id: string) => {
      const { state, trouble } = (await place.get(`${pins}/${id}`)).body;
      return [state, trouble];
    };
    await reconcile();
    expect(opening()).toEqual([true, true]);
    await order('lockdown', { people: [named] });
    await place.app.pinReconciler.due();
    expect(opening()).toEqual([true, false]);
    expect([await told(anna), await told(ben)]).toEqual([
      ['loaded', null],
      ['created', 'lockdown'],
    ]);
    const late = (await place.post(pins, { label: 'Cleo', pin: '73951' })).body.id;
    await reconcile();
    expect(await told(late)).toEqual(['created', 'lockdown']);
    await order('normal');
    await place.app.pinReconciler.due();
    expect(opening()).toEqual([true, true]);
    expect([await told(ben), await told(late)]).toEqual([
      ['loaded', null],
      ['loaded', null],
    ]);
  }, 60_000);

  test('that is not over takes the codes off a lock that comes into it, with a new door or with one that is moved there', async () => {
    const pins = `/api/locks/${place.back.id}/pins`;
    expect((await place.post(pins, { label: 'Dora', pin: '51830' })).status).toBe(200);
    const opens = async () => {
      await place.app.pinReconciler.due();
      return place.ttlock.press(place.back.hardwareId, '51830').why === 'opened';
    };
    expect(await opens()).toBe(true);
    await order('lockdown');
    expect(await opens()).toBe(true);
    const door = `/api/doors/${await addDoor(place, { name: 'Back door', lockId: place.back.id })}`;
    expect(await opens()).toBe(false);
    await order('normal');
    expect(await opens()).toBe(true);
    const move = (locationId: string | null) =>
      place.call('PATCH', door, { token: place.tokens.admin, body: { locationId } });
    expect((await move(null)).status).toBe(200);
    await order('lockdown');
    expect(await opens()).toBe(true);
    expect((await move(place.locationId)).status).toBe(200);
    expect(await opens()).toBe(false);
    await order('normal');
    expect(await opens()).toBe(true);
  }, 60_000);

  test.each([
    ['people', [99_999_999_999]],
    ['people', [-1]],
    ['people', [2_147_483_647]],
    ['accounts', ['acc_nobody']],
  ])('names only who is there: %s %j', async (field, who) => {
    const answer = await order('lockdown', { [field]: who });
    expect([answer.status, answer.body.code, answer.body.field]).toEqual([400, 'VALIDATION_ERROR', field]);
    expect((await place.get(path('mode'))).body.mode).toBe('normal');
  });
});
