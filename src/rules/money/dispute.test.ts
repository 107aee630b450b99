import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type DisputeState, holdsMoney, isClosed, isLater, type Telling, takenBy } from './dispute.ts';

const states: readonly DisputeState[] = ['inquiry', 'needs-response', 'under-review', 'won', 'lost', 'dropped'];

describe('a dispute', () => {
  test.each<[DisputeState, { holds: boolean; closed: boolean; taken: number }]>([
    ['inquiry', { holds: false, closed: false, taken: 0 }],
    ['needs-response', { holds: true, closed: false, taken: 250 }],
    ['under-review', { holds: true, closed: false, taken: 250 }],
    ['won', { holds: false, closed: true, taken: 0 }],
    ['lost', { holds: false, closed: true, taken: 250 }],
    ['dropped', { holds: false, closed: true, taken: 0 }],
  ])('%s: %j', (state, { holds, closed, taken }) => {
    expect(holdsMoney(state)).toBe(holds);
    expect(isClosed(state)).toBe(closed);
    expect(takenBy({ state, amount: 250 })).toBe(taken);
  });

  test('told in any order, any number of times, ends in what was told last', () => {
    const tellings = fc.uniqueArray(fc.record({ state: fc.constantFrom(...states), at: fc.nat(5) }), {
      minLength: 1,
      maxLength: 6,
      // one bank does not say two ends within one second
      selector: ({ state, at }) => `${at} ${isClosed(state) ? 'closed' : state}`,
    });
    const heard = (all: readonly Telling[]): Telling | undefined =>
      all.reduce<Telling | undefined>(
        (kept, one) => (kept === undefined || isLater(one, kept) ? one : kept),
        undefined,
      );
    fc.assert(
      fc.property(
        tellings.chain((all) =>
          fc.tuple(fc.constant(all), fc.shuffledSubarray([...all, ...all], { minLength: all.length })),
        ),
        ([all, mixed]) => {
          const complete = [...mixed, ...all];
          expect(heard(complete)).toEqual(heard(all));
          expect(heard(complete.toReversed())).toEqual(heard(all));
        },
      ),
    );
  });
});
