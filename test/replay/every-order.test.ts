import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ShellySimulator } from '../../simulators/shelly/start.ts';
import { chance, ordersRepeated } from '../support/chance.ts';
import { expectGivenBack } from '../support/given-back.ts';
import { type Laundry, openLaundry } from '../support/laundry.ts';
import { addMachines, type Machine } from '../support/machines.ts';
import { openTill, type Sale, type Till } from '../support/till.ts';

/**
 * Everything that may tell of one purchase, each once up to three times, in every order of up to five tellings, and some of
 * the longer ones by chance (KEYSTEAD_RUNS: how many). A telling that is repeated comes once as the same event and then as
 * another one. Whatever the order, the books are the same. Orders of any length are those of every-state.test.ts.
 */
const tellings = ['checkout.session.completed', 'payment_intent.succeeded', 'charge.refunded', 'return'] as const;
const luck = chance('every order of a purchase');
const longest = 5;
const beyond = Number(process.env.KEYSTEAD_RUNS ?? 60);
const exhaustive = ordersRepeated(tellings, 3, longest);
const longer = Array.from({ length: beyond }, () =>
  luck.shuffled(tellings.flatMap((one) => Array<string>(1 + luck.below(3)).fill(one))),
);
const guests = 6;

let laundry: Laundry;
let shelly: ShellySimulator;
let machines: Machine[];
let till: Till;

beforeAll(async () => {
  laundry = await openLaundry({ engine: false });
  laundry.stripe.setWebhookUrl(null);
  // begins an hour after it was paid: what is about money needs no relay
  ({ machines, shelly } = await addMachines(laundry, guests, { minutes: 60, price: 250, delayMinutes: 60 }));
  till = openTill(laundry);
}, 60_000);
afterAll(async () => {
  await laundry.close();
  await shelly.close();
});

async function play(machine: Machine, order: readonly string[]): Promise<Sale> {
  const sale = await till.buy(machine);
  const times = new Map<string, number>();
  for (const one of order) {
    const time = (times.get(one) ?? 0) + 1;
    times.set(one, time);
    if (one === 'return') await sale.guestReturns();
    else {
      if (one === 'charge.refunded' && time === 1) await sale.giveBack();
      await sale.deliver(one, { anew: time === 3 });
    }
  }
  return sale;
}

async function playAll(orders: readonly string[][]): Promise<void> {
  const rest = [...orders];
  await Promise.all(
    machines.map(async (machine) => {
      for (let order = rest.pop(); order !== undefined; order = rest.pop()) {
        const told = order.join(', ');
        await expectGivenBack(await play(machine, order)).catch((error: unknown) => {
          throw new Error(`After ${told}: ${String(error)}`, { cause: error });
        });
      }
    }),
  );
}

describe('a purchase that is given back, told in any order and up to three times each', () => {
  test(`every order of up to ${longest} tellings (${exhaustive.length}) ends in the same books`, async () => {
    await playAll(exhaustive);
  }, 180_000);

  test(`and so do ${longer.length} longer ones by chance`, async () => {
    await playAll(longer);
  }, 180_000);

  test('one payment and one refund for each of them, and nothing left to do', async () => {
    const all = exhaustive.length + longer.length;
    const { rows } = await laundry.app.database.pool.query(
      `select (select count(*)::int from sessions) as sessions, (select count(*)::int from payments) as payments,
       (select count(*)::int from refunds where status = 'asked') as open`,
    );
    expect(rows).toEqual([{ sessions: all, payments: all, open: 0 }]);
    expect(laundry.stripe.charges().length).toBe(all);
    process.stdout.write(`every order of a purchase: ${all} orders were played\n`);
  });
});
