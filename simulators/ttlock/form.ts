/** Parameters as callers send them: texts in a form. What does not fit is -3, JSON that is none 80002. */
import { Refusal } from './errors.ts';
import type { Stretch } from './local-time.ts';

export type Form = {
  text(name: string): string | null;
  whole(name: string): number;
  wholeOr<T>(name: string, missing: T): number | T;
  oneOf<const T extends number>(name: string, allowed: readonly T[], missing?: T): T;
  json(name: string): unknown;
  page(most: number): { pageNo: number; pageSize: number };
};

export function readForm(params: URLSearchParams): Form {
  const text = (name: string): string | null => {
    const value = params.get(name);
    return value === null || value === '' ? null : value;
  };
  function wholeOr<T>(name: string, missing: T): number | T {
    const value = text(name);
    if (value === null) return missing;
    if (!/^-?\d{1,15}$/.test(value)) throw new Refusal(-3);
    return Number(value);
  }
  function whole(name: string): number {
    const value = wholeOr(name, null);
    if (value === null) throw new Refusal(-3);
    return value;
  }
  return {
    text,
    whole,
    wholeOr,
    oneOf(name, allowed, missing) {
      const value = wholeOr(name, missing);
      const found = allowed.find((each) => each === value);
      if (found === undefined) throw new Refusal(-3);
      return found;
    },
    json(name) {
      const value = text(name);
      if (value === null) return null;
      try {
        return JSON.parse(value);
      } catch {
        throw new Refusal(80002);
      }
    },
    page(most) {
      const [pageNo, pageSize] = [whole('pageNo'), wholeOr('pageSize', 20)];
      if (pageNo < 1 || pageSize < 1 || pageSize > most) throw new Refusal(-3);
      return { pageNo, pageSize };
    },
  };
}

export function paged<T>(all: readonly T[], { pageNo, pageSize }: { pageNo: number; pageSize: number }) {
  const list = all.slice((pageNo - 1) * pageSize, pageNo * pageSize);
  return { list, pageNo, pageSize, pages: Math.ceil(all.length / pageSize), total: all.length };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isMinute = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 1440;

export function weekDaysFrom(value: unknown): number[] {
  const good = Array.isArray(value) && value.length > 0 && value.every((day) => [1, 2, 3, 4, 5, 6, 7].includes(day));
  if (!good) throw new Refusal(-3);
  return value;
}

export function stretchFrom(weekDays: number[], start: unknown, end: unknown): Stretch {
  if (!isMinute(start) || !isMinute(end) || start === end) throw new Refusal(-3);
  return { weekDays, start, end };
}

export function objectsFrom(value: unknown): Record<string, unknown>[] {
  if (!Array.isArray(value) || value.length === 0 || !value.every(isObject)) throw new Refusal(-3);
  return value;
}
