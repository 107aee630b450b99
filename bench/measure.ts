import { quantile } from './report.ts';

export type Times = ReadonlyMap<string, number>;

/** Median milliseconds of each, taken in turns so that a noisy moment hits all alike. */
export async function times(asked: readonly [string, () => Promise<unknown>][], turns = 150): Promise<Times> {
  const all = new Map<string, number[]>(asked.map(([name]) => [name, []]));
  for (let turn = -20; turn < turns; turn++) {
    for (const [name, ask] of asked) {
      const begun = performance.now();
      await ask();
      if (turn >= 0) all.get(name)?.push(performance.now() - begun);
    }
  }
  return new Map([...all].map(([name, values]) => [name, quantile(values, 0.5)]));
}
