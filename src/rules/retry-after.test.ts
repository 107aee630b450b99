import { expect, test } from 'vitest';
import { retryAfter } from './retry-after.ts';

const now = Date.parse('2026-03-01T12:00:00Z');

test.each<[string | undefined, number | null]>([
  ['7', 7],
  [' 0 ', 0],
  ['Sun, 01 Mar 2026 12:00:30 GMT', 30],
  ['Sun, 01 Mar 2026 11:00:00 GMT', 0],
  ['999999999', 86_400],
  ['-5', null],
  ['1.5', null],
  ['soon', null],
  ['2026', 2026],
  ['', null],
  [undefined, null],
])('Retry-After %s: asked again in %s seconds', (header, seconds) => {
  expect(retryAfter(header, now)).toBe(seconds);
});
