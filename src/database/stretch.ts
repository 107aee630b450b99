import { type RawBuilder, sql } from 'kysely';
import type { Stretch } from '../rules/timeline/moments.ts';
import { at } from './instant-value.ts';

/**
 * The condition that a list, ordered by an instant and then an id (both descending, both columns of one index), keeps to
 * the stretch. `column.id` may be a number: then so is what stands in `below`, as text.
 */
export function earlier(column: { at: string; id: string }, stretch: Stretch): RawBuilder<boolean> {
  const moment = sql.ref(column.at);
  const parts = [
    ...(stretch.from === null ? [] : [sql`${moment} >= ${at(stretch.from)}`]),
    ...(stretch.to === null ? [] : [sql`${moment} < ${at(stretch.to)}`]),
    ...(stretch.before === null ? [] : [beyond(moment, sql.ref(column.id), stretch.before)]),
  ];
  return parts.length === 0 ? sql<boolean>`true` : sql<boolean>`(${sql.join(parts, sql` and `)})`;
}

function beyond(moment: RawBuilder<unknown>, id: RawBuilder<unknown>, before: NonNullable<Stretch['before']>) {
  if (before.ids === 'all') return sql`${moment} <= ${at(before.at)}`;
  if (before.ids === 'none') return sql`${moment} < ${at(before.at)}`;
  return sql`(${moment}, ${id}) < (${at(before.at)}, ${before.ids.below})`;
}
