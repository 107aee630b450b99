import { Type } from 'typebox';
import { invalid } from '../rules/errors.ts';
import type { Instant } from '../rules/instant.ts';

/**
 * Query values are strings and are never coerced behind one's back: a schema of these for the reference page, and a reader
 * for the handler. Readers give undefined for a missing or empty value, and throw 400 with the field named.
 */
export const queryText = (description: string, maxLength = 256) =>
  Type.Optional(Type.String({ description, maxLength }));

export const queryInteger = (description: string) =>
  Type.Optional(Type.String({ description, maxLength: 20, examples: ['1'] }));

export const queryInstant = (description: string) =>
  Type.Optional(Type.String({ description, maxLength: 40, examples: ['2026-03-01T00:00:00Z'] }));

type Value = string | undefined;

const missing = (value: Value): value is undefined | '' => value === undefined || value === '';

export function readInteger(value: Value, field: string, o: { minimum: number; maximum: number }): number | undefined {
  if (missing(value)) return undefined;
  const number = /^-?\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
  if (number >= o.minimum && number <= o.maximum) return number;
  throw invalid(field, `${field} must be a whole number from ${o.minimum} to ${o.maximum}`);
}

export function readBoolean(value: Value, field: string): boolean | undefined {
  if (missing(value)) return undefined;
  if (value === 'true' || value === '1') return true;
  if (value === 'false' || value === '0') return false;
  throw invalid(field, `${field} must be true or false`);
}

export function readOneOf<T extends string>(value: Value, field: string, allowed: readonly T[]): T | undefined {
  if (missing(value)) return undefined;
  const found = allowed.find((candidate) => candidate === value);
  if (found !== undefined) return found;
  throw invalid(field, `${field} must be one of ${allowed.join(', ')}`);
}

/** ISO-8601 with a zone, or a day (its first moment in UTC). */
export function readInstant(value: Value, field: string): Instant | undefined {
  if (missing(value)) return undefined;
  const at = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2}))?$/.test(value)
    ? Date.parse(value)
    : Number.NaN;
  const [year = 0, month = 0, day = 0] = value.slice(0, 10).split('-').map(Number);
  const thereIsSuchADay = day <= new Date(Date.UTC(year, month, 0)).getUTCDate(); // Date.parse takes 30 February for 2 March
  if (Number.isNaN(at) || !thereIsSuchADay)
    throw invalid(field, `${field} must be an instant such as 2026-03-01T00:00:00Z`);
  return at;
}
