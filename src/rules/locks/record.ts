import type { Instant } from '../instant.ts';

/** A line of a lock's own book, as far as the rules ask. */
type Line = { at: Instant; by: string; did: string };

export type Told = { decision: 'granted' | 'denied'; reason: 'opened-at-the-lock' | 'refused-by-the-lock' };

/** What it tells of access; null: nobody came in or tried to. */
export function accessTold({ did }: Line): Told | null {
  if (did === 'unlocked') return { decision: 'granted', reason: 'opened-at-the-lock' };
  return did === 'refused' ? { decision: 'denied', reason: 'refused-by-the-lock' } : null;
}

/** Where the bolt was after these; null: none of them moved it. */
export function boltAfter(lines: readonly Line[]): { bolt: 'locked' | 'unlocked'; at: Instant } | null {
  let last: Line | null = null;
  for (const line of lines) {
    if ((line.did === 'unlocked' || line.did === 'locked') && (last === null || line.at >= last.at)) last = line;
  }
  return last === null ? null : { bolt: last.did === 'locked' ? 'locked' : 'unlocked', at: last.at };
}
