import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { LockId, OrganizationId } from '../../../src/rules/ids.ts';
import { hours, minutes, seconds } from '../../../src/rules/instant.ts';
import { type LockPlace, openLockPlace } from '../../support/lock-place.ts';
import { adminOf } from '../../support/signed-in.ts';
import { openTtlockApp } from '../../support/ttlock-app.ts';

let place: LockPlace;
let organizationId: OrganizationId;
beforeAll(async () => {
  place = await openLockPlace();
  const [row] = await place.rows<{ organization_id: OrganizationId }>('select organization_id from locks limit 1');
  organizationId = row?.organization_id ?? organizationId;
});
afterEach(() => {
  place.ttlock.trouble(null);
  place.ttlock.setGateway(place.gatewayId, { online: true, busy: false });
});
afterAll(() => place.close());

const admin = adminOf(() => place);
const post = async (path: string, body?: unknown) => place.post(path, body, (await admin()).token);
const get = async (path: string) => place.get(path, (await admin()).token);
const pins = () => `/api/locks/${place.front.id}/pins`;
const reconcile = () => place.app.pinReconciler.run(organizationId, place.front.id as LockId);
const press = (digits: string) => place.ttlock.press(place.front.hardwareId, digits).why;
const state = async (id: string) => (await get(`${pins()}/${id}`)).body;
const patch = (id: string, body: unknown) =>
  place.call('PATCH', `${pins()}/${id}`, { token: place.tokens.admin, body });
const remove = async (id: string) => place.call('DELETE', `${pins()}/${id}`, await admin());
const iso = (at: number) => new Date(at).toISOString();

describe('a PIN', () => {
  test('is created, goes on the lock, opens the door, and is shown as loaded only then', async () => {
    const made = await post(pins(), { label: 'Anna', pin: '0482' });
    expect([made.status, made.body.state, made.body.pin, made.body.onLock]).toEqual([200, 'created', '0482', false]);
    expect(press('0482')).not.toBe('opened');
    await reconcile();
    expect(await state(made.body.id)).toMatchObject({ state: 'loaded', onLock: true, pin: '0482', trouble: null });
    expect(press('0482')).toBe('opened');
  });

  test('that was chosen here is never too simple, and in lists it is not told', async () => {
    const made = await post(pins(), { label: 'Ben' });
    expect(made.body.pin).toMatch(/^\d{6}$/);
    const listed = (await get(pins())).body;
    expect(listed.map((one: { pin: unknown }) => one.pin)).toEqual(listed.map(() => null));
    await reconcile();
    expect(press(made.body.pin)).toBe('opened');
  });

  test('given other digits while it is in use stays on until the new ones are', async () => {
    const { id } = (await post(pins(), { label: 'Cleo', pin: '7391' })).body;
    await reconcile();
    const changed = await patch(id, { pin: '8402' });
    expect(changed.body.state).toBe('updating');
    expect(press('7391')).toBe('opened');
    await reconcile();
    expect(press('8402')).toBe('opened');
    expect(press('7391')).not.toBe('opened');
    expect((await state(id)).state).toBe('loaded');
  });

  test('is disabled, enabled and deleted: the keypad follows', async () => {
    const { id } = (await post(pins(), { label: 'Dora', pin: '5520' })).body;
    await reconcile();
    expect((await post(`${pins()}/${id}/disable`)).body.state).toBe('disabling');
    await reconcile();
    expect([(await state(id)).state, press('5520') === 'opened']).toEqual(['disabled', false]);
    expect((await post(`${pins()}/${id}/enable`)).body.state).toBe('enabling');
    await reconcile();
    expect([(await state(id)).state, press('5520')]).toEqual(['loaded', 'opened']);
    expect((await remove(id)).body.state).toBe('deleting');
    await reconcile();
    expect((await get(`${pins()}/${id}`)).status).toBe(404);
    expect(press('5520')).not.toBe('opened');
  });

  test('for a booking far ahead waits, goes on three days before, and is off and gone after its end', async () => {
    const from = place.clock.now() + hours(100);
    const body = { label: 'Eve', pin: '6203', accessType: 'temporary', from: iso(from), until: iso(from + hours(2)) };
    const { id } = (await post(pins(), body)).body;
    await reconcile();
    expect(await state(id)).toMatchObject({ state: 'created', onLock: false, wakeAt: iso(from - hours(72)) });
    place.clock.ahead(hours(28) + seconds(5));
    await place.app.pinReconciler.due();
    expect(await state(id)).toMatchObject({ state: 'loaded', onLock: true });
    expect(press('6203')).not.toBe('opened');
    place.clock.ahead(hours(72));
    expect(press('6203')).toBe('opened');
    place.clock.ahead(hours(2));
    await place.app.pinReconciler.due();
    expect((await get(`${pins()}/${id}`)).status).toBe(404);
  });
});

describe('what goes wrong', () => {
  test('while the gateway is away nothing is lost: it goes on when that is back', async () => {
    place.ttlock.setGateway(place.gatewayId, { online: false });
    const { id } = (await post(pins(), { label: 'Finn', pin: '9174' })).body;
    await reconcile();
    expect(await state(id)).toMatchObject({ state: 'created', onLock: false, trouble: 'bridge-offline' });
    const sent = (await place.rows('select 1 from lock_commands')).length;
    await reconcile();
    expect((await place.rows('select 1 from lock_commands')).length).toBe(sent);
    place.ttlock.setGateway(place.gatewayId, { online: true });
    place.clock.ahead(minutes(11));
    await place.app.pinReconciler.due();
    expect([(await state(id)).state, press('9174')]).toEqual(['loaded', 'opened']);
  });

  test('digits that are somebody else’s are refused, with their name; two at once are one', async () => {
    const both = await Promise.all(['Gus', 'Hal'].map((label) => post(pins(), { label, pin: '3318' })));
    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409]);
    const refused = both.find(({ status }) => status === 409)?.body;
    expect(refused.error).toMatch(/"(Gus|Hal)"/);
    expect(refused).toMatchObject({ code: 'CONFLICT', field: 'pin' });
  });

  test('a code that somebody put on the lock is told of; one with the digits of ours is its conflict alone', async () => {
    const { id } = (await post(pins(), { label: 'Ida', pin: '4471' })).body;
    await (await openTtlockApp(place)).addCode(place.front.hardwareId, '4471', 'Caretaker');
    const other = (await post(pins(), { label: 'Jan', pin: '2954' })).body;
    await reconcile();
    expect(await state(id)).toMatchObject({
      state: 'created',
      onLock: false,
      conflict: { name: 'Caretaker' },
      trouble: 'conflict',
    });
    expect(await state(other.id)).toMatchObject({ state: 'loaded' });
    const kinds = (await get('/api/notices?open=true')).body.map((one: { kind: string }) => one.kind);
    expect(kinds).toEqual(expect.arrayContaining(['pin-conflict', 'unmanaged-codes']));
    const found = (await get(`/api/locks/${place.front.id}/unmanaged`)).body;
    expect(found).toMatchObject([{ name: 'Caretaker', digitsKnown: true }]);
    await post(`/api/locks/${place.front.id}/unmanaged/${found[0].reference}/remove`);
    await reconcile();
    place.clock.ahead(hours(1) + seconds(5));
    await reconcile();
    expect(await state(id)).toMatchObject({ state: 'loaded', conflict: null });
    expect((await get(`/api/locks/${place.front.id}/unmanaged`)).body).toEqual([]);
  });

  test('a code that is deleted before it ever was on the lock takes its notices with it', async () => {
    const { id } = (await post(pins(), { label: 'Kim', pin: '6640' })).body;
    const reference = await (await openTtlockApp(place)).addCode(place.front.hardwareId, '6640', 'Plumber');
    await reconcile();
    const open = async () =>
      (await get('/api/notices?open=true')).body.filter((one: { subject: { id: string } }) => one.subject.id === id);
    expect((await open()).map(({ kind }: { kind: string }) => kind)).toEqual(['pin-conflict']);
    expect((await remove(id)).body.state).toBe('gone');
    expect(await open()).toEqual([]);
    await (await openTtlockApp(place)).deleteCode(place.front.hardwareId, reference);
  });
});
