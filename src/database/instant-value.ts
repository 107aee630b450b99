import { type RawBuilder, sql } from 'kysely';
import type { Instant } from '../rules/instant.ts';

/** An instant to compare a column with: columns read as numbers, PostgreSQL wants a timestamp. */
export const at = (instant: Instant): RawBuilder<Instant> => sql<Instant>`${new Date(instant)}::timestamptz`;
