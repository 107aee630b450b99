import { type Static, type TSchema, Type } from 'typebox';
import { Check } from 'typebox/value';
import { type Checkout, type MoneyState, ProviderFault, type Refund } from '../payment-port.ts';

/**
 * What Stripe answers and announces, checked before anything believes it. Only the fields we use; unknown ones are
 * allowed, and so are fields that a later API version leaves out where we can do without.
 * https://docs.stripe.com/api/checkout/sessions/object and its neighbours
 */
const nullable = <T extends TSchema>(type: T) => Type.Optional(Type.Union([type, Type.Null()]));
/** A reference is an id, or the object itself where it was expanded. */
const Reference = Type.Union([Type.String(), Type.Object({ id: Type.String() })]);
const Metadata = nullable(Type.Record(Type.String(), Type.String()));
const Amount = Type.Integer({ minimum: 0 });

export const Session = Type.Object({
  id: Type.String({ minLength: 1 }),
  url: nullable(Type.String()),
  status: nullable(Type.String()),
  payment_status: Type.String(),
  payment_intent: nullable(Reference),
  amount_total: nullable(Amount),
  currency: nullable(Type.String()),
  customer_email: nullable(Type.String()),
  customer_details: nullable(Type.Object({ email: nullable(Type.String()) })),
  client_reference_id: nullable(Type.String()),
  metadata: Metadata,
});
export type Session = Static<typeof Session>;

export const Charge = Type.Object({
  id: Type.String(),
  amount: Amount,
  amount_refunded: Amount,
  payment_intent: nullable(Reference),
  /** Copied from the intent when the charge was made. */
  metadata: Metadata,
});

export const Intent = Type.Object({
  id: Type.String({ minLength: 1 }),
  amount_received: Amount,
  currency: Type.String(),
  latest_charge: nullable(Type.Union([Type.String(), Charge])),
  receipt_email: nullable(Type.String()),
  metadata: Metadata,
});

const RefundObject = Type.Object({
  id: Type.String({ minLength: 1 }),
  status: nullable(Type.String()),
  metadata: Metadata,
});
const RefundList = Type.Object({ data: Type.Array(RefundObject) });

export const Event = Type.Object({
  id: Type.String({ minLength: 1 }),
  type: Type.String({ minLength: 1 }),
  created: Type.Optional(Type.Integer({ minimum: 0 })),
  data: Type.Object({ object: Type.Unknown() }),
});

export function idOf(reference: Static<typeof Reference> | null | undefined): string | null {
  if (reference === null || reference === undefined) return null;
  return typeof reference === 'string' ? reference : reference.id;
}

export function emailOf(session: Session): string | null {
  return session.customer_details?.email ?? session.customer_email ?? null;
}

export function parseCheckout(answer: unknown): Checkout {
  if (!Check(Session, answer)) throw strange('checkout session');
  const { status } = answer;
  if (status !== 'open' && status !== 'complete' && status !== 'expired') throw strange('checkout session');
  return {
    id: answer.id,
    url: status === 'open' ? (answer.url ?? null) : null,
    status,
    paid: answer.payment_status === 'paid',
    paymentIntentId: idOf(answer.payment_intent),
    amount: answer.amount_total ?? null,
    currency: answer.currency?.toLowerCase() ?? null,
    email: emailOf(answer),
    metadata: answer.metadata ?? {},
  };
}

export function parseRefund(answer: unknown): Refund {
  if (!Check(RefundObject, answer)) throw strange('refund');
  return { id: answer.id, status: refundStatus(answer.status) };
}

/** The refund of ours among those of an intent, by the refund id in its metadata. */
export function findOurRefund(answer: unknown, refundId: string): Refund | null {
  if (!Check(RefundList, answer)) throw strange('list of refunds');
  const ours = answer.data.find((refund) => refund.metadata?.refundId === refundId);
  return ours === undefined ? null : { id: ours.id, status: refundStatus(ours.status) };
}

/** The intent must have been read with its latest charge expanded. */
export function parseMoney(answer: unknown): MoneyState {
  if (!Check(Intent, answer) || typeof answer.latest_charge === 'string') throw strange('payment intent');
  return { received: answer.amount_received, refunded: answer.latest_charge?.amount_refunded ?? 0 };
}

function refundStatus(status: string | null | undefined): Refund['status'] {
  if (status === 'succeeded') return 'succeeded';
  return status === 'failed' || status === 'canceled' ? 'failed' : 'pending';
}

function strange(what: string): ProviderFault {
  return new ProviderFault('moment', `Stripe answered with a ${what} that cannot be understood`);
}
