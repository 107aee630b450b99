/** Random choices that can be repeated: a test that uses them prints its seed, and `KEYSTEAD_SEED=…` brings them back. */
export type Chance = {
  seed: number;
  /** 0 up to and without `below`. */
  below(limit: number): number;
  pick<T>(from: readonly T[]): T;
  /** True in so many of a hundred cases. */
  odds(percent: number): boolean;
  shuffled<T>(all: readonly T[]): T[];
};

export function chance(test: string): Chance {
  const seed = Number(process.env.KEYSTEAD_SEED ?? Math.floor(Math.random() * 2 ** 31));
  process.stdout.write(`${test}: KEYSTEAD_SEED=${seed}\n`);
  let state = seed >>> 0;
  // mulberry32: small, and good enough to shuffle with
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    seed,
    below,
    odds: (percent) => below(100) < percent,
    pick: (from) => {
      const picked = from[below(from.length)];
      if (picked === undefined) throw new Error('There is nothing to pick from');
      return picked;
    },
    shuffled: (all) => {
      const rest = [...all];
      return all.flatMap(() => rest.splice(below(rest.length), 1));
    },
  };
}

/** Every order of these, each once; equal ones are not told apart. */
export function ordersOf(all: readonly string[]): string[][] {
  if (all.length === 0) return [[]];
  return [...new Set(all)].flatMap((first) => {
    const at = all.indexOf(first);
    return ordersOf([...all.slice(0, at), ...all.slice(at + 1)]).map((rest) => [first, ...rest]);
  });
}

/** Every order of these in which each comes once or twice. */
export function ordersOnceOrTwice(all: readonly string[]): string[][] {
  const choices = Array.from({ length: 2 ** all.length }, (_, bits) =>
    all.flatMap((one, at) => ((bits >> at) & 1 ? [one, one] : [one])),
  );
  return choices.flatMap(ordersOf);
}

/** Every order of these in which each comes once up to `most` times, and which is no longer than `longest`. */
export function ordersRepeated(all: readonly string[], most: number, longest: number): string[][] {
  let counts: number[][] = [[]];
  for (let at = 0; at < all.length; at++) {
    counts = counts.flatMap((before) => Array.from({ length: most }, (_, n) => [...before, n + 1]));
  }
  return counts
    .filter((times) => times.reduce((sum, n) => sum + n, 0) <= longest)
    .flatMap((times) => ordersOf(all.flatMap((one, at) => Array<string>(times[at] ?? 0).fill(one))));
}
