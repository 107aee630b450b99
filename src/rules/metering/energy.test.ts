import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Meter, metered, unmetered } from './energy.ts';

const after = (counters: readonly (number | null)[], before: Meter = unmetered): number | null =>
  counters.reduce<Meter>(metered, before).used;

describe('the energy of a run', () => {
  it('is what the counter gained between the first reading and the last', () => {
    expect(after([1000, 1100, 1350.5])).toBe(350.5);
  });

  it('begins at the counter that was seen before the run, so that nothing before the first reading is lost', () => {
    expect(after([1040], { used: null, counter: 1000 })).toBe(40);
  });

  it('is not known without a meter, also where a counter was seen before', () => {
    expect(after([])).toBeNull();
    expect(after([null, null])).toBeNull();
    expect(after([null], { used: null, counter: 1000 })).toBeNull();
    expect(after([1000])).toBe(0);
  });

  it('loses nothing when readings are lost', () => {
    expect(after([1000, null, null, 1200, null, 1300])).toBe(300);
  });

  it('goes on when the counter begins anew, or falls back to what it had saved', () => {
    expect(after([1000, 1100, 0, 50, 90])).toBe(140); // 0 tells nothing: reckoning goes on from 50
    expect(after([1000, 1100, 20, 50])).toBe(130);
    expect(after([1000, 1100, 1090, 1150])).toBe(160);
  });

  it('never shrinks, and is never more than the counter gained', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.integer({ min: 0, max: 1_000_000 }))), (counters) => {
        let before = unmetered;
        let last: number | null = null;
        for (const counter of counters) {
          const next = metered(before, counter);
          const gained = Math.max(0, (counter ?? 0) - (last ?? counter ?? 0));
          expect((next.used ?? 0) - (before.used ?? 0)).toBe(gained);
          if (counter !== null && (counter > 0 || last === null)) last = counter;
          before = next;
        }
      }),
    );
  });
});
