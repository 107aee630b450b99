import { systemClock } from '../../src/host/clock.ts';

/**
 * Places for tests that run side by side (`test.concurrent`): starts of servers leave a machine idle half of the time. Each
 * is one test's alone, until that is over; nothing but the machine they run on is common to them.
 */
export type SideBySide<Place> = {
  all: readonly Place[];
  /** In the first place that is free and suits. */
  inOne<T>(work: (place: Place) => Promise<T>): Promise<T>;
};

/** As many as vitest.config.ts lets run side by side (maxConcurrency). */
const atOnce = 2;

export async function sideBySide<Place>(
  open: () => Promise<Place>,
  suits: (place: Place) => boolean = () => true,
): Promise<SideBySide<Place>> {
  const all: Place[] = [];
  for (let n = 0; n < atOnce; n++) all.push(await open());
  const free = [...all];

  async function take(): Promise<Place> {
    for (;;) {
      const found = free.findIndex(suits);
      const [one] = found < 0 ? [] : free.splice(found, 1);
      if (one !== undefined) return one;
      await systemClock.sleep(20);
    }
  }

  return {
    all,
    async inOne(work) {
      const place = await take();
      try {
        return await work(place);
      } finally {
        free.push(place);
      }
    },
  };
}
