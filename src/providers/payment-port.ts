import type { Instant } from '../rules/instant.ts';
import type { DisputeState } from '../rules/money/dispute.ts';

/**
 * The port of payment providers. Money is integer minor units with a lower-case ISO currency. Every call has its own
 * deadline, is idempotent by the id given, and throws ProviderFault when it did not come to a clear end.
 */
export type CheckoutRequest = {
  /** Our payment id: idempotency key, client reference and metadata. The same id with the same request gives the same checkout. */
  paymentId: string;
  amount: number;
  currency: string;
  productName: string;
  email: string | null;
  /** false: we mail the receipt ourselves. */
  receipt?: boolean;
  successUrl: string;
  cancelUrl: string;
  expiresAt: Instant;
  metadata: Record<string, string>;
};

export type Checkout = {
  id: string;
  /** Where the guest pays; null once it is not open. */
  url: string | null;
  status: 'open' | 'complete' | 'expired';
  paid: boolean;
  paymentIntentId: string | null;
  amount: number | null;
  currency: string | null;
  email: string | null;
  /** When the money was taken, where the provider was asked and says so; null for one that is not paid. */
  paidAt: Instant | null;
  /** All of the money has been given back. */
  givenBack: boolean;
  metadata: Record<string, string>;
};

export type RefundRequest = {
  refundId: string;
  paymentIntentId: string;
  amount: number;
  metadata: Record<string, string>;
};
export type Refund = { id: string; status: 'succeeded' | 'pending' | 'failed' };

/** One refund as the provider holds it, whoever made it. `refundId`: ours, where we made it. */
export type ProviderRefund = {
  id: string;
  refundId: string | null;
  amount: number;
  status: Refund['status'];
  /** The provider's word for why it failed. */
  failure: string | null;
};

/** A cardholder's objection. Money is held back from us, or gone, but for an inquiry and one that was won. */
export type ProviderDispute = {
  id: string;
  state: DisputeState;
  amount: number;
  currency: string;
  /** The provider's word for it. */
  reason: string;
  /** Until when an answer is taken; null once none is. */
  dueAt: Instant | null;
  openedAt: Instant;
};

/** What became of a payment intent's money, one by one: used to repair what webhooks missed. */
export type MoneyState = { refunds: ProviderRefund[]; disputes: ProviderDispute[] };

export type ProviderEvent =
  | {
      kind: 'paid';
      eventId: string;
      paymentId: string | null;
      checkoutId: string | null;
      paymentIntentId: string | null;
      amount: number;
      currency: string;
      email: string | null;
      paidAt: Instant | null;
    }
  | { kind: 'checkout-expired'; eventId: string; paymentId: string | null; checkoutId: string }
  | {
      kind: 'refunded';
      eventId: string;
      paymentId: string | null;
      paymentIntentId: string;
      amount: number;
      currency: string | null;
      refundedTotal: number;
      /** When the money that goes back had come. */
      paidAt: Instant | null;
    }
  /** One refund, made by us or by hand: made, gone through, or come back. */
  | {
      kind: 'refund-changed';
      eventId: string;
      paymentId: string | null;
      paymentIntentId: string | null;
      refund: ProviderRefund;
    }
  | {
      kind: 'disputed';
      eventId: string;
      paymentIntentId: string;
      dispute: ProviderDispute;
      toldAt: Instant | null;
    }
  /** A card was declined; the guest may still try another. */
  | {
      kind: 'declined';
      eventId: string;
      paymentId: string | null;
      paymentIntentId: string;
      /** The provider's word for why. */
      code: string;
      toldAt: Instant | null;
    }
  | { kind: 'ignored'; eventId: string; type: string };

export type PaymentProvider = {
  createCheckout(request: CheckoutRequest, signal: AbortSignal): Promise<Checkout>;
  /** null: the provider does not know it. */
  findCheckout(checkoutId: string, signal: AbortSignal): Promise<Checkout | null>;
  /** Ends an open checkout; answers what it is now: it may have been paid meanwhile. null: the provider does not know it. */
  expireCheckout(checkoutId: string, signal: AbortSignal): Promise<Checkout | null>;
  refund(request: RefundRequest, signal: AbortSignal): Promise<Refund>;
  /** null: the provider does not know the intent. */
  moneyOf(paymentIntentId: string, signal: AbortSignal): Promise<MoneyState | null>;
  /** Cheap proof that the key works; throws ProviderFault with reason 'credentials' when it does not. */
  testKey(signal: AbortSignal): Promise<void>;
};

/** Checks the signature over the raw bytes and translates; throws ProviderFault 'signature' when it is not theirs. */
export type ReadWebhook = (rawBody: Buffer, signature: string, secret: string, now: Instant) => ProviderEvent;

export class ProviderFault extends Error {
  /**
   * `credentials`: our key is wrong. `refused`: the provider said no, for good (text in message). `signature`: a webhook
   * that is not theirs. `moment`: no clear answer, may have been done; the same id may be tried again.
   */
  readonly reason: 'credentials' | 'refused' | 'signature' | 'moment';
  /** A refused refund, because all of the money has been given back before: ask `moneyOf`. */
  readonly alreadyRefunded: boolean;
  /** What was asked for is refused because of this field of the request. */
  readonly field: 'email' | null;
  /** No answer came within the deadline. */
  readonly timedOut: boolean;
  constructor(reason: ProviderFault['reason'], message: string, options: FaultOptions = {}) {
    super(message, options);
    this.name = 'ProviderFault';
    this.reason = reason;
    this.alreadyRefunded = options.alreadyRefunded ?? false;
    this.field = options.field ?? null;
    this.timedOut = options.timedOut ?? false;
  }
}

type FaultOptions = ErrorOptions & {
  alreadyRefunded?: boolean;
  field?: 'email';
  timedOut?: boolean;
};
