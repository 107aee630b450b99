import { describe, expect, test } from 'vitest';
import { running, type Story, seenOnUntil } from './testing/story.ts';

const off = { kind: 'switch-off' };
const on = (autoOffSeconds: number) => ({ kind: 'switch-on', autoOffSeconds });

function toTheEnd(story: Story, from: number): void {
  seenOnUntil(story, from, 590);
  expect(story.tick(600)).toEqual([off]);
  story.seenOff(600);
}

describe('a clock that is set back', () => {
  test('makes no second of the relay count twice', () => {
    const story = running();
    seenOnUntil(story, 0, 300);
    story.seenOff(300);
    story.tick(300);
    story.seenOn(20);
    toTheEnd(story, 20);
    expect(story.session.run.onMs).toBe(600_000);
  });

  test('does not let a relay be switched on for longer than was bought', () => {
    const story = running();
    story.seenOff(-3600);
    expect(story.tick(-3600)).toEqual([on(600)]);
  });

  test('does not leave the relay unseen until the time is back where it was', () => {
    const story = running();
    seenOnUntil(story, 0, 300);
    story.tick(-3300);
    expect(story.effects.at(-1)).toEqual({ kind: 'read' });
    expect(story.wakesAt).toBeLessThanOrEqual(-3290);
  });

  test('does not let a run end before it began', () => {
    const story = running();
    story.staffEnds(-50);
    story.tick(-50);
    story.seenOff(-49);
    const { phase, startedAt, endedAt } = story.session;
    expect(phase).toBe('cancelled');
    expect(endedAt).toBeGreaterThanOrEqual(startedAt ?? 0);
    expect(story.earned()).toBe(0);
  });
});

describe('a clock that is set forward, as a small box does once it hears the time', () => {
  test('ends no run while the timer of its own device still runs: it is looked at first', () => {
    const story = running();
    seenOnUntil(story, 0, 30);
    expect(story.tick(3630)).toEqual([{ kind: 'read' }]);
    story.seenOn(3630, { autoOffSecond: 3630 + 570 });
    expect(story.session.phase).toBe('running');
  });

  test('gives the rest of what was bought, no more, and moves the end with the clock', () => {
    const story = running();
    seenOnUntil(story, 0, 30);
    story.tick(3630);
    story.seenOn(3630, { autoOffSecond: 3630 + 5000 });
    expect(story.session.endsAt).toBe((story.session.startedAt ?? 0) + 600_000);
    seenOnUntil(story, 3630, 4190);
    story.tick(4200);
    story.seenOff(4201);
    expect(story.session).toMatchObject({ phase: 'completed', run: { onMs: 600_000 } });
  });

  test('a server that was away for an hour finds the relay off by its own timer: delivered', () => {
    const story = running();
    seenOnUntil(story, 0, 30);
    expect(story.tick(3630)).toEqual([{ kind: 'read' }]);
    story.seenOff(3630);
    expect(story.session).toMatchObject({ phase: 'completed', failureReason: null });
    expect(story.earned()).toBe(600);
  });

  test('a relay that is on past the end without a timer is switched off after that look', () => {
    const story = running();
    seenOnUntil(story, 0, 30);
    story.tick(3630);
    story.seenOn(3630, { autoOffSecond: null });
    expect(story.tick(3630)).toEqual([{ kind: 'switch-off' }]);
  });
});

test('a clock set back by an hour gives a run of ten minutes no hour more on the relay', () => {
  const story = running();
  seenOnUntil(story, 0, 540);
  const lastsSeconds = () =>
    story.effects.reduce((sum, effect) => sum + (effect.kind === 'switch-on' ? effect.autoOffSeconds : 0), 0);
  const atStart = lastsSeconds();
  // the device's own timer ends each stretch; the wall clock shows an hour less than it should
  for (let real = 600; real < 4300 && story.session.phase === 'running'; real += 600) {
    const wall = real - 3600;
    story.seenOff(wall);
    story.tick(wall);
    story.unheard(wall + 1, 'switch-on');
    story.tick(wall + 2);
    story.seenOn(wall + 3);
  }
  expect(lastsSeconds() - atStart).toBeLessThan(120);
});
