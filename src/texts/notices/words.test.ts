import { describe, expect, test } from 'vitest';
import { type NoticeKind, noticeKinds } from '../../rules/notices/kinds.ts';
import { noticeWords } from './words.ts';

const now = Date.parse('2026-03-01T14:00:00Z');
const kinds = Object.keys(noticeKinds) as NoticeKind[];
const full = { since: '2026-03-01T13:30:00Z', watts: 2050.4, source: 'button', amount: 250, came: 99, currency: 'eur' };

describe.each(['en', 'de'])('in %s', (language) => {
  test.each(kinds)('%s says what it is, what it means and what to do, with all facts or none', (kind) => {
    for (const facts of [full, {}, null, { since: 5, watts: 'x', amount: null }]) {
      for (const name of ['Washer 1', null]) {
        const words = noticeWords({ kind, name, facts, timeZone: 'Europe/Berlin' }, language, now);
        for (const text of Object.values(words)) {
          expect(text.length).toBeGreaterThan(5);
          expect(text).not.toMatch(/undefined|null|NaN|\[object/);
        }
        if (name !== null && noticeKinds[kind].subject !== 'organization') expect(words.title).toMatch(/^Washer 1: /);
      }
    }
  });
});

test('a relay found on: since when by the clock of its place, how much it draws, who switched it', () => {
  const told = { kind: 'relay-on-without-session', name: 'Washer 1', facts: full, timeZone: 'Europe/Berlin' } as const;
  expect(noticeWords(told, 'de', now).text).toContain('An seit 14:30');
  expect(noticeWords(told, 'de', now).text).toContain('2050 W');
  expect(noticeWords(told, 'en', now).text).toContain('Switched last by: button.');
});
