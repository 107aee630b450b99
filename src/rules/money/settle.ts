/**
 * Money that came in for one thing, in minor units. `outside` is what went back without our asking (the provider's own
 * dashboard), `asked` what we have asked to go back, done or not.
 */
export type Received = { id: string; amount: number; outside: number; asked: number };
export type Owed = { paymentId: string; amount: number };

/**
 * Paid = delivered + refunded: what still has to go back, from the newest payment first. What went back already counts,
 * wherever it lies; nothing is ever refunded beyond what was received.
 */
export function owed(receivedNewestFirst: readonly Received[], delivered: number): Owed[] {
  const received = receivedNewestFirst.reduce((sum, payment) => sum + payment.amount, 0);
  const back = receivedNewestFirst.reduce((sum, payment) => sum + gone(payment), 0);
  let rest = Math.max(0, received - delivered) - back;
  const result: Owed[] = [];
  for (const payment of receivedNewestFirst) {
    const amount = Math.min(rest, payment.amount - gone(payment));
    if (amount <= 0) continue;
    result.push({ paymentId: payment.id, amount });
    rest -= amount;
  }
  return result;
}

const gone = (payment: Received): number => Math.min(payment.amount, payment.outside + payment.asked);
