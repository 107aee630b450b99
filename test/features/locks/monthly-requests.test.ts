import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApp } from '../../../src/app.ts';
import { createLog } from '../../../src/host/log.ts';
import { freePort } from '../../support/free-port.ts';
import { type LockPlace, openLockPlace } from '../../support/lock-place.ts';

/** A vendor that counts requests by the month: what can wait makes way for people. */
let place: LockPlace;
beforeAll(async () => {
  place = await openLockPlace();
});
afterAll(() => place.close());

const requests = () => place.ttlock.requests().length;
const allow = (monthlyRequests: number | null) =>
  place.call('PATCH', `/api/connections/${place.lockConnectionId}`, {
    token: place.tokens.admin,
    body: { monthlyRequests },
  });
const unlock = () => place.post(`/api/doors/${place.front.doorId}/unlock`);
const notice = async () => (await place.get('/api/notices?kind=requests-nearly-used-up')).body[0];
/** What a round over all locks costs. */
async function round(): Promise<number> {
  const before = requests();
  await place.app.lockRound.round();
  await place.app.pinReconciler.strays(true);
  return requests() - before;
}
async function counted(): Promise<number> {
  await place.app.monthlyRequests.round();
  const [row] = await place.rows<{ count: number }>('select count from vendor_requests');
  return row?.count ?? 0;
}

describe('a TTLock account', () => {
  test('of which nobody said how much it may cost is counted, and looked after as ever', async () => {
    expect(await round()).toBeGreaterThan(3);
    expect(await counted()).toBe(requests());
    expect(await notice()).toBe(undefined);
  });

  test('costs also what was asked while it could not be written down', async () => {
    await place.rows('alter table vendor_requests rename to away');
    await round();
    await expect(place.app.monthlyRequests.round()).rejects.toThrow('vendor_requests');
    await place.rows('alter table away rename to vendor_requests');
    expect(await counted()).toBe(requests());
  });

  test('whose requests will not last is looked at no more, while people open doors; the owner is told', async () => {
    const shown = await allow(requests());
    expect([shown.status, shown.body.monthlyRequests]).toEqual([200, requests()]);
    await unlock(); // whoever opens a door, opens the account as it is now
    const before = requests();
    expect(await round()).toBe(0);
    expect((await unlock()).status).toBe(200);
    expect(requests()).toBeGreaterThan(before);
    expect(await counted()).toBe(requests());
    expect(await notice()).toMatchObject({
      severity: 'warning',
      subject: { type: 'connection', id: place.lockConnectionId, name: 'Locks' },
    });
    expect(await round()).toBe(0);
  }, 60_000);

  test('is looked after again when more is allowed, and the notice goes', async () => {
    await allow(1_000_000);
    await place.app.monthlyRequests.round();
    expect(await round()).toBeGreaterThan(3);
    await place.app.monthlyRequests.round();
    expect(await notice()).toBe(undefined);
  }, 60_000);

  test('costs what all processes together have asked, also one that was not there when it began', async () => {
    await place.app.monthlyRequests.round();
    const app = await createApp({
      config: { publicUrl: place.url, trustProxy: 0, cronSecret: null, stripeBaseUrl: place.stripe.url },
      connection: place.connection,
      masterKey: place.masterKey,
      clock: place.clock,
      log: createLog('silent'),
    });
    await app.server.listen({ port: await freePort(), host: '127.0.0.1' });
    await app.lockRound.round();
    await app.monthlyRequests.round();
    expect(await counted()).toBe(requests());
    await app.server.close();
    await app.close();
  }, 60_000);

  test('begins anew with the next month', async () => {
    await allow(requests());
    expect((await unlock()).status).toBe(200);
    await place.app.monthlyRequests.round();
    expect(await notice()).not.toBe(undefined);
    expect(await round()).toBe(0);
    place.clock.ahead(32 * 86_400_000);
    await place.signIn();
    expect(await round()).toBeGreaterThan(3);
    expect(await counted()).toBeLessThan(100);
    expect(await notice()).toBe(undefined);
  }, 60_000);

  test.each([0, -1, 1.5, 'many'])('of %s requests a month is refused, and nothing changes', async (monthlyRequests) => {
    const before = await place.get(`/api/connections/${place.lockConnectionId}`);
    const answer = await place.call('PATCH', `/api/connections/${place.lockConnectionId}`, {
      token: place.tokens.admin,
      body: { monthlyRequests },
    });
    expect(answer.status).toBe(400);
    expect((await place.get(`/api/connections/${place.lockConnectionId}`)).body).toEqual(before.body);
  });
});
