import { invalid } from './errors.ts';

/** Trimmed text of 1 to `most` characters; a 400 that names the field otherwise. */
export function required(field: string, value: string | null | undefined, most: number): string {
  const trimmed = value?.trim() ?? '';
  if (trimmed === '') throw invalid(field, `${field} must not be empty`);
  return short(field, trimmed, most);
}

/** Trimmed text, null where there is none. */
export function optional(field: string, value: string | null | undefined, most: number): string | null {
  const trimmed = value?.trim() ?? '';
  return trimmed === '' ? null : short(field, trimmed, most);
}

function short(field: string, value: string, most: number): string {
  if (value.length > most) throw invalid(field, `${field} must have at most ${most} characters`);
  return value;
}
