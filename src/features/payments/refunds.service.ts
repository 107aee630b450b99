import { notify } from '../../database/notify.ts';
import type { Database, Tx } from '../../database/open.ts';
import type { Lanes } from '../../engine/port.ts';
import type { Clock } from '../../host/clock.ts';
import { type MoneyState, type PaymentProvider, ProviderFault } from '../../providers/payment-port.ts';
import type { OrganizationId, RefundId } from '../../rules/ids.ts';
import { hours, type Instant, minutes, seconds } from '../../rules/instant.ts';
import type { NoticesService } from '../notices/notices.service.ts';
import { type Anew, aboutRefund, type BooksService, firstReason, type MoneyTold } from './books.service.ts';
import type { PaymentRow, PaymentsService } from './payments.service.ts';
import { dueRefunds, findRefund, lockRefund, type RefundRow, updateRefund } from './refunds.store.ts';

/** About a quarter of an hour: then a person should know that money does not get back. */
const attemptsBeforeNotice = 9;

/** The provider an organization is paid through; null while it has none. */
export type ProviderOf = (organizationId: OrganizationId) => Promise<PaymentProvider | null>;

type Deps = {
  database: Database;
  clock: Clock;
  payments: PaymentsService;
  books: BooksService;
  notices: NoticesService;
  providerOf: ProviderOf;
  lanes: Lanes;
};

/**
 * Gives money back: asks the provider under the refund's own id, so that asking again after a crash refunds once, and
 * goes on asking until the provider has said yes or no.
 */
export function createRefunds({ database, clock, payments, books, notices, providerOf, lanes }: Deps) {
  /** One at a time for each refund, over all processes: whoever comes second finds it done, or due later. */
  async function perform(organizationId: OrganizationId, id: RefundId): Promise<void> {
    await lanes.ifFree(`refund:${organizationId}:${id}`, () => tryOnce(organizationId, id));
  }

  async function tryOnce(organizationId: OrganizationId, id: RefundId): Promise<void> {
    const refund = await findRefund(database.read, organizationId, id);
    if (refund === null || refund.status !== 'asked') return;
    const payment = await payments.find(organizationId, { id: refund.payment_id });
    if (payment === null) return;
    const provider = await providerOf(organizationId);
    const intent = payment.provider_intent_id;
    if (provider === null || intent === null) {
      return later(refund, provider === null ? 'payments are not set up' : 'the payment intent is not known yet');
    }
    try {
      const money = await provider.moneyOf(intent, clock.deadline(seconds(15)));
      const made = money?.refunds.find((one) => one.refundId === id);
      if (money !== null && made !== undefined) return await done(refund, payment, all(money), made.status);
      if (money !== null && !(await isStillOwed(refund, payment, money))) return;
      const { status, ...answer } = await provider.refund(
        { refundId: id, paymentIntentId: intent, amount: refund.amount, metadata: { paymentId: payment.id } },
        clock.deadline(seconds(15)),
      );
      const one = { id: answer.id, refundId: id, amount: refund.amount, status, failure: null };
      await done(refund, payment, { refunds: [one] }, status);
    } catch (error) {
      if (!(error instanceof ProviderFault)) throw error;
      if (error.reason === 'refused') return refused(refund, payment, provider, intent, error.message);
      await later(refund, error.message);
    }
  }

  const due = (now: Instant, limit: number) => dueRefunds(database.read, now, limit);

  return { perform, due };

  /**
   * A refund may be asked for days after it was decided: the owner may have given it back by hand meanwhile, and of a part
   * nothing at the provider would keep us from giving it twice; or a dispute holds the money. Then this refund is not made:
   * what is still owed beside that is asked for anew.
   */
  async function isStillOwed(refund: RefundRow, payment: PaymentRow, money: MoneyState): Promise<boolean> {
    return database.transaction('refund-weighed', async (tx) => {
      const { organization_id: organizationId, id } = refund;
      const { disputed, beyond } = await books.hear(tx, organizationId, payment.id, all(money));
      if ((await lockRefund(tx, organizationId, id)).status !== 'asked') return false;
      if (!disputed && beyond === 0) return true;
      const trouble = disputed ? 'a dispute holds the money' : 'given back otherwise';
      await updateRefund(tx, organizationId, id, { status: 'failed', try_at: null, trouble });
      await books.hear(tx, organizationId, payment.id, {});
      await announce(tx, payment);
      return false;
    });
  }

  /** The provider has made it: it is done, or the bank is at it still, or it came back. */
  async function done(
    refund: RefundRow,
    payment: PaymentRow,
    told: MoneyTold,
    status: 'succeeded' | 'pending' | 'failed',
  ): Promise<void> {
    await database.transaction('refund-done', async (tx) => {
      const { row } = await books.hear(tx, refund.organization_id, payment.id, told);
      if (status === 'pending') await wait(tx, refund);
      // told when it was decided, unless the guest's address came later; what is asked anew was told as well
      if (status !== 'failed' && refund.reason === firstReason) {
        await payments.mailRefund(tx, row, refund.id, refund.created_at);
      }
      await announce(tx, payment);
    });
  }

  /** Banks take days over some: looked at again at ease, and no trouble yet. */
  async function wait(tx: Tx, refund: RefundRow): Promise<void> {
    const { organization_id: organizationId, id } = refund;
    if ((await lockRefund(tx, organizationId, id)).status !== 'asked') return;
    const attempts = refund.attempts + 1;
    const try_at = clock.now() + Math.min(hours(12), minutes(1) * 2 ** Math.min(attempts, 10));
    await updateRefund(tx, organizationId, id, { attempts, try_at, trouble: 'the bank is still at it' });
  }

  /**
   * The provider said no for good. Often somebody refunded by hand meanwhile: then the money is back, and all is well. Else
   * what is still owed is asked for under a new id: a refusal sticks to the old one for a day (an empty balance, say).
   */
  async function refused(
    refund: RefundRow,
    payment: PaymentRow,
    provider: PaymentProvider,
    intent: string,
    why: string,
  ): Promise<void> {
    const money = await provider.moneyOf(intent, clock.deadline(seconds(15))).catch(() => null);
    if (money === null) return later(refund, why);
    await database.transaction('refund-closed', async (tx) => {
      const { organization_id: organizationId, id } = refund;
      await payments.lock(tx, organizationId, payment.id);
      if ((await lockRefund(tx, organizationId, id)).status !== 'asked') return;
      await updateRefund(tx, organizationId, id, { status: 'failed', try_at: null, trouble: why });
      const attempts = refund.attempts + 1;
      const pause = Math.min(hours(6), minutes(1) * 2 ** Math.min(attempts, 9));
      const anew: Anew = { pause, attempts, why };
      await books.hear(tx, organizationId, payment.id, all(money), anew);
      await announce(tx, payment);
    });
  }

  async function later(refund: RefundRow, why: string): Promise<void> {
    const attempts = refund.attempts + 1;
    const pause = Math.min(minutes(30), seconds(2) * 2 ** Math.min(attempts, 12));
    await database.transaction('refund-later', async (tx) => {
      const locked = await lockRefund(tx, refund.organization_id, refund.id);
      if (locked.status !== 'asked') return;
      await updateRefund(tx, refund.organization_id, refund.id, {
        attempts,
        try_at: clock.now() + pause,
        trouble: why,
      });
      if (attempts < attemptsBeforeNotice) return;
      const payment = await payments.find(refund.organization_id, { id: refund.payment_id }, tx);
      const facts = payment === null ? {} : aboutRefund(payment, why, refund.amount);
      await notices.raise(tx, refund.organization_id, 'refund-failed', refund.payment_id, facts);
    });
  }

  async function announce(tx: Tx, payment: PaymentRow): Promise<void> {
    if (payment.session_id === null) return;
    await notify(tx, { topic: 'session', organizationId: payment.organization_id, id: payment.session_id });
  }
}

export type RefundsService = ReturnType<typeof createRefunds>;

/** Everything the provider holds, as it answered when it was asked. */
export const all = ({ refunds, disputes }: MoneyState): MoneyTold => ({
  refunds,
  disputes: disputes.map((dispute) => ({ ...dispute, toldAt: null })),
  whole: true,
});
