import { describe, expect, test } from 'vitest';
import { running, type Story, seenOnUntil, tell } from './testing/story.ts';

const off = { kind: 'switch-off' };
const read = { kind: 'read' };
const recovered = { kind: 'recovered' };
const on = (autoOffSeconds: number) => ({ kind: 'switch-on', autoOffSeconds });

function toTheEnd(story: Story, from: number): void {
  seenOnUntil(story, from, 590);
  expect(story.tick(600)).toEqual([off]);
  story.seenOff(600);
}

describe('a power dip', () => {
  /** Dark from second 100 until `back`, where it is seen with its relay off. */
  function dark(back: number): Story {
    const story = running();
    seenOnUntil(story, 0, 100);
    for (let second = 103; second < back; second += 3) {
      story.tick(second);
      story.silent(second);
    }
    story.tick(back);
    story.seenOff(back);
    return story;
  }

  test('of minutes: the relay is switched on again for what is left, and only the dark time goes back at the end', () => {
    const story = dark(300);
    expect(story.tick(300)).toEqual([on(300)]);
    expect(story.seenOn(301)).toEqual([recovered]);
    toTheEnd(story, 301);
    expect(story.session).toMatchObject({ phase: 'completed', failureReason: null });
    expect(story.earned()).toBe(399);
  });

  test('of seconds: delivered in full', () => {
    const story = dark(150);
    story.tick(150);
    story.seenOn(151);
    toTheEnd(story, 151);
    expect(story.earned()).toBe(600);
  });

  test('and another one while it is being switched on again: patience begins anew', () => {
    const story = dark(200);
    story.tick(200);
    story.notReached(205, 'switch-on');
    for (let second = 206; second < 240; second += 3) {
      story.tick(second);
      story.silent(second);
    }
    story.seenOff(240);
    expect(story.tick(290)).toEqual([on(310)]);
    story.seenOn(291);
    expect(story.session.phase).toBe('running');
    expect(story.session.run.gapMs).toBe(191_000);
  });

  test('after which the relay is on without its own timer: the timer is set anew', () => {
    const story = running();
    seenOnUntil(story, 0, 100);
    story.tick(110);
    story.seenOn(110, { autoOffSecond: null });
    expect(story.tick(120)).toEqual([on(480)]);
    story.seenOn(120, { autoOffSecond: 600 });
    expect(story.session.run).toMatchObject({ armedFor: story.session.endsAt, onMs: 0 });
    toTheEnd(story, 120);
    expect(story.earned()).toBe(600);
  });
});

describe('its own timer', () => {
  test('is not set again before what came of the last try was read', () => {
    const story = running();
    story.seenOn(10, { autoOffSecond: null });
    story.tick(20);
    story.unheard(25, 'switch-on');
    expect(story.tick(26)).toEqual([read]);
    story.seenOn(26, { autoOffSecond: 600 });
    expect(story.tick(36)).toEqual([read]);
  });

  test('that never shows is tried five times and then left to the server', () => {
    const story = running();
    for (let second = 10; second < 200; second += 1) {
      if (story.tick(second).length > 0) story.seenOn(second, { autoOffSecond: null });
    }
    expect(story.count('switch-on')).toBe(1 + 5);
    expect(story.session.phase).toBe('running');
  });

  test('of a device that tells of none is not asked for again once the switch-on was confirmed', () => {
    const story = tell();
    story.paid(0);
    story.tick(0);
    story.event(0, {
      kind: 'reading',
      confirms: 'switch-on',
      reading: { kind: 'relay', on: true, autoOffAt: null, powerWatts: null, at: story.session.paidAt ?? 0 },
    });
    for (let second = 10; second < 600; second += 10) {
      expect(story.tick(second)).toEqual([read]);
      story.seenOn(second, { autoOffSecond: null });
    }
  });

  test('that was not there when the relay was first seen on is set at once after', () => {
    const story = tell();
    story.paid(0);
    story.tick(0);
    story.unheard(5, 'switch-on');
    story.tick(6);
    story.seenOn(6, { autoOffSecond: null }); // somebody's hand
    expect(story.tick(16)).toEqual([on(590)]);
  });
});
