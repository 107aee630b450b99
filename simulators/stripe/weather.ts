/**
 * What can happen to webhooks on their way: late and so out of order, twice, lost at first, lost for good. By chance, but
 * seeded: the same seed and the same events give the same weather.
 */
export type Weather = {
  seed: number;
  /** Milliseconds a delivery may be late by; 0: at once. */
  late: number;
  /** Chances, 0 to 1. */
  twice: number;
  /** The first one to three attempts never arrive; the retries that follow do. */
  lostAtFirst: number;
  never: number;
};
export const clear: Weather = { seed: 1, late: 0, twice: 0, lostAtFirst: 0, never: 0 };

export type Fate = { delay: number; lost: number; never: boolean };

/** One fate for each time the event is sent. `draw` is how many were drawn before. */
export function fates(weather: Weather, draw: number): Fate[] {
  const next = luck(weather.seed, draw);
  const one = (): Fate => ({
    delay: Math.floor(next() * weather.late),
    lost: next() < weather.lostAtFirst ? 1 + Math.floor(next() * 3) : 0,
    never: next() < weather.never,
  });
  return next() < weather.twice ? [one(), one()] : [one()];
}

/** mulberry32 */
function luck(seed: number, draw: number): () => number {
  let state = (seed + Math.imul(draw, 0x9e3779b1)) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
