import pg from 'pg';
import type { Instant } from '../rules/instant.ts';

/**
 * How values of PostgreSQL become values of ours: instants are milliseconds since 1970, int8 a number (an int8 that a
 * number cannot hold is an error, not a near miss), a date its text, numeric its text. Per pool, so that libraries with
 * pools of their own (the job queue) keep theirs.
 */
export function valueParsers(): pg.CustomTypesConfig {
  const parsers = new pg.TypeOverrides();
  const { INT8, DATE, TIMESTAMP, TIMESTAMPTZ } = pg.types.builtins;
  parsers.setTypeParser(INT8, wholeNumber);
  parsers.setTypeParser(DATE, (text: string) => text);
  parsers.setTypeParser(TIMESTAMP, instantWithoutZone);
  parsers.setTypeParser(TIMESTAMPTZ, instant);
  parsers.setTypeParser(int8Array, each(wholeNumber));
  parsers.setTypeParser(timestamptzArray, each(instant));
  parsers.setTypeParser(dateArray, texts);
  return parsers;
}

const int8Array = 1016;
const timestamptzArray = 1185;
const dateArray = 1182;
const textArray: number = 1009;

function texts(text: string): (string | null)[] {
  const parsed: unknown = pg.types.getTypeParser(textArray)(text);
  return parsed as (string | null)[];
}

function each<T>(parse: (text: string) => T): (text: string) => (T | null)[] {
  return (text) => texts(text).map((entry) => (entry === null ? null : parse(entry)));
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`${text} is too large for a number.`);
  return value;
}

/** `2026-03-29 01:30:00.5+00`, with whatever offset the session's zone gives. Infinity stays infinite. */
function instant(text: string): Instant {
  const parsed: unknown = pg.types.getTypeParser(pg.types.builtins.TIMESTAMPTZ)(text);
  return parsed instanceof Date ? parsed.getTime() : Number(parsed);
}

function instantWithoutZone(text: string): Instant {
  return instant(`${text}+00`);
}
