import { invalid } from '../rules/errors.ts';

const deepest = 32;

/**
 * Refuses what PostgreSQL cannot keep: strings with NUL or lone surrogates, in values and in names of fields; and nesting
 * that would only serve to exhaust a stack. Throws a Problem that names the field.
 */
export function refuseUnstorable(part: 'params' | 'query' | 'body', value: unknown): void {
  const open: { value: unknown; path: string; depth: number }[] = [{ value, path: '', depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value: current, path, depth } = next;
    if (typeof current === 'string') {
      if (!storable(current)) throw invalid(path || part, `${path || part} must not hold NUL or broken characters`);
    } else if (typeof current === 'object' && current !== null) {
      if (depth >= deepest) throw invalid(part, `${part} is nested too deeply`);
      for (const [key, item] of Object.entries(current)) {
        if (!storable(key))
          throw invalid(path || part, `${path || part} has a field whose name holds broken characters`);
        open.push({ value: item, path: join(path, key, Array.isArray(current)), depth: depth + 1 });
      }
    }
  }
}

const storable = (text: string): boolean => !text.includes('\0') && text.isWellFormed();

function join(path: string, key: string, inArray: boolean): string {
  if (inArray) return `${path}[${key}]`;
  return path === '' ? key : `${path}.${key}`;
}
