import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hours, minutes } from '../../../src/rules/instant.ts';
import { type LockPlace, openLockPlace } from '../../support/lock-place.ts';

let place: LockPlace;
beforeAll(async () => {
  place = await openLockPlace();
});
afterAll(() => place.close());

const front = async () => (await place.get(`/api/locks/${place.front.id}`)).body;
const round = () => place.app.lockRound.round();
const standing = async (kind: string) => (await place.get(`/api/notices?kind=${kind}`)).body;
const row = async () =>
  (await place.rows<{ id: string }>('select * from locks where id = $1', [place.front.id]))[0] ?? null;
type Event = { credential_kind: string; decision: string; reason: string; place_id: string; at: number };
const events = (kind: string) =>
  place.rows<Event>('select * from access_events where credential_kind = $1 order by at, id', [kind]);

describe('what is known of a lock', () => {
  test('a lock that was just added tells what its vendor lists, and that nobody has seen its bolt', async () => {
    expect(await front()).toMatchObject({
      name: 'Front',
      door: { id: place.front.doorId, name: 'Front door', locationId: place.locationId },
      bolt: 'unknown',
      observedAt: null,
      stale: true,
      battery: { percent: 90, stale: false, perWeek: null },
      bridge: { id: String(place.gatewayId), online: true },
      unmanaged: 'report',
    });
  });

  test('the round sees its bolt and its battery; what was seen long ago is told to be old', async () => {
    await round();
    expect(await front()).toMatchObject({ bolt: 'locked', observedFrom: 'poll', stale: false, online: true });
    place.clock.ahead(minutes(16));
    expect(await front()).toMatchObject({ bolt: 'locked', stale: true });
    const seen = await place.post(`/api/locks/${place.front.id}/refresh`);
    expect(seen.body).toMatchObject({ bolt: 'locked', stale: false });
  });

  test('a lock that no gateway hears is no trouble: it was never online', async () => {
    expect(await standing('lock-offline')).toEqual([]);
    const answer = await place.post(`/api/locks/${place.cellar.id}/unlock`);
    expect([answer.status, answer.body.code]).toEqual([409, 'NOT_SUPPORTED']);
  });

  test('nothing new is written where nothing is new', async () => {
    await place.app.lockRound.round();
    const before = await row();
    const { services, database } = place.app;
    const lock = (await services.locks.onConnection(await organization(), place.lockConnectionId as never))[0];
    if (lock === undefined) throw new Error('no lock');
    const [hardware] = await services.lockHardware.list(lock.organization_id, lock.connection_id);
    if (hardware === undefined) throw new Error('no hardware');
    const versions = async () => (await place.rows('select xmin from locks where id = $1', [lock.id]))[0];
    const version = await versions();
    await database.transaction('test-described', (tx) => services.locks.describe(tx, lock, hardware));
    expect(await versions()).toEqual(version);
    expect(await row()).toEqual(before);
  });
});

describe('its battery', () => {
  test('falls, and how fast; a low one is a notice until it is changed', async () => {
    for (const percent of [80, 70, 60, 50, 40, 30, 20]) {
      place.clock.ahead(hours(24));
      place.ttlock.setBattery(place.front.hardwareId, percent);
      await round();
    }
    await place.signIn();
    const { battery } = await front();
    expect(battery).toMatchObject({ percent: 20, falling: true, stale: false });
    expect(battery.perWeek).toBeLessThan(-50);
    const [notice] = await standing('lock-battery-low');
    expect(notice).toMatchObject({ title: 'Front door: battery at 20 %', severity: 'needs-action' });
    const first = await place.get(`/api/locks/${place.front.id}/batteries?limit=2`);
    expect(first.body.map(({ percent }: { percent: number }) => percent)).toEqual([20, 30]);
    const next = /<([^>]+)>/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
    expect((await place.get(next)).body.map(({ percent }: { percent: number }) => percent)).toEqual([40, 50]);
    place.ttlock.setBattery(place.front.hardwareId, 100);
    place.clock.ahead(hours(5));
    await round();
    expect(await standing('lock-battery-low')).toEqual([]);
    expect((await front()).battery).toMatchObject({ percent: 100, falling: false });
  });

  test('of which nobody has read for 14 days is a notice of its own, cleared by a reading', async () => {
    place.ttlock.setGateway(place.gatewayId, { online: false });
    place.clock.ahead(hours(24 * 15));
    await round();
    await place.signIn();
    const kinds = await standing('lock-battery-unknown');
    expect(kinds.map(({ subject }: { subject: { id: string } }) => subject.id)).toContain(place.front.id);
    expect((await front()).battery).toMatchObject({ percent: 100, stale: true });
    const offline = await standing('lock-offline');
    expect(offline.map(({ subject }: { subject: { id: string } }) => subject.id).toSorted()).toEqual(
      [place.front.id, place.back.id].toSorted(),
    );
    expect(await front()).toMatchObject({ online: false, bridge: { online: false } });
    place.ttlock.setGateway(place.gatewayId, { online: true });
    place.clock.ahead(minutes(2)); // its breaker
    await round();
    expect(await standing('lock-offline')).toEqual([]);
    const left = await standing('lock-battery-unknown');
    expect(left.map(({ subject }: { subject: { id: string } }) => subject.id)).not.toContain(place.front.id);
  });
});

describe('its own book', () => {
  test('tells who came in at the lock, and who was refused, once', async () => {
    place.ttlock.setCodeAtLock(place.front.hardwareId, '482193');
    expect(place.ttlock.press(place.front.hardwareId, '482193').opened).toBe(true);
    place.clock.ahead(2000); // its book knows whole seconds
    place.ttlock.press(place.front.hardwareId, '111222');
    place.ttlock.turnByHand(place.front.hardwareId);
    await place.until('the platform has heard of it', async () => {
      await round();
      return (await events('pin')).length === 2;
    });
    await round();
    const told = await events('pin');
    expect(told.map(({ decision, reason }) => [decision, reason])).toEqual([
      ['granted', 'opened-at-the-lock'],
      ['denied', 'refused-by-the-lock'],
    ]);
    expect(new Set(told.map(({ place_id }) => place_id))).toEqual(new Set([place.front.doorId]));
    const all = JSON.stringify(await place.rows('select * from access_events'));
    expect(all).not.toContain('482193');
    expect(all).not.toContain('111222');
  }, 30_000);

  test('is read at once when the vendor calls; the call itself proves nothing, and is answered as it wants', async () => {
    const { callbackUrl } = (await place.get(`/api/connections/${place.lockConnectionId}`)).body;
    const listed = (await place.get('/api/connections')).body;
    expect(listed.some((one: { callbackUrl?: string }) => one.callbackUrl !== undefined)).toBe(false);
    place.ttlock.setCallbackUrl(callbackUrl);
    const before = (await events('pin')).length;
    expect(place.ttlock.press(place.front.hardwareId, '482193')).toMatchObject({ opened: true });
    await place.until('it is known', async () => (await events('pin')).length === before + 1);
    expect(
      (await place.rows<{ bolt: string }>('select bolt from locks where id = $1', [place.front.id]))[0]?.bolt,
    ).toBe('unlocked');
    await place.until('it was heard', () => place.ttlock.pushes().some(({ heard }) => heard));
    place.ttlock.setCallbackUrl(null);
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const forged = { lockDate: place.clock.now(), recordType: 4, success: 1, keyboardPwd: '482193', username: 'x' };
    const raw = `lockId=${place.front.hardwareId}&notifyType=1&records=${encodeURIComponent(JSON.stringify([forged]))}`;
    const answer = await place.call('POST', callbackUrl, { raw, headers: form });
    expect([answer.status, answer.text]).toEqual([200, 'success']);
    await place.app.lockRound.idle();
    expect((await events('pin')).length).toBe(before + 1);
    const stranger = await place.call('POST', `${callbackUrl.slice(0, -1)}x`, { raw, headers: form });
    expect([stranger.status, stranger.body.code]).toEqual([404, 'NOT_FOUND']);
    for (const odd of ['', 'lockId=1', 'records=[', '\u0000']) {
      expect((await place.call('POST', callbackUrl, { raw: odd, headers: form })).text).toBe('success');
    }
  }, 30_000);
});

const organization = async () => {
  const first = await place.app.services.organizations.first();
  if (first === null) throw new Error('no organization');
  return first.id;
};
