import { type RawBuilder, sql } from 'kysely';
import { clockTolerance, type Instant } from '../rules/instant.ts';
import { at } from './instant-value.ts';

/** Due by now; or put off for longer than anything of the kind ever is: that was before the clock was set back. */
export function dueBy(column: string, now: Instant, longestPause: number): RawBuilder<boolean> {
  const due = sql.ref(column);
  return sql<boolean>`(${due} <= ${at(now)} or ${due} > ${at(now + longestPause + clockTolerance)})`;
}
