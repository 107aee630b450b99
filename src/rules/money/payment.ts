import { assertNever } from '../assert-never.ts';

/**
 * The life of a payment.
 *
 *   PENDING ──paid──► SUCCEEDED ──all went back──► REFUNDED
 *                    ◄──a refund failed──┘
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
  | { kind: 'refunded'; total: number }
  /** Some of what went back has come back to us (a refund failed): this much is away now. */
  | { kind: 'refund-failed'; total: number };

/** `received`: the money is there now and was not before. `reversed`: now all of it went back. `came-back`: a refund failed. */
export type PaymentStep = {
  payment: Payment;
  news: 'received' | 'not-completed' | 'reversed' | 'partly-refunded' | 'came-back' | null;
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
    case 'refund-failed': {
      const refunded = Math.max(0, event.total);
      if (refunded >= payment.refunded) return { payment, news: null };
      // what has gone back had come before
      const status = payment.status === 'REFUNDED' ? 'SUCCEEDED' : payment.status;
      return { payment: { ...payment, refunded, status }, news: 'came-back' };
    }
    default:
      return assertNever(event);
  }
}
