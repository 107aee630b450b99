import { describe, expect, test } from 'vitest';
import { instant, running, seenOnUntil, tell, waitingForMoney } from './testing/story.ts';
import { pageState, remainingSeconds, wireStatus } from './view.ts';

describe('what is told of a run', () => {
  test('only four states go over the wire', () => {
    expect(wireStatus('awaiting-payment')).toBe('PENDING');
    for (const phase of ['delayed', 'starting', 'running', 'stopping'] as const)
      expect(wireStatus(phase)).toBe('ACTIVE');
    expect(wireStatus('completed')).toBe('COMPLETED');
    expect(wireStatus('cancelled')).toBe('CANCELLED');
  });

  test('the whole duration is left until the relay is on', () => {
    const story = tell(waitingForMoney({ delayMinutes: 5 }));
    expect(remainingSeconds(story.session, instant(0))).toBe(600);
    story.paid(0);
    expect(remainingSeconds(story.session, instant(290))).toBe(600);
    story.tick(300);
    expect(remainingSeconds(story.session, instant(301))).toBe(600);
  });

  test.each([
    [0, 600],
    [0.001, 600],
    [1, 599],
    [599.5, 1],
    [600, 0],
    [700, 0],
  ])('after %d s of a run, %i are left', (second, left) => {
    expect(remainingSeconds(running().session, instant(second))).toBe(left);
  });

  test('never more is left than was bought, whichever clock is asked', () => {
    expect(remainingSeconds(running().session, instant(-0.002))).toBe(600);
  });

  test('nothing is left of a run that is over', () => {
    const story = running();
    story.staffEnds(10);
    expect(remainingSeconds(story.session, instant(11))).toBe(589);
    story.notReached(12, 'switch-off');
    expect(remainingSeconds(story.session, instant(12))).toBe(0);
  });
});

describe('what the page of the guest shows', () => {
  test('from the payment to the end', () => {
    const story = tell(waitingForMoney({ delayMinutes: 1 }));
    const shown = [pageState(story.session, instant(0))];
    const show = (second: number) => shown.push(pageState(story.session, instant(second)));
    story.paid(0);
    show(0);
    story.tick(60);
    show(60);
    story.seenOn(60);
    show(61);
    show(660);
    story.tick(660);
    show(660);
    story.seenOff(661);
    show(661);
    expect(shown).toEqual([
      'waiting-for-payment',
      'waiting-to-start',
      'starting',
      'running',
      'finishing',
      'finishing',
      'complete',
    ]);
  });

  test('that the money did not come', () => {
    const story = tell();
    story.paymentFails(1);
    expect(pageState(story.session, instant(1))).toBe('payment-not-completed');
  });

  test('that the machine could not start, only once the relay was switched off', () => {
    const story = tell();
    story.paid(0);
    story.tick(20);
    expect(pageState(story.session, instant(20))).toBe('starting');
    story.seenOff(21);
    expect(pageState(story.session, instant(21))).toBe('failed-to-start');
  });

  test('that a run was interrupted', () => {
    const story = running();
    story.staffEnds(100);
    story.notReached(101, 'switch-off');
    expect(pageState(story.session, instant(101))).toBe('interrupted');
  });

  test('that the machine does not answer, until it does', () => {
    const story = running();
    seenOnUntil(story, 0, 30);
    story.silent(40);
    expect(pageState(story.session, instant(43))).toBe('running'); // one missed answer is a hiccup
    story.silent(43);
    expect(pageState(story.session, instant(43))).toBe('unavailable');
    story.seenOn(46);
    expect(pageState(story.session, instant(46))).toBe('running');
    story.silent(56);
    expect(pageState(story.session, instant(66))).toBe('running');
    expect(pageState(story.session, instant(67))).toBe('unavailable'); // nor did anybody hear of it since
    story.seenOn(67);
    expect(pageState(story.session, instant(67))).toBe('running');
  });
});
