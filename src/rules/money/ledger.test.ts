import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { advancePayment, type Payment, type PaymentEvent } from './payment.ts';
import { owed } from './settle.ts';

const runs = Number(process.env.KEYSTEAD_RUNS ?? 3000);

/**
 * Several payments for one thing, at the provider and in our books. What the provider tells may come in any order and up
 * to three times; refunds are asked for by the rules, as features/payments does, and carried out when it suits.
 */
function openLedger(amounts: readonly number[]) {
  const accounts = amounts.map((amount, i) => ({
    id: `p${i}`,
    // at the provider
    paid: false,
    backByUs: 0,
    backByHand: 0,
    // in our books
    payment: { status: 'PENDING', amount, refunded: 0 } as Payment,
    outside: 0,
    asked: [] as { amount: number; status: 'asked' | 'done' | 'failed' }[],
  }));
  type Account = (typeof accounts)[number];
  let earned: number | null = null;

  const standing = (one: Account): number =>
    one.asked.reduce((sum, refund) => sum + (refund.status === 'failed' ? 0 : refund.amount), 0);

  function told(one: Account, event: PaymentEvent): void {
    const { payment, news } = advancePayment(one.payment, event);
    one.payment = payment;
    if (event.kind === 'refunded') one.outside = Math.max(one.outside, payment.refunded - standing(one));
    if (news === 'received' && earned !== null) settle();
  }

  function settle(): void {
    const received = accounts.filter(({ payment }) => payment.status === 'SUCCEEDED' || payment.status === 'REFUNDED');
    const books = received.map((one) => ({
      id: one.id,
      amount: one.payment.amount,
      outside: one.outside,
      asked: standing(one),
    }));
    for (const { paymentId, amount } of owed(books.reverse(), earned ?? 0)) {
      expect(amount).toBeGreaterThan(0);
      accounts.find(({ id }) => id === paymentId)?.asked.push({ amount, status: 'asked' });
    }
  }

  /** The provider never gives back more than it has left of a payment. */
  function carryOutRefunds(one: Account): void {
    for (const refund of one.asked.filter(({ status }) => status === 'asked')) {
      const possible = refund.amount <= one.payment.amount - one.backByUs - one.backByHand;
      refund.status = possible ? 'done' : 'failed';
      if (possible) one.backByUs += refund.amount;
      told(one, { kind: 'refunded', total: one.backByUs + one.backByHand });
      if (!possible) settle();
    }
  }

  return {
    accounts,
    told,
    carryOutRefunds,
    end(delivered: number): void {
      earned ??= delivered;
      settle();
    },
    backByHand(one: Account, amount: number): void {
      if (one.paid) one.backByHand += Math.min(amount, one.payment.amount - one.backByUs - one.backByHand);
    },
    /** Everything that was still on its way arrives. */
    closeBooks(delivered: number): void {
      for (const one of accounts) if (one.paid) told(one, { kind: 'paid' });
      this.end(delivered);
      for (let round = 0; round < 4; round++) for (const one of accounts) carryOutRefunds(one);
      for (const one of accounts) if (one.paid) told(one, { kind: 'refunded', total: one.backByUs + one.backByHand });
      settle();
    },
  };
}

const happening = fc.record({
  who: fc.nat(3),
  times: fc.integer({ min: 1, max: 3 }),
  /** Totals that the provider told may arrive late. */
  late: fc.boolean(),
  what: fc.oneof(
    fc.constantFrom('paid' as const, 'paid' as const, 'not-completed' as const, 'refunds' as const, 'over' as const),
    fc.nat(600),
  ),
});

const stories = fc.record({
  amounts: fc.array(fc.nat(1000), { minLength: 1, maxLength: 4 }),
  delivered: fc.nat(2500),
  happenings: fc.array(happening, { maxLength: 25 }),
});
type StoryOf<A> = A extends fc.Arbitrary<infer T> ? T : never;

/** `byHand`: somebody also refunds at the dashboard of the provider. */
function played({ amounts, delivered, happenings }: StoryOf<typeof stories>, byHand: boolean) {
  const ledger = openLedger(amounts);
  const late: (() => void)[] = [];
  for (const { who, times, late: comesLate, what } of happenings) {
    const one = ledger.accounts[who % amounts.length];
    if (one === undefined) continue;
    if (what === 'paid') one.paid = true;
    if (typeof what === 'number' && byHand) ledger.backByHand(one, what);
    const total = one.backByUs + one.backByHand;
    const arrives = (): void => {
      if (what === 'paid' || what === 'not-completed') ledger.told(one, { kind: what });
      else if (what === 'over') ledger.end(delivered);
      else if (what === 'refunds') ledger.carryOutRefunds(one);
      else if (one.paid) ledger.told(one, { kind: 'refunded', total });
    };
    for (let time = 0; time < times; time++) {
      if (comesLate && time > 0) late.unshift(arrives);
      else arrives();
    }
  }
  for (const arrives of late) arrives();
  ledger.closeBooks(delivered);
  const paid = ledger.accounts.filter((one) => one.paid);
  const sum = (of: (one: (typeof paid)[number]) => number): number => paid.reduce((total, one) => total + of(one), 0);
  return {
    ledger,
    received: sum((one) => one.payment.amount),
    byUs: sum((one) => one.backByUs),
    byHand: sum((one) => one.backByHand),
    delivered,
  };
}

describe('paid = delivered + refunded, whatever is told, in whatever order, however often', () => {
  test('to the cent, where only we refund', () => {
    fc.assert(
      fc.property(stories, (story) => {
        const { ledger, received, byUs, delivered } = played(story, false);
        expect(byUs).toBe(Math.max(0, received - delivered));
        for (const { payment, paid, backByUs } of ledger.accounts) {
          expect(payment.refunded).toBe(backByUs);
          if (paid) expect(payment.status).toBe(backByUs === payment.amount && backByUs > 0 ? 'REFUNDED' : 'SUCCEEDED');
          else expect(backByUs).toBe(0);
        }
      }),
      { numRuns: runs },
    );
  });

  test('the newest payment gives back first', () => {
    fc.assert(
      fc.property(stories, (story) => {
        const all = {
          ...story,
          happenings: story.amounts.map((_, who) => ({ who, times: 1, late: false, what: 'paid' as const })),
        };
        const { ledger } = played(all, false);
        const gives = ledger.accounts.map(({ backByUs }) => backByUs > 0);
        const rest = ledger.accounts.map(({ backByUs, payment }) => payment.amount - backByUs);
        for (const [i, older] of gives.entries()) if (older) for (const left of rest.slice(i + 1)) expect(left).toBe(0);
      }),
      { numRuns: runs },
    );
  });

  test('where somebody refunds by hand as well, we never add more than what is still owed, and all of that', () => {
    fc.assert(
      fc.property(stories, (story) => {
        const { ledger, received, byUs, byHand, delivered } = played(story, true);
        const owedInAll = Math.max(0, received - delivered);
        expect(byUs).toBeLessThanOrEqual(owedInAll);
        expect(byUs + byHand).toBeGreaterThanOrEqual(owedInAll);
        for (const one of ledger.accounts) {
          expect(one.backByUs + one.backByHand).toBeLessThanOrEqual(one.payment.amount);
          expect(one.payment.refunded).toBe(one.backByUs + one.backByHand);
          if (one.paid) expect(one.outside).toBe(one.backByHand);
        }
      }),
      { numRuns: runs },
    );
  });
});
