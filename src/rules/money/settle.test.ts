import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Owed, owed, type Received, wanted } from './settle.ts';

const payment = (id: string, amount: number, part: Partial<Received> = {}): Received => ({
  id,
  amount,
  outside: 0,
  asked: 0,
  ...part,
});
const sum = (list: readonly { amount: number }[]): number => list.reduce((total, one) => total + one.amount, 0);

describe('what has to go back', () => {
  test('nothing came in, nothing goes back', () => {
    expect(owed([], 0)).toEqual([]);
    expect(owed([], 100)).toEqual([]);
  });

  test.each([
    [0, [{ paymentId: 'a', amount: 500 }]],
    [200, [{ paymentId: 'a', amount: 300 }]],
    [500, []],
    [700, []],
  ])('of one payment of 500 of which %i were earned', (earned, back) => {
    expect(owed([payment('a', 500)], earned)).toEqual(back);
  });

  test('the newest payment gives first', () => {
    const extended = [payment('new', 300), payment('old', 500)];
    expect(owed(extended, 600)).toEqual([{ paymentId: 'new', amount: 200 }]);
    expect(owed(extended, 400)).toEqual([
      { paymentId: 'new', amount: 300 },
      { paymentId: 'old', amount: 100 },
    ]);
  });

  test('what was asked for before is not asked for again', () => {
    expect(owed([payment('a', 500, { asked: 300 })], 200)).toEqual([]);
    expect(owed([payment('a', 500, { asked: 100 })], 200)).toEqual([{ paymentId: 'a', amount: 200 }]);
  });

  test('what went back from the dashboard counts, also on another payment', () => {
    expect(owed([payment('a', 500, { outside: 300 })], 200)).toEqual([]);
    expect(owed([payment('new', 300), payment('old', 500, { outside: 250 })], 500)).toEqual([
      { paymentId: 'new', amount: 50 },
    ]);
  });

  test('a payment never gives more than it has left, the next one gives the rest', () => {
    expect(owed([payment('new', 300, { outside: 250 }), payment('old', 500)], 100)).toEqual([
      { paymentId: 'new', amount: 50 },
      { paymentId: 'old', amount: 400 },
    ]);
  });

  test('asked for and refunded by hand as well: it is gone once', () => {
    expect(owed([payment('a', 500, { outside: 500, asked: 500 })], 0)).toEqual([]);
  });

  test('payments of nothing give nothing', () => {
    expect(owed([payment('free', 0)], 0)).toEqual([]);
  });
});

const anyReceived = fc
  .array(fc.record({ amount: fc.nat(1000), outside: fc.nat(1200), asked: fc.nat(1200) }), { maxLength: 5 })
  .map((list) => list.map((one, i): Received => ({ id: `p${i}`, ...one })));

const left = (one: Received): number => Math.max(0, one.amount - one.outside - one.asked);
const after = (list: readonly Received[], back: readonly Owed[]): Received[] =>
  list.map((one) => ({ ...one, asked: one.asked + sum(back.filter((each) => each.paymentId === one.id)) }));

describe('for any payments', () => {
  test('no payment gives more than it has left, and asking again asks for nothing', () => {
    fc.assert(
      fc.property(anyReceived, fc.nat(6000), (received, earned) => {
        const back = owed(received, earned);
        for (const { paymentId, amount } of back) {
          const one = received.find(({ id }) => id === paymentId);
          expect(amount).toBeGreaterThan(0);
          expect(amount).toBeLessThanOrEqual(one === undefined ? 0 : left(one));
        }
        expect(new Set(back.map(({ paymentId }) => paymentId)).size).toBe(back.length);
        expect(owed(after(received, back), earned)).toEqual([]);
      }),
    );
  });

  test('paid is earned and gone back, to the cent, where no more than that had gone back before', () => {
    fc.assert(
      fc.property(anyReceived, fc.nat(6000), (received, earned) => {
        const back = after(received, owed(received, earned));
        const gone = back.reduce((total, one) => total + Math.min(one.amount, one.outside + one.asked), 0);
        const before = received.reduce((total, one) => total + one.amount - left(one), 0);
        expect(gone).toBe(Math.max(before, sum(received) - Math.min(earned, sum(received))));
      }),
    );
  });

  test('an older payment gives only when every newer one has nothing left', () => {
    fc.assert(
      fc.property(anyReceived, fc.nat(6000), (received, earned) => {
        const back = owed(received, earned);
        const oldest = received.findLastIndex(({ id }) => back.some((each) => each.paymentId === id));
        for (const newer of after(received, back).slice(0, Math.max(0, oldest))) expect(left(newer)).toBe(0);
      }),
    );
  });
});

test('the goal for each payment is what lies there already and what is still to be asked for, and all of it together is what was not earned', () => {
  const one = fc.record({ amount: fc.nat(500), outside: fc.nat(300), asked: fc.nat(300) });
  fc.assert(
    fc.property(fc.array(one, { maxLength: 5 }), fc.nat(2500), (parts, earned) => {
      const all = parts.map((part, i) => payment(`p${i}`, part.amount, part));
      const goals = wanted(all, earned);
      expect(sum(goals)).toBe(Math.max(0, sum(all) - earned));
      const open = goals.flatMap(({ paymentId, amount }, i) => {
        const { amount: most, outside, asked } = all[i] ?? payment('', 0);
        const rest = amount - Math.min(most, outside + asked);
        return rest > 0 ? [{ paymentId, amount: rest }] : [];
      });
      expect(open).toEqual(owed(all, earned));
    }),
  );
});
