import { expect, test } from 'vitest';
import { optional, required } from './text.ts';

test('text is trimmed', () => {
  expect(required('name', '  Washer 1 ', 100)).toBe('Washer 1');
  expect(optional('note', '\tby the door\n', 100)).toBe('by the door');
});

test('text that may be left out is null where there is none', () => {
  for (const nothing of [undefined, null, '', '   ']) expect(optional('note', nothing, 5)).toBeNull();
});

test.each([undefined, null, '', '   '])('text that is needed must not be %j; the field is named', (nothing) => {
  expect(() => required('name', nothing, 5)).toThrow(
    expect.objectContaining({ code: 'VALIDATION_ERROR', field: 'name' }),
  );
});

test('text may be as long as allowed and no longer, without its blanks', () => {
  expect(required('name', ' 12345 ', 5)).toBe('12345');
  for (const check of [required, optional]) {
    expect(() => check('name', '123456', 5)).toThrow(expect.objectContaining({ status: 400, field: 'name' }));
  }
});
