/** One line of the bench: a ratio of things measured side by side in this run, and what it should be at most. */
export type Line = { what: string; ratio: number; target: number; detail: string };

/** Prints it; a miss is shown, and ends nothing. */
export function print(title: string, lines: readonly Line[]): void {
  process.stdout.write(`\n${title}\n`);
  for (const { what, ratio, target, detail } of lines) {
    const verdict = ratio <= target ? 'met   ' : 'MISSED';
    const figures = `${ratio.toFixed(2).padStart(7)} ×  of at most ${target.toFixed(2)} ×`;
    process.stdout.write(`  ${verdict} ${figures}  ${what} (${detail})\n`);
  }
}

/** The value below which a share of all lies: 0.5 is the median. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export const ms = (value: number): string => `${value.toFixed(1)} ms`;

export const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));
