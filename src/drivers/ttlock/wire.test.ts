import { expect, test } from 'vitest';
import { ListedLock, parseAnswer, parsePage, percent, Record } from './wire.ts';

test('a lock that tells little is a lock all the same, and hides no others', () => {
  const list = [
    { lockId: 1, lockName: 'S1', electricQuantity: -1, lockAlias: null, featureValue: null, lockMac: null },
    { lockId: 2, lockName: 'S2', electricQuantity: 80, featureValue: '3f4', somethingNew: {} },
  ];
  const page = parsePage(ListedLock, { list, pages: 1 });
  expect(page?.list.map(({ electricQuantity }) => percent(electricQuantity))).toEqual([null, 80]);
});

test.each([
  { list: [{ lockId: '1', lockName: 'S1' }], pages: 1 },
  { list: [{ lockName: 'S1' }], pages: 1 },
  { list: 'none', pages: 1 },
  { pages: 1 },
  null,
])('what is no list of locks is none: %j', (value) => {
  expect(parsePage(ListedLock, value)).toBeNull();
});

test('a record without its sort is none', () => {
  const page = { pages: 1, list: [{ lockDate: 1, success: 1 }] };
  expect(parsePage(Record, page)).toBeNull();
});

test.each([
  ['{"errcode":0,"errmsg":"none error message"}', { kind: 'yes', done: true }],
  ['{"keyboardPwdId":5}', { kind: 'yes', done: false }],
  ['{"errcode":-3002,"errmsg":"offline"}', { kind: 'no', code: -3002 }],
])('%s is understood', (text, said) => {
  expect(parseAnswer(text)).toMatchObject(said);
});

test.each(['', '[]', 'null', '7', '<html>', '{"errcode":"0"}', '{"errcode":0'])('%j is no answer', (text) => {
  expect(parseAnswer(text)).toBeNull();
});
