/** How often what happened, for a table at the end of a test. */
export type Counts = { add(what: string, times?: number): void; of(what: string): number; table(): string };

export function createCounts(): Counts {
  const all = new Map<string, number>();
  return {
    add: (what, times = 1) => void all.set(what, (all.get(what) ?? 0) + times),
    of: (what) => all.get(what) ?? 0,
    table: () => [...all].map(([what, times]) => `  ${String(times).padStart(7)}  ${what}`).join('\n'),
  };
}
