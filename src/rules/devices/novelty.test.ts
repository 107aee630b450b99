import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { novelty, type Told } from './novelty.ts';

const now = 1_700_000_000_000;
const on: Told = { output: 'on', watts: 2000, wattsAt: now - 120_000 };
const seen = (powerWatts: number | null, at = now) => ({ on: true, powerWatts, at });

describe('what a reading tells that is new', () => {
  test('the first one, and every change of the contact', () => {
    expect(novelty({ output: null, watts: null, wattsAt: null }, seen(0))).toBe('on');
    expect(novelty(on, { on: false, powerWatts: 0, at: now })).toBe('off');
    expect(novelty({ ...on, output: 'off' }, seen(2000))).toBe('on');
  });

  test.each([
    ['the same draw', 2000, null],
    ['a little more', 2400, null],
    ['a lot more', 2600, 'power'],
    ['a lot less', 1400, 'power'],
    ['nothing any more', 0, 'power'],
    ['no word of the draw', null, null],
  ] as const)('of a machine at 2000 W: %s', (_, watts, news) => {
    expect(novelty(on, seen(watts))).toBe(news);
  });

  test('small draws: from rest to work is a step, a few watts more are none', () => {
    expect(novelty({ ...on, watts: 0 }, seen(2.9))).toBeNull();
    expect(novelty({ ...on, watts: 0 }, seen(5))).toBe('power');
    expect(novelty({ ...on, watts: 5 }, seen(40))).toBeNull();
  });

  test('a machine that heats in bursts is told at most once a minute', () => {
    expect(novelty({ ...on, wattsAt: now - 59_000 }, seen(0))).toBeNull();
    expect(novelty({ ...on, wattsAt: now - 60_000 }, seen(0))).toBe('power');
  });

  test('whatever is drawn, a day of readings leaves no more than a line a minute', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 4000, noNaN: true }), { minLength: 50, maxLength: 300 }),
        (draws) => {
          let told: Told = on;
          let lines = 0;
          for (const [i, watts] of draws.entries()) {
            const at = now + i * 3000;
            if (novelty(told, seen(watts, at)) === null) continue;
            told = { output: 'on', watts, wattsAt: at };
            lines += 1;
          }
          expect(lines).toBeLessThanOrEqual(Math.ceil((draws.length * 3000) / 60_000));
        },
      ),
    );
  });
});
