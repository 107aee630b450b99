import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Bought, buy, expectMoneyAddsUp, switchOns } from '../support/bought.ts';
import { type Laundry, openLaundry } from '../support/laundry.ts';

let laundry: Laundry;
let begun = 0;
beforeAll(async () => {
  laundry = await openLaundry();
});
afterEach(async () => {
  laundry.shelly.setFault('Washer 1', 'none');
  await laundry.ahead(4000); // a look older than 3 s is repeated before the next guest pays
});
afterAll(() => laundry.close());

const fault = (name: Parameters<Laundry['shelly']['setFault']>[1]) => laundry.shelly.setFault('Washer 1', name);
const relay = () => laundry.shelly.device('Washer 1').channels[0];
/** What the relay took and did since this purchase began. */
const history = () => laundry.shelly.history('Washer 1').slice(begun);
const sets = () => history().filter(({ kind }) => kind === 'set');
const phase = (bought: Bought, wanted: string) =>
  laundry.until(wanted, async () => (await bought.session()).phase === wanted);
const state = async ({ token }: Bought): Promise<string> =>
  (await laundry.call('GET', `/api/public/sessions/${token}`)).body.state;
const outcomes = async (bought: Bought) => {
  const { rows } = await laundry.app.database.pool.query<{ kind: string; outcome: string }>(
    'select kind, outcome from commands where session_id = $1 order by id',
    [(await bought.session()).id],
  );
  return rows.map(({ kind, outcome }) => `${kind} ${outcome}`);
};
const audited = async (bought: Bought, action: string) => {
  const { rows } = await laundry.app.database.pool.query(
    'select from audit_entries where entity_id = $1 and action = $2',
    [(await bought.session()).id, action],
  );
  return rows.length;
};
/** Seconds that the contact was closed, by the simulator. */
const secondsOn = () => {
  let on: number | null = null;
  let sum = 0;
  for (const flip of history().filter(({ kind }) => kind === 'flip')) {
    if (!flip.on && on !== null) sum += flip.at - on;
    on = flip.on ? flip.at : null;
  }
  return (on === null ? sum : sum + laundry.clock.now() - on) / 1000;
};

/** The guest has paid; the fault came between the look at the machine and the money. */
async function pay(o: { plan?: string; fault?: Parameters<typeof fault>[0] } = {}): Promise<Bought> {
  begun = laundry.shelly.history('Washer 1').length;
  const bought = await buy(laundry, { ...(o.plan === undefined ? {} : { plan: o.plan }), pay: false });
  if (o.fault !== undefined) fault(o.fault);
  expect(await laundry.stripe.pay(bought.checkoutId)).toEqual({ paid: true });
  return bought;
}
async function running(plan?: string): Promise<Bought> {
  const bought = await pay(plan === undefined ? {} : { plan });
  if (plan !== undefined) {
    await phase(bought, 'delayed');
    await laundry.ahead(5 * 60_000);
  }
  await phase(bought, 'running');
  return bought;
}

describe('a machine that does not start', () => {
  test('offline: nothing is believed, after 20 s every cent goes back', async () => {
    const bought = await pay({ fault: 'offline' });
    await phase(bought, 'starting');
    await laundry.ahead(15_000);
    expect((await bought.session()).phase).toBe('starting');
    await laundry.ahead(6000);
    await phase(bought, 'cancelled');
    expect((await bought.session()).failure_reason).toBe('device_offline');
    expect(await state(bought)).toBe('failed-to-start');
    await expectMoneyAddsUp(laundry, bought, 0);
    expect((await outcomes(bought)).at(-1)).toBe('switch-off refused'); // it was tried
    expect(sets()).toEqual([]);
  });

  test('offline, and back within 20 s: it runs its whole time from then', async () => {
    const bought = await pay({ fault: 'offline' });
    await phase(bought, 'starting');
    await laundry.ahead(12_000);
    fault('none');
    await laundry.ahead(2000);
    await phase(bought, 'running');
    const { paid_at, started_at, ends_at } = await bought.session();
    expect((started_at ?? 0) - (paid_at ?? 0)).toBeGreaterThanOrEqual(12_000);
    expect((ends_at ?? 0) - (started_at ?? 0)).toBe(60_000);
    await laundry.ahead(61_000);
    await expectMoneyAddsUp(laundry, bought, 100);
    expect(switchOns(sets())).toBe(1);
  });

  test.each(['dead-relay', 'refuses'] as const)('%s: tried again, switched off, every cent back', async (name) => {
    const bought = await pay({ fault: name });
    await laundry.until('a try', async () => (await outcomes(bought)).includes('switch-on refused'));
    for (let seconds = 0; seconds < 21; seconds += 3) await laundry.ahead(3000);
    await phase(bought, 'cancelled');
    expect((await bought.session()).failure_reason).toBe('relay_on_failed');
    await expectMoneyAddsUp(laundry, bought, 0);
    expect((await outcomes(bought)).filter((one) => one === 'switch-on refused').length).toBeGreaterThan(1);
    expect((await outcomes(bought)).at(-1)).toMatch(/^switch-off /);
    expect(relay()?.output).toBe(false);
    if (name === 'dead-relay') expect(sets().at(-1)?.on).toBe(false);
  });

  test('whose connection cannot be opened by us any more: every cent back all the same', async () => {
    const { pool } = laundry.app.database;
    const bought = await pay({ plan: laundry.washer.plans.delayed });
    await phase(bought, 'delayed');
    const { rows } = await pool.query("select id, sealed from connections where vendor = 'shelly-lan'");
    const put = (sealed: unknown) =>
      pool.query('update connections set sealed = $2, updated_at = $3 where id = $1', [
        rows[0].id,
        sealed,
        new Date(laundry.clock.now()),
      ]);
    await put(Buffer.from('not sealed by us'));
    await laundry.ahead(61_000);
    for (let seconds = 0; seconds < 24; seconds += 3) await laundry.ahead(3000);
    await phase(bought, 'cancelled');
    await expectMoneyAddsUp(laundry, bought, 0);
    await put(rows[0].sealed);
  });

  test('slow to answer: never seen on, so every cent goes back, and its own timer ends what nobody sees', async () => {
    const bought = await pay({ fault: 'slow' });
    await laundry.until('it on', () => relay()?.output === true);
    expect(relay()?.timerDuration).toBe(60);
    await laundry.clock.sleep(4500);
    await laundry.ahead(20_000);
    await phase(bought, 'cancelled');
    await expectMoneyAddsUp(laundry, bought, 0);
    expect(switchOns(sets())).toBe(1);
    await laundry.ahead(41_000);
    expect(relay()?.output).toBe(false);
  });
});

describe('an answer that is lost', () => {
  test('of the switch-on: one run, and no second switch-on', async () => {
    const bought = await pay({ fault: 'answer-lost' });
    await phase(bought, 'running');
    fault('none');
    await laundry.ahead(30_000);
    await laundry.ahead(31_000);
    await phase(bought, 'completed');
    await expectMoneyAddsUp(laundry, bought, 100);
    expect(switchOns(sets())).toBe(1);
    expect(relay()?.output).toBe(false);
  });

  test('of the switch-off at the end: the run is complete all the same', async () => {
    const bought = await running();
    fault('answer-lost');
    await laundry.ahead(61_000);
    await phase(bought, 'completed');
    await expectMoneyAddsUp(laundry, bought, 100);
    expect(relay()?.output).toBe(false);
  });
});

describe('a relay that goes off during the run', () => {
  test('by its button: it is switched on again for the time that is left, and counts as delivered', async () => {
    const bought = await running();
    const { ends_at } = await bought.session();
    await laundry.ahead(20_000);
    laundry.shelly.setOutput('Washer 1', 0, false);
    await laundry.ahead(10_500);
    await laundry.until('it on again', () => relay()?.output === true);
    await laundry.until('it known', async () => (await bought.session()).run.offSince === null);
    expect(sets().map(({ on }) => on)).toEqual([true, true]);
    expect(sets()[1]?.toggleAfter).toBeGreaterThan(27);
    expect(sets()[1]?.toggleAfter).toBeLessThanOrEqual(30);
    expect(await audited(bought, 'session recovered')).toBe(1);
    expect((await bought.session()).ends_at).toBe(ends_at);
    await laundry.ahead(31_000);
    await phase(bought, 'completed');
    await expectMoneyAddsUp(laundry, bought, 100);
  });

  test('by a power cut: the same', async () => {
    const bought = await running();
    await laundry.ahead(15_000);
    laundry.shelly.powerCycle('Washer 1');
    expect(relay()?.output).toBe(false);
    await laundry.ahead(10_500);
    await laundry.until('it on again', () => relay()?.output === true);
    await laundry.until('it known', async () => (await bought.session()).run.offSince === null);
    expect(relay()?.timerDuration).toBeLessThanOrEqual(35);
    await laundry.ahead(36_000);
    await phase(bought, 'completed');
    await expectMoneyAddsUp(laundry, bought, 100);
    expect(await audited(bought, 'session recovered')).toBe(1);
  });

  test('for good: after a minute it is given up, and what it did not run goes back to the cent', async () => {
    const bought = await running(laundry.washer.plans.hour);
    for (let minutes = 0; minutes < 20; minutes += 5) await laundry.ahead(5 * 60_000);
    fault('dead-relay');
    for (let seconds = 0; seconds < 75; seconds += 5) await laundry.ahead(5000);
    await phase(bought, 'cancelled');
    expect((await bought.session()).failure_reason).toBe('relay_off_prematurely');
    expect(await state(bought)).toBe('interrupted');
    await expectMoneyAddsUp(laundry, bought);
    const counted = (await bought.session()).run.onMs / 1000;
    expect(counted).toBeLessThanOrEqual(secondsOn() + 1);
    expect(counted).toBeGreaterThan(secondsOn() - 11); // the last reading that said on
    expect(bought.charge().amountRefunded).toBeGreaterThanOrEqual(Math.floor((250 * 40) / 60));
    expect(relay()?.output).toBe(false);
  });

  test('for longer than a minute in sum: it runs to its end, and the gaps go back', async () => {
    const bought = await running(laundry.washer.plans.hour);
    for (let gaps = 0; gaps < 2; gaps++) {
      await laundry.ahead(5 * 60_000);
      const seen = async () => ((await bought.session()).run.seenOnAt ?? 0) > laundry.clock.now() - 60_000;
      await laundry.until('it seen on', seen); // what was not seen for five minutes would count as off
      fault('dead-relay');
      for (let seconds = 0; seconds < 45; seconds += 5) await laundry.ahead(5000);
      fault('none');
      await laundry.ahead(2000);
      await laundry.until('it on again', () => relay()?.output === true);
      await laundry.until('it known', async () => (await bought.session()).run.offSince === null);
    }
    await laundry.ahead(60 * 60_000);
    await phase(bought, 'completed');
    await expectMoneyAddsUp(laundry, bought);
    expect(bought.charge().amountRefunded).toBeGreaterThan(0);
    expect(bought.charge().amountRefunded).toBeLessThan(20);
    expect(await audited(bought, 'session recovered')).toBe(2);
  });
});

describe('a device out of reach during the run', () => {
  test('is not counted as off: the page says so, and the run goes on when it is back', async () => {
    const bought = await running();
    fault('offline');
    await laundry.ahead(11_000);
    await laundry.until('the page to tell', async () => (await state(bought)) === 'unavailable');
    fault('none');
    await laundry.ahead(11_000);
    await laundry.until('the page to tell', async () => (await state(bought)) === 'running');
    await laundry.ahead(40_000);
    await phase(bought, 'completed');
    await expectMoneyAddsUp(laundry, bought, 100);
    expect(switchOns(sets())).toBe(1);
  });

  test('until after the end: finishing, and complete when it is back', async () => {
    const bought = await running();
    fault('offline');
    await laundry.ahead(61_000);
    await laundry.until('the page to tell', async () => (await state(bought)) === 'finishing');
    await laundry.ahead(30 * 60_000);
    expect(await state(bought)).toBe('finishing');
    fault('none');
    await laundry.ahead(31_000);
    await phase(bought, 'completed');
    expect(relay()?.output).toBe(false); // by its own timer, at its time
    expect(Math.round(secondsOn())).toBe(60);
    await expectMoneyAddsUp(laundry, bought, 100);
  });

  test('off meanwhile, as a later reading proves: what is proved goes back, and it is switched on again at once', async () => {
    const bought = await running(laundry.washer.plans.hour);
    await laundry.ahead(10 * 60_000);
    laundry.shelly.powerCycle('Washer 1');
    fault('offline');
    await laundry.ahead(20 * 60_000);
    fault('none');
    for (let seconds = 0; seconds < 12; seconds += 3) await laundry.ahead(3000);
    await laundry.until('it on again', () => relay()?.output === true);
    for (let minutes = 0; minutes < 32; minutes += 4) await laundry.ahead(4 * 60_000);
    await phase(bought, 'completed');
    expect(await audited(bought, 'session recovered')).toBe(1);
    await expectMoneyAddsUp(laundry, bought);
    expect(bought.charge().amountRefunded).toBeGreaterThanOrEqual(Math.floor((250 * 19) / 60));
    expect((await bought.session()).run.onMs / 1000).toBeLessThanOrEqual(secondsOn() + 1);
  });

  test('for 24 hours: given up, told to the owner, and counted as delivered: its own timer ran', async () => {
    const bought = await running();
    fault('offline');
    await laundry.ahead(61_000);
    for (let hours = 0; hours < 23; hours++) await laundry.ahead(3_600_000);
    expect((await bought.session()).phase).toBe('stopping');
    await laundry.ahead(3_600_000);
    await phase(bought, 'cancelled');
    expect((await bought.session()).failure_reason).toBe('reconciliation_timeout');
    const { rows } = await laundry.app.database.pool.query(
      'select kind, subject from notices where cleared_at is null order by kind',
    );
    expect(rows).toEqual([
      { kind: 'device-offline', subject: laundry.washer.id },
      { kind: 'session-lost-sight', subject: (await bought.session()).id },
    ]);
    await expectMoneyAddsUp(laundry, bought, 100);
  });
});

test('nothing is left to be done', async () => {
  await laundry.ahead(1000);
  expect(await laundry.app.rounds.due()).toBe(0);
});
