import type { Instant } from '../instant.ts';

/**
 * The order of entries that come from several lists: newest first; of the same moment by the rank of their list, then by
 * id. A total order, so that a page can go on exactly behind the last entry of the one before.
 */
export type Moment = { at: Instant; rank: number; id: string };

export function newestFirst(a: Moment, b: Moment): number {
  return b.at - a.at || b.rank - a.rank || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);
}

/** The part of one list that is asked for; `before`: only what lies before this moment, of that very moment only what `ids` says. */
export type Stretch = {
  from: Instant | null;
  to: Instant | null;
  before: { at: Instant; ids: 'all' | 'none' | { below: string } } | null;
  limit: number;
};

/** Where the list of this rank goes on behind the last entry of a page. */
export function behind(last: Moment, rank: number): NonNullable<Stretch['before']> {
  if (rank === last.rank) return { at: last.at, ids: { below: last.id } };
  return { at: last.at, ids: rank < last.rank ? 'all' : 'none' };
}
