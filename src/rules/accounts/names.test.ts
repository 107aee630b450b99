import { expect, test } from 'vitest';
import { email, nameKey, password, username } from './names.ts';

test.each([
  ['Anna', 'anna'],
  ['  anna ', 'anna'],
  ['ＡＮＮＡ', 'anna'],
  ['ﬁtness', 'fitness'],
])('%j and %j are one name', (a, b) => {
  expect(nameKey(a)).toBe(nameKey(b));
});

test('names keep the case they were given', () => {
  expect(username(' Anna ')).toBe('Anna');
  expect(email(' Anna@Example.com ')).toBe('Anna@Example.com');
});

test.each([
  () => username('  '),
  () => username('a'.repeat(129)),
  () => username('an\u200bna'),
  () => email('anna'),
  () => email('anna@localhost'),
  () => email('an na@example.com'),
  () => password('password', '1234567'),
  () => password('password', 'x'.repeat(1025)),
])('%s is refused with the field named', (refused) => {
  expect(refused).toThrow(expect.objectContaining({ code: 'VALIDATION_ERROR', field: expect.any(String) }));
});
