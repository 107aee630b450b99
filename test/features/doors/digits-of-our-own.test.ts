import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type App, createApp } from '../../../src/app.ts';
import { createLog } from '../../../src/host/log.ts';
import { minutes, seconds } from '../../../src/rules/instant.ts';
import { accessOf, type Begun, beginAtDoor, buyEntry, kept, uidOf, untilAccess } from '../../support/entrance.ts';
import { type LockPlace, openLockPlace } from '../../support/lock-place.ts';

/** A way in by digits of our own, at a lock with a keypad alone: exactly the time that was bought. */
let place: LockPlace;
let back: string;
beforeEach(async () => {
  place = await openLockPlace({ engine: true });
  const door = { locationId: place.locationId, name: 'Back door', lockId: place.back.id, price: 200, duration: 30 };
  back = await uidOf(place, (await place.post('/api/doors', door)).body.id);
});
afterEach(() => place.close());

const onLock = () => place.ttlock.onLock(place.back.hardwareId);
const press = (digits: string) => place.ttlock.press(place.back.hardwareId, digits).why;
const vendors = () => onLock().random.filter(({ state }) => state === 'good');
type Kept = { id: string; state: string; trouble: string | null; deleted_at: Date | null; pin_sealed: Buffer };
const pinsOf = async (token: string): Promise<Kept[]> => {
  const { pass } = await kept(place, token);
  return place.rows<Kept>('select * from pins where pass_id = $1', [pass.id]);
};
const waysOf = async (token: string) => (await kept(place, token)).pass.way.ways;
const untilGone = (token: string) =>
  place.until('its PIN is off the lock', async () =>
    (await pinsOf(token)).every(({ deleted_at }) => deleted_at !== null),
  );

/** Begins and pays while the lock is well; `before`: what happens to it in between. */
async function paid(before: () => void): Promise<Begun> {
  const begun = await beginAtDoor(place, back);
  before();
  expect(await place.stripe.pay(begun.checkoutId)).toEqual({ paid: true });
  return begun;
}

describe('digits of our own', () => {
  test('open from the purchase until the end of the time that was bought, and are off the lock then', async () => {
    const { access, token } = await buyEntry(place, back);
    expect(await waysOf(token)).toEqual(['pin']);
    expect(access.ways).toMatchObject({ code: expect.stringMatching(/^\d{6}$/), qr: null, openNow: true });
    const [from, until] = [Date.parse(access.validFrom), Date.parse(access.validUntil)];
    expect(until - from).toBe(minutes(30));
    // a lock knows whole minutes: it keeps those around
    const [startDate, endDate] = [
      from - (from % minutes(1)),
      until + ((minutes(1) - (until % minutes(1))) % minutes(1)),
    ];
    expect(onLock().written).toMatchObject([{ digits: access.ways.code, startDate, endDate }]);
    expect(vendors()).toEqual([]);
    expect(press(access.ways.code)).toBe('opened');
    place.clock.ahead(until - 500 - place.clock.now());
    expect(press(access.ways.code)).toBe('opened');
    place.clock.ahead(500);
    await untilAccess(place, token, 'ended');
    await untilGone(token);
    expect([onLock().written, press(access.ways.code)]).toEqual([[], 'unknown-code']);
  });

  test('are shown only once they are on the lock', async () => {
    place.ttlock.setCondition(place.back.hardwareId, 'slow', true);
    const { token } = await paid(() => undefined);
    await place.until('they are on their way', async () =>
      (await place.rows("select 1 from pins where placement -> 'attempt' ->> 'kind' = 'set'")).at(0),
    );
    expect(await accessOf(place, token)).toMatchObject({ state: 'getting-ready', ways: { code: null } });
    expect(onLock().written).toEqual([]);
    place.ttlock.setCondition(place.back.hardwareId, 'slow', false);
    const { ways } = await untilAccess(place, token, 'ready');
    expect(onLock().written.map(({ digits }) => digits)).toEqual([ways.code]);
  });

  test('that staff disables are shown no more: the page never tells what is not on the lock', async () => {
    const { token } = await buyEntry(place, back);
    const [pin] = await pinsOf(token);
    await place.post(`/api/locks/${place.back.id}/pins/${pin?.id}/disable`);
    const { state, ways } = await accessOf(place, token);
    expect([state, ways.code, ways.openNow]).toEqual(['ready', null, true]);
  });

  test('are not kept in the pass, nor in what was asked of the lock', async () => {
    const { access, token } = await buyEntry(place, back);
    const { pass } = await kept(place, token);
    const said = await place.rows("select facts, asked_by, detail from lock_commands where kind = 'set-pin'");
    const told = JSON.stringify([pass, said, await place.rows('select * from audit_entries'), place.logged()]);
    expect([said.length, told.includes(access.ways.code)]).toEqual([1, false]);
  });

  test('are as many as guests, also with two servers at work: each its own, and each once', async () => {
    const other = await secondServer();
    try {
      const begun = await Promise.all([1, 2, 3, 4].map(() => beginAtDoor(place, back)));
      await Promise.all(begun.map(({ checkoutId }) => place.stripe.pay(checkoutId)));
      for (const { token } of begun) await untilAccess(place, token, 'ready');
      const shown = await Promise.all(begun.map(async ({ token }) => (await accessOf(place, token)).ways.code));
      const written = onLock().written.map(({ digits }) => digits);
      const all = [...written, ...vendors().map(({ digits }) => digits)];
      expect(all.toSorted((a, b) => a.localeCompare(b))).toEqual(shown.toSorted((a, b) => a.localeCompare(b)));
      expect(new Set(shown).size).toBe(4);
    } finally {
      await other.stop();
    }
  });
});

describe('where they do not come, the vendor chooses, and they do not stay behind', () => {
  const vendorsCode = async (token: string) => {
    const { ways } = await untilAccess(place, token, 'ready');
    expect(await waysOf(token)).toEqual(['code']);
    expect(vendors().map(({ digits }) => digits)).toEqual([ways.code]);
    expect(press(ways.code)).toBe('opened');
    expect((await kept(place, token)).payment).toMatchObject({ status: 'SUCCEEDED', refunded: 0 });
  };

  test('a gateway that is away when the guest buys: they are not even asked for', async () => {
    place.ttlock.setGateway(place.gatewayId, { online: false });
    const { token } = await buyEntry(place, back);
    await vendorsCode(token);
    expect(await pinsOf(token)).toEqual([]);
  });

  test('a gateway that goes away after the guest has paid', async () => {
    const { token } = await paid(() => place.ttlock.setGateway(place.gatewayId, { online: false }));
    await vendorsCode(token);
    expect((await pinsOf(token)).length).toBe(1);
    await untilGone(token);
    place.ttlock.setGateway(place.gatewayId, { online: true });
    place.clock.ahead(minutes(11));
    await place.app.pinReconciler.due();
    expect(onLock().written).toEqual([]);
  });

  test('a lock that is full', async () => {
    place.ttlock.setCondition(place.back.hardwareId, 'memory-full', true);
    const { token } = await paid(() => undefined);
    await vendorsCode(token);
    await untilGone(token);
  });

  test('a lock whose way is in trouble already: nothing is tried there', async () => {
    const { organizationId, lockId } = await whose();
    const until = new Date(place.clock.now() + minutes(2));
    await place.rows('insert into lock_codes (organization_id, lock_id, held_until) values ($1, $2, $3)', [
      organizationId,
      lockId,
      until,
    ]);
    const { token } = await buyEntry(place, back);
    await vendorsCode(token);
    expect(await pinsOf(token)).toEqual([]);
  });

  test('an answer that was lost, and a lock that cannot be read after it: what was written goes again', async () => {
    const lockId = place.back.hardwareId;
    const { token } = await paid(() => place.ttlock.trouble({ kind: 'cut-off', where: 'switching', times: 1, lockId }));
    await place.until('they are on the lock', () => onLock().written[0]);
    place.ttlock.trouble({ kind: 'broken', where: 'looking', lockId });
    place.clock.ahead(seconds(6));
    await vendorsCode(token);
    expect(onLock().written.length).toBe(1);
    place.ttlock.trouble(null);
    place.clock.ahead(minutes(11));
    await untilGone(token);
    expect(onLock().written).toEqual([]);
  });
});

test('an answer that was lost, but what was written is seen on the lock: it is the way in, once', async () => {
  const lockId = place.back.hardwareId;
  const { token } = await paid(() => place.ttlock.trouble({ kind: 'cut-off', where: 'switching', times: 1, lockId }));
  await place.until('they are on the lock', () => onLock().written[0]);
  expect((await accessOf(place, token)).ways.code).toBeNull();
  place.clock.ahead(seconds(6));
  const { ways } = await untilAccess(place, token, 'ready');
  expect([onLock().written.map(({ digits }) => digits), vendors()]).toEqual([[ways.code], []]);
  expect(press(ways.code)).toBe('opened');
});

test('money that goes back while the digits are on their way: they never stay on the lock', async () => {
  place.ttlock.setCondition(place.back.hardwareId, 'slow', true);
  const begun = await paid(() => undefined);
  await place.until('they are on their way', async () =>
    (await place.rows("select 1 from pins where placement -> 'attempt' ->> 'kind' = 'set'")).at(0),
  );
  place.ttlock.setCondition(place.back.hardwareId, 'slow', false); // what is on its way takes its seconds all the same
  const intent = place.stripe.about(begun.checkoutId).checkout.paymentIntentId ?? '';
  await place.stripe.refundFromDashboard(intent, 200);
  expect((await untilAccess(place, begun.token, 'refunded')).ways.code).toBeNull();
  await untilGone(begun.token);
  expect([onLock().written, vendors()]).toEqual([[], []]);
});

async function whose(): Promise<{ organizationId: string; lockId: string }> {
  const [row] = await place.rows<{ organization_id: string }>('select organization_id from locks limit 1');
  return { organizationId: row?.organization_id ?? '', lockId: place.back.id };
}

async function secondServer(): Promise<{ app: App; stop(): Promise<void> }> {
  const app = await createApp({
    config: { publicUrl: place.url, trustProxy: 0, cronSecret: null, stripeBaseUrl: place.stripe.url },
    connection: place.connection,
    masterKey: place.masterKey,
    clock: place.clock,
    log: createLog('silent'),
  });
  const engine = await app.startEngine();
  return {
    app,
    async stop() {
      await engine.stop();
      await app.close();
    },
  };
}
