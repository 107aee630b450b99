import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Bought, buy, expectMoneyAddsUp, switchOns } from '../support/bought.ts';
import { type Laundry, openLaundry } from '../support/laundry.ts';
import { beginToPay } from '../support/purchase.ts';

let laundry: Laundry;
beforeAll(async () => {
  laundry = await openLaundry();
});
afterEach(async () => {
  laundry.shelly.setFault('Washer 1', 'none');
  await laundry.ahead(4000); // a look older than 3 s is repeated before the next guest pays
});
afterAll(() => laundry.close());

const relay = () => laundry.shelly.device('Washer 1').channels[0];
const sets = () => laundry.shelly.history('Washer 1').filter(({ kind }) => kind === 'set');
const ask = (method: string, path: string, body?: unknown) =>
  laundry.call(method, path, { token: laundry.tokens.admin, ...(body === undefined ? {} : { body }) });
const hand = (what: 'switch' | 'force-off', body?: unknown) =>
  ask('POST', `/api/devices/${laundry.washer.id}/${what}`, body);
const phase = (bought: Bought, wanted: string) =>
  laundry.until(wanted, async () => (await bought.session()).phase === wanted);
/** The round over all relays, as every 20 s. */
const round = async () => {
  laundry.clock.ahead(21_000);
  await laundry.app.rounds.cron.reconcile();
};
const offline = async () => {
  const { rows } = await laundry.app.database.pool.query<{ cleared: boolean }>(
    "select cleared_at is not null as cleared from notices where kind = 'device-offline' order by id",
  );
  return rows.map(({ cleared }) => cleared);
};

async function running(seconds: number, plan?: string): Promise<Bought> {
  const bought = await buy(laundry, plan === undefined ? {} : { plan });
  if (plan !== undefined) {
    await phase(bought, 'delayed');
    await laundry.ahead(5 * 60_000);
  }
  await phase(bought, 'running');
  await laundry.ahead(seconds * 1000);
  return bought;
}

describe('a run that staff ends', () => {
  const ways: [string, string, (bought: Bought) => Promise<{ status: number }>][] = [
    ['force-off', 'force_ended_by_admin', () => hand('force-off')],
    ['end', 'force_ended_by_admin', ({ token }) => ask('PATCH', `/api/sessions/${token}/end`, {})],
  ];
  test.each(ways)('by %s: off, and what was not delivered goes back to the cent', async (_, reason, way) => {
    const bought = await running(1234, laundry.washer.plans.hour);
    expect((await way(bought)).status).toBe(200);
    expect(relay()?.output).toBe(false);
    await expectMoneyAddsUp(laundry, bought);
    const { failure_reason, run } = await bought.session();
    expect(failure_reason).toBe(reason);
    expect(run.onMs / 1000).toBeGreaterThanOrEqual(1234);
    expect(run.onMs / 1000).toBeLessThan(1264); // the test itself takes its time
    const back = bought.charge().amountRefunded;
    expect(250 - back).toBeGreaterThanOrEqual(Math.floor((250 * 1234) / 3600));
    expect(250 - back).toBeLessThanOrEqual(Math.floor((250 * 1264) / 3600));
  });

  test('without a refund: nothing goes back', async () => {
    const bought = await running(10);
    expect((await ask('PATCH', `/api/sessions/${bought.token}/end`, { refund: false })).status).toBe(200);
    await phase(bought, 'cancelled');
    await laundry.ahead(60_000);
    await expectMoneyAddsUp(laundry, bought, 100);
  });

  test('and says that it failed: all of it goes back, however long it ran', async () => {
    const bought = await running(50);
    expect((await ask('PATCH', `/api/sessions/${bought.token}/fail`, { reason: 'no water' })).status).toBe(200);
    await expectMoneyAddsUp(laundry, bought, 0);
    expect((await bought.session()).failure_reason).toBe('failed_by_admin');
    expect(relay()?.output).toBe(false);
  });

  test('during its delay: all of it goes back, and the relay never goes on', async () => {
    const before = switchOns(sets());
    const bought = await buy(laundry, { plan: laundry.washer.plans.delayed });
    await phase(bought, 'delayed');
    expect((await hand('force-off')).status).toBe(200);
    await laundry.ahead(61_000);
    await expectMoneyAddsUp(laundry, bought, 0);
    expect(switchOns(sets())).toBe(before);
  });

  test.each([true, false])(
    'before its guest has paid (refund: %s): who pays all the same has it back',
    async (refund) => {
      const bought = await buy(laundry, { pay: false });
      laundry.stripe.setFault('down'); // our word that the checkout is to be expired does not get through
      expect((await ask('PATCH', `/api/sessions/${bought.token}/end`, { refund })).status).toBe(200);
      laundry.stripe.setFault('none');
      const { paid } = await laundry.stripe.pay(bought.checkoutId);
      await laundry.ahead(60_000);
      if (paid) await expectMoneyAddsUp(laundry, bought, 0);
      else expect((await bought.payment()).status).toBe('FAILED');
      expect(relay()?.output).toBe(false);
    },
  );

  test('while the device is out of reach: the guest has the rest back at once, its own timer ends the run', async () => {
    const bought = await running(20);
    laundry.shelly.setFault('Washer 1', 'offline');
    expect((await hand('force-off')).status).toBe(502);
    await phase(bought, 'cancelled');
    await expectMoneyAddsUp(laundry, bought);
    await laundry.ahead(41_000);
    expect(relay()?.output).toBe(false);
  });
});

describe('staff’s hand on the relay', () => {
  test('on: with its own end, left alone by the round, and not sold meanwhile', async () => {
    expect((await hand('switch', { on: true, minutes: 7 })).status).toBe(200);
    expect(relay()).toMatchObject({ output: true, timerDuration: 420 });
    await round();
    expect(relay()?.output).toBe(true);
    expect(await beginToPay(laundry, laundry.washer.plans.now)).toMatchObject({
      status: 409,
      code: 'DEVICE_UNAVAILABLE',
    });
    await laundry.ahead(7 * 60_000);
    expect(relay()?.output).toBe(false);
    expect(sets().at(-1)?.on).toBe(true); // the device’s own timer did it
  });

  test('on again by its button after its time: switched off by the round', async () => {
    laundry.shelly.setOutput('Washer 1', 0, true);
    await round();
    expect(relay()?.output).toBe(false);
    expect(sets().at(-1)?.on).toBe(false);
  });

  test('off: nothing switches it on again', async () => {
    expect((await hand('switch', { on: true })).status).toBe(200);
    expect((await hand('switch', { on: false })).status).toBe(200);
    const before = switchOns(sets());
    for (let rounds = 0; rounds < 3; rounds++) await round();
    await laundry.ahead(60_000);
    expect(switchOns(sets())).toBe(before);
    expect(relay()?.output).toBe(false);
  });

  test('during a run: refused, and the run goes on', async () => {
    const bought = await running(5);
    expect((await hand('switch', { on: false })).body).toMatchObject({ code: 'DEVICE_IN_USE' });
    expect((await hand('switch', { on: true })).status).toBe(409);
    expect(relay()).toMatchObject({ output: true, timerDuration: 60 });
    await laundry.ahead(60_000);
    await expectMoneyAddsUp(laundry, bought, 100);
  });

  test('force-off without a run: off all the same, and it stays off', async () => {
    laundry.shelly.setOutput('Washer 1', 0, true);
    expect((await hand('force-off')).status).toBe(200);
    await round();
    expect(relay()?.output).toBe(false);
  });

  test('on, while a guest is paying: refused; after the hold, who pays still has their run, with its own end', async () => {
    const bought = await buy(laundry, { pay: false });
    expect((await hand('switch', { on: true, minutes: 200 })).body).toMatchObject({ code: 'DEVICE_HELD' });
    expect(relay()?.output).toBe(false);
    await laundry.ahead(181_000);
    expect((await hand('switch', { on: true, minutes: 200 })).status).toBe(200);
    await laundry.stripe.pay(bought.checkoutId);
    await phase(bought, 'running');
    expect(relay()).toMatchObject({ output: true, timerDuration: 60 });
    await laundry.ahead(61_000);
    await expectMoneyAddsUp(laundry, bought, 100);
    expect(relay()?.output).toBe(false);
  });
});

test('a device that is deleted while its guest pays does not run any more: every cent goes back', async () => {
  const bought = await buy(laundry, { uid: laundry.dryer.uid, plan: laundry.dryer.plan, pay: false });
  expect((await ask('DELETE', `/api/devices/${laundry.dryer.id}`)).status).toBe(200);
  await laundry.stripe.pay(bought.checkoutId);
  await phase(bought, 'cancelled');
  await laundry.ahead(3 * 60_000);
  await expectMoneyAddsUp(laundry, bought, 0);
  expect(switchOns(laundry.shelly.history('Dryer'))).toBe(0);
});

describe('a relay that nobody asked for', () => {
  test.each(['by its button', 'with a lost answer', 'again and again'])(
    'on %s is switched off by the round',
    async (how) => {
      if (how === 'with a lost answer') laundry.shelly.setFault('Washer 1', 'answer-lost');
      for (let times = 0; times < (how === 'again and again' ? 3 : 1); times++) {
        laundry.shelly.setOutput('Washer 1', 0, true);
        await round();
        expect(relay()?.output).toBe(false);
      }
    },
  );

  test('that refuses to go off is tried at each round, and known to be on: it is not sold', async () => {
    laundry.shelly.setOutput('Washer 1', 0, true);
    laundry.shelly.setFault('Washer 1', 'refuses');
    await round();
    await round();
    expect((await beginToPay(laundry, laundry.washer.plans.now)).status).toBe(409);
    laundry.shelly.setFault('Washer 1', 'none');
    await round();
    expect(relay()?.output).toBe(false);
  });

  test('on while a guest still loads the machine is switched off: the run goes on at its time, once', async () => {
    const begun = sets().length;
    const bought = await buy(laundry, { plan: laundry.washer.plans.delayed });
    await phase(bought, 'delayed');
    laundry.shelly.setOutput('Washer 1', 0, true);
    await round();
    expect(relay()?.output).toBe(false);
    expect((await bought.session()).phase).toBe('delayed');
    await laundry.ahead(40_000); // the round took 21 s of its minute
    await phase(bought, 'running');
    expect(switchOns(sets().slice(begun))).toBe(1);
    await hand('force-off');
    await phase(bought, 'cancelled');
  });
});

describe('a device that is offline', () => {
  test('is a notice, raised once however often it is looked at, and cleared when it answers', async () => {
    const before = (await offline()).length;
    laundry.shelly.setFault('Washer 1', 'offline');
    for (let rounds = 0; rounds < 3; rounds++) await round();
    await laundry.call('GET', `/pay/${laundry.washer.uid}`);
    expect((await offline()).slice(before)).toEqual([false]);
    laundry.shelly.setFault('Washer 1', 'none');
    await round();
    expect((await offline()).slice(before)).toEqual([true]);
    laundry.shelly.setFault('Washer 1', 'offline');
    await round(); // back within a quarter of an hour: it is the same one
    expect((await offline()).slice(before)).toEqual([false]);
    laundry.shelly.setFault('Washer 1', 'none');
    await round();
    laundry.clock.ahead(16 * 60_000);
    laundry.shelly.setFault('Washer 1', 'offline');
    await round();
    expect((await offline()).slice(before)).toEqual([true, false]);
  });

  test('is no notice after one missed answer, nor is that shown to a guest whose machine runs', async () => {
    const before = (await offline()).length;
    const bought = await running(20);
    const { relays } = laundry.app.services;
    const { organization_id, id, device_id } = await bought.session();
    const at = laundry.clock.now();
    await laundry.app.database.transaction('test-missed', async (tx) => {
      await relays.record(tx, organization_id, device_id, { kind: 'unreachable', why: 'silence', at });
      const missed = { kind: 'reading', reading: { kind: 'unreachable', at } } as const;
      await laundry.app.services.sessions.step(tx, organization_id, id, missed);
    });
    const view = await laundry.call('GET', `/api/public/sessions/${bought.token}`);
    expect(view.body.state).toBe('running');
    expect((await offline()).length).toBe(before);
    await hand('force-off');
  });

  test('is a notice exactly while it is known to be offline, however its looks cross each other', async () => {
    const { relays } = laundry.app.services;
    const { pool } = laundry.app.database;
    const { rows } = await pool.query('select organization_id from devices where id = $1', [laundry.washer.id]);
    const record = (seen: Parameters<typeof relays.record>[3]) =>
      laundry.app.database.transaction('test-reading', (tx) =>
        relays.record(tx, rows[0].organization_id, laundry.washer.id as Parameters<typeof relays.record>[2], seen),
      );
    const looks = { autoOffAt: null, powerWatts: 0, source: null };
    const seen = new Set<boolean>();
    for (let times = 0; times < 25; times++) {
      laundry.clock.ahead(3000);
      const at = laundry.clock.now();
      await Promise.all([
        record({ kind: 'unreachable', why: 'silence', at }),
        record({ kind: 'relay', on: false, ...looks, at: at + 1 }),
        record({ kind: 'unreachable', why: 'silence', at: at + (times % 3) * 2100 }),
      ]);
      const { rows: known } = await pool.query<{ offline: boolean; notices: number }>(
        `select offline_since is not null as offline, (select count(*)::int from notices
         where kind = 'device-offline' and cleared_at is null) as notices from relays where device_id = $1`,
        [laundry.washer.id],
      );
      expect(known[0]?.notices).toBe(known[0]?.offline ? 1 : 0);
      seen.add(known[0]?.offline === true);
      laundry.clock.ahead(2000);
    }
    expect(seen.size).toBe(2);
  });
});
