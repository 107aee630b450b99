import fc from 'fast-check';
import { expect, test } from 'vitest';
import { behind, type Moment, newestFirst } from './moments.ts';

/** As a list of one rank would be read by its own order. */
const lies = (one: Moment, last: Moment): boolean => {
  const { at, ids } = behind(last, one.rank);
  if (one.at !== at) return one.at < at;
  return ids === 'all' || (ids !== 'none' && one.id < ids.below);
};

test('pages over several lists give each entry once, in one order, however many share a moment', () => {
  const moment = fc.record({ at: fc.integer({ min: 0, max: 3 }), rank: fc.integer({ min: 0, max: 3 }) });
  fc.assert(
    fc.property(fc.array(moment, { maxLength: 40 }), fc.integer({ min: 1, max: 7 }), (moments, limit) => {
      const all: Moment[] = moments.map((one, i) => ({ ...one, id: String(i).padStart(3, '0') }));
      const lists = [0, 1, 2, 3].map((rank) => all.filter((one) => one.rank === rank).sort(newestFirst));
      const seen: Moment[] = [];
      for (let last: Moment | undefined; ; last = seen.at(-1)) {
        const page = lists
          .flatMap((list) => list.filter((one) => last === undefined || lies(one, last)).slice(0, limit))
          .sort(newestFirst)
          .slice(0, limit);
        if (page.length === 0) break;
        seen.push(...page);
      }
      expect(seen).toEqual([...all].sort(newestFirst));
    }),
  );
});
