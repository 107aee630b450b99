import type { ColumnType } from 'kysely';
import type { Instant } from '../rules/instant.ts';

/** A column with a default: may be left out of an insert. */
export type Generated<T> =
  T extends ColumnType<infer Read, infer Insert, infer Update>
    ? ColumnType<Read, Insert | undefined, Update>
    : ColumnType<T, T | undefined, T>;

/** A column that PostgreSQL computes: never written. */
export type Computed<T> =
  T extends ColumnType<infer Read, unknown, unknown> ? ColumnType<Read, never, never> : ColumnType<T, never, never>;

/** timestamptz: read as milliseconds since 1970, written as a Date. */
export type Timestamp = ColumnType<Instant, Date, Date>;

/** jsonb: read as what it is (the store says which shape); written as a plain object or as `JSON.stringify` gives it. */
export type Json = ColumnType<unknown, JsonInput, JsonInput>;
/** An array must be written as text: the driver takes arrays for arrays of PostgreSQL. */
export type JsonInput = Record<string, unknown> | string;
