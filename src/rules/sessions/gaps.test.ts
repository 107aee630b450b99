import { describe, expect, test } from 'vitest';
import { running, type Story, seenOnUntil, tell } from './testing/story.ts';

const off = { kind: 'switch-off' };
const read = { kind: 'read' };
const recovered = { kind: 'recovered' };
const settle = { kind: 'settle' };
const on = (autoOffSeconds: number) => ({ kind: 'switch-on', autoOffSeconds });

function toTheEnd(story: Story, from: number): void {
  seenOnUntil(story, from, 590);
  expect(story.tick(600)).toEqual([off]);
  story.seenOff(600);
}

/** Seen on until `last`, seen off ten seconds later, and on again after `gap` seconds. */
function interrupted(last: number, gap: number): Story {
  const story = running();
  seenOnUntil(story, 0, last);
  story.tick(last + 10);
  story.seenOff(last + 10);
  expect(story.tick(last + 10)).toEqual([on(590 - last)]);
  story.unheard(last + gap, 'switch-on');
  expect(story.seenOn(last + gap)).toEqual([recovered]);
  return story;
}

describe('a relay that goes off before its end', () => {
  test('is switched on again at once, for just what is left', () => {
    const story = running();
    story.tick(10);
    story.seenOff(10);
    expect(story.wakesAt).toBe(10);
    expect(story.tick(10)).toEqual([on(590)]);
  });

  test('asks for whole seconds, rounded up, and never for none', () => {
    const story = running();
    seenOnUntil(story, 0, 590);
    story.seenOff(594.9);
    expect(story.tick(599.3)).toEqual([on(1)]);
  });

  test('is switched on again and again with a pause between, also when it is read between', () => {
    const story = running();
    story.seenOff(10);
    story.tick(10);
    story.unheard(15, 'switch-on');
    expect(story.tick(16)).toEqual([read]);
    story.seenOff(16.2);
    expect(story.tick(16.9)).toEqual([]);
    expect(story.tick(17)).toEqual([on(583)]);
  });

  test('is not switched on twice without a reading between', () => {
    const story = running();
    story.tick(10);
    story.seenOff(10);
    expect(story.tick(10)).toEqual([on(590)]);
    story.unheard(15, 'switch-on');
    expect(story.tick(16)).toEqual([read]);
    story.silent(20);
    expect(story.tick(20)).toEqual([read]);
    story.seenOff(21);
    expect(story.tick(21)).toEqual([on(579)]);
  });

  test.each([
    [1, 600],
    [60, 600],
    [61, 539],
    [200, 400],
  ])('a gap of %i s leaves %i of 600 cents earned', (gap, earned) => {
    const story = running();
    seenOnUntil(story, 0, 100);
    story.seenOff(100);
    story.tick(100);
    if (gap <= 60) {
      expect(story.seenOn(100 + gap)).toEqual([recovered]);
      toTheEnd(story, 100 + gap);
      expect(story.session).toMatchObject({ phase: 'completed', failureReason: null });
    } else {
      // the server was away meanwhile; the switch-on it had sent worked after all
      story.unheard(100 + gap, 'switch-on');
      story.tick(100 + gap);
      story.seenOn(100 + gap);
      toTheEnd(story, 100 + gap);
    }
    expect(story.earned()).toBe(earned);
  });

  test('gaps are added up: two of 40 seconds are more than a minute', () => {
    const story = interrupted(100, 40);
    seenOnUntil(story, 140, 300);
    story.seenOff(300);
    story.tick(300);
    story.seenOn(340);
    toTheEnd(story, 340);
    expect(story.session.phase).toBe('completed');
    expect(story.earned()).toBe(520);
  });

  test('gaps count also where its own timer ends the run before ours does', () => {
    const story = interrupted(100, 40);
    seenOnUntil(story, 140, 300);
    story.seenOff(300);
    story.tick(300);
    story.seenOn(340);
    seenOnUntil(story, 340, 590);
    expect(story.seenOff(598)).toEqual([settle]);
    expect(story.session.phase).toBe('completed');
    expect(story.earned()).toBe(518);
  });

  test('a gap to the end of more than a minute, noticed only after the end, is not delivered', () => {
    const story = running();
    seenOnUntil(story, 0, 500);
    story.seenOff(510);
    expect(story.tick(4000)).toEqual([off]);
    story.seenOff(4000);
    expect(story.session).toMatchObject({ phase: 'completed', failureReason: null });
    expect(story.earned()).toBe(500);
  });

  test('it is given up the moment its minute is over, not a try later', () => {
    const story = running();
    seenOnUntil(story, 0, 100);
    story.seenOff(110);
    story.tick(169.5);
    story.refused(169.6, 'switch-on');
    expect(story.wakesAt).toBe(170.001);
    expect(story.tick(170.001)).toEqual([off]);
  });

  test('a gap counts from the last reading that said on', () => {
    const story = interrupted(100, 60);
    expect(story.session.run).toMatchObject({ onMs: 100_000, gapMs: 60_000 });
  });

  test('a gap that reaches the end counts up to the end, however late that is looked at', () => {
    const story = running();
    seenOnUntil(story, 0, 540);
    story.seenOff(540);
    story.tick(590);
    expect(story.seenOn(604)).toEqual([recovered]);
    story.tick(604);
    story.seenOff(605);
    expect(story.session.phase).toBe('completed');
    expect(story.earned()).toBe(600);
  });

  test('off for good within its last minute: delivered in full, at its own end', () => {
    const story = running();
    seenOnUntil(story, 0, 550);
    for (let second = 551; second < 600; second++) {
      story.seenOff(second);
      story.tick(second);
      story.refused(second, 'switch-on');
    }
    expect(story.tick(600)).toEqual([off]);
    story.seenOff(600);
    expect(story.session.phase).toBe('completed');
    expect(story.earned()).toBe(600);
  });
});

describe('a relay that does not answer', () => {
  test('counts as on until a reading proves otherwise: silent to the end is delivered in full', () => {
    const story = running();
    for (let second = 10; second < 600; second += 3) {
      story.tick(second);
      story.silent(second);
    }
    story.tick(600);
    story.notReached(600, 'switch-off');
    expect(story.session.phase).toBe('stopping');
    story.tick(601);
    story.seenOff(4000);
    expect(story.session).toMatchObject({ phase: 'completed', failureReason: null });
    expect(story.earned()).toBe(600);
  });

  test('and is ended by staff: the unseen time counts as delivered', () => {
    const story = running();
    for (let second = 10; second < 300; second += 3) story.silent(second);
    story.staffEnds(300);
    story.tick(300);
    story.notReached(305, 'switch-off');
    expect(story.earned()).toBe(300);
  });

  test('is out of reach since it first did not answer', () => {
    const story = running();
    for (let second = 10; second < 60; second += 3) story.silent(second);
    expect(story.session.run.unreachableSince).toBe((story.session.startedAt ?? 0) + 10_000);
  });

  test('and is seen on again went on all the time', () => {
    const story = running();
    for (let second = 10; second < 300; second += 3) story.silent(second);
    expect(story.seenOn(300)).toEqual([]);
    toTheEnd(story, 300);
    expect(story.earned()).toBe(600);
  });

  test('and is found off within a minute is switched on again', () => {
    const story = running();
    for (let second = 10; second < 60; second += 3) story.silent(second);
    story.seenOff(60);
    expect(story.tick(60)).toEqual([on(540)]);
  });

  test('once it answered a no, it is not out of reach any more', () => {
    const story = running();
    story.silent(10);
    story.seenOff(20);
    story.notReached(21, 'switch-on');
    expect(story.session.run.unreachableSince).not.toBeNull();
    story.refused(22, 'switch-on');
    expect(story.session.run.unreachableSince).toBeNull();
  });
});

describe('before anything is given up, a switch-on that may have worked is looked at', () => {
  test('a start whose switch-on was sent, when the server comes back after its 20 seconds', () => {
    const story = tell();
    story.paid(0);
    story.tick(0);
    story.unheard(90, 'switch-on');
    expect(story.tick(91)).toEqual([read]);
    story.seenOn(91, { autoOffSecond: 600 });
    expect(story.session).toMatchObject({ phase: 'running', startedAt: story.session.paidAt });
  });

  test('once: seen off, it did not start', () => {
    const story = tell();
    story.paid(0);
    story.tick(0);
    story.unheard(90, 'switch-on');
    story.tick(91);
    story.seenOff(91);
    expect(story.tick(91)).toEqual([off]);
    story.seenOff(92);
    expect(story.session.failureReason).toBe('relay_on_failed');
  });

  test('once: not answering, it is offline', () => {
    const story = tell();
    story.paid(0);
    story.tick(0);
    story.unheard(90, 'switch-on');
    story.tick(91);
    story.silent(95);
    expect(story.tick(95)).toEqual([off]);
    story.notReached(100, 'switch-off');
    expect(story.session.failureReason).toBe('device_offline');
  });

  test('once: when even the look was cut short, it is given up', () => {
    const story = tell();
    story.paid(0);
    story.tick(19.5);
    story.unheard(19.9, 'switch-on');
    expect(story.wakesAt).toBe(20);
    expect(story.tick(20)).toEqual([]);
    expect(story.wakesAt).toBe(20.9);
    expect(story.tick(20.9)).toEqual([read]);
    expect(story.wakesAt).toBe(21.9);
    expect(story.tick(21.9)).toEqual([off]);
  });

  test('a gap, before the rest is given back', () => {
    const story = running();
    story.tick(10);
    story.seenOff(10);
    story.tick(10);
    story.unheard(100, 'switch-on');
    expect(story.tick(101)).toEqual([read]);
    expect(story.seenOn(101)).toEqual([recovered]);
    toTheEnd(story, 101);
    expect(story.session.phase).toBe('completed');
    expect(story.earned()).toBe(499);
  });
});
