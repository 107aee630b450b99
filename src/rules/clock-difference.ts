import { type Instant, seconds } from './instant.ts';

/** Processes whose clocks are further apart take each other's leases for over, or for endless. */
const agrees = seconds(2);

/** One asking of another clock: our own before and after, and what it said in between. */
export type Asked = { before: Instant; theirs: Instant; after: Instant };

/**
 * By how much our clock is ahead of another one, behind it if negative; null where they agree as far as can be told. It was
 * read somewhere on the way there and back: half of that is taken off.
 */
export function clockDifference({ before, theirs, after }: Asked): number | null {
  const ahead = (before + after) / 2 - theirs;
  const unsure = Math.abs(after - before) / 2;
  return Math.abs(ahead) - unsure > agrees ? ahead : null;
}
