import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { minutes } from '../instant.ts';
import { delivered } from './delivered.ts';
import { type Bought, earned } from './earned.ts';
import { inSteps } from './minimum.ts';
import { wanted } from './settle.ts';

/** Minutes and cents: what the run began with, and what was bought on top. */
type Paid = readonly [minutes: number, amount: number];

const boughtOf = (paid: readonly Paid[]): Bought[] => paid.map(([, amount]) => ({ amount }));
const lengthOf = (paid: readonly Paid[]): number => paid.reduce((sum, [length]) => sum + minutes(length), 0);
const after = (paid: readonly Paid[], onMs: number, how: 'full' | 'on-time' | 'nothing' = 'on-time'): number =>
  earned(boughtOf(paid), { durationMs: lengthOf(paid), onMs, how });

const hour = [60, 600] as const;

describe('what of a run and of more time on top was earned', () => {
  test.each<[string, readonly Paid[], number, number]>([
    ['half an hour, of two', [hour, [60, 600]], 30, 300],
    ['an hour, of two', [hour, [60, 600]], 60, 600],
    ['all of it', [hour, [60, 600]], 120, 1200],
    ['an hour, of which one more was free', [hour, [60, 0]], 60, 300],
    ['an hour, of which one more was dear', [hour, [60, 6000]], 60, 3300],
    ['a free hour and half of one that was paid', [[60, 0], hour], 90, 450],
    ['95 minutes, of three payments', [hour, [30, 100], [10, 50]], 95, 712],
  ])('%s', (_, paid, on, cents) => {
    expect(after(paid, minutes(on))).toBe(cents);
  });

  test('delivered in full earns all of it, and not at all nothing', () => {
    expect(after([hour, [30, 100]], 0, 'full')).toBe(700);
    expect(after([hour, [30, 100]], minutes(90), 'nothing')).toBe(0);
  });

  test('is rounded down once, over all of it', () => {
    expect(
      after(
        [
          [1, 100],
          [1, 100],
        ],
        61_999,
      ),
    ).toBe(101);
  });

  test('of a run that nobody paid for is nothing', () => {
    expect(earned([], { durationMs: minutes(60), onMs: minutes(60), how: 'full' })).toBe(0);
  });
});

const payment = fc.tuple(fc.integer({ min: 1, max: 1440 }), fc.nat(1_000_000));
const payments = fc.array(payment, { minLength: 1, maxLength: 6 });
const times = fc.integer({ min: -10_000, max: 9 * 86_400_000 });
const sum = (paid: readonly Paid[]): number => paid.reduce((total, [, amount]) => total + amount, 0);

describe('for any payments', () => {
  test('one alone is earned by its seconds', () => {
    fc.assert(
      fc.property(payment, times, fc.constantFrom('full', 'on-time', 'nothing'), (one, on, how) => {
        expect(after([one], on, how)).toBe(delivered(one[1], minutes(one[0]), on, how));
      }),
    );
  });

  test('it is a whole number, never more than was paid, and never falls as time goes by', () => {
    fc.assert(
      fc.property(payments, times, fc.nat(5000), (paid, on, more) => {
        const now = after(paid, on);
        expect(Number.isSafeInteger(now)).toBe(true);
        expect(now).toBeGreaterThanOrEqual(0);
        expect(now).toBeLessThanOrEqual(after(paid, on + more));
        expect(after(paid, on + more)).toBeLessThanOrEqual(sum(paid));
      }),
    );
  });

  test('once all of the time was had, all of the money is earned', () => {
    fc.assert(
      fc.property(payments, fc.nat(5000), (paid, more) => {
        expect(after(paid, lengthOf(paid) + more)).toBe(sum(paid));
      }),
    );
  });

  test('in whichever order they were made', () => {
    fc.assert(
      fc.property(payments, times, (paid, on) => {
        expect(after(paid.toReversed(), on)).toBe(after(paid, on));
      }),
    );
  });

  test('the newest goes back first, and an older one only once nothing is left of it', () => {
    fc.assert(
      fc.property(payments, times, (paid, on) => {
        const received = paid.map(([, amount], i) => ({ id: `p${i}`, amount, outside: 0, asked: 0 }));
        const back = wanted(received.toReversed(), after(paid, on)).toReversed();
        let left = sum(paid) - after(paid, on);
        for (const [i, [, amount]] of [...paid.entries()].toReversed()) {
          expect(back[i]?.amount).toBe(Math.min(amount, left));
          left -= Math.min(amount, left);
        }
      }),
    );
  });

  test('where money goes in steps, what is earned and what goes back do so too', () => {
    const inTens = payments.map((paid) => paid.map(([length, amount]): Paid => [length, amount * 10]));
    fc.assert(
      fc.property(inTens, times, (paid, on) => {
        const kept = inSteps(after(paid, on), 'kwd');
        expect([kept % 10, (sum(paid) - kept) % 10]).toEqual([0, 0]);
        expect(after(paid, on) - kept).toBeLessThan(10);
      }),
    );
  });
});
