import { notify } from '../../database/notify.ts';
import type { Database, Tx } from '../../database/open.ts';
import type { Clock } from '../../host/clock.ts';
import type { Random } from '../../host/random.ts';
import { type PaymentProvider, ProviderFault } from '../../providers/payment-port.ts';
import type { OrganizationId, RefundId } from '../../rules/ids.ts';
import { hours, type Instant, minutes, seconds } from '../../rules/instant.ts';
import type { NoticesService } from '../notices/notices.service.ts';
import type { PaymentRow, PaymentsService } from './payments.service.ts';
import {
  dueRefunds,
  findRefund,
  insertRefund,
  lockRefund,
  type RefundRow,
  refundsOf,
  updateRefund,
} from './refunds.store.ts';

/** The provider an organization is paid through; null while it has none. */
export type ProviderOf = (organizationId: OrganizationId) => Promise<PaymentProvider | null>;

type Deps = {
  database: Database;
  clock: Clock;
  random: Random;
  payments: PaymentsService;
  notices: NoticesService;
  providerOf: ProviderOf;
};

/**
 * Gives money back: asks the provider under the refund's own id, so that asking again after a crash refunds once, and
 * goes on asking until the provider has said yes or no.
 */
export function createRefunds({ database, clock, random, payments, notices, providerOf }: Deps) {
  async function perform(organizationId: OrganizationId, id: RefundId): Promise<void> {
    const refund = await findRefund(database.read, organizationId, id);
    if (refund === null || refund.status !== 'asked') return;
    const payment = await payments.find(organizationId, { id: refund.payment_id });
    if (payment === null) return;
    const provider = await providerOf(organizationId);
    if (provider === null || payment.provider_intent_id === null) {
      return later(refund, provider === null ? 'payments are not set up' : 'the payment intent is not known yet');
    }
    try {
      const done = await provider.refund(
        {
          refundId: id,
          paymentIntentId: payment.provider_intent_id,
          amount: refund.amount,
          metadata: { paymentId: payment.id },
        },
        clock.deadline(seconds(15)),
      );
      if (done.status === 'failed')
        return await refused(refund, payment, provider, 'the refund failed at the provider');
      await succeeded(refund, payment, done.id);
    } catch (error) {
      if (!(error instanceof ProviderFault)) throw error;
      if (error.reason === 'refused') return refused(refund, payment, provider, error.message);
      await later(refund, error.message);
    }
  }

  const due = (now: Instant, limit: number) => dueRefunds(database.read, now, limit);

  return { perform, due };

  async function succeeded(refund: RefundRow, payment: PaymentRow, providerRefundId: string): Promise<void> {
    await database.transaction('refund-done', async (tx) => {
      const locked = await payments.take(tx, refund.organization_id, payment.id, { kind: 'refunded', total: 0 });
      if ((await lockRefund(tx, refund.organization_id, refund.id)).status === 'done') return;
      await updateRefund(tx, refund.organization_id, refund.id, {
        status: 'done',
        provider_refund_id: providerRefundId,
        done_at: clock.now(),
        try_at: null,
        trouble: null,
      });
      const ours = (await refundsOf(tx, refund.organization_id, [payment.id])).filter((row) => row.status === 'done');
      const total = locked.row.refunded_outside + ours.reduce((sum, row) => sum + row.amount, 0);
      await payments.take(tx, refund.organization_id, payment.id, { kind: 'refunded', total });
      await notices.clear(tx, refund.organization_id, 'refund-failed', payment.id);
      await announce(tx, payment);
    });
  }

  /** The provider said no for good. Often somebody refunded by hand meanwhile: then the money is back, and all is well. */
  async function refused(
    refund: RefundRow,
    payment: PaymentRow,
    provider: PaymentProvider,
    why: string,
  ): Promise<void> {
    const intent = payment.provider_intent_id;
    const money =
      intent === null ? null : await provider.moneyOf(intent, clock.deadline(seconds(15))).catch(() => null);
    if (money === null) return later(refund, why);
    await database.transaction('refund-refused', async (tx) => {
      await payments.take(tx, refund.organization_id, payment.id, { kind: 'refunded', total: 0 });
      await updateRefund(tx, refund.organization_id, refund.id, { status: 'failed', try_at: null, trouble: why });
      const { row } = await payments.take(tx, refund.organization_id, payment.id, {
        kind: 'refunded',
        total: money.refunded,
      });
      if (row.refunded_outside < refund.amount) {
        await notices.raise(tx, refund.organization_id, 'refund-failed', payment.id, { why, amount: refund.amount });
        await askAnew(tx, refund, row.refunded_outside);
      }
      await announce(tx, payment);
    });
  }

  /** A refusal sticks to the refund's id for a day (an empty balance, say): what is still owed is asked for under a new one. */
  async function askAnew(tx: Tx, refund: RefundRow, backAlready: number): Promise<void> {
    const attempts = refund.attempts + 1;
    const row = {
      organization_id: refund.organization_id,
      id: random.id('refund'),
      payment_id: refund.payment_id,
      amount: refund.amount - backAlready,
      reason: `${refund.reason.replace(/ again \d+$/, '')} again ${attempts}`,
    };
    await insertRefund(tx, row, clock.now());
    await updateRefund(tx, row.organization_id, row.id, {
      attempts,
      try_at: clock.now() + Math.min(hours(6), minutes(1) * 2 ** Math.min(attempts, 9)),
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
    });
  }

  async function announce(tx: Tx, payment: PaymentRow): Promise<void> {
    if (payment.session_id === null) return;
    await notify(tx, { topic: 'session', organizationId: payment.organization_id, id: payment.session_id });
  }
}

export type RefundsService = ReturnType<typeof createRefunds>;
