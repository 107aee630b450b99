export type Times = ReadonlyMap<string, number>;

/** Median milliseconds of each, taken in turns so that a noisy moment hits all alike. */
export async function measure(asked: readonly [string, () => Promise<unknown>][], turns = 150): Promise<Times> {
  const times = new Map<string, number[]>(asked.map(([name]) => [name, []]));
  for (let turn = -20; turn < turns; turn++) {
    for (const [name, ask] of asked) {
      const begun = performance.now();
      await ask();
      if (turn >= 0) times.get(name)?.push(performance.now() - begun);
    }
  }
  return new Map(
    [...times].map(([name, all]) => [name, all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0]),
  );
}

export const ratio = (before: Times, after: Times, name: string): string =>
  `${((after.get(name) ?? 0) / (before.get(name) ?? 1)).toFixed(2)} ×`;
