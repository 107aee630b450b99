import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { addDoor, type LockPlace, openLockPlace } from '../../support/lock-place.ts';

/** What an emergency asks of locks when a gateway is away, when orders follow each other, and when two are at it at once. */
let place: LockPlace;
beforeAll(async () => {
  place = await openLockPlace();
  await addDoor(place, { name: 'Back door', lockId: place.back.id });
});
beforeEach(() => place.ttlock.setGateway(place.gatewayId, { online: true, busy: false }));
afterAll(() => place.close());

const say = (mode: string) => place.post(`/api/locations/${place.locationId}/${mode}`, { confirm: true });
const counts = () => place.ttlock.counts(place.front.hardwareId);
const round = () => place.app.lockRound.round();

describe('a gateway that is away', () => {
  test('when a place is locked down: its doors are locked when it is back, and once', async () => {
    await say('open-all');
    const before = counts();
    place.ttlock.setGateway(place.gatewayId, { online: false });
    expect((await say('lockdown')).body.doors).toMatchObject([{ outcome: 'refused' }, { outcome: 'refused' }]);
    await round();
    place.ttlock.setGateway(place.gatewayId, { online: true });
    place.clock.ahead(90_000);
    await round();
    expect(counts()).toMatchObject({
      remoteLocks: before.remoteLocks + 1,
      passageWrites: before.passageWrites + 1,
      remoteOpens: before.remoteOpens,
    });
    place.clock.ahead(90_000);
    await round();
    expect(counts().remoteLocks).toBe(before.remoteLocks + 1);
  }, 60_000);

  test('when the emergency ends: the same; and then nothing is left to do', async () => {
    await say('open-all');
    const before = counts();
    place.ttlock.setGateway(place.gatewayId, { online: false });
    await say('normal');
    place.ttlock.setGateway(place.gatewayId, { online: true });
    place.clock.ahead(90_000);
    await round();
    expect(counts()).toMatchObject({
      remoteLocks: before.remoteLocks + 1,
      passageWrites: before.passageWrites + 1,
      remoteOpens: before.remoteOpens,
    });
    await round();
    expect(await place.rows('select 1 from location_modes')).toEqual([]);
    expect((await place.get(`/api/locations/${place.locationId}/mode`)).body).toMatchObject({
      mode: 'normal',
      since: null,
    });
  }, 60_000);

  test('a lock that never hears of it is not asked for ever: ever more seldom, and no more after a day', async () => {
    place.ttlock.setGateway(place.gatewayId, { online: false });
    await say('normal');
    const asked = async () =>
      (await place.rows("select 1 from lock_commands where facts ->> 'order' like 'normal%' and kind = 'lock'")).length;
    const before = await asked();
    for (let minute = 0; minute < 30; minute++) {
      place.clock.ahead(61_000);
      await round();
    }
    expect((await asked()) - before).toBeGreaterThan(2);
    expect((await asked()) - before).toBeLessThan(14); // two doors
    place.clock.ahead(25 * 3_600_000);
    await round();
    expect(await place.rows('select 1 from location_modes')).toEqual([]);
    await place.signIn();
  }, 120_000);
});

test('while an order waits at a busy gateway a round asks no door twice', async () => {
  await place.signIn();
  const before = counts();
  const backBefore = place.ttlock.counts(place.back.hardwareId).remoteOpens;
  place.ttlock.setGateway(place.gatewayId, { busy: true });
  const ordered = say('open-all');
  await place.until('the first door is asked', async () => {
    const open = await place.rows("select 1 from lock_commands where outcome is null and kind = 'unlock'");
    return open.length > 0;
  });
  const rounds = round();
  await place.clock.sleep(1000);
  place.ttlock.setGateway(place.gatewayId, { busy: false });
  await Promise.all([ordered, rounds]);
  await place.until('both are open', () => place.ttlock.counts(place.back.hardwareId).remoteOpens > backBefore);
  await round();
  expect(counts().remoteOpens).toBe(before.remoteOpens + 1);
  expect(place.ttlock.counts(place.back.hardwareId).remoteOpens).toBe(backBefore + 1);
  await say('normal');
}, 60_000);
