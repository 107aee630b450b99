import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ShellySimulator } from '../../simulators/shelly/start.ts';
import { expectGivenBack } from '../support/given-back.ts';
import { type Laundry, openLaundry } from '../support/laundry.ts';
import { addMachines, type Machine } from '../support/machines.ts';
import { stateOf } from '../support/sale-state.ts';
import { openTill, type Sale, type Till } from '../support/till.ts';

/**
 * Everything that may tell of one purchase, in every order and any number of times: instead of playing all orders, every
 * state that they lead to is found, and in each of them everything is told once more. Two orders that lead to the same
 * state are the same from there on. A card is declined first; the money goes back at any moment.
 */
const events = [
  'payment_intent.payment_failed',
  'payment_intent.succeeded',
  'checkout.session.completed',
  'charge.refunded',
  'refund.updated',
] as const;
/** `again`: Stripe's own event, as often as it likes. `anew`: another event that tells the same. */
const moves = [
  ...events.flatMap((type) => [`again ${type}`, `anew ${type}`]),
  'the guest returns',
  'it goes back',
  'the engine rests',
] as const;
type Move = (typeof moves)[number];

let laundry: Laundry;
let shelly: ShellySimulator;
let machine: Machine;
let till: Till;

beforeAll(async () => {
  laundry = await openLaundry({ engine: false });
  laundry.stripe.setWebhookUrl(null);
  const added = await addMachines(laundry, 1, { minutes: 60, price: 250, delayMinutes: 60 });
  shelly = added.shelly;
  const [only] = added.machines;
  if (only === undefined) throw new Error('There is no machine');
  machine = only;
  till = openTill(laundry);
}, 60_000);
afterAll(async () => {
  await laundry.close();
  await shelly.close();
});

/** A purchase under way. Nothing of it is left when the next begins. */
type Walk = { sale: Sale; intentId: string; goneBack: boolean };

async function begin(): Promise<Walk> {
  await laundry.app.database.pool.query('delete from holds');
  await laundry.app.database.pool.query(
    `update sessions set phase = 'cancelled', wake_at = null where phase <> 'cancelled'`,
  );
  const sale = await till.buy(machine, { declinedFirst: true });
  const intentId = laundry.stripe.about(sale.checkoutId).checkout.paymentIntentId ?? '';
  return { sale, intentId, goneBack: false };
}

/** False: there is nothing of the kind to tell yet. */
async function go(walk: Walk, move: Move): Promise<boolean> {
  const { sale } = walk;
  if (move === 'the guest returns') {
    laundry.clock.ahead(4000); // asked no more often than every three seconds
    await sale.guestReturns();
  } else if (move === 'the engine rests') await sale.rest();
  else if (move === 'it goes back') {
    if (walk.goneBack) return false;
    walk.goneBack = true;
    await sale.giveBack();
  } else {
    const [how, type = ''] = move.split(' ');
    const told = laundry.stripe.about(sale.checkoutId).events.some((one) => one.type === type);
    if (!told) return false;
    await sale.deliver(type, { anew: how === 'anew' });
  }
  return true;
}

const at = async (walk: Walk): Promise<string> =>
  `${walk.goneBack ? 'gone back' : 'kept'}\n${await stateOf(laundry, walk.sale, walk.intentId)}`;

/** Whatever was told so far: once everything is told, the books are the same. */
async function expectSameBooks(walk: Walk): Promise<void> {
  for (const move of ['it goes back', ...events.map((type) => `again ${type}`), 'the engine rests'] as Move[]) {
    await go(walk, move);
  }
  await expectGivenBack(walk.sale);
}

type Place = { way: Move[]; untried: Move[] };

describe('a purchase that is given back, told in any order and any number of times', () => {
  test('ends in the same books from every state that it can come to', { timeout: 120_000 }, async () => {
    const places = new Map<string, Place>();
    const found = (key: string, way: Move[]): Place => {
      const place = places.get(key) ?? { way, untried: [...moves] };
      places.set(key, place);
      return place;
    };
    let told = 0;

    /** Goes on from there as long as there is something untried; then everything is told, and the books are looked at. */
    async function walkOn(walk: Walk, way: Move[]): Promise<void> {
      let place = found(await at(walk), way);
      for (let move = place.untried.pop(); move !== undefined; move = place.untried.pop()) {
        if (!(await go(walk, move))) continue;
        told += 1;
        place = found(await at(walk), [...place.way, move]);
      }
      const steps = place.way.join(', ');
      await expectSameBooks(walk).catch((error: unknown) => {
        throw new Error(`After ${steps}: ${String(error)}`, { cause: error });
      });
    }

    await walkOn(await begin(), []);
    for (const place of places.values()) {
      while (place.untried.length > 0) {
        const walk = await begin();
        for (const move of place.way) await go(walk, move);
        await walkOn(walk, place.way);
      }
    }
    // and from each of them to the end, without a detour
    for (const { way } of places.values()) {
      const walk = await begin();
      for (const move of way) await go(walk, move);
      await expectSameBooks(walk).catch((error: unknown) => {
        throw new Error(`After ${way.join(', ')}: ${String(error)}`, { cause: error });
      });
    }
    process.stdout.write(`every state of a purchase: ${places.size} states, ${told} tellings tried in them\n`);
    expect(places.size).toBeGreaterThan(10);
  });
});
