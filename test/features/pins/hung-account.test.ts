import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTtlock, type TtlockSimulator } from '../../../simulators/ttlock/start.ts';
import { type LockPlace, openLockPlace } from '../../support/lock-place.ts';

/** Codes are due on all locks of an account that does not answer. */
const locks = 70;
let place: LockPlace;
let hung: TtlockSimulator;
let asked: number;
let keeping: { stop(): Promise<void> };
beforeAll(async () => {
  place = await openLockPlace();
  hung = await startTtlock({
    stateDir: null,
    seed: 'hung',
    gateways: Array.from({ length: locks }, (_, n) => ({ name: `G${n}`, gatewayId: n + 1 })),
    locks: Array.from({ length: locks }, (_, n) => ({ name: `L${n}`, lockId: n + 1, gateway: `G${n}` })),
  });
  const { clientId, clientSecret, username, password } = hung.account;
  const account = { server: hung.url, clientId, clientSecret, username, password };
  const { id } = (await place.post('/api/connections', { vendor: 'ttlock', name: 'Hung', ...account })).body;
  // as one on the list of the account: to list it for each of them would take long
  await place.post('/api/locks', { connectionId: id, hardwareId: '1' });
  await place.rows(
    `insert into locks (organization_id, id, connection_id, hardware_id, name, capabilities, bridge_id, codes_read_at, created_at, updated_at)
     select organization_id, 'lck_hung_' || n, connection_id, n::text, 'L' || n, capabilities, n::text, codes_read_at, created_at, updated_at
     from locks, generate_series(2, $1) n where connection_id = $2 returning id`,
    [locks, id],
  );
  for (const lock of await place.rows<{ id: string }>('select id from locks where connection_id = $1', [id])) {
    const made = await place.post(`/api/locks/${lock.id}/pins`, { label: 'Guest' });
    if (made.status !== 200) throw new Error(made.text);
  }
  asked = hung.requests().length;
  hung.trouble({ kind: 'timeout-before', where: 'everything' });
  keeping = place.app.pinReconciler.start();
}, 60_000);
afterAll(async () => {
  hung.trouble(null);
  await hung.close();
  await keeping.stop();
  await place.close();
}, 60_000);

test('a code on a lock of another account is loaded at once all the same', async () => {
  await place.until('they are waited for', () => hung.requests().length > asked + 4);
  await place.clock.sleep(1500); // another round has begun what it may
  const { id } = (await place.post(`/api/locks/${place.front.id}/pins`, { label: 'Anna' })).body;
  const begun = place.clock.now();
  await place.until('it is loaded', async () => {
    const { state } = (await place.get(`/api/locks/${place.front.id}/pins/${id}`)).body;
    return state === 'loaded';
  });
  expect(place.clock.now() - begun).toBeLessThan(8000); // nobody who hangs is waited for: that takes eleven seconds
}, 30_000);
