import type { Kysely } from 'kysely';
import { addJob } from '../../database/jobs.ts';
import type { Database, Tx } from '../../database/open.ts';
import { standInLine } from '../../database/stand-in-line.ts';
import type { DB } from '../../database/types.ts';
import type { Clock } from '../../host/clock.ts';
import type { Actor } from '../../rules/accounts/actor.ts';
import type { DeviceId, OrganizationId, PaymentId, RefundId, SessionId } from '../../rules/ids.ts';
import { hours, type Instant } from '../../rules/instant.ts';
import type { Bought } from '../../rules/money/earned.ts';
import { advancePayment, type PaymentEvent, type PaymentStep } from '../../rules/money/payment.ts';
import { wanted } from '../../rules/money/settle.ts';
import type { Stretch } from '../../rules/timeline/moments.ts';
import type { Outbox } from '../mail/outbox.service.ts';
import type { BooksService } from './books.service.ts';
import { disputesOf, dueBooks } from './books.store.ts';
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
  type PaymentsAlong,
  type Purchase,
  paymentsAlong,
  paymentsOf,
  paymentsOfAll,
  updatePayment,
} from './payments.store.ts';
import { forgetEventsBefore, keepWaiting, takeEvent } from './provider-events.store.ts';
import { type RefundRow, refundsAlong, refundsOf } from './refunds.store.ts';

/** What the provider tells besides that it is paid. */
export type ProviderFacts = { checkoutId?: string | null; intentId?: string | null; email?: string | null };

type Deps = { database: Database; clock: Clock; books: BooksService; outbox: Outbox };

/**
 * Money: what came in, and what has to go back. Payments know nothing of machines; whoever delivered says how much was
 * earned, and the rest is refunded. Callers lock device and session before they come here (device, session, payment, audit).
 */
export function createPayments({ database, clock, books, outbox }: Deps) {
  const list = (actor: Actor, filter: PaymentFilter): Promise<PaymentRow[]> =>
    listPayments(database.read, actor.organizationId, actor.scope, filter);

  const find = (
    organizationId: OrganizationId,
    by: Parameters<typeof findPayment>[2],
    db: Kysely<DB> = database.read,
  ) => findPayment(db, organizationId, by);

  const of = (organizationId: OrganizationId, what: SessionId | Purchase, db: Kysely<DB> = database.read) =>
    paymentsOf(db, organizationId, purchase(what));

  const refunds = (organizationId: OrganizationId, ids: readonly PaymentId[], db: Kysely<DB> = database.read) =>
    refundsOf(db, organizationId, ids);

  const create = (tx: Tx, row: NewPayment): Promise<void> => insertPayment(tx, row, clock.now());

  const change = (tx: Tx, organizationId: OrganizationId, id: PaymentId, wanted: PaymentChange): Promise<void> =>
    updatePayment(tx, organizationId, id, wanted, clock.now());

  /** Nobody waits for it any more: its checkout is expired at the provider; if it was paid meanwhile, the money goes back. */
  async function abandon(tx: Tx, row: Pick<PaymentRow, 'organization_id' | 'id'>): Promise<void> {
    const { organization_id: organizationId, id } = row;
    await updatePayment(tx, organizationId, id, { abandoned: true }, clock.now());
    await checkNow(tx, row);
  }

  /** The provider is to be asked how it stands, as soon as this is committed. */
  async function checkNow(tx: Tx, row: Pick<PaymentRow, 'organization_id' | 'id'>): Promise<void> {
    const { organization_id: organizationId, id } = row;
    await updatePayment(tx, organizationId, id, { check_at: clock.now() }, clock.now());
    await addJob(tx, 'payment', { organizationId, id }, { key: `payment:${id}` });
  }

  /** When it was paid. Where that is not said, as early as it can have been: no machine starts for nobody. */
  const paidAt = ({ created_at }: PaymentRow, told: Instant | null): Instant => told ?? created_at;

  /** False when this event of the provider's was taken in before. */
  const takeOnce = (tx: Tx, organizationId: OrganizationId, eventId: string): Promise<boolean> =>
    takeEvent(tx, organizationId, eventId, clock.now());

  /**
   * An event about a payment intent that no payment of ours names yet: it may come before the news that the money is there.
   * The payment that it is about, if it came to be known just now; else the event waits for it.
   */
  async function waitFor(
    tx: Tx,
    organizationId: OrganizationId,
    eventId: string,
    intentId: string,
  ): Promise<PaymentRow | null> {
    await standInLine(tx, 'payment-intent', organizationId, intentId);
    const found = await findPayment(tx, organizationId, { intentId });
    if (found === null) await keepWaiting(tx, organizationId, eventId, intentId);
    return found;
  }

  /** Takes in that a payment was paid, or was not; told twice, it has no news the second time. */
  async function take(
    tx: Tx,
    organizationId: OrganizationId,
    id: PaymentId,
    event: Extract<PaymentEvent, { kind: 'paid' | 'not-completed' }>,
    facts: ProviderFacts = {},
  ): Promise<{ row: PaymentRow; news: PaymentStep['news'] }> {
    const row = await lockPayment(tx, organizationId, id);
    const { payment, news } = advancePayment(row, event);
    const intent = row.provider_intent_id === null && facts.intentId ? facts.intentId : null;
    if (intent !== null) await standInLine(tx, 'payment-intent', organizationId, intent);
    const received = payment.status === 'SUCCEEDED' || payment.status === 'REFUNDED';
    const changes: PaymentChange = {
      status: payment.status,
      // a refund of all of it may have been told first
      ...(received && row.paid_at === null ? { paid_at: clock.now() } : {}),
      ...(payment.status === 'PENDING' ? {} : { check_at: null }),
      ...(row.provider_checkout_id === null && facts.checkoutId ? { provider_checkout_id: facts.checkoutId } : {}),
      ...(intent === null ? {} : { provider_intent_id: intent }),
      ...(row.guest_email === null && facts.email ? { guest_email: facts.email } : {}),
      ...(intent === null ? {} : { books_check_at: { ifWaitedFor: intent } }), // events about it may have come before
    };
    await updatePayment(tx, organizationId, id, changes, clock.now());
    const { paid_at, declined_at, books_check_at } = row;
    const taken = { ...row, ...changes, check_at: null, paid_at, declined_at, books_check_at };
    await mailReceipt(tx, taken);
    return { row: taken, news };
  }

  /** A card was declined. The guest may try another, so nothing else comes of it. The last one counts. */
  async function declined(
    tx: Tx,
    organizationId: OrganizationId,
    id: PaymentId,
    { code, toldAt }: { code: string; toldAt: Instant | null },
  ): Promise<void> {
    const row = await lockPayment(tx, organizationId, id);
    const at = toldAt ?? clock.now();
    if (row.declined_at !== null && row.declined_at > at) return;
    await updatePayment(tx, organizationId, id, { declined_code: code.slice(0, 100), declined_at: at }, clock.now());
  }

  /** The run is over: who still pays to make it longer gets it back. */
  async function abandonExtensions(tx: Tx, organizationId: OrganizationId, sessionId: SessionId): Promise<void> {
    for (const row of await paymentsOf(tx, organizationId, { sessionId })) {
      if (row.status === 'PENDING' && row.extra_ms > 0 && !row.abandoned) await abandon(tx, row);
    }
  }

  /**
   * Sees to it that what was paid for a session or a pass and not earned goes back. `earned` tells what was, of what was
   * taken; null while it is not known yet: then only what was not taken goes back. What was asked for or went back before
   * counts. True: something of what was taken goes back.
   */
  async function settle(
    tx: Tx,
    organizationId: OrganizationId,
    what: SessionId | Purchase,
    earned: ((bought: readonly Bought[], currency: string) => number) | null,
  ): Promise<boolean> {
    const received = (await lockPaymentsOf(tx, organizationId, purchase(what))).filter(
      (payment) => payment.status === 'SUCCEEDED' || payment.status === 'REFUNDED',
    );
    const asked = asking(
      await refundsOf(
        tx,
        organizationId,
        received.map((payment) => payment.id),
      ),
    );
    const money = (taken: boolean) =>
      received
        .filter((payment) => payment.taken === taken)
        .map((payment) => ({
          id: payment.id,
          amount: payment.amount,
          outside: payment.refunded_outside,
          asked: asked.get(payment.id) ?? 0,
        }));
    const bought = money(true);
    const { currency = '' } = received.find(({ taken }) => taken) ?? {};
    const unearned = earned === null ? [] : wanted(bought, earned(bought, currency));
    for (const { paymentId, amount } of [...wanted(money(false), 0), ...unearned]) {
      const refund = await books.owe(tx, organizationId, paymentId as PaymentId, amount);
      const payment = received.find((one) => one.id === paymentId);
      if (refund !== null && payment !== undefined) await mailRefund(tx, payment, refund);
    }
    return unearned.some(({ amount }) => amount > 0);
  }

  /** As soon as it is paid and an address is known, in whichever order the two come. */
  async function mailReceipt(tx: Tx, row: PaymentRow): Promise<void> {
    const paid = row.status === 'SUCCEEDED' || row.status === 'REFUNDED';
    if (!paid || (row.session_id ?? row.pass_id) === null || row.amount === 0) return;
    await outbox.queue(tx, {
      organizationId: row.organization_id,
      key: `receipt:${row.id}`,
      to: row.guest_email,
      language: row.language,
      kind: 'receipt',
      facts: { paymentId: row.id, ...bought(row) },
      since: row.paid_at ?? clock.now(),
    });
  }

  /** Told when it is decided: the guest may be away, and the provider slow. */
  async function mailRefund(tx: Tx, row: PaymentRow, refundId: RefundId, since = clock.now()): Promise<void> {
    await outbox.queue(tx, {
      organizationId: row.organization_id,
      key: `refund:${refundId}`,
      to: row.guest_email,
      language: row.language,
      kind: 'refund',
      facts: { paymentId: row.id, refundId, ...bought(row) },
      since,
    });
  }

  /** Events only serve to know repeats, and Stripe repeats for three days. */
  const forgetOldEvents = (): Promise<void> => forgetEventsBefore(database.read, clock.now() - hours(35 * 24));

  const ofAll = (organizationId: OrganizationId, ids: readonly SessionId[]) =>
    paymentsOfAll(database.read, organizationId, ids);

  const disputes = (organizationId: OrganizationId, ids: readonly PaymentId[]) =>
    disputesOf(database.read, organizationId, ids);

  const lock = (tx: Tx, organizationId: OrganizationId, id: PaymentId): Promise<PaymentRow> =>
    lockPayment(tx, organizationId, id);
  const along = (organizationId: OrganizationId, deviceId: DeviceId, which: PaymentsAlong, stretch: Stretch) =>
    paymentsAlong(database.read, organizationId, deviceId, which, stretch);

  const refundsOn = (organizationId: OrganizationId, deviceId: DeviceId, stretch: Stretch) =>
    refundsAlong(database.read, organizationId, deviceId, stretch);

  const due = (now: Instant, limit: number) => duePayments(database.read, now, limit);
  const dueForLook = (now: Instant, limit: number) => dueBooks(database.read, now, limit);

  return {
    list,
    find,
    of,
    ofAll,
    along,
    refundsOn,
    due,
    dueForLook,
    refunds,
    disputes,
    create,
    change,
    lock,
    abandon,
    checkNow,
    paidAt,
    abandonExtensions,
    takeOnce,
    waitFor,
    take,
    declined,
    settle,
    mailRefund,
    forgetOldEvents,
  };
}

export type PaymentsService = ReturnType<typeof createPayments>;
export type { DisputeRow } from './books.store.ts';
export type { PaymentFilter, PaymentRow } from './payments.store.ts';
export type { RefundRow } from './refunds.store.ts';

const purchase = (what: SessionId | Purchase): Purchase => (typeof what === 'string' ? { sessionId: what } : what);

const bought = ({ session_id, pass_id }: PaymentRow) => ({
  ...(session_id === null ? {} : { sessionId: session_id }),
  ...(pass_id === null ? {} : { passId: pass_id }),
});

/** Sum of what was asked to go back, by payment; what the provider refused for good does not count. */
function asking(refunds: readonly RefundRow[]): Map<PaymentId, number> {
  const sums = new Map<PaymentId, number>();
  for (const refund of refunds) {
    if (refund.status === 'failed') continue;
    sums.set(refund.payment_id, (sums.get(refund.payment_id) ?? 0) + refund.amount);
  }
  return sums;
}
