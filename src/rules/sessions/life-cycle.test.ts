import { describe, expect, test } from 'vitest';
import { running, seenOnUntil, tell, waitingForMoney } from './testing/story.ts';

const off = { kind: 'switch-off' };
const read = { kind: 'read' };
const settle = { kind: 'settle' };
const on = (autoOffSeconds: number) => ({ kind: 'switch-on', autoOffSeconds });

describe('before the machine runs', () => {
  test('nothing is done and nobody is woken while the money is awaited', () => {
    const story = tell();
    expect(story.tick(1000)).toEqual([]);
    expect(story.wakesAt).toBeNull();
    expect(story.session).toMatchObject({ phase: 'awaiting-payment', startedAt: null, endsAt: null });
  });

  test('the money sets the time of the start, after the delay', () => {
    const story = tell(waitingForMoney({ delayMinutes: 5 }));
    expect(story.paid(7)).toEqual([]);
    expect(story.session).toMatchObject({ phase: 'delayed', startedAt: null, endsAt: null });
    expect(story.wakesAt).toBe(307);
  });

  test('the relay stays off during the delay and is switched on when it ends', () => {
    const story = tell(waitingForMoney({ delayMinutes: 5 }));
    story.paid(0);
    expect(story.tick(299.999)).toEqual([]);
    expect(story.session.phase).toBe('delayed');
    expect(story.tick(300)).toEqual([on(600)]);
    expect(story.session.phase).toBe('starting');
  });

  test('without a delay it starts at once', () => {
    const story = tell();
    story.paid(0);
    expect(story.wakesAt).toBe(0);
    expect(story.tick(0)).toEqual([on(600)]);
  });

  test.each([1, 1440])('a plan of %i minutes asks for just that much of the relay', (minutes) => {
    const story = tell(waitingForMoney({ minutes }));
    story.paid(0);
    expect(story.tick(0)).toEqual([on(minutes * 60)]);
    story.seenOn(0);
    expect(story.session.endsAt).toBe((story.session.startedAt ?? 0) + minutes * 60_000);
  });

  test('the same money told again changes nothing', () => {
    const story = tell();
    story.paid(0);
    const before = story.session;
    expect(story.paid(5)).toEqual([]);
    expect(story.paid(6, false)).toEqual([]);
    expect(story.session).toEqual(before);
  });

  test('a payment that was not completed says nothing about a run that was paid', () => {
    const story = running();
    story.paymentFails(5);
    expect(story.session.phase).toBe('running');
  });
});

describe('the start', () => {
  test('the clock of the run starts when the relay is seen on', () => {
    const story = tell();
    story.paid(0);
    story.tick(0);
    story.seenOn(2);
    expect(story.session).toMatchObject({ phase: 'running', failureReason: null });
    expect((story.session.endsAt ?? 0) - (story.session.startedAt ?? 0)).toBe(600_000);
    expect(story.session.startedAt).toBe((story.session.paidAt ?? 0) + 2000);
  });

  test('where the answer was lost, the timer of the device tells when it went on', () => {
    const story = tell();
    story.paid(0);
    story.tick(0);
    story.unheard(5, 'switch-on');
    expect(story.tick(6)).toEqual([read]);
    story.seenOn(6, { autoOffSecond: 601 });
    expect(story.session.startedAt).toBe((story.session.paidAt ?? 0) + 1000);
  });

  test.each([
    ['slow by an hour', -3000, 1],
    ['fast by an hour', 4200, 6],
  ])('a device whose clock is %s is believed only between asking and reading', (_, autoOffSecond, startedAt) => {
    const story = tell();
    story.paid(0);
    story.tick(1);
    story.unheard(5, 'switch-on');
    story.tick(6);
    story.seenOn(6, { autoOffSecond });
    expect(story.session.startedAt).toBe((story.session.paidAt ?? 0) + startedAt * 1000);
  });

  test('a switch-on without an answer is not repeated before a reading says off', () => {
    const story = tell();
    story.paid(0);
    expect(story.tick(0)).toEqual([on(600)]);
    story.unheard(5, 'switch-on');
    expect(story.tick(5.5)).toEqual([]);
    expect(story.tick(6)).toEqual([read]);
    story.silent(10);
    expect(story.tick(10)).toEqual([read]);
    story.seenOff(11);
    expect(story.tick(11)).toEqual([on(600)]);
  });

  test('a switch-on that was surely not done is repeated after a second', () => {
    const story = tell();
    story.paid(0);
    story.tick(0);
    story.refused(1, 'switch-on');
    expect(story.tick(1.9)).toEqual([]);
    expect(story.tick(2)).toEqual([on(600)]);
  });

  test('a relay that was on before we asked is no start: it has to get its own timer first', () => {
    const story = tell();
    story.paid(0);
    story.event(0, {
      kind: 'reading',
      reading: { kind: 'relay', on: true, autoOffAt: null, powerWatts: null, at: story.session.paidAt ?? 0 },
    });
    expect(story.tick(0)).toEqual([on(600)]);
  });
});

describe('the run', () => {
  test('it is read every ten seconds, and every three while it does not answer', () => {
    const story = running();
    expect(story.wakesAt).toBe(10);
    expect(story.tick(9)).toEqual([]);
    expect(story.wakesAt).toBe(10);
    expect(story.tick(10)).toEqual([read]);
    story.silent(10);
    expect(story.wakesAt).toBe(20);
    expect(story.tick(20)).toEqual([read]);
    expect(story.wakesAt).toBe(23);
    story.seenOn(20);
    story.tick(23);
    expect(story.wakesAt).toBe(33);
  });

  test('the end comes exactly at its time', () => {
    const story = running();
    seenOnUntil(story, 0, 580);
    story.tick(595);
    expect(story.wakesAt).toBe(600);
    story.tick(599.999);
    expect(story.session.phase).toBe('running');
    expect(story.tick(600)).toEqual([off]);
    expect(story.session.phase).toBe('stopping');
  });

  test('it is completed, and paid in full, when the relay is seen off', () => {
    const story = running();
    seenOnUntil(story, 0, 590);
    story.tick(600);
    expect(story.seenOff(600.2)).toEqual([settle]);
    expect(story.session).toMatchObject({ phase: 'completed', failureReason: null });
    expect(story.earned()).toBe(600);
    expect(story.wakesAt).toBeNull();
  });

  test('its own timer may be a few seconds before ours: that is the end', () => {
    const story = running();
    seenOnUntil(story, 0, 590);
    expect(story.seenOff(595)).toEqual([settle]);
    expect(story.session.phase).toBe('completed');
    expect(story.earned()).toBe(600);
  });

  test('a relay that stays on after the end is switched off again and again, at growing pauses', () => {
    const story = running();
    seenOnUntil(story, 0, 590);
    expect(story.tick(600)).toEqual([off]);
    const tries: number[] = [];
    for (let second = 600; tries.length < 8; second = story.wakesAt ?? 0) {
      if (second > 600) expect(story.tick(second)).toEqual([off]);
      story.notReached(second, 'switch-off');
      tries.push((story.wakesAt ?? 0) - second);
    }
    expect(tries).toEqual([1, 2, 4, 8, 16, 30, 30, 30]);
    expect(story.session.phase).toBe('stopping');
  });

  test('a relay still seen on after the end is no proof that it is over', () => {
    const story = running();
    seenOnUntil(story, 0, 590);
    story.tick(600);
    story.seenOn(601);
    expect(story.session.phase).toBe('stopping');
    expect(story.tick(603)).toEqual([]);
    expect(story.tick(605)).toEqual([off]);
  });

  test('one that staff ended while its end was awaited was delivered all the same', () => {
    const story = running();
    story.seenOff(10);
    story.tick(10);
    story.seenOn(40);
    seenOnUntil(story, 40, 590);
    story.tick(600);
    story.notReached(600, 'switch-off');
    story.staffEnds(700);
    expect(story.tick(700)).toEqual([off]);
    expect(story.notReached(701, 'switch-off')).toEqual([settle]);
    expect(story.session).toMatchObject({ phase: 'cancelled', failureReason: 'force_ended_by_admin' });
    expect(story.earned()).toBe(600);
  });

  test('one that staff ended at the last moment of the day of looking for it was not lost sight of', () => {
    const story = running();
    story.tick(600);
    story.notReached(600, 'switch-off');
    story.staffEnds(599 + 86_400);
    expect(story.tick(600 + 86_400)).toEqual([off]);
  });
});

describe('an ending that is not the end', () => {
  test.each([
    ['ended by staff', (story: ReturnType<typeof tell>) => story.staffEnds(3), 'force_ended_by_admin'],
    ['marked as failed', (story: ReturnType<typeof tell>) => story.staffFails(3), 'failed_by_admin'],
    ['reversed', (story: ReturnType<typeof tell>) => story.reversed(3), 'payment_reversed'],
  ])('a run that waits for its time and is %s is over at once, without touching the relay', (_, end, reason) => {
    const story = tell(waitingForMoney({ delayMinutes: 5 }));
    story.paid(0);
    expect(end(story)).toEqual([settle]);
    expect(story.session).toMatchObject({ phase: 'cancelled', failureReason: reason, startedAt: null });
    expect(story.tick(300)).toEqual([]);
    expect(story.earned()).toBe(0);
  });

  test.each([
    ['ended by staff', (story: ReturnType<typeof tell>) => story.staffEnds(3), 'force_ended_by_admin'],
    ['marked as failed', (story: ReturnType<typeof tell>) => story.staffFails(3), 'failed_by_admin'],
    ['reversed', (story: ReturnType<typeof tell>) => story.reversed(3), 'payment_reversed'],
  ])('a start that is %s is switched off before it is over', (_, end, reason) => {
    const story = tell();
    story.paid(0);
    story.tick(0);
    expect(end(story)).toEqual([]);
    expect(story.session.phase).toBe('stopping');
    story.unheard(5, 'switch-on');
    expect(story.tick(5)).toEqual([off]);
    expect(story.notReached(10, 'switch-off')).toEqual([settle]);
    expect(story.session).toMatchObject({ phase: 'cancelled', failureReason: reason, startedAt: null });
    expect(story.earned()).toBe(0);
  });

  test('a switch-on that is seen only after staff ended the run is switched off', () => {
    const story = tell();
    story.paid(0);
    story.tick(0);
    story.staffEnds(1);
    story.seenOn(2);
    expect(story.session.phase).toBe('stopping');
    expect(story.tick(2)).toEqual([off]);
    expect(story.seenOff(2.5)).toEqual([settle]);
    expect(story.session).toMatchObject({ phase: 'cancelled', failureReason: 'force_ended_by_admin' });
  });

  test('a run that was ended is not ended anew for another reason', () => {
    const story = running();
    story.staffEnds(100);
    story.staffEnds(101, false);
    story.reversed(102);
    story.tick(102);
    story.seenOff(103);
    expect(story.session.failureReason).toBe('force_ended_by_admin');
    expect(story.earned()).toBe(100);
    expect(story.count('settle')).toBe(1);
  });

  test('one that did not start is not told to have failed for another reason', () => {
    const story = tell();
    story.paid(0);
    story.tick(20);
    story.staffFails(21);
    story.staffEnds(21, false);
    story.seenOff(22);
    expect(story.session.failureReason).toBe('relay_on_failed');
    expect(story.earned()).toBe(0);
  });

  test('it is over even when no word ever comes of its switch-off', () => {
    const story = running();
    story.staffEnds(100);
    for (const second of [100, 105, 110, 115, 120]) {
      expect(story.wakesAt).toBe(second);
      expect(story.tick(second)).toEqual([off]);
    }
    expect(story.tick(125)).toEqual([settle]);
    expect(story.session).toMatchObject({ phase: 'cancelled', failureReason: 'force_ended_by_admin' });
    expect(story.earned()).toBe(100);
  });

  test('staff may mark a run as failed while it still stops: all goes back', () => {
    const story = running();
    story.staffEnds(100, false);
    story.staffFails(101);
    story.tick(101);
    story.seenOff(102);
    expect(story.session.failureReason).toBe('failed_by_admin');
    expect(story.earned()).toBe(0);
  });
});
