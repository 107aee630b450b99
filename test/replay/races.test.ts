import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ShellySimulator } from '../../simulators/shelly/start.ts';
import { type Bought, boughtOf, buy, expectMoneyAddsUp, switchOns } from '../support/bought.ts';
import { chance } from '../support/chance.ts';
import { type Laundry, openLaundry } from '../support/laundry.ts';
import { addMachines, type Machine } from '../support/machines.ts';
import { beginToPay } from '../support/purchase.ts';

const luck = chance('races of a purchase');
const schedules = 24;
const takeovers = 12;

let laundry: Laundry;
let shelly: ShellySimulator;
let machines: Machine[];

beforeAll(async () => {
  laundry = await openLaundry();
  ({ machines, shelly } = await addMachines(laundry, schedules + takeovers + 10));
});
afterAll(async () => {
  await laundry.close();
  await shelly.close();
});
beforeEach(() => laundry.stripe.holdWebhooks(true));

const free = (): Machine => machines.pop() ?? expect.fail('There are too few machines');
const runs = async (bought: Bought): Promise<boolean> => (await bought.session()).phase === 'running';
const soon = async <T>(work: () => Promise<T>, within = 20): Promise<T> => {
  await laundry.clock.sleep(luck.below(within));
  return work();
};

/** All that may bring the news of a payment, each of them answered well. */
function messengers(machine: Machine, bought: Bought): (() => Promise<void>)[] {
  const well = async (answer: Promise<{ status: number; text: string }>): Promise<void> => {
    const { status, text } = await answer;
    if (status !== 200) throw new Error(`${status}: ${text}`);
  };
  const cron = { headers: { authorization: `Bearer ${laundry.cronSecret}` } };
  const activate = { body: { checkoutSessionId: bought.checkoutId } };
  const events = Object.values(bought.events());
  return [
    ...events.map((id) => async () => {
      const statuses = await laundry.stripe.deliver(id, 1 + luck.below(2));
      if (statuses.some((status) => status !== 200)) throw new Error(`${id}: ${statuses.join()}`);
    }),
    () => well(laundry.call('GET', `/session/${bought.token}`)),
    () => well(laundry.call('GET', `/api/public/sessions/${bought.token}`)),
    () => well(laundry.call('POST', `/api/public/device/${machine.uid}/activate`, activate)),
    () => well(laundry.call('POST', '/api/cron/session-cleanup', cron)),
    () => well(laundry.call('GET', '/api/cron/session-reconcile', cron)),
  ];
}

describe('events and the browser racing each other', () => {
  test(`${schedules} schedules by chance, each: one session, one switch-on, one payment`, async () => {
    for (let played = 0; played < schedules; played += 4) {
      await Promise.all(
        Array.from({ length: 4 }, async () => {
          const machine = free();
          const bought = await buy(laundry, machine);
          const all = messengers(machine, bought);
          await Promise.all(luck.shuffled([...all, ...all]).map((bring) => soon(bring)));
          await laundry.until('a run', () => runs(bought));
          expect(switchOns(machine.history())).toBe(1);
          expect(await bought.payment()).toMatchObject({ status: 'SUCCEEDED', refunded: 0 });
        }),
      );
    }
    const { rows } = await laundry.app.database.pool.query('select phase, count(*)::int from sessions group by phase');
    expect(rows).toEqual([{ phase: 'running', count: schedules }]);
    expect(laundry.stripe.charges().length).toBe(schedules);
  });
});

describe('a payment whose webhook never comes', () => {
  test('is found when the guest’s page comes back', async () => {
    const machine = free();
    const bought = await buy(laundry, machine);
    expect((await bought.session()).phase).toBe('awaiting-payment');
    const page = await laundry.call('GET', `/session/${bought.token}`);
    expect(page.status).toBe(200);
    await laundry.until('a run', () => runs(bought));
    expect(switchOns(machine.history())).toBe(1);
  });

  test('is found by activate, which gives the token of the one session however often it is asked', async () => {
    const machine = free();
    const bought = await buy(laundry, machine);
    const activate = (uid: string) =>
      laundry.call('POST', `/api/public/device/${uid}/activate`, { body: { checkoutSessionId: bought.checkoutId } });
    expect((await activate(laundry.washer.uid)).status).toBe(401);
    expect((await bought.session()).phase).toBe('awaiting-payment');
    const answers = await Promise.all([activate(machine.uid), activate(machine.uid), activate(machine.uid)]);
    expect(answers.map(({ body }) => body)).toEqual(Array(3).fill({ sessionToken: bought.token }));
    await laundry.until('a run', () => runs(bought));
    expect(switchOns(machine.history())).toBe(1);
  });

  test('is found by activate also when a page has asked a moment before, in vain', async () => {
    const machine = free();
    const bought = await buy(laundry, { ...machine, pay: false });
    expect((await laundry.call('GET', `/session/${bought.token}`)).status).toBe(200);
    await laundry.stripe.pay(bought.checkoutId);
    const body = { checkoutSessionId: bought.checkoutId };
    const answer = await laundry.call('POST', `/api/public/device/${machine.uid}/activate`, { body });
    expect(answer.body).toEqual({ sessionToken: bought.token });
  });

  test('is found by the job a minute later, and days later its events change nothing', async () => {
    const machine = free();
    const bought = await buy(laundry, machine);
    await laundry.ahead(61_000);
    await laundry.until('a run', () => runs(bought));
    await laundry.ahead(61 * 60_000);
    await laundry.until('the end', async () => (await bought.session()).phase === 'completed');
    for (const id of Object.values(bought.events())) expect(await laundry.stripe.deliver(id, 2)).toEqual([200, 200]);
    await laundry.ahead(48 * 3_600_000);
    expect(switchOns(machine.history())).toBe(1);
    await expectMoneyAddsUp(laundry, bought, 250);
  });

  test('asked about by the page just while it comes, is not asked about again', async () => {
    const bought = await buy(laundry, { ...free(), pay: false });
    laundry.stripe.setFault('slow'); // Stripe looks at once, and answers after the page has given up
    const page = laundry.call('GET', `/session/${bought.token}`);
    await laundry.clock.sleep(300);
    await laundry.stripe.pay(bought.checkoutId);
    for (const id of Object.values(bought.events())) await laundry.stripe.deliver(id);
    expect((await bought.payment()).status).toBe('SUCCEEDED');
    expect((await page).status).toBe(200);
    laundry.stripe.setFault('none');
    laundry.clock.ahead(31_000);
    expect((await laundry.app.services.payments.due(laundry.clock.now(), 10)).length).toBe(0);
  });

  test('of a checkout that was left: it expires, and the session says that nothing was paid', async () => {
    const bought = await buy(laundry, { ...free(), pay: false });
    await laundry.ahead(45 * 60_000);
    await laundry.until('the session cancelled', async () => (await bought.session()).phase === 'cancelled');
    expect((await bought.session()).failure_reason).toBe('payment_not_completed');
    expect((await bought.payment()).status).toBe('FAILED');
    const { 'checkout.session.expired': expired } = bought.events();
    expect(await laundry.stripe.deliver(expired ?? '', 2)).toEqual([200, 200]);
    expect((await bought.payment()).status).toBe('FAILED');
    expect(await laundry.app.rounds.due()).toBe(0);
  });
});

describe('two guests and one machine', () => {
  /** Guest A’s hold has run out when guest B comes. */
  async function lateAndNext(machine: Machine): Promise<Bought> {
    const late = await buy(laundry, { ...machine, pay: false });
    const other = await beginToPay(laundry, machine.plan, { uid: machine.uid });
    expect(other).toMatchObject({ status: 409, code: 'DEVICE_HELD' });
    return late;
  }

  test('both pay: the one who took over runs, the late one has every cent back', async () => {
    const machine = free();
    const late = await lateAndNext(machine);
    await laundry.ahead(181_000);
    await laundry.stripe.pay(late.checkoutId);
    const next = await buy(laundry, machine);
    await Promise.all(
      luck.shuffled([...Object.values(late.events()), ...Object.values(next.events())]).map((id) => {
        return soon(() => laundry.stripe.deliver(id, 2));
      }),
    );
    await laundry.until('a run', () => runs(next));
    await expectMoneyAddsUp(laundry, late, 0);
    expect((await late.session()).failure_reason).toBe('device_in_use');
    expect(next.charge().amountRefunded).toBe(0);
    expect(switchOns(machine.history())).toBe(1);
  });

  test(`${takeovers} races by chance: never two runs, and who does not run pays nothing`, async () => {
    for (let played = 0; played < takeovers; played++) {
      const machine = free();
      const late = await lateAndNext(machine);
      await laundry.ahead(181_000);
      if (luck.below(2) === 0) laundry.stripe.holdWebhooks(false);
      const paying = [
        soon(() => laundry.stripe.pay(late.checkoutId), 60),
        soon(async () => {
          const begun = await beginToPay(laundry, machine.plan, { uid: machine.uid });
          if (begun.status !== 200) return null;
          await soon(() => laundry.stripe.pay(begun.checkoutId), 40);
          return boughtOf(laundry, begun);
        }, 60),
      ] as const;
      const [{ paid }, next] = await Promise.all(paying);
      laundry.stripe.holdWebhooks(false);
      const runOf = async (bought: Bought | null) => bought !== null && (await runs(bought));
      await laundry.until('one run', async () => (await runOf(late)) !== (await runOf(next)));
      const loser = (await runOf(late)) ? next : late;
      const winner = (await runOf(late)) ? late : next;
      if (loser === late && !paid) expect((await late.payment()).status).toBe('FAILED');
      else if (loser !== null) await expectMoneyAddsUp(laundry, loser, 0);
      expect(winner?.charge().amountRefunded).toBe(0);
      expect(switchOns(machine.history())).toBe(1);
    }
  });
});

test('nothing is left over that would be looked at again and again', async () => {
  await laundry.ahead(3_600_000);
  await laundry.ahead(60_000);
  expect(await laundry.app.rounds.due()).toBe(0);
});
