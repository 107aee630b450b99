import type { Kysely } from 'kysely';
import { addJob } from '../../database/jobs.ts';
import type { Database, Tx } from '../../database/open.ts';
import type { DB } from '../../database/types.ts';
import type { Clock } from '../../host/clock.ts';
import type { Random } from '../../host/random.ts';
import type { Actor } from '../../rules/accounts/actor.ts';
import type { DeviceId, OrganizationId, PaymentId, SessionId } from '../../rules/ids.ts';
import type { Instant } from '../../rules/instant.ts';
import { advancePayment, type PaymentEvent, type PaymentStep } from '../../rules/money/payment.ts';
import { owed } from '../../rules/money/settle.ts';
import type { Stretch } from '../../rules/timeline/moments.ts';
import {
  duePayments,
  findPayment,
  insertPayment,
  listPayments,
  lockPayment,
  lockPaymentsOf,
  type NewPayment,
  type PaymentChange,
  type PaymentFilter,
  type PaymentRow,
  paymentsAlong,
  paymentsOf,
  paymentsOfAll,
  updatePayment,
} from './payments.store.ts';
import { insertRefund, type RefundRow, refundsAlong, refundsOf, takeEvent } from './refunds.store.ts';

/** What the provider tells besides that it is paid. */
export type ProviderFacts = { checkoutId?: string | null; intentId?: string | null; email?: string | null };

type Deps = { database: Database; clock: Clock; random: Random };

/**
 * Money: what came in, and what has to go back. Payments know nothing of machines; whoever delivered says how much was
 * earned, and the rest is refunded. Callers lock device and session before they come here (device, session, payment, audit).
 */
export function createPayments({ database, clock, random }: Deps) {
  const list = (actor: Actor, filter: PaymentFilter): Promise<PaymentRow[]> =>
    listPayments(database.read, actor.organizationId, actor.scope, filter);

  const find = (
    organizationId: OrganizationId,
    by: Parameters<typeof findPayment>[2],
    db: Kysely<DB> = database.read,
  ) => findPayment(db, organizationId, by);

  const of = (organizationId: OrganizationId, sessionId: SessionId, db: Kysely<DB> = database.read) =>
    paymentsOf(db, organizationId, sessionId);

  const refunds = (organizationId: OrganizationId, ids: readonly PaymentId[], db: Kysely<DB> = database.read) =>
    refundsOf(db, organizationId, ids);

  const create = (tx: Tx, row: NewPayment): Promise<void> => insertPayment(tx, row, clock.now());

  const change = (tx: Tx, organizationId: OrganizationId, id: PaymentId, wanted: PaymentChange): Promise<void> =>
    updatePayment(tx, organizationId, id, wanted, clock.now());

  /** Nobody waits for it any more: its checkout is expired at the provider; if it was paid meanwhile, the money goes back. */
  async function abandon(tx: Tx, row: Pick<PaymentRow, 'organization_id' | 'id'>): Promise<void> {
    const { organization_id: organizationId, id } = row;
    await updatePayment(tx, organizationId, id, { abandoned: true, check_at: clock.now() }, clock.now());
    await addJob(tx, 'payment', { organizationId, id }, { key: `payment:${id}` });
  }

  /** False when this event of the provider's was taken in before. */
  const takeOnce = (tx: Tx, organizationId: OrganizationId, eventId: string): Promise<boolean> =>
    takeEvent(tx, organizationId, eventId, clock.now());

  /** Takes in what happened to a payment; told twice, it has no news the second time. */
  async function take(
    tx: Tx,
    organizationId: OrganizationId,
    id: PaymentId,
    event: PaymentEvent,
    facts: ProviderFacts = {},
  ): Promise<{ row: PaymentRow; news: PaymentStep['news'] }> {
    const row = await lockPayment(tx, organizationId, id);
    const { payment, news } = advancePayment(row, event);
    const asked = event.kind === 'refunded' ? await askedFor(tx, organizationId, id) : 0;
    const changes: PaymentChange = {
      status: payment.status,
      refunded: payment.refunded,
      ...(event.kind === 'refunded'
        ? { refunded_outside: Math.max(row.refunded_outside, payment.refunded - asked) }
        : {}),
      ...(news === 'received' ? { paid_at: clock.now() } : {}),
      ...(payment.status === 'PENDING' ? {} : { check_at: null }),
      ...(row.provider_checkout_id === null && facts.checkoutId ? { provider_checkout_id: facts.checkoutId } : {}),
      ...(row.provider_intent_id === null && facts.intentId ? { provider_intent_id: facts.intentId } : {}),
      ...(row.guest_email === null && facts.email ? { guest_email: facts.email } : {}),
    };
    await updatePayment(tx, organizationId, id, changes, clock.now());
    return { row: { ...row, ...changes, check_at: null, paid_at: row.paid_at }, news };
  }

  /**
   * Asks for the refund of what was paid for a session and not earned. `earned` tells what was. Asked once:
   * what was asked for or went back before counts.
   */
  async function settle(
    tx: Tx,
    organizationId: OrganizationId,
    sessionId: SessionId,
    earned: (price: number, currency: string) => number,
  ): Promise<void> {
    const received = (await lockPaymentsOf(tx, organizationId, sessionId)).filter(
      (payment) => payment.status === 'SUCCEEDED' || payment.status === 'REFUNDED',
    );
    const asked = asking(
      await refundsOf(
        tx,
        organizationId,
        received.map((payment) => payment.id),
      ),
    );
    const back = owed(
      received.map((payment) => ({
        id: payment.id,
        amount: payment.amount,
        outside: payment.refunded_outside,
        asked: asked.get(payment.id) ?? 0,
      })),
      earned(
        received.reduce((sum, payment) => sum + payment.amount, 0),
        received[0]?.currency ?? '',
      ),
    );
    for (const { paymentId, amount } of back) {
      const id = random.id('refund');
      const before = asked.get(paymentId as PaymentId) ?? 0;
      await insertRefund(
        tx,
        {
          organization_id: organizationId,
          id,
          payment_id: paymentId as PaymentId,
          amount,
          reason: `undelivered:${before}`,
        },
        clock.now(),
      );
      await addJob(tx, 'refund', { organizationId, id }, { key: `refund:${id}` });
    }
  }

  const ofAll = (organizationId: OrganizationId, ids: readonly SessionId[]) =>
    paymentsOfAll(database.read, organizationId, ids);

  const along = (organizationId: OrganizationId, deviceId: DeviceId, stretch: Stretch) =>
    paymentsAlong(database.read, organizationId, deviceId, stretch);

  const refundsOn = (organizationId: OrganizationId, deviceId: DeviceId, stretch: Stretch) =>
    refundsAlong(database.read, organizationId, deviceId, stretch);

  const due = (now: Instant, limit: number) => duePayments(database.read, now, limit);

  return { list, find, of, ofAll, along, refundsOn, due, refunds, create, change, abandon, takeOnce, take, settle };

  async function askedFor(tx: Tx, organizationId: OrganizationId, id: PaymentId): Promise<number> {
    return asking(await refundsOf(tx, organizationId, [id])).get(id) ?? 0;
  }
}

export type PaymentsService = ReturnType<typeof createPayments>;
export type { PaymentFilter, PaymentRow } from './payments.store.ts';
export type { RefundRow } from './refunds.store.ts';

/** Sum of what was asked to go back, by payment; what the provider refused for good does not count. */
function asking(refunds: readonly RefundRow[]): Map<PaymentId, number> {
  const sums = new Map<PaymentId, number>();
  for (const refund of refunds) {
    if (refund.status === 'failed') continue;
    sums.set(refund.payment_id, (sums.get(refund.payment_id) ?? 0) + refund.amount);
  }
  return sums;
}
