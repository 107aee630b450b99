import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { advancePayment, type Payment, type PaymentEvent, type PaymentStep } from './payment.ts';

const paid: PaymentEvent = { kind: 'paid' };
const notCompleted: PaymentEvent = { kind: 'not-completed' };
const back = (total: number): PaymentEvent => ({ kind: 'refunded', total });

const cameBack = (total: number): PaymentEvent => ({ kind: 'refund-failed', total });

const pending: Payment = { status: 'PENDING', amount: 500, refunded: 0 };

function take(
  events: readonly PaymentEvent[],
  from: Payment = pending,
): { payment: Payment; news: PaymentStep['news'][] } {
  const news: PaymentStep['news'][] = [];
  let payment = from;
  for (const event of events) {
    const step = advancePayment(payment, event);
    payment = step.payment;
    if (step.news !== null) news.push(step.news);
  }
  return { payment, news };
}

describe('the life of a payment', () => {
  test.each<[string, PaymentEvent[], Payment['status'], number, PaymentStep['news'][]]>([
    ['paid', [paid], 'SUCCEEDED', 0, ['received']],
    ['paid, told twice', [paid, paid], 'SUCCEEDED', 0, ['received']],
    ['not completed', [notCompleted, notCompleted], 'FAILED', 0, ['not-completed']],
    ['paid after all', [notCompleted, paid, paid], 'SUCCEEDED', 0, ['not-completed', 'received']],
    ['paid, then told late that it had expired', [paid, notCompleted], 'SUCCEEDED', 0, ['received']],
    ['some went back', [paid, back(200), back(200)], 'SUCCEEDED', 200, ['received', 'partly-refunded']],
    [
      'more went back',
      [paid, back(200), back(300)],
      'SUCCEEDED',
      300,
      ['received', 'partly-refunded', 'partly-refunded'],
    ],
    ['an older total came late', [paid, back(300), back(200)], 'SUCCEEDED', 300, ['received', 'partly-refunded']],
    [
      'all went back',
      [paid, back(200), back(500), back(500)],
      'REFUNDED',
      500,
      ['received', 'partly-refunded', 'reversed'],
    ],
    ['more than all went back, so it is said', [paid, back(900)], 'REFUNDED', 500, ['received', 'reversed']],
    ['nothing went back', [paid, back(0), back(-5)], 'SUCCEEDED', 0, ['received']],
    ['all back, told before it was paid', [back(500), paid], 'REFUNDED', 500, ['reversed']],
    ['some back, told before it was paid', [back(200), paid, paid], 'SUCCEEDED', 200, ['partly-refunded', 'received']],
    [
      'some back of what had failed',
      [notCompleted, back(200), paid],
      'SUCCEEDED',
      200,
      ['not-completed', 'partly-refunded', 'received'],
    ],
    [
      'all back piece by piece, told before it was paid',
      [back(200), back(500), paid],
      'REFUNDED',
      500,
      ['partly-refunded', 'reversed'],
    ],
    [
      'all went back and came back',
      [paid, back(500), cameBack(0)],
      'SUCCEEDED',
      0,
      ['received', 'reversed', 'came-back'],
    ],
    [
      'a part of it came back, told twice',
      [paid, back(500), cameBack(300), cameBack(300)],
      'SUCCEEDED',
      300,
      ['received', 'reversed', 'came-back'],
    ],
    [
      'it came back and went back again',
      [paid, back(500), cameBack(0), back(500)],
      'REFUNDED',
      500,
      ['received', 'reversed', 'came-back', 'reversed'],
    ],
    [
      'what came back is more than is away',
      [paid, back(200), cameBack(300)],
      'SUCCEEDED',
      200,
      ['received', 'partly-refunded'],
    ],
    [
      'it came back before it was told to have come',
      [back(500), cameBack(0), paid],
      'SUCCEEDED',
      0,
      ['reversed', 'came-back'],
    ],
  ])('%s', (_, events, status, refunded, news) => {
    expect(take(events)).toEqual({ payment: { status, amount: 500, refunded }, news });
  });
});

const anyEvent: fc.Arbitrary<PaymentEvent> = fc.oneof(
  fc.constant(paid),
  fc.constant(notCompleted),
  fc.integer({ min: -10, max: 600 }).map(back),
);

describe('whatever is told, in whatever order, however often', () => {
  test('what went back only grows, and never beyond what came in', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 12 }), (events) => {
        let before = 0;
        for (let n = 1; n <= events.length; n++) {
          const { payment } = take(events.slice(0, n));
          expect(payment.refunded).toBeGreaterThanOrEqual(before);
          expect(payment.refunded).toBeLessThanOrEqual(payment.amount);
          expect(payment.status === 'REFUNDED').toBe(payment.refunded === payment.amount);
          before = payment.refunded;
        }
      }),
    );
  });

  test('the same told again is no news', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 8 }), anyEvent, (events, last) => {
        const { payment } = take([...events, last]);
        expect(advancePayment(payment, last)).toEqual({ payment, news: null });
      }),
    );
  });

  test('money that came and did not all go back is told to have come, once', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([paid, paid, paid, notCompleted, back(100), back(300), back(499)]), (events) => {
        const received = take(events).news.filter((news) => news === 'received').length;
        expect(received).toBe(events.includes(paid) ? 1 : 0);
      }),
    );
  });
});
