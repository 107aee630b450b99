import { type Static, type TSchema, Type } from 'typebox';
import { Check } from 'typebox/value';
import type { DisputeState } from '../../rules/money/dispute.ts';
import {
  type Checkout,
  type ProviderDispute,
  ProviderFault,
  type ProviderRefund,
  type Refund,
} from '../payment-port.ts';

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

const Seconds = Type.Integer({ minimum: 0 });

/** A checkout that was asked for together with the charge that paid it. */
const Charged = Type.Object({
  payment_intent: Type.Object({
    latest_charge: Type.Object({ created: Seconds, refunded: nullable(Type.Boolean()) }),
  }),
});

export const Charge = Type.Object({
  id: Type.String(),
  amount: Amount,
  amount_refunded: Amount,
  currency: nullable(Type.String()),
  created: nullable(Seconds),
  payment_intent: nullable(Reference),
  /** Copied from the intent when the charge was made. */
  metadata: Metadata,
});

export const Intent = Type.Object({
  id: Type.String({ minLength: 1 }),
  amount_received: Amount,
  currency: Type.String(),
  latest_charge: nullable(Reference),
  receipt_email: nullable(Type.String()),
  metadata: Metadata,
});

/** An intent whose card was declined. */
export const DeclinedIntent = Type.Object({
  id: Type.String({ minLength: 1 }),
  last_payment_error: nullable(Type.Object({ code: nullable(Type.String()), decline_code: nullable(Type.String()) })),
  metadata: Metadata,
});

export const RefundObject = Type.Object({
  id: Type.String({ minLength: 1 }),
  amount: Amount,
  status: nullable(Type.String()),
  failure_reason: nullable(Type.String()),
  payment_intent: nullable(Reference),
  metadata: Metadata,
});
const RefundList = Type.Object({ data: Type.Array(RefundObject) });

export const DisputeObject = Type.Object({
  id: Type.String({ minLength: 1 }),
  amount: Amount,
  currency: Type.String(),
  created: Type.Integer({ minimum: 0 }),
  reason: Type.String(),
  status: Type.String(),
  payment_intent: nullable(Reference),
  evidence_details: nullable(Type.Object({ due_by: nullable(Type.Integer({ minimum: 0 })) })),
});
const DisputeList = Type.Object({ data: Type.Array(DisputeObject) });

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
  const paid = answer.payment_status === 'paid';
  const charge = paid && Check(Charged, answer) ? answer.payment_intent.latest_charge : null;
  return {
    id: answer.id,
    url: status === 'open' ? (answer.url ?? null) : null,
    status,
    paid,
    paymentIntentId: idOf(answer.payment_intent),
    amount: answer.amount_total ?? null,
    currency: answer.currency?.toLowerCase() ?? null,
    email: emailOf(answer),
    paidAt: charge === null ? null : charge.created * 1000,
    givenBack: charge?.refunded === true,
    metadata: answer.metadata ?? {},
  };
}

export function parseRefund(answer: unknown): Refund {
  if (!Check(RefundObject, answer)) throw strange('refund');
  return { id: answer.id, status: refundStatus(answer.status) };
}

export function parseRefunds(answer: unknown): ProviderRefund[] {
  if (!Check(RefundList, answer)) throw strange('list of refunds');
  return answer.data.map(refundOf);
}

export function refundOf(refund: Static<typeof RefundObject>): ProviderRefund {
  return {
    id: refund.id,
    refundId: refund.metadata?.refundId ?? null,
    amount: refund.amount,
    status: refundStatus(refund.status),
    failure: refund.failure_reason ?? (refund.status === 'canceled' ? 'canceled' : null),
  };
}

export function parseDisputes(answer: unknown): ProviderDispute[] {
  if (!Check(DisputeList, answer)) throw strange('list of disputes');
  return answer.data.map(disputeOf);
}

export function disputeOf(dispute: Static<typeof DisputeObject>): ProviderDispute {
  const due = dispute.evidence_details?.due_by ?? null;
  const state = disputeState(dispute.status);
  return {
    id: dispute.id,
    state,
    amount: dispute.amount,
    currency: dispute.currency.toLowerCase(),
    reason: dispute.reason,
    dueAt: due === null ? null : due * 1000,
    openedAt: dispute.created * 1000,
  };
}

/** A state that we do not know may hold money: as if it were looked into. */
function disputeState(status: string): DisputeState {
  switch (status) {
    case 'warning_needs_response':
    case 'warning_under_review':
      return 'inquiry';
    case 'needs_response':
    case 'appeal_needs_response':
      return 'needs-response';
    case 'warning_closed':
    case 'prevented':
      return 'dropped';
    case 'won':
      return 'won';
    case 'lost':
      return 'lost';
    default:
      return 'under-review';
  }
}

function refundStatus(status: string | null | undefined): Refund['status'] {
  if (status === 'succeeded') return 'succeeded';
  return status === 'failed' || status === 'canceled' ? 'failed' : 'pending';
}

function strange(what: string): ProviderFault {
  return new ProviderFault('moment', `Stripe answered with a ${what} that cannot be understood`);
}
