import { addJob } from '../../database/jobs.ts';
import type { Tx } from '../../database/open.ts';
import type { Clock } from '../../host/clock.ts';
import type { Random } from '../../host/random.ts';
import type { ProviderDispute, ProviderRefund } from '../../providers/payment-port.ts';
import type { OrganizationId, PaymentId, RefundId } from '../../rules/ids.ts';
import { hours, type Instant } from '../../rules/instant.ts';
import { pauseBeforeAgain } from '../../rules/money/again.ts';
import { books, stillOwed } from '../../rules/money/books.ts';
import { holdsMoney, isClosed, takenBy } from '../../rules/money/dispute.ts';
import { advancePayment, type PaymentStep } from '../../rules/money/payment.ts';
import type { NoticesService } from '../notices/notices.service.ts';
import { type DisputeRow, disputesOf, type HeldRefund, heldRefunds, noteDispute, noteRefund } from './books.store.ts';
import { lockPayment, type PaymentRow, updatePayment } from './payments.store.ts';
import { insertRefund, lockRefundsOf, type RefundRow, updateRefund } from './refunds.store.ts';

/** What the provider told of a payment's money: a total, single refunds, disputes; or all of it, when it was asked. */
export type MoneyTold = {
  total?: number;
  refunds?: readonly ProviderRefund[];
  disputes?: readonly (ProviderDispute & { toldAt: Instant | null })[];
  /** It was asked, and this is all there is. */
  whole?: boolean;
};

/** How a refund that the provider refused is asked for anew. */
export type Anew = { pause: number; attempts: number; why: string };

export type Heard = {
  row: PaymentRow;
  news: PaymentStep['news'];
  refunds: RefundRow[];
  /** What is asked for or went back beyond what is owed. */
  beyond: number;
  /** A dispute holds the money: nothing is refunded by itself. */
  disputed: boolean;
};

/** Of the first refund of a payment; what is asked for anew, or besides, has a number. */
export const firstReason = 'undelivered';

type Deps = { clock: Clock; random: Random; notices: NoticesService };
type Known = { payment: PaymentRow; rows: RefundRow[]; held: HeldRefund[]; disputes: DisputeRow[] };

/** When the provider is asked again, of its own accord, what became of a refund: banks send some back weeks later. */
const looks = [hours(24), hours(4 * 24), hours(10 * 24), hours(20 * 24)] as const;

/**
 * The books of each payment: what the provider holds against what should be. Everything that is told of refunds and
 * disputes ends in `hear`, which works out from all that is known what went back, and asks for what is still owed: so any
 * order and any number of tellings lead to the same. In the caller's transaction, under the payment's lock.
 */
export function createBooks({ clock, random, notices }: Deps) {
  async function hear(
    tx: Tx,
    organizationId: OrganizationId,
    paymentId: PaymentId,
    told: MoneyTold,
    anew: Anew | null = null,
  ): Promise<Heard> {
    const of = { organizationId, paymentId };
    const before = await lockPayment(tx, organizationId, paymentId);
    const news: ProviderRefund[] = [];
    for (const refund of told.refunds ?? []) if (await noteRefund(tx, of, refund, clock.now())) news.push(refund);
    let disputesNew = false;
    for (const dispute of told.disputes ?? []) {
      disputesNew = (await noteDispute(tx, of, dispute, dispute.toldAt)) || disputesNew;
    }
    const rows = await lockRefundsOf(tx, organizationId, paymentId);
    const known: Known = {
      payment: before,
      rows,
      held: await heldRefunds(tx, of),
      disputes: await disputesOf(tx, organizationId, [paymentId]),
    };
    for (const row of rows) await follow(tx, row, known.held);

    const total = Math.max(before.told_back, told.total ?? 0);
    const { refunded, outside, unexplained, standing } = reckon(known, total);
    const step = advancePayment(before, {
      kind: refunded < before.refunded ? 'refund-failed' : 'refunded',
      total: refunded,
    });
    const disputed = Math.min(
      before.amount,
      known.disputes.reduce((sum, one) => sum + takenBy(one), 0),
    );
    const unclear = told.total !== undefined && told.total !== standing;
    const row: PaymentRow = {
      ...before,
      status: step.payment.status,
      refunded: step.payment.refunded,
      refunded_outside: outside,
      told_back: total,
      disputed,
      ...nextLook(before, known.disputes, {
        unclear,
        whole: told.whole === true,
        moved: news.length > 0 || disputesNew,
      }),
    };
    const { status, refunded_outside, told_back, books_check_at, books_checks } = row;
    const changes = { status, refunded: row.refunded, refunded_outside, told_back, disputed };
    await updatePayment(tx, organizationId, paymentId, { ...changes, books_check_at, books_checks }, clock.now());
    if (disputesNew || (news.length > 0 && known.disputes.length > 0)) await tellDisputes(tx, row, known.disputes);
    if (row.status === 'REFUNDED') await notices.clear(tx, organizationId, 'payment-mismatch', paymentId);
    const now = { ...known, payment: row };
    const { open } = await ask(tx, now, anew);
    await tellFailures(tx, now, {
      failed: news.filter((refund) => refund.status === 'failed'),
      moved: news.length > 0 || total > before.told_back || disputesNew || anew !== null,
      arrived: unexplained + sum(known.held.filter(({ state }) => state === 'succeeded')),
      refused: open > 0 ? anew : null,
    });
    return { row, news: step.news, refunds: rows, beyond: Math.max(0, -owing(now)), disputed: isHeld(known) };
  }

  /** What of a payment should have gone back in the end; what of that nobody gives back yet is asked for: that refund. */
  async function owe(
    tx: Tx,
    organizationId: OrganizationId,
    paymentId: PaymentId,
    amount: number,
  ): Promise<RefundId | null> {
    const payment = await lockPayment(tx, organizationId, paymentId);
    if (payment.owed !== amount) await updatePayment(tx, organizationId, paymentId, { owed: amount }, clock.now());
    const of = { organizationId, paymentId };
    const rows = await lockRefundsOf(tx, organizationId, paymentId);
    const disputes = await disputesOf(tx, organizationId, [paymentId]);
    const known = { payment: { ...payment, owed: amount }, rows, held: await heldRefunds(tx, of), disputes };
    return (await ask(tx, known, null)).refund;
  }

  return { hear, owe };

  /** Ours are done or failed when the provider says so. */
  async function follow(tx: Tx, row: RefundRow, held: readonly HeldRefund[]): Promise<void> {
    const at = held.find((one) => one.refund_id === row.id);
    if (at === undefined) return;
    const { organization_id: organizationId, id } = row;
    if (at.state === 'succeeded' && row.status !== 'done') {
      const done = { status: 'done', provider_refund_id: at.id, try_at: null, trouble: null } as const;
      await updateRefund(tx, organizationId, id, { ...done, done_at: clock.now() });
      Object.assign(row, done);
    }
    if (at.state === 'failed' && row.status !== 'failed') {
      const failed = {
        status: 'failed',
        provider_refund_id: at.id,
        try_at: null,
        trouble: failure(at.failure),
      } as const;
      await updateRefund(tx, organizationId, id, failed);
      Object.assign(row, failed);
    }
  }

  /** Asks for what is owed and nobody gives back yet; answers how much that was. Nothing while a dispute holds the money. */
  async function ask(tx: Tx, known: Known, anew: Anew | null): Promise<{ open: number; refund: RefundId | null }> {
    const { payment, rows, held } = known;
    const amount = owing(known);
    if (amount <= 0 || isHeld(known)) return { open: 0, refund: null };
    const failures = held.filter(({ state }) => state === 'failed').map((one) => one.failure);
    const pause = anew?.pause ?? pauseBeforeAgain(failures);
    if (pause === null) return { open: amount, refund: null }; // a person has to see to it
    const { organization_id: organizationId, id: paymentId } = payment;
    const row = {
      organization_id: organizationId,
      id: random.id('refund'),
      payment_id: paymentId,
      amount,
      reason: rows.length === 0 ? firstReason : `undelivered, ${rows.length + 1}`,
      attempts: anew?.attempts ?? 0,
      try_at: clock.now() + pause,
    };
    await insertRefund(tx, row, clock.now());
    if (pause === 0) await addJob(tx, 'refund', { organizationId, id: row.id }, { key: `refund:${row.id}` });
    return { open: amount, refund: row.id };
  }

  type Failures = { failed: readonly ProviderRefund[]; moved: boolean; arrived: number; refused: Anew | null };

  /** Raised when money did not get back, or came back to us; cleared when all that is owed has arrived. */
  async function tellFailures(tx: Tx, { payment, rows }: Known, said: Failures): Promise<void> {
    const { organization_id: organizationId, id } = payment;
    const { refused, failed } = said;
    if (refused !== null) {
      const facts = aboutRefund(payment, refused.why, owedStill(payment));
      await notices.raise(tx, organizationId, 'refund-failed', id, facts);
    }
    for (const refund of failed) {
      const byHand = !rows.some((row) => row.id === refund.refundId);
      const facts = { ...aboutRefund(payment, failure(refund.failure), refund.amount), byHand };
      await notices.raise(tx, organizationId, 'refund-failed', id, facts);
    }
    if (failed.length > 0 || !said.moved) return;
    if (said.arrived >= payment.owed - payment.disputed) await notices.clear(tx, organizationId, 'refund-failed', id);
  }

  /** Raised while a dispute is open; what is told is what is known now, also of money that went back besides. */
  async function tellDisputes(tx: Tx, payment: PaymentRow, disputes: readonly DisputeRow[]): Promise<void> {
    const { organization_id: organizationId, id } = payment;
    const open = disputes.findLast(({ state }) => !isClosed(state));
    if (open === undefined) return notices.clear(tx, organizationId, 'dispute', id);
    const facts = {
      ...placeOf(payment),
      disputeId: open.id,
      state: open.state,
      amount: open.amount,
      currency: open.currency,
      reason: open.reason,
      dueAt: open.due_at === null ? null : new Date(open.due_at).toISOString(),
      refunded: payment.refunded,
    };
    await notices.raise(tx, organizationId, 'dispute', id, facts);
    await notices.restate(tx, organizationId, 'dispute', id, facts);
  }

  type Change = { unclear: boolean; whole: boolean; moved: boolean };

  /** A total that single refunds do not explain is asked about at once; what moved, again later; a dispute, daily. */
  function nextLook(
    before: PaymentRow,
    disputes: readonly DisputeRow[],
    { unclear, whole, moved }: Change,
  ): Pick<PaymentRow, 'books_check_at' | 'books_checks'> {
    const now = clock.now();
    if (unclear) return { books_check_at: now, books_checks: 0 };
    const watched = disputes.some(({ state }) => !isClosed(state));
    if (!whole) {
      if (!moved) return { books_check_at: before.books_check_at, books_checks: before.books_checks };
      return { books_check_at: Math.min(before.books_check_at ?? Infinity, now + looks[0]), books_checks: 0 };
    }
    const checks = moved ? 0 : before.books_checks;
    const pause = watched ? looks[0] : before.refunded === 0 && !moved ? undefined : looks[checks];
    return { books_check_at: pause === undefined ? null : now + pause, books_checks: checks + 1 };
  }
}

/** The device or door that money was paid for, as a notice tells it: who may see it depends on that. */
export const placeOf = ({ device_id, door_id }: PaymentRow) => ({
  deviceId: device_id,
  ...(door_id === null ? {} : { doorId: door_id }),
});

/** What a notice of money that does not get back tells. */
export const aboutRefund = (payment: PaymentRow, why: string, amount: number) => ({
  ...placeOf(payment),
  why,
  amount,
  currency: payment.currency,
});

export type BooksService = ReturnType<typeof createBooks>;

const sum = (all: readonly { amount: number }[]): number => all.reduce((total, { amount }) => total + amount, 0);
const isHeld = ({ disputes }: Known): boolean => disputes.some(({ state }) => holdsMoney(state));
const failure = (reason: string | null): string => `the refund came back: ${reason ?? 'unknown'}`;

/** What went back, by whom, from what is known; `standing`: the refunds that did not fail, known one by one. */
function reckon({ payment, rows, held }: Known, total: number) {
  const valid = rows.filter(({ status }) => status !== 'failed');
  const isOurs = ({ refund_id }: HeldRefund): boolean => valid.some(({ id }) => id === refund_id);
  const open = sum(valid.filter(({ id }) => !held.some(({ refund_id }) => refund_id === id)));
  const known = held.map((one) => ({ amount: one.amount, state: one.state, ours: isOurs(one) }));
  const { refunded, outside } = books({ amount: payment.amount, total, known, open });
  const unexplained = Math.max(0, total - sum(held));
  return { refunded, outside, unexplained, standing: sum(held.filter(({ state }) => state !== 'failed')) };
}

/** Owed, and neither asked for nor given back nor taken by a dispute; negative: more than is owed. */
function owing({ payment, rows }: Known): number {
  const asked = sum(rows.filter(({ status }) => status !== 'failed'));
  const { owed, disputed: taken, refunded_outside: outside } = payment;
  return stillOwed({ owed, asked, outside, taken });
}

const owedStill = (payment: PaymentRow): number => Math.max(0, payment.owed - payment.disputed - payment.refunded);
