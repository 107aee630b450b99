import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { minutes } from '../../../src/rules/instant.ts';
import { type LockPlace, openLockPlace } from '../../support/lock-place.ts';

let place: LockPlace;
beforeAll(async () => {
  place = await openLockPlace();
});
afterEach(async () => {
  place.ttlock.trouble(null);
  place.ttlock.setGateway(place.gatewayId, { online: true, busy: false });
  place.clock.ahead(minutes(5));
  await place.post(path('normal'), { confirm: true });
  await place.app.lockRound.round();
});
afterAll(() => place.close());

const path = (mode: string) => `/api/locations/${place.locationId}/${mode}`;
const order = (mode: string, body: object = {}) => place.post(path(mode), { confirm: true, ...body });
const front = () => place.ttlock.lock(place.front.hardwareId);
const gateway = (online: boolean) => place.ttlock.setGateway(place.gatewayId, { online });
const opens = () => place.ttlock.counts(place.front.hardwareId).remoteOpens;

describe('an emergency', () => {
  test('that ends while the gateway is away does not leave the door held open', async () => {
    await order('open-all');
    expect(front().inPassage).toBe(true);
    gateway(false);
    const ended = await order('normal');
    expect(ended.body).toMatchObject({ mode: 'normal', doors: [{ outcome: 'refused', reason: 'bridge-offline' }] });
    expect((await place.get(path('mode'))).body).toMatchObject({ mode: 'normal', since: null });
    expect(front().inPassage).toBe(true);
    gateway(true);
    place.clock.ahead(minutes(2));
    await place.app.lockRound.round();
    expect(front()).toMatchObject({ inPassage: false, locked: true });
    const locks = place.ttlock.counts(place.front.hardwareId).locks;
    place.clock.ahead(minutes(20));
    await place.app.lockRound.round();
    expect(place.ttlock.counts(place.front.hardwareId).locks).toBe(locks); // it was told, and that was that
  }, 60_000);

  test('that locks down a place locks also the door whose gateway was away', async () => {
    await place.post(`/api/doors/${place.front.doorId}/status`, { status: 'PASSAGE' });
    await place.until('the door is free to pass', () => front().inPassage);
    gateway(false);
    expect((await order('lockdown')).body).toMatchObject({ doors: [{ outcome: 'refused' }] });
    gateway(true);
    place.clock.ahead(minutes(2));
    await place.app.lockRound.round();
    expect(front()).toMatchObject({ inPassage: false, locked: true });
    await order('normal');
    expect(front().inPassage).toBe(true);
    await place.post(`/api/doors/${place.front.doorId}/status`, { status: 'ACTIVE' });
  }, 60_000);

  test('that was undone before its last door was asked leaves that one alone', async () => {
    place.ttlock.setCondition(place.front.hardwareId, 'slow', true);
    const before = opens();
    const opening = order('open-all');
    await place.until(
      'it is under way',
      async () =>
        (await place.rows("select 1 from lock_commands where outcome is null and kind = 'unlock'")).length > 0,
    );
    const ended = order('normal');
    await Promise.all([opening, ended]);
    await place.until(
      'nothing is under way',
      async () => (await place.rows('select 1 from lock_commands where outcome is null')).length === 0,
    );
    place.ttlock.setCondition(place.front.hardwareId, 'slow', false);
    await place.clock.sleep(1500);
    expect([opens() - before, front().inPassage]).toEqual([1, false]);
  }, 90_000);

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
