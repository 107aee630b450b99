import { afterAll, expect, test } from 'vitest';
import { chance } from '../support/chance.ts';
import { playBatch } from '../support/schedules/batch.ts';
import { createCounts } from '../support/schedules/counts.ts';
import { openStreet } from '../support/schedules/street.ts';

/** How many; a long form is asked for by the environment. So many at once; after so many a new street. */
const wanted = Number(process.env.KEYSTEAD_SCHEDULES ?? 1000);
const size = Math.min(100, wanted);
const street = 1000;

const luck = chance('random schedules');
const counts = createCounts();
afterAll(() => process.stdout.write(`random schedules, KEYSTEAD_SEED=${luck.seed}:\n${counts.table()}\n`));

test(`${wanted} random schedules of purchases, returns, refunds, faults and restarts: paid = delivered + refunded`, {
  timeout: 120_000 + wanted * 1000,
}, async () => {
  for (let done = 0; done < wanted; done += street) {
    const place = await openStreet(size);
    for (let here = 0; here < Math.min(street, wanted - done); here += size) {
      expect(await playBatch(place, luck, counts)).toEqual([]);
    }
    await place.close();
  }
});
