import { afterAll, beforeAll, expect, test } from 'vitest';
import { startYale, type YaleSimulator } from '../../../simulators/yale/start.ts';
import type { LockId, OrganizationId } from '../../../src/rules/ids.ts';
import { hours, minutes } from '../../../src/rules/instant.ts';
import { type LockPlace, openLockPlace } from '../../support/lock-place.ts';

/** Codes of our own on locks of Yale's: taken by the cloud first, and on the lock when it has answered. */
let place: LockPlace;
let yale: YaleSimulator;
let organizationId: OrganizationId;
const locks: Record<string, string> = {};
beforeAll(async () => {
  place = await openLockPlace();
  yale = await startYale({
    clock: place.clock,
    airMs: 1,
    silentMs: 20,
    bridges: [{ name: 'Annex' }],
    locks: [
      { name: 'Annex', bridge: 'Annex' },
      { name: 'Old', bridge: 'Annex', type: 1 },
    ],
  });
  const { apiKey, clientId, clientSecret } = yale.account;
  const program = { apiKey, clientId, clientSecret, refreshToken: yale.consent() };
  const connection = { vendor: 'yale', server: yale.url, oauthServer: yale.url, ...program };
  const { body } = await place.post('/api/connections', connection);
  for (const name of ['Annex', 'Old']) {
    const lock = await place.post('/api/locks', { connectionId: body.id, hardwareId: yale.idOf(name) });
    locks[name] = lock.body.id;
  }
  const [row] = await place.rows<{ organization_id: OrganizationId }>('select organization_id from locks limit 1');
  organizationId = row?.organization_id ?? organizationId;
});
afterAll(async () => {
  await yale.close();
  await place.close();
});

const pinsOf = (name: string) => `/api/locks/${locks[name]}/pins`;
const reconcile = (name: string) => place.app.pinReconciler.run(organizationId, locks[name] as LockId);
const press = (name: string, digits: string) => yale.press(yale.idOf(name), digits).why;
const shown = async (name: string, id: string) => (await place.get(`${pinsOf(name)}/${id}`)).body;
const iso = (at: number) => new Date(at).toISOString();

test('a PIN is shown as loaded once the lock has it, opens in its window, is changed and taken away', async () => {
  const from = place.clock.now() + minutes(30);
  const window = { accessType: 'temporary', from: iso(from), until: iso(from + hours(1)) };
  const made = await place.post(pinsOf('Annex'), { label: 'Anna', pin: '0482', ...window });
  expect([made.status, made.body.state]).toEqual([200, 'created']);
  await reconcile('Annex');
  expect(await shown('Annex', made.body.id)).toMatchObject({ state: 'loaded', onLock: true, trouble: null });
  expect(press('Annex', '0482')).toBe('not-now');
  place.clock.ahead(minutes(31));
  expect(press('Annex', '0482')).toBe('opened');
  await reconcile('Annex');
  expect(yale.counts(yale.idOf('Annex'))).toMatchObject({ pinLoads: 1, pinUpdates: 0 });
  await place.call('PATCH', `${pinsOf('Annex')}/${made.body.id}`, { token: place.tokens.admin, body: { pin: '7391' } });
  await reconcile('Annex');
  expect([press('Annex', '0482'), press('Annex', '7391')]).toEqual(['unknown-code', 'opened']);
  await place.call('DELETE', `${pinsOf('Annex')}/${made.body.id}`, { token: place.tokens.admin });
  await reconcile('Annex');
  expect(yale.codesOnLock(yale.idOf('Annex'))).toEqual([]);
});

test('a PIN that waits for a bridge that is away is not loaded, and comes once it is back', async () => {
  const [bridge] = yale.bridges();
  yale.setBridge(bridge?.bridgeId ?? '', { online: false });
  const made = await place.post(pinsOf('Annex'), { label: 'Ben', pin: '5938' });
  await reconcile('Annex');
  expect(await shown('Annex', made.body.id)).toMatchObject({ state: 'created', onLock: false });
  yale.setBridge(bridge?.bridgeId ?? '', { online: true });
  place.clock.ahead(minutes(15));
  await reconcile('Annex');
  expect(await shown('Annex', made.body.id)).toMatchObject({ state: 'loaded', onLock: true });
  expect(press('Annex', '5938')).toBe('opened');
});

test('a PIN with a window on a lock without a clock is there in its window alone', async () => {
  const from = place.clock.now() + minutes(60);
  const window = { accessType: 'temporary', from: iso(from), until: iso(from + minutes(30)) };
  await place.post(pinsOf('Old'), { label: 'Cleo', pin: '8402', ...window });
  await reconcile('Old');
  expect(press('Old', '8402')).toBe('unknown-code');
  place.clock.ahead(minutes(61));
  await reconcile('Old');
  expect(press('Old', '8402')).toBe('opened');
  place.clock.ahead(minutes(31));
  await reconcile('Old');
  expect(press('Old', '8402')).toBe('unknown-code');
});
