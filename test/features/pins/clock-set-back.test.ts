import { afterAll, beforeAll, expect, test } from 'vitest';
import { hours } from '../../../src/rules/instant.ts';
import { type LockPlace, openLockPlace } from '../../support/lock-place.ts';

let place: LockPlace;
beforeAll(async () => {
  place = await openLockPlace();
});
afterAll(() => place.close());

test('a code that waits to be tried again is tried when the clock was set back: not when that time comes again', async () => {
  const lockId = place.front.hardwareId;
  const { id } = (await place.post(`/api/locks/${place.front.id}/pins`, { label: 'Anna', pin: '40718' })).body;
  const state = async () =>
    (await place.rows<{ state: string; trouble: string }>('select state, trouble from pins where id = $1', [id]))[0];
  place.ttlock.setCondition(lockId, 'memory-full', true);
  await place.app.pinReconciler.due();
  expect(await state()).toEqual({ state: 'created', trouble: 'code-full' });
  place.ttlock.setCondition(lockId, 'memory-full', false);
  expect(await place.app.pinReconciler.due()).toBe(0);
  place.clock.ahead(-hours(30));
  await place.app.pinReconciler.due();
  expect((await state())?.state).toBe('loaded');
  expect(place.ttlock.press(lockId, '40718').why).toBe('opened');
});
