import { expect, test } from 'vitest';
import { hours } from '../instant.ts';
import { isNews } from './news.ts';

test('what happened is news for two days, and also when the clock was set back meanwhile', () => {
  const since = 1_800_000_000_000;
  expect(isNews(since, since)).toBe(true);
  expect(isNews(since, since + hours(48))).toBe(true);
  expect(isNews(since, since + hours(48) + 1)).toBe(false);
  expect(isNews(since, since - hours(1))).toBe(true);
});
