import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../database/fresh.ts';
import { commitNames } from '../support/commit-names.ts';
import { freePort } from '../support/free-port.ts';
import { movingClock } from '../support/moving-clock.ts';
import { killAll, startKeystead } from './keystead-process.ts';
import { type MortalServer, openMortalServer } from './mortal-server.ts';
import { type Answer, openPlace, type Place, until } from './place.ts';

/**
 * The server killed around each commit of the purchase of a way in. In the end the guest has exactly one code, or the money
 * back; no second code is left behind, and none after its time.
 */
let fresh: FreshDatabase;
let place: Place;
let server: MortalServer;
let uid: string;
let client: pg.Client;
const lock = () => place.simulators.ttlock.idOf('Back');
/** Those that open it: digits of our own, and those that the vendor chose. */
const codes = () => {
  const { written, random } = place.simulators.ttlock.onLock(lock());
  return written.length + random.filter(({ state }) => state === 'good').length;
};

beforeAll(async () => {
  fresh = await freshDatabase({ from: 'template0' });
  place = await openPlace({ port: await freePort(), names: ['One'], clock: movingClock() });
  const environment = {
    ...place.environment,
    DATABASE_URL: fresh.url,
    MASTER_KEY: Buffer.alloc(32, 9).toString('base64'),
  };
  const first = await startKeystead(environment);
  await place.furnish();
  const { clientId, clientSecret, username, password } = place.simulators.ttlock.account;
  const account = { server: place.simulators.ttlock.url, clientId, clientSecret, username, password };
  await place.call('POST', '/api/connections', { body: { vendor: 'ttlock', ...account } });
  const locationId = (await place.call('GET', '/api/locations')).body[0].id;
  const wish = { ttlockLockId: lock(), locationId, price: 200, duration: 30 };
  const made = await place.call('POST', '/api/doors', { body: wish });
  expect([made.status, made.body]).toEqual([200, expect.objectContaining({ ttlockLockId: lock(), name: 'Back' })]);
  uid = made.body.uid;
  await first.stop();
  client = new pg.Client(fresh.connection);
  await client.connect();
  server = await openMortalServer(environment);
});
afterEach(() => {
  place.simulators.ttlock.trouble(null);
  gatewayIs(true);
});
afterAll(async () => {
  await server.close();
  await killAll();
  await client.end();
  await place.close();
  await fresh.drop();
});

type Guest = { token: string; checkoutId: string; cookie: string };

async function begin(cookie?: string): Promise<Guest> {
  const body = {};
  const answer = await place.call('POST', `/api/public/door/${uid}/intent`, {
    body,
    staff: false,
    ...(cookie === undefined ? {} : { cookie }),
  });
  const checkout = place.simulators.stripe.checkouts().find(({ url }) => url === answer.body.url);
  const token = /\/access\/([^?]+)/.exec(checkout?.successUrl ?? '')?.[1] ?? '';
  return { token, checkoutId: checkout?.id ?? '', cookie: cookie ?? answer.cookie };
}

const access = async ({ token }: Guest): Promise<Answer['body']> =>
  (await place.call('GET', `/api/public/access/${token}`, { staff: false })).body;
const untilState = (guest: Guest, state: string) =>
  until(
    `the pass is ${state}`,
    async () => {
      const found = await access(guest);
      return found.state === state ? found : null;
    },
    50,
  );

/** Digits of our own that are on the lock, or were to be, and are not known to be off. */
const pins = async () => (await client.query('select id, state from pins where deleted_at is null')).rows;

function gatewayIs(online: boolean): void {
  for (const { gatewayId } of place.simulators.ttlock.gateways())
    place.simulators.ttlock.setGateway(gatewayId, { online });
}

function around(...commits: string[]): string[] {
  return commits.flatMap((commit) => [`${commit}:before`, `${commit}:after`]);
}

const killedAt = async (point: string, act: () => Promise<unknown>): Promise<void> =>
  expect(await server.killedAt(point, act)).toBe('SIGKILL');

describe('a way in is bought, killed at', () => {
  test.each(
    around('provider-event', 'pass-step', 'pass-pin-asked', 'lock-command-asked', 'lock-command-told', 'pass-pin-told'),
  )(
    '%s: there is one code in the end, and its time is sold once',
    async (point) => {
      const before = codes();
      let guest: Guest = { token: '', checkoutId: '', cookie: '' };
      await killedAt(point, async () => {
        guest = await begin();
        await place.simulators.stripe.pay(guest.checkoutId);
      });
      // it may have died over what an earlier guest had left, before this one was served
      if (guest.token === '') guest = await begin();
      await place.simulators.stripe.pay(guest.checkoutId);
      place.ahead(40_000); // leases are over
      const ready = await untilState(guest, 'ready');
      expect(ready.ways.code).toMatch(/^\d{4,9}$/);
      place.ahead(30_000); // what a lost command did is believed
      await until('there is one code', () => codes() - before === 1, 30);
      expect(place.simulators.ttlock.press(lock(), ready.ways.code)).toMatchObject({ opened: true });
      expect(ready.refund).toBeNull();
      place.ahead(31 * 60_000);
      await untilState(guest, 'ended');
      await until('the code is gone', () => codes() === before, 30);
    },
    150_000,
  );

  test.each(['door-checkout-open:before', 'door-checkout-open:after', 'checkout-ready:before', 'checkout-ready:after'])(
    '%s: the guest begins again, and pays once',
    async (point) => {
      const before = codes();
      const cookie = `keystead_hold=${'a'.repeat(31)}${point.length % 10}`;
      await killedAt(point, () => begin(cookie));
      const guest = await begin(cookie);
      expect(await place.simulators.stripe.pay(guest.checkoutId)).toEqual({ paid: true });
      await untilState(guest, 'ready');
      expect(codes() - before).toBe(1);
    },
    150_000,
  );

  test.each(around('pass-pin-told'))(
    '%s, when its digits do not come: it is a code of the vendor’s, and they never are on the lock',
    async (point) => {
      place.ahead(31 * 60_000); // nor is the lock left alone any more for what the one before met
      await until('what came before is over', async () => (await pins()).length === 0 && codes() === 0, 30);
      let guest: Guest = { token: '', checkoutId: '', cookie: '' };
      await killedAt(point, async () => {
        guest = await begin();
        gatewayIs(false);
        await place.simulators.stripe.pay(guest.checkoutId);
      });
      const ready = await untilState(guest, 'ready');
      expect(place.simulators.ttlock.press(lock(), ready.ways.code)).toMatchObject({ opened: true });
      gatewayIs(true);
      place.ahead(11 * 60_000);
      await until('its digits are given up', async () => (await pins()).length === 0, 30);
      expect(codes()).toBe(1);
    },
    150_000,
  );
});

describe('the time of a way in is over, killed at', () => {
  test.each(around('pass-step', 'pass-pin-cleared', 'pass-told'))(
    '%s: no code is left behind',
    async (point) => {
      place.ahead(31 * 60_000);
      await until('what came before is over', async () => (await pins()).length === 0 && codes() === 0, 30);
      const guest = await begin();
      await place.simulators.stripe.pay(guest.checkoutId);
      const ready = await untilState(guest, 'ready');
      expect([codes(), (await pins()).length]).toEqual([1, 1]);
      await killedAt(point, async () => place.ahead(31 * 60_000));
      place.ahead(40_000); // leases are over
      await untilState(guest, 'ended');
      await until('the code is gone', async () => codes() === 0 && (await pins()).length === 0, 30);
      expect(place.simulators.ttlock.press(lock(), ready.ways.code)).toMatchObject({ opened: false });
    },
    150_000,
  );
});

describe('a way in that could not be made, killed at', () => {
  test.each(around('pass-step', 'pass-pin-told', 'refund-done'))(
    '%s: all the money goes back, once',
    async (point) => {
      place.ahead(11 * 60_000); // as above
      const guest = await begin();
      place.simulators.ttlock.trouble({ kind: 'broken', where: 'everything' });
      await killedAt(point, async () => {
        await place.simulators.stripe.pay(guest.checkoutId);
        if (!point.startsWith('pass-step')) await untilState(guest, 'getting-ready'); // there it dies at its first step
        place.ahead(121_000);
      });
      place.ahead(121_000);
      const gone = await untilState(guest, 'could-not-make').catch(async (error: unknown) => {
        console.error(await access(guest));
        throw error;
      });
      expect(gone.failureReason).toBe('no_way_in');
      await until('the money is back', async () => (await access(guest)).refund?.state === 'done', 30);
      const { charge } = place.simulators.stripe.about(guest.checkoutId);
      expect(charge?.amountRefunded).toBe(200);
    },
    150_000,
  );
});

test('there are no other commits of ways in', () => {
  const own = commitNames().filter(({ file }) => /^engine.pass-|^features.passes|door-checkout/.test(file));
  const killed = [
    'door-checkout-open',
    'pass-step',
    'pass-told',
    'pass-pin-asked',
    'pass-pin-told',
    'pass-pin-cleared',
  ];
  expect(
    own.map(({ name }) => name).filter((name) => ![...killed, 'pass-language', 'pass-pressed-in-vain'].includes(name)),
  ).toEqual([]);
});
