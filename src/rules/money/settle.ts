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

/**
 * The same seen as a goal: what of each payment should have gone back in the end, whoever gives it back. It stands as long
 * as what was delivered does; if something that went back comes back to us, it tells what is owed again.
 */
export function wanted(receivedNewestFirst: readonly Received[], delivered: number): Owed[] {
  const received = receivedNewestFirst.reduce((sum, payment) => sum + payment.amount, 0);
  let rest = Math.max(0, received - delivered);
  const goals = receivedNewestFirst.map((payment) => {
    const amount = Math.min(rest, gone(payment));
    rest -= amount;
    return { paymentId: payment.id, amount };
  });
  for (const [i, payment] of receivedNewestFirst.entries()) {
    const goal = goals[i];
    if (goal === undefined) continue;
    const more = Math.min(rest, payment.amount - gone(payment));
    goal.amount += more;
    rest -= more;
  }
  return goals;
}

const gone = (payment: Received): number => Math.min(payment.amount, payment.outside + payment.asked);
