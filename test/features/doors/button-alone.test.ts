import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLanes } from '../../../src/engine/lanes.ts';
import { laneOfLock } from '../../../src/features/locks/locks.service.ts';
import { createLog } from '../../../src/host/log.ts';
import type { LockId } from '../../../src/rules/ids.ts';
import { minutes, seconds } from '../../../src/rules/instant.ts';
import { buyEntry, kept, uidOf, untilAccess } from '../../support/entrance.ts';
import { type LockPlace, openLockPlace } from '../../support/lock-place.ts';

let place: LockPlace;
beforeEach(async () => {
  place = await openLockPlace({ engine: true });
});
afterEach(() => place.close());

/** The vendor gives neither picture nor digits: nothing but the button is left. */
async function bought(): Promise<string> {
  place.ttlock.trouble({ kind: 'error-body', where: 'switching', errcode: -4043 });
  const { token, access } = await buyEntry(place, await uidOf(place, place.front.doorId));
  expect(access.ways).toEqual({ code: null, qr: null, openNow: true });
  expect((await kept(place, token)).pass.delivered).toBe(false);
  place.ttlock.trouble(null);
  return token;
}
const press = (token: string) => place.call('POST', `/api/public/access/${token}/open`);
const timeIsOver = () => place.ahead(minutes(60) + seconds(1));
const isRefunded = async (token: string) => {
  expect(await untilAccess(place, token, 'could-not-make')).toMatchObject({ failureReason: 'never_opened' });
  await place.until('the money is back', async () => (await kept(place, token)).payment.status === 'REFUNDED');
};

test('a button alone that opened the door has delivered, whatever failed before', async () => {
  const token = await bought();
  place.ttlock.setCondition(place.front.hardwareId, 'frozen', true);
  expect((await press(token)).status).toBe(502);
  place.ttlock.setCondition(place.front.hardwareId, 'frozen', false);
  expect((await press(token)).status).toBe(200);
  await timeIsOver();
  await untilAccess(place, token, 'ended');
  expect((await kept(place, token)).payment).toMatchObject({ status: 'SUCCEEDED', refunded: 0 });
});

test('a button alone that was pressed in vain gives the money back at the end', async () => {
  const token = await bought();
  place.ttlock.setCondition(place.front.hardwareId, 'frozen', true);
  expect((await press(token)).status).toBe(502);
  await timeIsOver();
  await isRefunded(token);
});

test('a button alone whose turn never came at a busy gateway gives the money back at the end', async () => {
  const token = await bought();
  const { pass } = await kept(place, token);
  const lock = await place.app.services.locks.any(pass.organization_id, place.front.id as LockId);
  const others = createLanes({ connection: place.connection, clock: place.clock, log: createLog('silent') });
  const turn =
    lock === null ? null : await place.until('the gateway is busy', () => others.takeIfFree(laneOfLock(lock)));
  const pressed = press(token);
  await place.clock.sleep(500);
  place.clock.ahead(seconds(21));
  expect((await pressed).status).toBe(503);
  turn?.leave();
  await others.close();
  await timeIsOver();
  await isRefunded(token);
}, 60_000);

test('a button alone that a lockdown made useless gives the money back at the end', async () => {
  const token = await bought();
  await place.post(`/api/locations/${place.locationId}/lockdown`, { confirm: true });
  const denied = await press(token);
  expect([denied.status, denied.body.reason]).toEqual([403, 'lockdown']);
  await timeIsOver();
  await isRefunded(token);
  expect(place.ttlock.counts(place.front.hardwareId).remoteOpens).toBe(0);
}, 60_000);
