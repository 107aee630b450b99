import { afterEach, beforeEach, expect, test } from 'vitest';
import { createPassPin } from '../../../src/engine/pass-pin.ts';
import type { PassRow } from '../../../src/features/passes/passes.service.ts';
import type { LockId } from '../../../src/rules/ids.ts';
import type { Unheard } from '../../../src/rules/passes/pass.ts';
import { beginAtDoor, kept, uidOf, untilAccess } from '../../support/entrance.ts';
import { type LockPlace, openLockPlace } from '../../support/lock-place.ts';

/** What a process knew of a guest's digits is not so any more when it comes to write it down. */
let place: LockPlace;
let passPin: ReturnType<typeof createPassPin>;
let token: string;
beforeEach(async () => {
  place = await openLockPlace();
  const { app, clock } = place;
  passPin = createPassPin({ ...app.services, database: app.database, clock });
  const door = { locationId: place.locationId, name: 'Back door', lockId: place.back.id, price: 200, duration: 30 };
  const begun = await beginAtDoor(place, await uidOf(place, (await place.post('/api/doors', door)).body.id));
  await place.stripe.pay(begun.checkoutId);
  token = begun.token;
  await untilAccess(place, token, 'getting-ready');
});
afterEach(() => place.close());

const now = async (): Promise<PassRow> => (await kept(place, token)).pass;
async function asked(): Promise<PassRow> {
  const pass = await now();
  const lock = await place.app.services.locks.any(pass.organization_id, place.back.id as LockId);
  if (lock === null) throw new Error('There is no lock');
  expect(await passPin.ask(pass, lock)).toBe('over');
  return now();
}

test('a code that another process has asked for stays asked for, whatever one that waited for digits says late', async () => {
  const waiting = await asked();
  const { organization_id: organizationId, id } = waiting;
  const { locks, passes, pins } = place.app.services;
  const window = { from: place.clock.now(), until: place.clock.now() + waiting.duration_ms };
  const unheard: Unheard = { kind: 'code', name: 'Keystead 1', window };
  await place.app.database.transaction('test-gone-on', async (tx) => {
    await locks.lock(tx, organizationId, place.back.id as LockId);
    await passes.step(tx, organizationId, id, { kind: 'none-found' });
    await pins.removeOf(tx, organizationId, id);
    await passes.step(tx, organizationId, id, { kind: 'asked', unheard });
  });
  await passPin.look(waiting, AbortSignal.abort());
  expect((await now()).way.unheard).toEqual(unheard);
});

test('digits that came on the lock just before a lockdown are no way in: they go again, and nothing was delivered', async () => {
  const waiting = await asked();
  const { organization_id: organizationId, id } = waiting;
  const keep = () => place.app.pinReconciler.run(organizationId, place.back.id as LockId);
  await keep();
  const { pins } = place.app.services;
  expect((await pins.ofPass(organizationId, id))?.outlook).toBe('loaded');
  expect((await place.post(`/api/locations/${place.locationId}/lockdown`, { confirm: true })).status).toBe(200);
  await passPin.look(waiting, AbortSignal.abort());
  const { phase, delivered, way } = await now();
  expect([phase, delivered, way.unheard]).toEqual(['issuing', false, null]);
  await keep();
  expect([await pins.ofPass(organizationId, id), place.ttlock.onLock(place.back.hardwareId).written]).toEqual([
    null,
    [],
  ]);
}, 60_000);
