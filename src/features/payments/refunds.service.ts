import { notify } from '../../database/notify.ts';
import type { Database, Tx } from '../../database/open.ts';
import type { Lanes } from '../../engine/port.ts';
import type { Clock } from '../../host/clock.ts';
import type { Random } from '../../host/random.ts';
import { type MoneyState, type PaymentProvider, ProviderFault } from '../../providers/payment-port.ts';
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

/** About a quarter of an hour: then a person should know that money does not get back. */
const attemptsBeforeNotice = 9;

/** The provider an organization is paid through; null while it has none. */
export type ProviderOf = (organizationId: OrganizationId) => Promise<PaymentProvider | null>;

type Deps = {
  database: Database;
  clock: Clock;
  random: Random;
  payments: PaymentsService;
  notices: NoticesService;
  providerOf: ProviderOf;
  lanes: Lanes;
};

/**
 * Gives money back: asks the provider under the refund's own id, so that asking again after a crash refunds once, and
 * goes on asking until the provider has said yes or no.
 */
export function createRefunds({ database, clock, random, payments, notices, providerOf, lanes }: Deps) {
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
    if (provider === null || payment.provider_intent_id === null) {
      return later(refund, provider === null ? 'payments are not set up' : 'the payment intent is not known yet');
    }
    try {
      const money = await givenBackElsewhere(refund, payment, provider, payment.provider_intent_id);
      if (money !== null) return await closed(refund, payment, money, null);
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
      if (done.status === 'pending') return await later(refund, 'the provider is still at it');
      await succeeded(refund, payment, done.id);
    } catch (error) {
      if (!(error instanceof ProviderFault)) throw error;
      if (error.reason === 'refused') return refused(refund, payment, provider, error.message);
      await later(refund, error.message);
    }
  }

  const due = (now: Instant, limit: number) => dueRefunds(database.read, now, limit);

  return { perform, due };

  /**
   * A refund may be asked for days after it was decided: the owner may have given it back by hand meanwhile, and of a part
   * nothing at the provider would keep us from giving it twice. Null: nothing came back that we do not know of.
   */
  async function givenBackElsewhere(
    refund: RefundRow,
    payment: PaymentRow,
    provider: PaymentProvider,
    intent: string,
  ): Promise<MoneyState | null> {
    if ((await provider.findRefund(intent, refund.id, clock.deadline(seconds(15)))) !== null) return null; // it was ours
    const money = await provider.moneyOf(intent, clock.deadline(seconds(15)));
    const ours = await payments.refunds(refund.organization_id, [payment.id]);
    const known = payment.refunded_outside + doneOf(ours);
    return money !== null && money.refunded > known ? money : null;
  }

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
      const ours = await refundsOf(tx, refund.organization_id, [payment.id]);
      const total = locked.row.refunded_outside + doneOf(ours);
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
    await closed(refund, payment, money, why);
  }

  /**
   * This refund will not be made: what came back by hand since it was asked for counts for it, and the rest is asked for
   * anew. `refused`: why the provider said no; null where it was not asked.
   */
  async function closed(
    refund: RefundRow,
    payment: PaymentRow,
    money: MoneyState,
    refused: string | null,
  ): Promise<void> {
    const { organization_id: organizationId, id, amount } = refund;
    const told = (total: number) => ({ kind: 'refunded', total }) as const;
    await database.transaction('refund-closed', async (tx) => {
      const before = await payments.take(tx, organizationId, payment.id, told(0));
      if ((await lockRefund(tx, organizationId, id)).status !== 'asked') return;
      const trouble = refused ?? 'given back by hand';
      await updateRefund(tx, organizationId, id, { status: 'failed', try_at: null, trouble });
      const after = await payments.take(tx, organizationId, payment.id, told(money.refunded));
      const rest = amount - (after.row.refunded_outside - before.row.refunded_outside);
      if (rest <= 0) await notices.clear(tx, organizationId, 'refund-failed', payment.id);
      else {
        if (refused !== null) {
          await notices.raise(tx, organizationId, 'refund-failed', payment.id, failed(payment, refused, rest));
        }
        await askAnew(tx, refund, rest, refused !== null);
      }
      await announce(tx, payment);
    });
  }

  /** A refusal sticks to the refund's id for a day (an empty balance, say): what is still owed is asked for under a new one. */
  async function askAnew(tx: Tx, refund: RefundRow, amount: number, refused: boolean): Promise<void> {
    const attempts = refund.attempts + 1;
    const pause = refused ? Math.min(hours(6), minutes(1) * 2 ** Math.min(attempts, 9)) : 0;
    const row = {
      organization_id: refund.organization_id,
      id: random.id('refund'),
      payment_id: refund.payment_id,
      amount,
      reason: `${refund.reason.replace(/ again \d+$/, '')} again ${attempts}`,
    };
    await insertRefund(tx, row, clock.now());
    await updateRefund(tx, row.organization_id, row.id, { attempts, try_at: clock.now() + pause });
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
      const facts = payment === null ? {} : failed(payment, why, refund.amount);
      await notices.raise(tx, refund.organization_id, 'refund-failed', refund.payment_id, facts);
    });
  }

  async function announce(tx: Tx, payment: PaymentRow): Promise<void> {
    if (payment.session_id === null) return;
    await notify(tx, { topic: 'session', organizationId: payment.organization_id, id: payment.session_id });
  }
}

export type RefundsService = ReturnType<typeof createRefunds>;

const failed = (payment: PaymentRow, why: string, amount: number) => ({
  deviceId: payment.device_id,
  why,
  amount,
  currency: payment.currency,
});

const doneOf = (refunds: readonly RefundRow[]): number =>
  refunds.reduce((sum, { status, amount }) => (status === 'done' ? sum + amount : sum), 0);
