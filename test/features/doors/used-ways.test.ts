import { afterEach, beforeEach, expect, test } from 'vitest';
import { minutes, seconds } from '../../../src/rules/instant.ts';
import { accessOf, buyEntry, kept, uidOf, untilAccess } from '../../support/entrance.ts';
import { type LockPlace, openLockPlace } from '../../support/lock-place.ts';

let place: LockPlace;
let front: string;
let back: string;
beforeEach(async () => {
  place = await openLockPlace({ engine: true });
  front = await uidOf(place, place.front.doorId);
  const made = await place.post('/api/doors', {
    locationId: place.locationId,
    name: 'Back door',
    lockId: place.back.id,
    price: 200,
    duration: 30,
  });
  back = made.body.uid;
});
afterEach(() => place.close());

const events = () =>
  place.rows(
    'select decision, reason, credential_kind, credential_ref, api from access_events order by at, decision desc',
  );
const book = async () => {
  for (const _ of [1, 2]) await place.app.lockRound.round(); // told twice, it counts once
};

test('a code that was bought and pressed is told by the lock: an event of the pass, and the guest’s page knows', async () => {
  const { token, access } = await buyEntry(place, back);
  expect(access.openedAt).toBeNull();
  expect(place.ttlock.press(place.back.hardwareId, access.ways.code)).toMatchObject({ opened: true });
  await book();
  const { pass } = await kept(place, token);
  expect(await events()).toEqual([
    {
      decision: 'granted',
      reason: 'opened-at-the-lock',
      credential_kind: 'pass',
      credential_ref: pass.id,
      api: 'lock',
    },
  ]);
  const openedAt = Date.parse((await accessOf(place, token)).openedAt);
  expect(Math.abs(openedAt - place.clock.now())).toBeLessThan(seconds(60));
  const kepts = await place.rows<{ text: string }>(
    "select concat(way, (select string_agg(details::text, '') from access_events)) as text from passes",
  );
  expect(kepts[0]?.text).not.toContain(access.ways.code);
});

test('a QR code that was bought and shown to the lock is told by it in the same way', async () => {
  const { token } = await buyEntry(place, front);
  const { pass } = await kept(place, token);
  const content = place.app.services.passes.opened(pass.way.issued[0]?.qr ?? '');
  expect(place.ttlock.scan(place.front.hardwareId, content)).toMatchObject({ opened: true });
  await book();
  expect(await events()).toMatchObject([{ decision: 'granted', credential_kind: 'pass', credential_ref: pass.id }]);
  expect((await accessOf(place, token)).openedAt).not.toBeNull();
});

test('a book that comes late, when the code is off the lock already, still tells whose it was', async () => {
  const { token, access } = await buyEntry(place, back);
  place.ttlock.press(place.back.hardwareId, access.ways.code);
  await place.ahead(minutes(30) + seconds(1));
  await place.until('it is over, and cleared', async () => {
    const { pass } = await kept(place, token);
    return pass.phase === 'ended' && !pass.way.toClear;
  });
  await place.until(
    'its digits are off the lock',
    () => place.ttlock.onLock(place.back.hardwareId).written.length === 0,
  );
  place.ttlock.press(place.back.hardwareId, access.ways.code);
  await book();
  const { pass } = await kept(place, token);
  expect(await events()).toMatchObject([
    { decision: 'granted', credential_kind: 'pass', credential_ref: pass.id },
    { decision: 'denied', reason: 'refused-by-the-lock', credential_kind: 'pass', credential_ref: pass.id },
  ]);
  expect([pass.phase, pass.first_opened_at === null]).toEqual(['ended', false]);
  expect(JSON.stringify(pass.way)).not.toMatch(/"code":"/);
});

test('a code that was not bought is nobody’s pass', async () => {
  await buyEntry(place, back);
  place.ttlock.setCodeAtLock(place.back.hardwareId, '74185296');
  place.ttlock.press(place.back.hardwareId, '74185296');
  await book();
  expect(await events()).toMatchObject([{ credential_kind: 'pin', credential_ref: null }]);
});

test('the button of which nothing is heard is not pressed again by itself; the book of the lock proves it', async () => {
  const { token } = await buyEntry(place, front);
  const opens = () => place.ttlock.counts(place.front.hardwareId).remoteOpens;
  const before = opens();
  place.ttlock.trouble({ kind: 'timeout-after', where: 'switching', times: 1 });
  const pressed = await place.call('POST', `/api/public/access/${token}/open`);
  expect([pressed.status, pressed.body.outcome]).toEqual([202, 'unknown']);
  expect((await accessOf(place, token)).openedAt).toBeNull();
  await place.until('its book proves it', async () => {
    await place.app.lockRound.round();
    return (await accessOf(place, token)).openedAt !== null;
  });
  expect(opens()).toBe(before + 1);
  expect((await events()).length).toBe(1);
  await untilAccess(place, token, 'ready');
}, 60_000);
