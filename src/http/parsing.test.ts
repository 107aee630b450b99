import { describe, expect, test } from 'vitest';
import { joinKey, pageOf, splitKey } from './lists.ts';
import { readBoolean, readInstant, readInteger, readOneOf } from './query.ts';
import { refuseUnstorable } from './storable-text.ts';

const refusal = (field: string) => expect.objectContaining({ code: 'VALIDATION_ERROR', field });

describe('query values', () => {
  const range = { minimum: 1, maximum: 500 };
  test('missing and empty ones are undefined', () => {
    expect([undefined, ''].map((value) => readInteger(value, 'limit', range))).toEqual([undefined, undefined]);
    expect(readInstant('', 'from')).toBeUndefined();
  });
  test('numbers, booleans, instants and choices are read', () => {
    expect(readInteger('500', 'limit', range)).toBe(500);
    expect([readBoolean('true', 'on'), readBoolean('0', 'on')]).toEqual([true, false]);
    expect(readInstant('2026-03-01', 'from')).toBe(Date.parse('2026-03-01T00:00:00Z'));
    expect(readInstant('2026-03-01T02:00:00+02:00', 'from')).toBe(Date.parse('2026-03-01T00:00:00Z'));
    expect(readOneOf('b', 'kind', ['a', 'b'])).toBe('b');
  });
  test.each(['0', '501', '1.5', '1e2', ' 1', 'ten', '0x10', '99999999999999999999'])('limit=%j is refused', (value) => {
    expect(() => readInteger(value, 'limit', range)).toThrow(refusal('limit'));
  });
  test.each(['yesterday', '2026-13-01', '2026-03-01T00:00:00', '1700000000'])('from=%j is refused', (value) => {
    expect(() => readInstant(value, 'from')).toThrow(refusal('from'));
  });
  test('other words are refused', () => {
    expect(() => readBoolean('yes', 'on')).toThrow(refusal('on'));
    expect(() => readOneOf('c', 'kind', ['a', 'b'])).toThrow(refusal('kind'));
  });
});

describe('pages', () => {
  test('have 100 rows by default and ask for one more', () => {
    expect(pageOf({})).toEqual({ limit: 100, fetch: 101, after: undefined });
    expect(pageOf({ limit: '2', after: 'k' })).toEqual({ limit: 2, fetch: 3, after: 'k' });
  });
  test('keys of several parts survive, forged ones do not', () => {
    expect(splitKey(joinKey([5, 'dev_1']), ['number', 'string'])).toEqual([5, 'dev_1']);
    for (const forged of ['x', joinKey(['5', 'dev_1']), joinKey([5]), joinKey([5, 'a', 'b']), '']) {
      expect(() => splitKey(forged, ['number', 'string'])).toThrow(refusal('after'));
    }
  });
});

describe('texts that PostgreSQL cannot keep', () => {
  test.each([
    [{ name: 'a\0b' }, 'name'],
    [{ items: [{ note: '\ud800' }] }, 'items[0].note'],
    [{ 'a\0': 1 }, 'body'],
    [{ in: { '\udc00': 1 } }, 'in'],
  ])('%j is refused at %s', (body, field) => {
    expect(() => refuseUnstorable('body', body)).toThrow(refusal(field));
  });
  test('everything else passes, also when large', () => {
    refuseUnstorable('body', { name: 'Tür 🚪', list: Array.from({ length: 10_000 }, () => ['x', 1, null]) });
    refuseUnstorable('body', undefined);
  });
  test('nesting that serves nothing is refused', () => {
    expect(() => refuseUnstorable('body', JSON.parse(`${'['.repeat(5000)}${']'.repeat(5000)}`))).toThrow(
      refusal('body'),
    );
  });
});
