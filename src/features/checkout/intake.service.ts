import type { Database, Tx } from '../../database/open.ts';
import type { Clock } from '../../host/clock.ts';
import {
  type Checkout,
  type PaymentProvider,
  type ProviderEvent,
  ProviderFault,
} from '../../providers/payment-port.ts';
import { assertNever } from '../../rules/assert-never.ts';
import { notFound, Problem } from '../../rules/errors.ts';
import type { OrganizationId, PaymentId } from '../../rules/ids.ts';
import { ageOf, type Instant, minutes, seconds } from '../../rules/instant.ts';
import { longestPause, pauseAfter } from '../../rules/money/asking.ts';
import type { DevicesService } from '../devices/devices.service.ts';
import type { NoticesService } from '../notices/notices.service.ts';
import type { PassRow } from '../passes/passes.service.ts';
import { placeOf } from '../payments/books.service.ts';
import type { PaymentRow, PaymentsService } from '../payments/payments.service.ts';
import type { ProviderOf } from '../payments/refunds.service.ts';
import type { SessionRow, SessionsService } from '../sessions/sessions.service.ts';
import type { BoughtService } from './bought.service.ts';
import type { ExtensionMoney } from './extension-money.service.ts';
import type { MoneyNews } from './money-news.service.ts';

type Deps = {
  database: Database;
  clock: Clock;
  devices: DevicesService;
  sessions: SessionsService;
  payments: PaymentsService;
  notices: NoticesService;
  moneyNews: MoneyNews;
  bought: BoughtService;
  extensionMoney: ExtensionMoney;
  providerOf: ProviderOf;
};

type Told = Exclude<ProviderEvent, { kind: 'ignored' }>;
type Paid = Omit<Extract<ProviderEvent, { kind: 'paid' }>, 'kind' | 'eventId' | 'paymentId'>;

/**
 * What the provider tells about payments, by whichever way it comes: webhook, the guest's return, a job that asks. All
 * ends in the same transactions, so that any order and any number of them lead to one run.
 */
export function createIntake(deps: Deps) {
  const { database, clock, devices, sessions, payments, notices, moneyNews, bought, extensionMoney, providerOf } = deps;
  const asking = new Map<PaymentId, Promise<void>>();

  /** A webhook's event. An event that is not about a payment of ours is taken note of and left. */
  async function event(organizationId: OrganizationId, told: ProviderEvent): Promise<void> {
    await database.transaction('provider-event', async (tx) => {
      if (!(await payments.takeOnce(tx, organizationId, told.eventId)) || told.kind === 'ignored') return;
      const payment = await paymentOf(tx, organizationId, told);
      if (payment !== null) await take(tx, payment, told);
    });
  }

  async function paymentOf(tx: Tx, organizationId: OrganizationId, told: Told): Promise<PaymentRow | null> {
    const by = {
      id: 'paymentId' in told ? told.paymentId : null,
      checkoutId: 'checkoutId' in told ? told.checkoutId : null,
      intentId: 'paymentIntentId' in told ? told.paymentIntentId : null,
    };
    const found = await payments.find(organizationId, by, tx);
    if (found !== null || (told.kind !== 'refund-changed' && told.kind !== 'disputed')) return found;
    // these name the intent alone, which may become known only with the news of the payment
    return by.intentId === null ? null : payments.waitFor(tx, organizationId, told.eventId, by.intentId);
  }

  async function take(tx: Tx, payment: PaymentRow, told: Told): Promise<void> {
    switch (told.kind) {
      case 'paid':
        return paid(tx, payment, told);
      case 'checkout-expired':
        return notCompleted(tx, payment);
      case 'refunded':
        return refunded(tx, payment, told);
      case 'refund-changed':
        return moneyNews.refundChanged(tx, payment, told);
      case 'disputed':
        return moneyNews.disputed(tx, payment, told);
      case 'declined':
        return moneyNews.declined(tx, payment, told);
      default:
        return assertNever(told);
    }
  }

  /** Asks the provider how a payment stands, and goes by what it says. Expires the checkout that nobody waits for. */
  async function check(organizationId: OrganizationId, id: PaymentId, patience: number = seconds(12)): Promise<void> {
    const payment = await payments.find(organizationId, { id });
    if (payment === null || !mayBePaid(payment)) return;
    const provider = await providerOf(organizationId);
    if (provider === null) return later(payment, longestPause);
    const made = payment.provider_checkout_id;
    if (made === null) {
      // nobody has its address: one that is made from now on is found given up, and ended (provider-checkout)
      if (!payment.abandoned && clock.now() - payment.created_at < minutes(2)) return later(payment, minutes(1));
      return settled(organizationId, id, { made, checkout: null });
    }
    try {
      const checkout = await ask(provider, payment, made, patience);
      // it gave us this id: asked with the key of another account, say. That is no proof that nobody paid
      const mayBeKnown = clock.now() < (payment.checkout_expires_at ?? 0);
      if (checkout === null && mayBeKnown) return await later(payment, pauseAfter(payment.checks));
      await settled(organizationId, id, { made, checkout });
    } catch (error) {
      if (!(error instanceof ProviderFault)) throw error;
      await later(payment, seconds(30));
    }
  }

  const ask = (provider: PaymentProvider, payment: PaymentRow, checkoutId: string, patience: number) =>
    payment.abandoned
      ? provider.expireCheckout(checkoutId, clock.deadline(patience))
      : provider.findCheckout(checkoutId, clock.deadline(patience));

  /**
   * The guest's page came back before the webhook: ask, and let the page wait briefly; each payment no more often than
   * every 3 s. Of several ways to have more time that were opened, any may be the one that was paid.
   */
  async function checkOnReturn(session: SessionRow, extended = false): Promise<void> {
    if (session.phase !== 'awaiting-payment' && !extended) return;
    await checkOpen(await payments.of(session.organization_id, session.id), extended);
  }

  /** The same for a way in. */
  async function checkPassOnReturn({ organization_id, id, phase }: PassRow): Promise<void> {
    if (phase === 'awaiting-payment') await checkOpen(await payments.of(organization_id, { passId: id }), false);
  }

  async function checkOpen(all: readonly PaymentRow[], extended: boolean): Promise<void> {
    const open = all.filter(
      (one) => one.status === 'PENDING' && one.extra_ms > 0 === extended && one.provider_checkout_id !== null,
    );
    const lately = ({ checks, updated_at }: PaymentRow): boolean => {
      const age = checks === 0 ? null : ageOf(updated_at, clock.now());
      return age !== null && age < seconds(3);
    };
    await Promise.all(open.filter((one) => !lately(one)).map(checkNow));
  }

  /** However many callers want to know at once, the provider is asked once. */
  function checkNow({ organization_id, id }: PaymentRow): Promise<void> {
    const under = asking.get(id);
    if (under !== undefined) return under;
    const mine = check(organization_id, id, seconds(4)).finally(() => asking.delete(id));
    asking.set(id, mine);
    return mine;
  }

  /** `activate`: proof of payment by the checkout's id; starts the run once, whoever asks how often. */
  async function activate(uid: string, checkoutId: string): Promise<string> {
    const device = await devices.byUid(uid);
    if (device === null) throw notFound('Access point not found');
    const payment = await payments.find(device.organization_id, { checkoutId });
    if (payment === null || payment.device_id !== device.id || payment.session_id === null) {
      throw new Problem('PAYMENT_REQUIRED_PROOF');
    }
    if (payment.status === 'PENDING') await checkNow(payment);
    const now = await payments.find(device.organization_id, { id: payment.id });
    const session = await sessions.find(device.organization_id, payment.session_id);
    if (now === null || session === null || now.status === 'PENDING' || now.status === 'FAILED') {
      throw new Problem('PAYMENT_REQUIRED_PROOF');
    }
    return sessions.tokenOf(session);
  }

  return {
    event,
    check,
    checkOnReturn,
    checkPassOnReturn,
    activate,
    due: (now: Instant, limit: number) => payments.due(now, limit),
  };

  /** `made`: the checkout as it was known when `checkout` was found out. */
  type Found = { made: string | null; checkout: Checkout | null };

  async function settled(organizationId: OrganizationId, id: PaymentId, { made, checkout }: Found): Promise<void> {
    await database.transaction('payment-checked', async (tx) => {
      const payment = await payments.find(organizationId, { id }, tx);
      if (payment === null) return;
      if (checkout === null && (await madeSince(tx, payment, made))) return payments.checkNow(tx, payment);
      if (checkout?.paid === true) {
        const came = {
          checkoutId: checkout.id,
          paymentIntentId: checkout.paymentIntentId,
          amount: checkout.amount ?? payment.amount,
          currency: checkout.currency ?? payment.currency,
          email: checkout.email,
          paidAt: checkout.paidAt,
        };
        await paid(tx, payment, came, checkout.givenBack);
      } else if (checkout === null || checkout.status === 'expired') {
        await notCompleted(tx, payment);
      } else {
        await again(tx, payment, pauseAfter(payment.checks));
      }
    });
  }

  /** It came to be made just now, and its guest is sent there. */
  async function madeSince(tx: Tx, payment: PaymentRow, made: string | null): Promise<boolean> {
    await bought.lock(tx, payment);
    return (await payments.lock(tx, payment.organization_id, payment.id)).provider_checkout_id !== made;
  }

  /** `givenBack`: the provider was asked, and all of it has gone back already. */
  async function paid(tx: Tx, payment: PaymentRow, told: Paid, givenBack = false): Promise<void> {
    const organizationId = payment.organization_id;
    const at = await bought.lockPlace(tx, payment);
    const fits = told.amount === payment.amount && told.currency === payment.currency;
    const back = givenBack || payment.told_back >= told.amount;
    if (told.currency !== payment.currency && back) return mismatch(tx, payment, { ...told, givenBack: back });
    const facts = { checkoutId: told.checkoutId, intentId: told.paymentIntentId, email: told.email };
    const waiting = await bought.lockToStart(tx, payment);
    const asAsked = fits || (await notAsAsked(tx, payment, told));
    const { row, news } = await payments.take(tx, organizationId, payment.id, { kind: 'paid' }, facts);
    if (news !== 'received') return;
    // what was told wrongly before, and was then asked about
    if (asAsked && row.checks > 0) await notices.clear(tx, organizationId, 'payment-mismatch', payment.id);
    const paidAt = payments.paidAt(payment, told.paidAt);
    if (payment.extra_ms > 0) return extensionMoney.came(tx, payment, { asAsked, paidAt });
    await bought.paid(tx, payment, waiting, { at: asAsked ? at : null, paidAt });
  }

  async function refunded(tx: Tx, payment: PaymentRow, told: Extract<Told, { kind: 'refunded' }>): Promise<void> {
    const { amount, refundedTotal: back } = told;
    const currency = told.currency ?? payment.currency;
    if (amount === payment.amount && currency === payment.currency) return moneyNews.refunded(tx, payment, told);
    return mismatch(tx, payment, { amount, currency, givenBack: currency !== payment.currency && back >= amount });
  }

  /** Other money came: it buys nothing, is written down as it came, and goes back as it came. False, for `asAsked`. */
  async function notAsAsked(tx: Tx, payment: PaymentRow, { amount, currency }: Paid): Promise<boolean> {
    const { organization_id: organizationId, id, status } = payment;
    await notices.raise(tx, organizationId, 'payment-mismatch', id, unlike(payment, amount, currency));
    if (status !== 'PENDING' && status !== 'FAILED') return false;
    await payments.change(tx, organizationId, id, { amount, currency });
    return false;
  }

  async function notCompleted(tx: Tx, payment: PaymentRow): Promise<void> {
    const organizationId = payment.organization_id;
    if (payment.extra_ms === 0) await bought.notPaid(tx, payment);
    await payments.take(tx, organizationId, payment.id, { kind: 'not-completed' });
    if (payment.extra_ms > 0) await bought.announce(tx, payment);
  }

  type Came = { amount: number; currency: string; givenBack: boolean };

  /**
   * Other money, of which some went back before it was told that it came: the provider is asked about it. Once all of it
   * has been given back there, nothing came that counts, also if it is told of once more.
   */
  async function mismatch(tx: Tx, payment: PaymentRow, { amount: came, currency, givenBack }: Came): Promise<void> {
    const { organization_id: organizationId, id } = payment;
    if (givenBack || payment.told_back >= came) {
      await notCompleted(tx, payment);
      await payments.change(tx, organizationId, id, { told_back: Math.max(came, payment.told_back) });
      return notices.clear(tx, organizationId, 'payment-mismatch', id);
    }
    await notices.raise(tx, organizationId, 'payment-mismatch', id, unlike(payment, came, currency));
    await again(tx, payment, pauseAfter(payment.checks));
  }

  async function later(payment: PaymentRow, pause: number): Promise<void> {
    await database.transaction('payment-later', (tx) => again(tx, payment, pause));
  }

  async function again(tx: Tx, payment: PaymentRow, pause: number): Promise<void> {
    await payments.change(tx, payment.organization_id, payment.id, {
      check_at: clock.now() + pause,
      checks: payment.checks + 1,
    });
  }
}

export type IntakeService = ReturnType<typeof createIntake>;

/** What a notice of money that does not fit tells. */
const unlike = (payment: PaymentRow, came: number, cameCurrency: string) => ({
  ...placeOf(payment),
  expected: payment.amount,
  came,
  currency: payment.currency,
  cameCurrency,
});

/** Also one that was given up is asked about, while its page may be open still. */
const mayBePaid = ({ status, check_at }: PaymentRow): boolean =>
  status === 'PENDING' || (status === 'FAILED' && check_at !== null);
