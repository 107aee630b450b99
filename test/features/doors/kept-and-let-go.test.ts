import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLanes } from '../../../src/engine/lanes.ts';
import { laneOfLock } from '../../../src/features/locks/locks.service.ts';
import { createLog } from '../../../src/host/log.ts';
import type { LockId, OrganizationId } from '../../../src/rules/ids.ts';
import { minutes, seconds } from '../../../src/rules/instant.ts';
import { accessOf, beginAtDoor, buyEntry, kept, uidOf, untilAccess } from '../../support/entrance.ts';
import { type LockPlace, openLockPlace } from '../../support/lock-place.ts';
import { expectError } from '../../support/requests.ts';

let place: LockPlace;
let front: string;
let door: string;
beforeEach(async () => {
  place = await openLockPlace({ engine: true });
  front = await uidOf(place, place.front.doorId);
  door = `/api/doors/${place.front.doorId}`;
});
afterEach(() => place.close());

const change = (path: string, body: unknown) => place.call('PATCH', path, { token: place.tokens.admin, body });
const remove = (path: string) => place.call('DELETE', path, { token: place.tokens.admin });
const status = (to: string) => place.post(`${door}/status`, { status: to });
const order = (what: string) => place.post(`/api/locations/${place.locationId}/${what}`, { confirm: true });
const qrCodes = () => place.ttlock.qrCodes(place.front.hardwareId).length;

describe('a lock that is held open', () => {
  test('is not taken from its door, nor its door deleted, until it has taken that this is over', async () => {
    const held = async () => {
      expectError(await change(door, { lockId: place.back.id }), 409, 'CONFLICT');
      expectError(await change(door, { lockId: null }), 409, 'CONFLICT');
      expectError(await remove(door), 409, 'CONFLICT');
    };
    expect((await status('PASSAGE')).body.passageConfigured).toBe(true);
    await held();
    place.ttlock.setGateway(place.gatewayId, { online: false });
    expect((await status('ACTIVE')).body).toMatchObject({ passageConfigured: false, passageTrouble: 'bridge-offline' });
    await held();
    const notices = async () => (await place.get('/api/notices?kind=door-passage')).body;
    expect(await notices()).toMatchObject([
      {
        severity: 'needs-action',
        title: expect.stringMatching(/^Front door: /),
        subject: { type: 'door', id: place.front.doorId, name: 'Front door' },
        facts: { why: 'bridge-offline', status: 'ACTIVE' },
      },
    ]);
    place.ttlock.setGateway(place.gatewayId, { online: true });
    await place.until('the lock is told', async () => {
      await place.ahead(seconds(31));
      return (await place.get(door)).body.passageTrouble === null;
    });
    expect(await notices()).toEqual([]);
    expect((await change(door, { lockId: place.back.id })).body.lockId).toBe(place.back.id);
    expect((await remove(door)).status).toBe(200);
  });

  test('since its location is open to all stays with its door, and its door with the location', async () => {
    expect((await order('open-all')).status).toBe(200);
    for (const body of [{ lockId: null }, { lockId: place.back.id }, { locationId: null }]) {
      expectError(await change(door, body), 409, 'CONFLICT');
    }
    expectError(await remove(door), 409, 'CONFLICT');
    expectError(await remove(`/api/locations/${place.locationId}`), 409, 'CONFLICT');
    expect((await order('normal')).status).toBe(200);
    expect((await change(door, { locationId: null })).status).toBe(200);
    expect((await remove(`/api/locations/${place.locationId}`)).status).toBe(200);
  }, 60_000);
});

describe('a door of a location that is locked down', () => {
  test('is not moved out of it, nor its lock taken from it: its codes would come back to the lock', async () => {
    await order('lockdown');
    for (const body of [{ locationId: null }, { lockId: null }, { lockId: place.back.id }]) {
      expectError(await change(door, body), 409, 'CONFLICT');
    }
    expectError(await remove(door), 409, 'CONFLICT');
    expectError(await remove(`/api/locations/${place.locationId}`), 409, 'CONFLICT');
  }, 60_000);

  test('gets no new code from a guest whose turn at the gateway comes after the order', async () => {
    const [row] = await place.rows<{ organization_id: OrganizationId }>('select organization_id from locks limit 1');
    const lock = row && (await place.app.services.locks.any(row.organization_id, place.front.id as LockId));
    if (lock == null) throw new Error('There is no lock');
    const others = createLanes({ connection: place.connection, clock: place.clock, log: createLog('silent') });
    const begun = await beginAtDoor(place, front);
    const turn = await place.until('the gateway is busy', () => others.takeIfFree(laneOfLock(lock)));
    await place.stripe.pay(begun.checkoutId);
    await untilAccess(place, begun.token, 'getting-ready');
    await place.clock.sleep(1000); // the guest waits for the turn
    const ordered = order('lockdown');
    await place.until('it is ordered', async () => (await place.rows('select 1 from location_modes')).at(0));
    turn.leave();
    await ordered;
    await others.close();
    await place.until('it is tried again later', async () => (await kept(place, begun.token)).pass.tries > 0);
    expect([qrCodes(), place.ttlock.onLock(place.front.hardwareId).random]).toEqual([0, []]);
  }, 60_000);

  test('gets no new code from a guest who was paying: the money goes back, unless it is over in time', async () => {
    const [one, other] = [await beginAtDoor(place, front), await beginAtDoor(place, front)];
    await order('lockdown');
    await place.stripe.pay(one.checkoutId);
    await untilAccess(place, one.token, 'getting-ready');
    await place.ahead(seconds(20));
    expect([(await accessOf(place, one.token)).state, qrCodes()]).toEqual(['getting-ready', 0]);
    await place.ahead(minutes(2));
    await untilAccess(place, one.token, 'could-not-make');
    await place.until('the money is back', async () => (await kept(place, one.token)).payment.status === 'REFUNDED');
    await place.stripe.pay(other.checkoutId);
    await untilAccess(place, other.token, 'getting-ready');
    await order('normal');
    await place.ahead(seconds(15));
    await untilAccess(place, other.token, 'ready');
  }, 60_000);
});

describe('between the checkout and the money', () => {
  test.each(['MAINTENANCE', 'PASSAGE'])('a door that became %s keeps what it had offered', async (to) => {
    const begun = await beginAtDoor(place, front);
    expect((await status(to)).body.status).toBe(to);
    expect((await beginAtDoor(place, front)).status).toBe(409);
    await place.stripe.pay(begun.checkoutId);
    const { ways } = await untilAccess(place, begun.token, 'ready');
    expect(ways.qr).not.toBeNull();
    expect((await place.call('POST', `/api/public/access/${begun.token}/open`)).status).toBeLessThan(203);
    expect((await kept(place, begun.token)).payment).toMatchObject({ amount: 100, status: 'SUCCEEDED', refunded: 0 });
  });

  test('another price and another time are for the next guest: who pays gets what they were shown', async () => {
    const begun = await beginAtDoor(place, front);
    await change(door, { price: 300, duration: 10 });
    await place.stripe.pay(begun.checkoutId);
    const access = await untilAccess(place, begun.token, 'ready');
    expect(Date.parse(access.validUntil) - Date.parse(access.validFrom)).toBe(minutes(60));
    expect((await kept(place, begun.token)).payment.amount).toBe(100);
    expect((await place.get('/api/notices')).body).toEqual([]);
  });

  test('the door is not deleted, and keeps its lock', async () => {
    await beginAtDoor(place, front);
    expectError(await remove(door), 409, 'CONFLICT');
    expectError(await change(door, { lockId: place.back.id }), 409, 'CONFLICT');
    expectError(await remove(`/api/connections/${place.lockConnectionId}`), 409, 'CONFLICT');
  });

  test('a new picture on the door kills the old one, and not the purchase that came from it', async () => {
    const begun = await beginAtDoor(place, front);
    expect((await place.post(`${door}/qr/regenerate`)).status).toBe(200);
    expect((await place.call('GET', `/pay/${front}`)).status).toBe(404);
    expect((await beginAtDoor(place, front)).status).toBe(404);
    await place.stripe.pay(begun.checkoutId);
    expect((await untilAccess(place, begun.token, 'ready')).ways.qr).not.toBeNull();
    expect(qrCodes()).toBe(1);
  });
});

test('at a free door the same guest has one way in, however often they tap', async () => {
  await change(door, { price: 0 });
  const first = await beginAtDoor(place, front);
  const again = await Promise.all([1, 2, 3].map(() => beginAtDoor(place, front, { cookie: first.cookie })));
  expect(again.map(({ url }) => url)).toEqual([first.url, first.url, first.url]);
  await untilAccess(place, first.token, 'ready');
  expect((await beginAtDoor(place, front, { cookie: first.cookie })).url).toBe(first.url);
  expect(qrCodes()).toBe(1);
  expect((await beginAtDoor(place, front)).url).not.toBe(first.url);
  await place.ahead(minutes(60) + seconds(1));
  await untilAccess(place, first.token, 'ended');
  expect((await beginAtDoor(place, front, { cookie: first.cookie })).url).not.toBe(first.url);
});

describe('a clock that is set back', () => {
  test('does not shut out who has a way in', async () => {
    const { token } = await buyEntry(place, front);
    place.clock.ahead(-minutes(60));
    const opened = await place.call('POST', `/api/public/access/${token}/open`);
    expect([opened.status, opened.body.outcome]).toEqual([200, 'confirmed']);
  });

  test('does not keep a guest waiting who has paid, nor their money', async () => {
    const begun = await beginAtDoor(place, front);
    place.ttlock.trouble({ kind: 'broken', where: 'everything' });
    await place.stripe.pay(begun.checkoutId);
    await place.until('it was tried', async () => (await kept(place, begun.token)).pass.tries > 1);
    await place.ahead(-minutes(60));
    await place.until('it is tried again', async () => {
      const { pass } = await kept(place, begun.token);
      return (
        (pass.issue_until ?? 0) <= place.clock.now() + minutes(2) &&
        (pass.wake_at ?? 0) <= place.clock.now() + seconds(16)
      );
    });
    await place.ahead(minutes(2) + seconds(1));
    await untilAccess(place, begun.token, 'could-not-make');
    await place.until('the money is back', async () => (await kept(place, begun.token)).payment.status === 'REFUNDED');
  });
});
