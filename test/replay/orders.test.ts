import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ShellySimulator } from '../../simulators/shelly/start.ts';
import { type Bought, buy, expectMoneyAddsUp, switchOns } from '../support/bought.ts';
import { chance, ordersOf, ordersOnceOrTwice } from '../support/chance.ts';
import { type Laundry, openLaundry } from '../support/laundry.ts';
import { addMachines, type Machine } from '../support/machines.ts';
import { postWebhook, stripeEvent } from '../support/webhook.ts';

/**
 * The events of one purchase, each once or twice, delivered one after the other: every order of up to four deliveries, and
 * some of the longer ones.
 */
const luck = chance('orders of events');
const bounded = (orders: string[][]): string[][] => [
  ...orders.filter(({ length }) => length <= 4),
  ...luck.shuffled(orders.filter(({ length }) => length > 4)).slice(0, 10),
];
const paid = ['payment_intent.succeeded', 'checkout.session.completed'];
const orders = {
  paid: ordersOnceOrTwice(paid),
  'refunded in part': bounded(ordersOnceOrTwice([...paid, 'charge.refunded'])),
  'refunded in full': bounded(ordersOnceOrTwice([...paid, 'charge.refunded'])),
  'expired all the same': ordersOf([...paid, 'checkout.session.expired']),
};
const all = Object.values(orders).reduce((sum, { length }) => sum + length, 0);

let laundry: Laundry;
let shelly: ShellySimulator;
let machines: Machine[];

beforeAll(async () => {
  laundry = await openLaundry();
  ({ machines, shelly } = await addMachines(laundry, all));
  laundry.stripe.holdWebhooks(true);
}, 60_000);
afterAll(async () => {
  await laundry.close();
  await shelly.close();
});

const completed = ({ checkoutId }: Bought) =>
  laundry.stripe.events().find(({ data }) => data.object.id === checkoutId)?.data.object;

type Played = { order: string[]; machine: Machine; bought: Bought };

async function play(order: string[], refund: number | null): Promise<Played> {
  const machine = machines.pop();
  if (machine === undefined) throw new Error('There are too few machines');
  const bought = await buy(laundry, machine);
  if (refund !== null) await laundry.stripe.refundFromDashboard(bought.charge().paymentIntentId, refund);
  const events = bought.events();
  for (const type of order) {
    const id = events[type];
    if (id !== undefined) expect(await laundry.stripe.deliver(id)).toEqual([200]);
    else expect((await postWebhook(laundry, stripeEvent(type, { ...completed(bought) }))).status).toBe(200);
  }
  return { order, machine, bought };
}

async function playAll(wanted: string[][], refund: number | null, check: (played: Played) => Promise<void>) {
  const rest = [...wanted];
  const guest = async (): Promise<void> => {
    for (let order = rest.pop(); order !== undefined; order = rest.pop()) {
      const played = await play(order, refund);
      await check(played).catch((error: unknown) => {
        throw new Error(`After ${played.order.join(', ')}: ${String(error)}`, { cause: error });
      });
    }
  };
  await Promise.all(Array.from({ length: 6 }, guest));
}

const runs = (played: Played) =>
  laundry.until('a run', async () => (await played.bought.session()).phase === 'running');

describe('whatever the order of the events, and however often each comes', () => {
  test(`a payment starts one run by one switch-on (${orders.paid.length} orders)`, async () => {
    await playAll(orders.paid, null, async (played) => {
      await runs(played);
      expect(switchOns(played.machine.history())).toBe(1);
      expect(await played.bought.payment()).toMatchObject({ status: 'SUCCEEDED', refunded: 0, amount: 250 });
    });
  });

  test(`a part given back by hand lets it run all the same (${orders['refunded in part'].length} orders)`, async () => {
    await playAll(orders['refunded in part'], 100, async (played) => {
      await runs(played);
      expect(switchOns(played.machine.history())).toBe(1);
      expect(await played.bought.payment()).toMatchObject({
        status: 'SUCCEEDED',
        refunded: 100,
        refunded_outside: 100,
      });
      expect((await played.bought.payment()).paid_at).not.toBeNull();
      expect(played.bought.charge().amountRefunded).toBe(100);
    });
  });

  test(`all of it given back by hand ends the run or never begins it (${orders['refunded in full'].length} orders)`, async () => {
    await playAll(orders['refunded in full'], 250, async (played) => {
      await laundry.until('the end', async () => (await played.bought.session()).phase === 'cancelled');
      expect((await played.bought.session()).failure_reason).toBe('payment_reversed');
      await laundry.until(
        'the relay off',
        () => played.machine.history().filter(({ kind }) => kind === 'flip').length % 2 === 0,
      );
      const first = played.order[0] === 'charge.refunded';
      expect(switchOns(played.machine.history())).toBeLessThanOrEqual(first ? 0 : 1);
      expect(await played.bought.payment()).toMatchObject({ status: 'REFUNDED', refunded: 250 });
      expect(played.bought.charge().amountRefunded).toBe(250);
    });
  });

  test(`an expiry that Stripe should not have told never takes the money for nothing (${orders['expired all the same'].length} orders)`, async () => {
    await playAll(orders['expired all the same'], null, async (played) => {
      const first = played.order[0] === 'checkout.session.expired';
      if (first) await expectMoneyAddsUp(laundry, played.bought, 0);
      else await runs(played);
      expect(switchOns(played.machine.history())).toBe(first ? 0 : 1);
      expect(played.bought.charge().amountRefunded).toBe(first ? 250 : 0);
    });
  });

  test('one session, one payment and one charge for each guest, and no refund but of what did not run', async () => {
    const { rows } = await laundry.app.database.pool.query<{ sessions: number; payments: number; refunds: number }>(
      `select (select count(*)::int from sessions) as sessions, (select count(*)::int from payments) as payments,
       (select count(*)::int from refunds) as refunds`,
    );
    expect(rows).toEqual([{ sessions: all, payments: all, refunds: 2 }]);
    expect(laundry.stripe.charges().length).toBe(all);
  });
});
