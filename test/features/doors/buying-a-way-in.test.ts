import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LockId } from '../../../src/rules/ids.ts';
import { minutes, seconds } from '../../../src/rules/instant.ts';
import { accessOf, beginAtDoor, buyEntry, kept, uidOf, untilAccess } from '../../support/entrance.ts';
import { type LockPlace, openLockPlace } from '../../support/lock-place.ts';
import { expectError } from '../../support/requests.ts';

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

const bolt = (which: { hardwareId: number }) => place.ttlock.lock(which.hardwareId).locked;
const refunded = (token: string) =>
  place.until('the money is back', async () => {
    const { payment } = await kept(place, token);
    return payment.status === 'REFUNDED' ? payment : null;
  });

describe('a way in', () => {
  test('is a QR code where the lock has a camera: shown to it, the door opens', async () => {
    const { access, token } = await buyEntry(place, front);
    expect(access).toMatchObject({
      state: 'ready',
      door: { name: 'Front door', location: 'Harbour Street' },
      ways: { code: null, qr: { svg: expect.stringMatching(/^<svg /) }, openNow: true },
      refund: null,
    });
    expect(Date.parse(access.validUntil) - Date.parse(access.validFrom)).toBe(minutes(60));
    const { pass, payment } = await kept(place, token);
    expect([pass.delivered, payment.status, payment.module]).toEqual([true, 'SUCCEEDED', 'DOOR']);
    const [way] = pass.way.issued;
    const content = place.app.services.passes.opened(way?.qr ?? '');
    expect(place.ttlock.scan(place.front.hardwareId, content)).toMatchObject({ opened: true });
    expect(JSON.stringify(pass.way)).not.toContain(content);
  });

  test('is a code where the lock has a keypad alone: pressed there, the door opens', async () => {
    const { access } = await buyEntry(place, back);
    expect(access.ways).toMatchObject({ code: expect.stringMatching(/^\d{4,9}$/), qr: null });
    expect(place.ttlock.press(place.back.hardwareId, access.ways.code)).toMatchObject({ opened: true });
  });

  test.each([
    ['of our own', false],
    ['that the vendor chose', true],
  ])(
    'by digits %s is told by the book of the lock: its page knows, and the access event says whose it was',
    async (_whose, full) => {
      place.ttlock.setCondition(place.back.hardwareId, 'memory-full', full);
      const { access, token } = await buyEntry(place, back);
      expect((await kept(place, token)).pass.way.ways).toEqual([full ? 'code' : 'pin']);
      const pressedAt = place.clock.now();
      expect(place.ttlock.press(place.back.hardwareId, access.ways.code)).toMatchObject({ opened: true });
      // the gateway hands in what happened a moment later
      const openedAt = await place.until('the book told', async () => {
        await place.app.lockRound.round();
        return (await accessOf(place, token)).openedAt as string | null;
      });
      expect(Math.abs(Date.parse(openedAt) - pressedAt)).toBeLessThan(seconds(5));
      await place.app.lockRound.round(); // told twice, it is written down once
      const { pass } = await kept(place, token);
      const events = await place.rows('select decision, credential_kind, credential_ref from access_events');
      expect(events).toEqual([{ decision: 'granted', credential_kind: 'pass', credential_ref: pass.id }]);
    },
  );

  test('that the vendor issued is no unknown code of the lock, also where unknown ones are taken away', async () => {
    await place.call('PATCH', `/api/locks/${place.back.id}`, {
      token: place.tokens.admin,
      body: { unmanaged: 'restore' },
    });
    place.ttlock.setGateway(place.gatewayId, { online: false });
    const { access, token } = await buyEntry(place, back);
    const { pass } = await kept(place, token);
    expect(pass.way.ways).toEqual(['code']);
    place.ttlock.setGateway(place.gatewayId, { online: true });
    for (const _ of [1, 2]) await place.app.pinReconciler.run(pass.organization_id, place.back.id as LockId);
    expect((await place.get(`/api/locks/${place.back.id}/unmanaged`)).body).toEqual([]);
    expect(place.ttlock.press(place.back.hardwareId, access.ways.code)).toMatchObject({ opened: true });
  });

  test('is taken off the lock when its time is over, and shown no more', async () => {
    const { token, access } = await buyEntry(place, back);
    await place.ahead(minutes(30) + seconds(1));
    expect((await untilAccess(place, token, 'ended')).ways).toEqual({ code: null, qr: null, openNow: false });
    await place.until('it is over, and cleared', async () => {
      const { pass } = await kept(place, token);
      return pass.phase === 'ended' && !pass.way.toClear;
    });
    await place.until('it is off', () => place.ttlock.onLock(place.back.hardwareId).written.length === 0);
    expect(place.ttlock.press(place.back.hardwareId, access.ways.code)).toMatchObject({ opened: false });
    expect((await kept(place, token)).payment).toMatchObject({ status: 'SUCCEEDED', refunded: 0 });
  });

  test('is a button, too, that opens the door and tells it; each try is an access event', async () => {
    const { token } = await buyEntry(place, front);
    const opened = await place.call('POST', `/api/public/access/${token}/open`);
    expect([opened.status, ['confirmed', 'accepted']]).toEqual([
      expect.toSatisfy((status) => status === 200 || status === 202),
      expect.arrayContaining([opened.body.outcome]),
    ]);
    expect(bolt(place.front)).toBe(false);
    expect((await accessOf(place, token)).openedAt).not.toBeNull();
    const events = await place.rows('select decision, reason, credential_kind, credential_ref from access_events');
    const { pass } = await kept(place, token);
    expect(events).toEqual([
      { decision: 'granted', reason: 'valid', credential_kind: 'pass', credential_ref: pass.id },
    ]);
  });

  test('opens nothing after its time, and the try is written down', async () => {
    const { token } = await buyEntry(place, front);
    await place.ahead(minutes(60) + seconds(1));
    await untilAccess(place, token, 'ended');
    const late = await place.call('POST', `/api/public/access/${token}/open`);
    expectError(late, 403, 'ACCESS_DENIED');
    expect(late.body.reason).toBe('ended');
    expect(bolt(place.front)).toBe(true);
    expect(await place.rows('select decision, reason from access_events')).toEqual([
      { decision: 'denied', reason: 'ended' },
    ]);
  });

  test('of a free door is made at once, without Stripe', async () => {
    await place.call('PATCH', `/api/doors/${place.front.doorId}`, { token: place.tokens.admin, body: { price: 0 } });
    const begun = await beginAtDoor(place, front);
    expect(begun.url).toBe(`${place.url}/access/${begun.token}`);
    expect(place.stripe.checkouts()).toEqual([]);
    expect((await untilAccess(place, begun.token, 'ready')).ways.qr).not.toBeNull();
  });

  test('may be bought by many at once; the same guest’s repeats lead to the same checkout', async () => {
    const first = await beginAtDoor(place, front);
    const again = await beginAtDoor(place, front, { cookie: first.cookie });
    const other = await beginAtDoor(place, front);
    expect(again.url).toBe(first.url);
    expect(other.url).not.toBe(first.url);
    for (const { checkoutId, token } of [first, other]) {
      expect(await place.stripe.pay(checkoutId)).toEqual({ paid: true });
      await untilAccess(place, token, 'ready');
    }
    expect(place.ttlock.qrCodes(place.front.hardwareId).length).toBe(2);
  });

  test('at a changed price is begun anew, and what was begun before buys nothing', async () => {
    const before = await beginAtDoor(place, front);
    await place.call('PATCH', `/api/doors/${place.front.doorId}`, { token: place.tokens.admin, body: { price: 300 } });
    const after = await beginAtDoor(place, front, { cookie: before.cookie });
    expect(after.url).not.toBe(before.url);
    await untilAccess(place, before.token, 'payment-not-completed');
    await place.stripe.pay(after.checkoutId);
    await untilAccess(place, after.token, 'ready');
    expect((await kept(place, after.token)).payment.amount).toBe(300);
  });
});

describe('money', () => {
  test('goes back by itself where no way in could be made within two minutes, and the page says so', async () => {
    const begun = await beginAtDoor(place, front);
    place.ttlock.trouble({ kind: 'broken', where: 'everything' });
    await place.stripe.pay(begun.checkoutId);
    await untilAccess(place, begun.token, 'getting-ready');
    await place.ahead(minutes(2) + seconds(1));
    expect(await untilAccess(place, begun.token, 'could-not-make')).toMatchObject({ failureReason: 'no_way_in' });
    expect(await refunded(begun.token)).toMatchObject({ refunded: 100 });
    expect((await accessOf(place, begun.token)).refund).toEqual({ amount: 100, state: 'done' });
  });

  test('given back by the owner takes the way in off the lock', async () => {
    const { token, checkoutId, access } = await buyEntry(place, back);
    const intent = place.stripe.about(checkoutId).checkout.paymentIntentId ?? '';
    await place.stripe.refundFromDashboard(intent, 200);
    expect((await untilAccess(place, token, 'refunded')).ways).toEqual({ code: null, qr: null, openNow: false });
    await place.until('it is cleared', async () => !(await kept(place, token)).pass.way.toClear);
    await place.until('it is off', () => place.ttlock.onLock(place.back.hardwareId).written.length === 0);
    expect(place.ttlock.press(place.back.hardwareId, access.ways.code)).toMatchObject({ opened: false });
  });

  test('that is heard of late buys nothing and goes back', async () => {
    place.stripe.setWebhookUrl(null);
    const begun = await beginAtDoor(place, front);
    await place.stripe.pay(begun.checkoutId);
    place.clock.ahead(minutes(20));
    expect(await untilAccess(place, begun.token, 'could-not-make')).toMatchObject({ failureReason: 'heard_too_late' });
    expect(await refunded(begun.token)).toMatchObject({ refunded: 100 });
    expect(place.ttlock.qrCodes(place.front.hardwareId)).toEqual([]);
  });
});

describe('no money is taken', () => {
  const refused = async (uid: string, reason: string) => {
    const info = (await place.call('GET', `/api/public/door/${uid}/info`)).body;
    const { status, body } = await beginAtDoor(place, uid);
    expect([info.available, info.reason, status, body]).toEqual([
      false,
      reason,
      409,
      expect.objectContaining({ code: 'DOOR_UNAVAILABLE', reason }),
    ]);
    expect(place.stripe.checkouts()).toEqual([]);
  };
  const status = (to: string) => place.post(`/api/doors/${place.front.doorId}/status`, { status: to });

  test('in maintenance', async () => {
    await status('MAINTENANCE');
    await refused(front, 'maintenance');
  });

  test('where the door is free to pass: the lock has been told, and is told when that is over', async () => {
    const passage = await status('PASSAGE');
    expect(passage.body).toMatchObject({ status: 'PASSAGE', passageConfigured: true, passageTrouble: null });
    await refused(front, 'passage');
    expect((await status('ACTIVE')).body).toMatchObject({ passageConfigured: false, passageTrouble: null });
  });

  test('while the vendor does not answer', async () => {
    place.ttlock.trouble({ kind: 'broken', where: 'everything' });
    await refused(front, 'no-way-in');
  });

  test('while doors are switched off, or closed, or locked down', async () => {
    const settings = (ttlockEnabled: boolean) =>
      place.call('PATCH', '/api/settings', { token: place.tokens.admin, body: { ttlockEnabled } });
    await settings(false);
    await refused(front, 'switched-off');
    await settings(true);
    const hours = (openingHours: unknown) =>
      place.call('PATCH', `/api/doors/${place.front.doorId}`, { token: place.tokens.admin, body: { openingHours } });
    await hours({ kind: 'closed' });
    await refused(front, 'closed');
    await hours(null);
    await place.post(`/api/locations/${place.locationId}/lockdown`, { confirm: true });
    await refused(front, 'lockdown');
  });

  test('for a door without a lock', async () => {
    const { body } = await place.post('/api/doors', { locationId: place.locationId, name: 'Reader only' });
    await refused(body.uid, 'no-lock');
  });
});

describe('the pages', () => {
  const page = async (path: string, o: Parameters<typeof place.call>[2] = {}) => {
    const answer = await place.call('GET', path, o);
    return { ...answer, state: /data-state="([^"]+)"/.exec(answer.text)?.[1] };
  };

  test('lead from the code on the door to the way in, without any script', async () => {
    const pay = await page(`/pay/${back}`);
    expect([pay.status, pay.state]).toEqual([200, 'ready']);
    expect(pay.text).toContain('Pay €2.00');
    const begun = await place.call('POST', `/pay/${back}`, {
      raw: 'email=guest%40example.com',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(begun.status).toBe(303);
    const checkout = place.stripe.checkouts()[0];
    const path = new URL(checkout?.successUrl ?? '').pathname;
    expect((await page(path)).state).toBe('waiting-for-payment');
    await place.stripe.pay(checkout?.id ?? '');
    await untilAccess(place, path.split('/')[2] ?? '', 'ready');
    const ready = await page(path);
    const code = /data-testid="code"[^>]*>(\d+)</.exec(ready.text)?.[1] ?? '';
    expect(ready.text).toContain('Open the door now');
    expect(place.ttlock.press(place.back.hardwareId, code)).toMatchObject({ opened: true });
    const opened = await place.call('POST', `${path}/open`);
    expect([opened.status, opened.headers.get('location')]).toEqual([
      303,
      expect.stringMatching(/\?opened=(confirmed|accepted)$/),
    ]);
    expect((await page(opened.headers.get('location') ?? '')).text).toMatch(/The door is open|told to open/);
    expect((await page(`${path}?lang=de`)).text).toContain('Ihr Code');
  });

  test.each([
    ['PASSAGE', 'passage', 'Free Access'],
    ['MAINTENANCE', 'maintenance', 'Currently Closed for Maintenance'],
  ])('tell of a door that is %s', async (status, state, title) => {
    await place.post(`/api/doors/${place.front.doorId}/status`, { status });
    const shown = await page(`/pay/${front}`);
    expect([shown.status, shown.state]).toEqual([200, state]);
    expect(shown.text).toContain(title);
    expect(shown.text).not.toContain('<form');
  });

  test('of nobody’s way in are not there', async () => {
    expect((await page('/access/nonsense')).status).toBe(404);
    expect((await place.call('POST', '/access/nonsense/open')).status).toBe(404);
    expectError(await place.call('GET', '/api/public/access/nonsense'), 404, 'NOT_FOUND');
    expectError(await place.call('POST', '/api/public/access/nonsense/open'), 404, 'NOT_FOUND');
    expectError(await place.call('GET', '/api/public/door/nonsense/info'), 404, 'NOT_FOUND');
  });
});
