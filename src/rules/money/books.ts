/**
 * What became of a payment's money, in minor units, worked out from all that was told of it: one by one where the provider
 * named its refunds, in sum where it told a total alone. A function of what is known, so the order of the news and their
 * number do not matter: refunds are only ever added, each ends succeeded or failed, and a total told is never forgotten.
 */
export type KnownRefund = {
  amount: number;
  state: 'pending' | 'succeeded' | 'failed';
  /** Answers a refund of ours that is asked for or done. */
  ours: boolean;
};

export type Told = {
  /** What was paid. */
  amount: number;
  /** The highest total of refunds that the provider ever told. */
  total: number;
  known: readonly KnownRefund[];
  /** Asked for by us, and not known to be at the provider yet. */
  open: number;
};

export type Books = {
  /** What went back, or is on its way. A refund that failed does not count. */
  refunded: number;
  /** The part of it that we did not ask for: made at the provider by hand. */
  outside: number;
};

export function books({ amount, total, known, open }: Told): Books {
  const standing = known.filter(({ state }) => state !== 'failed');
  // a total that all refunds ever made explain may be an old one, from before some of them failed
  const unexplained = Math.max(0, total - sum(known));
  const others = sum(standing.filter(({ ours }) => !ours));
  return {
    refunded: Math.min(amount, sum(standing) + unexplained),
    // what is not explained yet may be one of ours, on its way
    outside: Math.min(amount, others + Math.max(0, unexplained - open)),
  };
}

const sum = (refunds: readonly KnownRefund[]): number => refunds.reduce((total, { amount }) => total + amount, 0);

/**
 * What is owed and nobody gives back yet; negative: more goes back than is owed. `asked`: what we ask for or have given
 * back; `outside`: what was given back by hand; `taken`: what a dispute holds, or has taken for good.
 */
export function stillOwed(o: { owed: number; asked: number; outside: number; taken: number }): number {
  return o.owed - o.asked - o.outside - o.taken;
}
