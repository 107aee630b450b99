import { expect } from 'vitest';
import type { ChargeView } from '../../simulators/stripe/start.ts';
import type { PaymentRow } from '../../src/features/payments/payments.service.ts';
import type { SessionRow } from '../../src/features/sessions/sessions.service.ts';
import { isOver } from '../../src/rules/sessions/session.ts';
import type { Laundry } from './laundry.ts';
import { beginToPay } from './purchase.ts';

/** A purchase that a guest has begun: what each side says of it, asked afresh each time. */
export type Bought = {
  token: string;
  checkoutId: string;
  cookie: string;
  /** What stands in the database. */
  session(): Promise<SessionRow>;
  payment(): Promise<PaymentRow>;
  /** What Stripe holds; fails when it holds nothing. */
  charge(): ChargeView;
  /** Ids of Stripe's events about it, by type; the newest of each. */
  events(): Record<string, string>;
};

export async function buy(
  laundry: Laundry,
  o: { uid?: string; plan?: string; cookie?: string; pay?: boolean } = {},
): Promise<Bought> {
  const begun = await beginToPay(laundry, o.plan ?? laundry.washer.plans.now, o);
  expect(begun.status).toBe(200);
  if (o.pay !== false) expect(await laundry.stripe.pay(begun.checkoutId)).toEqual({ paid: true });
  return boughtOf(laundry, begun);
}

export function boughtOf(
  laundry: Laundry,
  { token, checkoutId, cookie }: { token: string; checkoutId: string; cookie: string },
): Bought {
  const { sessions, payments } = laundry.app.services;
  const session = async (): Promise<SessionRow> => {
    const row = await sessions.byToken(token);
    if (row === null) throw new Error('There is no such session');
    return row;
  };
  const checkout = () => {
    const found = laundry.stripe.checkouts().find(({ id }) => id === checkoutId);
    if (found === undefined) throw new Error('Stripe knows no such checkout');
    return found;
  };
  return {
    token,
    checkoutId,
    cookie,
    session,
    payment: async () => {
      const row = await session();
      const [payment, ...others] = await payments.of(row.organization_id, row.id);
      if (payment === undefined || others.length > 0) throw new Error('There is not exactly one payment');
      return payment;
    },
    charge: () => {
      const { paymentIntentId } = checkout();
      const [charge, ...others] = laundry.stripe.charges().filter((one) => one.paymentIntentId === paymentIntentId);
      if (charge === undefined || others.length > 0) throw new Error('There is not exactly one charge');
      return charge;
    },
    events: () => {
      const { paymentIntentId } = checkout();
      const about = laundry.stripe.events().filter(({ data: { object } }) => {
        return object.id === checkoutId || object.id === paymentIntentId || object.payment_intent === paymentIntentId;
      });
      return Object.fromEntries(about.map(({ type, id }) => [type, id]));
    },
  };
}

/**
 * Paid = delivered + refunded, to the cent, where the money is: at Stripe. Waits for the run's end and for the refunds.
 * `delivered`: what the guest got, in cents; or the sentence is proved from the seconds that the relay was on.
 */
export async function expectMoneyAddsUp(laundry: Laundry, bought: Bought, delivered?: number): Promise<void> {
  const row = await laundry.until('the run over', async () => {
    const now = await bought.session();
    return isOver(now.phase) ? now : null;
  });
  const { amount } = bought.charge();
  const earned = delivered ?? Math.floor((amount * Math.floor(row.run.onMs / 1000)) / (row.duration_ms / 1000));
  await laundry.until(
    `${amount - earned} of ${amount} back at Stripe`,
    () => bought.charge().amountRefunded >= amount - earned,
  );
  await laundry.until('no refund open', async () => {
    const { rows } = await laundry.app.database.pool.query("select from refunds where status = 'asked'");
    return rows.length === 0;
  });
  expect({ paid: amount, refunded: bought.charge().amountRefunded }).toEqual({
    paid: amount,
    refunded: amount - earned,
  });
  await laundry.until(
    'the payment to tell the same',
    async () => (await bought.payment()).refunded === amount - earned,
  );
  expect((await bought.payment()).status).toBe(amount === amount - earned ? 'REFUNDED' : 'SUCCEEDED');
}

/** How often a relay took a switch-on. */
export const switchOns = (history: readonly { kind: string; on: boolean }[]): number =>
  history.filter(({ kind, on }) => kind === 'set' && on).length;
