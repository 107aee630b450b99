import type { Database, Tx } from '../../database/open.ts';
import type { Clock } from '../../host/clock.ts';
import { type ProviderEvent, ProviderFault } from '../../providers/payment-port.ts';
import type { OrganizationId, PaymentId } from '../../rules/ids.ts';
import { hours, type Instant, minutes, seconds } from '../../rules/instant.ts';
import type { BooksService, MoneyTold } from '../payments/books.service.ts';
import type { PaymentRow, PaymentsService } from '../payments/payments.service.ts';
import { all, type ProviderOf } from '../payments/refunds.service.ts';
import type { BoughtService } from './bought.service.ts';
import type { ExtensionMoney } from './extension-money.service.ts';

type Deps = {
  database: Database;
  clock: Clock;
  bought: BoughtService;
  payments: PaymentsService;
  books: BooksService;
  extensionMoney: ExtensionMoney;
  providerOf: ProviderOf;
};

type Event<Kind> = Extract<ProviderEvent, { kind: Kind }>;

/**
 * What the provider tells of money that had come: refunds made, gone through or sent back by the bank, disputes, and
 * cards that were declined. It may come before the news of the payment itself: it proves that the money was there.
 */
export function createMoneyNews({ database, clock, bought, payments, books, extensionMoney, providerOf }: Deps) {
  const refunded = (tx: Tx, payment: PaymentRow, told: Event<'refunded'>): Promise<void> =>
    moved(tx, payment, told, { total: told.refundedTotal });

  const refundChanged = (tx: Tx, payment: PaymentRow, told: Event<'refund-changed'>): Promise<void> =>
    moved(tx, payment, { ...told, paidAt: null }, { refunds: [told.refund] });

  const disputed = (tx: Tx, payment: PaymentRow, told: Event<'disputed'>): Promise<void> =>
    moved(tx, payment, { ...told, paidAt: null }, { disputes: [{ ...told.dispute, toldAt: told.toldAt }] });

  const declined = (tx: Tx, payment: PaymentRow, told: Event<'declined'>): Promise<void> =>
    payments.declined(tx, payment.organization_id, payment.id, told);

  /** Asks the provider what became of a payment's money: where the news do not add up, and where some may be missing. */
  async function look(organizationId: OrganizationId, id: PaymentId): Promise<void> {
    const payment = await payments.find(organizationId, { id });
    if (payment === null || payment.books_check_at === null || payment.books_check_at > clock.now()) return;
    const provider = await providerOf(organizationId);
    const intent = payment.provider_intent_id;
    if (provider === null || intent === null) return later(payment, hours(1));
    try {
      const money = await provider.moneyOf(intent, clock.deadline(seconds(15)));
      if (money === null) return await later(payment, hours(24));
      await database.transaction('books-checked', (tx) =>
        moved(tx, payment, { paymentIntentId: intent, paidAt: null }, all(money)),
      );
    } catch (error) {
      if (!(error instanceof ProviderFault)) throw error;
      await later(payment, minutes(2));
    }
  }

  return {
    refunded,
    refundChanged,
    disputed,
    declined,
    look,
    dueForLook: (now: Instant, limit: number) => payments.dueForLook(now, limit),
  };

  type Of = { paymentIntentId: string | null; paidAt: Instant | null };

  /**
   * The run begins if this is the first news of its money, and ends if all of it went back. Nothing begins before it is
   * known when the money came: where that is not said, the provider is asked.
   */
  async function moved(tx: Tx, payment: PaymentRow, { paymentIntentId, paidAt }: Of, told: MoneyTold): Promise<void> {
    const { organization_id: organizationId, id } = payment;
    const at = await bought.lockPlace(tx, payment);
    await bought.lock(tx, payment);
    const { status: before } = await payments.lock(tx, organizationId, id);
    const { row } = await books.hear(tx, organizationId, id, told);
    if (paidAt === null && row.status === 'PENDING' && row.provider_checkout_id !== null) {
      return payments.checkNow(tx, row);
    }
    const first = before === 'PENDING' || before === 'FAILED';
    await payments.take(tx, organizationId, id, { kind: 'paid' }, { intentId: paymentIntentId });
    const whole = row.status === 'REFUNDED';
    const came = payments.paidAt(payment, paidAt);
    if (payment.extra_ms > 0) {
      if (first) await extensionMoney.came(tx, payment, { asAsked: !whole, paidAt: came });
      else if (whole) await extensionMoney.wentBack(tx, row);
      return bought.announce(tx, payment);
    }
    if (whole) await bought.reversed(tx, payment);
    if (first) await bought.paid(tx, payment, await bought.lockToStart(tx, payment), { at, paidAt: came });
    await bought.announce(tx, payment);
  }

  async function later(payment: PaymentRow, pause: number): Promise<void> {
    await database.transaction('books-later', (tx) =>
      payments.change(tx, payment.organization_id, payment.id, { books_check_at: clock.now() + pause }),
    );
  }
}

export type MoneyNews = ReturnType<typeof createMoneyNews>;
