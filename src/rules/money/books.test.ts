import { describe, expect, test } from 'vitest';
import { books, type KnownRefund, stillOwed } from './books.ts';

const ours = (amount: number, state: KnownRefund['state'] = 'succeeded'): KnownRefund => ({
  amount,
  state,
  ours: true,
});
const byHand = (amount: number, state: KnownRefund['state'] = 'succeeded'): KnownRefund => ({
  amount,
  state,
  ours: false,
});

describe('what went back of 500', () => {
  test.each<[string, { total: number; known: KnownRefund[]; open: number }, { refunded: number; outside: number }]>([
    ['nothing', { total: 0, known: [], open: 0 }, { refunded: 0, outside: 0 }],
    ['a total alone: somebody did it by hand', { total: 100, known: [], open: 0 }, { refunded: 100, outside: 100 }],
    ['a total that ours, on its way, explains', { total: 100, known: [], open: 100 }, { refunded: 100, outside: 0 }],
    ['a total beyond ours', { total: 160, known: [], open: 100 }, { refunded: 160, outside: 60 }],
    ['ours, known', { total: 100, known: [ours(100)], open: 0 }, { refunded: 100, outside: 0 }],
    ['ours known before its total is told', { total: 0, known: [ours(100)], open: 0 }, { refunded: 100, outside: 0 }],
    ['pending counts', { total: 100, known: [ours(100, 'pending')], open: 0 }, { refunded: 100, outside: 0 }],
    [
      'by hand, known one by one',
      { total: 90, known: [byHand(40), byHand(50)], open: 0 },
      { refunded: 90, outside: 90 },
    ],
    [
      'by hand beside ours, still to be made',
      { total: 40, known: [byHand(40)], open: 100 },
      { refunded: 40, outside: 40 },
    ],
    [
      'ours came back, its total told before',
      { total: 100, known: [ours(100, 'failed')], open: 0 },
      { refunded: 0, outside: 0 },
    ],
    [
      'one came back, and another is known',
      { total: 100, known: [byHand(100, 'failed'), byHand(100)], open: 0 },
      { refunded: 100, outside: 100 },
    ],
    [
      'one came back of several that only a total told of',
      { total: 150, known: [byHand(100, 'failed')], open: 0 },
      { refunded: 50, outside: 50 },
    ],
    ['never more than was paid', { total: 900, known: [byHand(700)], open: 0 }, { refunded: 500, outside: 500 }],
  ])('%s', (_, told, expected) => {
    expect(books({ amount: 500, ...told })).toEqual(expected);
  });
});

test('still owed is what neither we nor others nor a dispute give back', () => {
  expect(stillOwed({ owed: 100, asked: 30, outside: 20, taken: 10 })).toBe(40);
  expect(stillOwed({ owed: 100, asked: 100, outside: 50, taken: 0 })).toBe(-50);
});
