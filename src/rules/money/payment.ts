import { assertNever } from '../assert-never.ts';

/**
 * The life of a payment.
 *
 *   PENDING ──paid──► SUCCEEDED ──all went back──► REFUNDED
 *      └──not completed──► FAILED ──paid after all──► SUCCEEDED (and then the whole goes back)
 *
 * Any event may come any number of times, in any order: what is told twice changes nothing the second time.
 */
export type PaymentStatus = 'PENDING' | 'SUCCEEDED' | 'FAILED' | 'REFUNDED';
export type Payment = { status: PaymentStatus; amount: number; refunded: number };

export type PaymentEvent =
  | { kind: 'paid' }
  | { kind: 'not-completed' }
  /** The provider's total of what went back, in minor units. */
  | { kind: 'refunded'; total: number };

/** `received`: the money is there now and was not before. `reversed`: now all of it went back. */
export type PaymentStep = {
  payment: Payment;
  news: 'received' | 'not-completed' | 'reversed' | 'partly-refunded' | null;
};

export function advancePayment(payment: Payment, event: PaymentEvent): PaymentStep {
  switch (event.kind) {
    case 'paid':
      if (payment.status === 'SUCCEEDED' || payment.status === 'REFUNDED') return { payment, news: null };
      return { payment: { ...payment, status: 'SUCCEEDED' }, news: 'received' };
    case 'not-completed':
      if (payment.status !== 'PENDING') return { payment, news: null };
      return { payment: { ...payment, status: 'FAILED' }, news: 'not-completed' };
    case 'refunded': {
      const refunded = Math.min(payment.amount, Math.max(payment.refunded, event.total));
      if (refunded === payment.refunded) return { payment, news: null };
      // some back before it was told that it came: it stays as it is, so that the news that it came is news still
      const whole = refunded >= payment.amount;
      return {
        payment: { ...payment, refunded, status: whole ? 'REFUNDED' : payment.status },
        news: whole ? 'reversed' : 'partly-refunded',
      };
    }
    default:
      return assertNever(event);
  }
}
