import { describe, expect, test } from 'vitest';
import { running, seenOnUntil } from './testing/story.ts';

const settle = { kind: 'settle' };
const on = (autoOffSeconds: number) => ({ kind: 'switch-on', autoOffSeconds });

describe('a machine that finishes early', () => {
  test('is completed in full when it drew power, rested for a minute and went off', () => {
    const story = running();
    seenOnUntil(story, 0, 200, 800);
    seenOnUntil(story, 200, 280, 0.4);
    story.tick(290);
    expect(story.seenOff(290, { watts: 0 })).toEqual([settle]);
    expect(story.session).toMatchObject({ phase: 'completed', failureReason: null });
    expect(story.earned()).toBe(600);
  });

  test('may rest as long as it likes while it stays on: it runs to its end', () => {
    const story = running();
    seenOnUntil(story, 0, 100, 800);
    seenOnUntil(story, 100, 590, 0);
    expect(story.session.phase).toBe('running');
    story.tick(600);
    story.seenOff(600);
    expect(story.earned()).toBe(600);
  });

  test.each([
    ['never drew power', 0, 0],
    ['has no meter', undefined, undefined],
    ['went off while it worked', 800, 800],
  ])('one that %s was cut short: it is switched on again', (_, early, late) => {
    const story = running();
    seenOnUntil(story, 0, 200, early);
    seenOnUntil(story, 200, 280, late);
    story.tick(290);
    expect(story.seenOff(290, { watts: 0 })).toEqual([]);
    expect(story.tick(290)).toEqual([on(310)]);
  });

  test('one whose meter fell silent while it rested has not finished: nobody knows', () => {
    const story = running();
    seenOnUntil(story, 0, 200, 800);
    seenOnUntil(story, 200, 210, 0);
    seenOnUntil(story, 210, 280);
    story.tick(290);
    expect(story.seenOff(290)).toEqual([]);
    expect(story.session.phase).toBe('running');
  });

  test.each([
    [2.9, 'completed'],
    [3, 'running'],
  ])('one that draws %d W at the last: %s', (watts, phase) => {
    const story = running();
    seenOnUntil(story, 0, 200, 800);
    seenOnUntil(story, 200, 280, watts);
    story.seenOff(290, { watts: 0 });
    expect(story.session.phase).toBe(phase);
  });

  test('one that rested for less than a minute was cut short', () => {
    const story = running();
    seenOnUntil(story, 0, 200, 800);
    seenOnUntil(story, 200, 260, 0);
    story.seenOff(269, { watts: 0 });
    expect(story.session.phase).toBe('running');
    expect(story.tick(270)).toEqual([on(330)]);
  });

  test('silence is no rest: a power cut of the whole building is not a machine that finished', () => {
    const story = running();
    seenOnUntil(story, 0, 200, 800);
    story.seenOn(210, { watts: 0 }); // a pause between two movements of the drum
    for (let second = 213; second < 300; second += 3) story.silent(second);
    story.seenOff(300, { watts: 0 });
    expect(story.session.phase).toBe('running');
    expect(story.tick(300)).toEqual([on(300)]);
    story.seenOn(301, { watts: 800 });
    for (let second = 310; second <= 590; second += 10) story.seenOn(second, { watts: 800 });
    story.tick(600);
    story.seenOff(600);
    expect(story.earned()).toBe(509);
  });

  test('a relay that is off draws nothing, which is no rest either', () => {
    const story = running();
    seenOnUntil(story, 0, 200, 800);
    story.seenOff(205, { watts: 0 });
    story.tick(205);
    story.seenOn(206, { watts: 0 });
    story.seenOff(266, { watts: 0 });
    expect(story.session.phase).toBe('running');
    expect(story.tick(266)).toEqual([on(334)]);
  });
});

describe('a plan that ends with the machine', () => {
  const finish = { belowWatts: 5, afterMs: 120_000 };

  test('is ended early once the machine, having worked, has rested for its minutes: delivered in full', () => {
    const story = running({ finish });
    seenOnUntil(story, 0, 200, 800);
    seenOnUntil(story, 200, 320, 4);
    expect(story.session.phase).toBe('running');
    story.tick(330);
    story.seenOn(330, { watts: 4 });
    expect(story.tick(330)).toEqual([{ kind: 'switch-off' }]);
    expect(story.seenOff(331)).toEqual([settle]);
    expect(story.session).toMatchObject({ phase: 'completed', failureReason: null });
    expect(story.earned()).toBe(600);
  });

  test.each([
    ['has not worked yet', 0, 0],
    ['has no meter', undefined, undefined],
    ['works on', 800, 800],
    ['draws just the threshold', 800, 5],
  ])('one that %s is not', (_, early, late) => {
    const story = running({ finish });
    seenOnUntil(story, 0, 200, early);
    seenOnUntil(story, 200, 590, late);
    expect(story.session.phase).toBe('running');
    expect(story.tick(600)).toEqual([{ kind: 'switch-off' }]);
  });

  test('a pause between two movements of the drum is no rest', () => {
    const story = running({ finish });
    for (let second = 0; second < 480; second += 110) {
      seenOnUntil(story, second, second + 100, 0);
      story.seenOn(second + 110, { watts: 300 });
    }
    expect(story.session.phase).toBe('running');
  });

  test('silence is no rest: the rest counts from where it is heard of again', () => {
    const story = running({ finish });
    seenOnUntil(story, 0, 200, 800);
    seenOnUntil(story, 200, 220, 0);
    for (let second = 223; second < 400; second += 3) story.silent(second);
    story.seenOn(400, { watts: 0 });
    expect(story.session.phase).toBe('running');
    expect(story.tick(401)).toEqual([{ kind: 'read' }]);
    seenOnUntil(story, 400, 520, 0);
    expect(story.tick(521)).toEqual([{ kind: 'switch-off' }]);
  });

  test('is never later than what was bought', () => {
    const story = running({ finish });
    seenOnUntil(story, 0, 550, 800);
    seenOnUntil(story, 550, 590, 0);
    expect(story.tick(600)).toEqual([{ kind: 'switch-off' }]);
  });
});
