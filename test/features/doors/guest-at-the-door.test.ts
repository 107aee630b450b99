import { afterEach, beforeEach, expect, test } from 'vitest';
import { hours, minutes, seconds } from '../../../src/rules/instant.ts';
import { accessOf, beginAtDoor, buyEntry, kept, uidOf, untilAccess } from '../../support/entrance.ts';
import { type LockPlace, openLockPlace } from '../../support/lock-place.ts';

let place: LockPlace;
let front: string;
beforeEach(async () => {
  // the gate has nothing but the button
  const gate = { name: 'Gate', gateway: 'Hall', camera: false, keypad: false };
  place = await openLockPlace({ engine: true, mail: true, locks: [gate] });
  front = await uidOf(place, place.front.doorId);
});
afterEach(() => place.close());

const look = async (path: string, cookie?: string) => {
  const answer = await place.call('GET', path, cookie === undefined ? {} : { cookie });
  const cookies = answer.headers.getSetCookie().map((line) => line.split(';')[0] ?? '');
  return { ...answer, state: /data-state="([^"]+)"/.exec(answer.text)?.[1], cookies };
};
const gateway = (online: boolean) => place.ttlock.setGateway(place.gatewayId, { online });

test('what came of the button is told once: a page that renews itself without a script goes on without it', async () => {
  const { token } = await buyEntry(place, front);
  const pressed = await place.call('POST', `/access/${token}/open`);
  const told = await look(pressed.headers.get('location') ?? '');
  expect(told.text).toContain('data-testid="opened"');
  const renewed = /http-equiv="refresh" content="(\d+);url=([^"]+)"/.exec(told.text);
  expect(Number(renewed?.[1])).toBeLessThanOrEqual(20);
  expect((await look(renewed?.[2] ?? '')).text).not.toContain('data-testid="opened"');
});

test('a page whose time is over tells nothing of the button any more', async () => {
  const { token } = await buyEntry(place, front);
  await place.ahead(minutes(61));
  await untilAccess(place, token, 'ended');
  expect((await look(`/access/${token}?opened=confirmed`)).text).not.toContain('The door is open');
});

test('a button that is all there is stays while it cannot work, and its price comes back if it never opened', async () => {
  const gate = await place.sell('Gate', { name: 'Gate', duration: 30 });
  const { token, access } = await buyEntry(place, gate.uid);
  expect(access.ways).toEqual({ code: null, qr: null, openNow: true });
  gateway(false);
  await place.ahead(minutes(6)); // the round asks which gateways are there
  await place.until('the gateway is known to be gone', async () => {
    const [lock] = await place.rows<{ bridge_online: boolean | null }>(
      `select bridge_online from locks where name = 'Gate'`,
    );
    return lock?.bridge_online === false;
  });
  const page = await look(`/access/${token}`);
  expect(page.text).toContain('Open the door now');
  expect(page.text).toContain('your money comes back when your time is over');
  const pressed = await place.call('POST', `/access/${token}/open`);
  expect(pressed.headers.get('location')).toBe(`/access/${token}?opened=failed`);
  await place.ahead(minutes(30) + seconds(1));
  expect(await untilAccess(place, token, 'could-not-make')).toMatchObject({ failureReason: 'never_opened' });
  await place.until('the money is back', async () => (await kept(place, token)).payment.status === 'REFUNDED');
  expect((await look(`/access/${token}`)).text).toContain('The door never opened with your button.');
  const mail = await place.until('the mail', () =>
    place.mail.mails().find(({ subject }) => subject === '€1.00 comes back to you: Gate'),
  );
  expect(mail.text).toContain('The door never opened with your button.');
  expect(mail.text).toContain('Show my purchase');
});

test('who closed the page of what they bought finds it by the code on the door', async () => {
  const { token } = await buyEntry(place, front);
  const { cookies } = await look(`/access/${token}`);
  const cookie = cookies.join('; ');
  const pay = await look(`/pay/${front}`, cookie);
  expect(pay.state).toBe('yours');
  expect(pay.text).toContain(`href="${place.url}/access/${token}"`);
  expect((await look(`/pay/${front}`)).state).toBe('ready');
  const other = await place.sell('Back', { name: 'Back door' });
  expect((await look(`/pay/${other.uid}`, cookie)).state).toBe('ready');

  await place.ahead(minutes(61));
  await untilAccess(place, token, 'ended');
  const later = await look(`/pay/${front}`, cookie);
  expect(later.state).toBe('ready');
  expect(later.text).toContain('Your last way in here');
});

test('a way in for days is remembered for days', async () => {
  const { uid } = await place.sell('Back', { name: 'Sauna', duration: 3 * 24 * 60 });
  const { token } = await buyEntry(place, uid);
  const [line = ''] = (await look(`/access/${token}`)).headers.getSetCookie().filter((one) => one.includes('/pay/'));
  expect(Number(/Max-Age=(\d+)/.exec(line)?.[1])).toBeGreaterThan(hours(71) / 1000);
});

test('a door that cannot take payments says so, and not that nobody can get in', async () => {
  await place.call('PATCH', '/api/configs/stripe', { token: place.tokens.admin, body: { secretKey: null } });
  const page = await look(`/pay/${front}`);
  expect([page.state, page.text.includes('This door cannot take payments')]).toEqual(['payments-off', true]);
  expect((await beginAtDoor(place, front)).status).toBe(409);
});

test('money of which word came too late is told as that', async () => {
  place.stripe.setWebhookUrl(null);
  const begun = await beginAtDoor(place, front);
  await place.stripe.pay(begun.checkoutId);
  place.clock.ahead(minutes(20));
  await untilAccess(place, begun.token, 'could-not-make');
  expect((await look(`/access/${begun.token}`)).text).toContain('We heard of your payment too late');
  expect((await accessOf(place, begun.token)).ways.openNow).toBe(false);
});
