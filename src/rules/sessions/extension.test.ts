import { describe, expect, test } from 'vitest';
import { earned as earnedOf } from '../money/earned.ts';
import { instant, running, seenOnUntil, tell } from './testing/story.ts';

const off = { kind: 'switch-off' };
const read = { kind: 'read' };
const on = (autoOffSeconds: number) => ({ kind: 'switch-on', autoOffSeconds });

/** Ten minutes for 600, and five on top for 300, or for less. */
const earned = ({ session: { durationMs, run } }: ReturnType<typeof running>, onTop = 300): number =>
  earnedOf([{ amount: 600 }, { amount: onTop }], {
    durationMs,
    onMs: run.onMs,
    how: run.ending?.delivered ?? 'nothing',
  });

describe('more time for a run that is under way', () => {
  test('moves its end, and the timer of the device follows at once', () => {
    const story = running();
    seenOnUntil(story, 0, 500);
    expect(story.extended(505, 300)).toEqual([{ kind: 'extended' }]);
    expect(story.session).toMatchObject({ durationMs: 900_000, endsAt: instant(900) });
    expect(story.wakesAt).toBe(505);
    expect(story.tick(505)).toEqual([on(395)]);
    story.seenOn(506, { autoOffSecond: 900 });
    expect(story.session.run.armedFor).toBe(instant(900));
    seenOnUntil(story, 506, 890);
    expect(story.tick(900)).toEqual([off]);
    story.seenOff(900);
    expect(story.session.phase).toBe('completed');
    expect(earned(story)).toBe(900);
  });

  test('whose timer was not heard of is read, and set again where it is the old one still', () => {
    const story = running();
    story.extended(10, 300);
    story.tick(10);
    story.unheard(15, 'switch-on');
    expect(story.tick(16)).toEqual([read]);
    story.seenOn(16, { autoOffSecond: 600 });
    expect(story.tick(26)).toEqual([on(874)]);
    story.seenOn(26, { autoOffSecond: 900 });
    expect(story.tick(36)).toEqual([read]);
  });

  test('heard of while nobody had looked for a while is set on top of a look: its first timer may have run out meanwhile', () => {
    const story = running();
    seenOnUntil(story, 0, 590);
    story.extended(595, 300); // and the server was gone at once
    expect(story.tick(680)).toEqual([read]);
    story.seenOff(680);
    expect(story.session.run).toMatchObject({ offSince: instant(590) });
    expect(story.tick(681)).toEqual([on(219)]);
    story.seenOn(682, { autoOffSecond: 900 });
    seenOnUntil(story, 682, 892);
    story.tick(900);
    story.seenOff(900);
    expect(story.session.phase).toBe('completed');
    expect(earned(story)).toBe(808); // 590 and 218 seconds of 900, each for a cent
  });

  test('set as soon as the look shows the relay on', () => {
    const story = running();
    seenOnUntil(story, 0, 400);
    story.extended(405, 300);
    expect(story.tick(500)).toEqual([read]);
    story.seenOn(500, { autoOffSecond: 600 });
    expect(story.tick(501)).toEqual([on(399)]);
  });

  test('that no timer was set for, and nobody saw, was not delivered: the server was away until after its end', () => {
    const story = running();
    seenOnUntil(story, 0, 590);
    story.extended(595, 300);
    story.tick(950);
    if (story.session.run.mustRead) story.seenOff(950);
    story.tick(951);
    story.seenOff(952);
    expect(story.session.phase).toBe('completed');
    expect(earned(story)).toBe(600);
  });

  test('bought twice counts twice', () => {
    const story = running();
    story.extended(10, 300);
    story.tick(10);
    story.extended(11, 300);
    story.seenOn(11, { autoOffSecond: 900 }); // the answer to the first
    expect(story.tick(21)).toEqual([on(1179)]);
    expect(story.session.endsAt).toBe(instant(1200));
  });

  test('of a device out of reach is owed to it: it is set when it answers again', () => {
    const story = running();
    story.silent(10);
    expect(story.extended(12, 300)).toEqual([{ kind: 'extended' }]);
    expect(story.tick(13)).toEqual([read]);
    story.seenOn(20, { autoOffSecond: 600 });
    expect(story.tick(20)).toEqual([on(880)]);
  });

  test('of a device that stayed silent from then on was not delivered: only its first timer had been set', () => {
    const story = running();
    seenOnUntil(story, 0, 100);
    story.extended(101, 300);
    for (let second = 103; second < 900; second += 3) {
      story.tick(second);
      story.silent(second);
    }
    story.tick(900);
    story.notReached(900, 'switch-off');
    story.tick(910);
    story.seenOff(910);
    expect(story.session).toMatchObject({ phase: 'completed', failureReason: null });
    expect(earned(story)).toBe(600);
  });

  test('begins the rest of the machine anew: what rested before it was bought ends nothing early', () => {
    const story = running({ finish: { belowWatts: 5, afterMs: 300_000 } });
    seenOnUntil(story, 0, 100, 800);
    seenOnUntil(story, 100, 390, 1);
    story.extended(395, 300);
    story.tick(395);
    story.seenOn(396, { autoOffSecond: 900, watts: 1 });
    for (let second = 400; second < 900; second += 10) {
      story.tick(second);
      story.seenOn(second, { watts: 1 });
    }
    expect(story.session.phase).toBe('running');
    expect(story.tick(900)).toEqual([off]);
  });

  test('that the timer of the device was not set to does not end with the timer before', () => {
    const story = running();
    seenOnUntil(story, 0, 200, 800);
    story.extended(300, 300);
    story.tick(300);
    story.refused(301, 'switch-on');
    for (const second of [310, 320]) story.seenOn(second, { autoOffSecond: 600, watts: 800 });
    for (let second = 330; second < 600; second += 10) {
      if (story.tick(second)[0]?.kind === 'switch-on') story.refused(second, 'switch-on');
      else story.seenOn(second, { autoOffSecond: 600, watts: 0 });
    }
    story.seenOff(601, { watts: 0 });
    expect(story.session.phase).toBe('running');
    expect(story.tick(601)).toEqual([on(299)]);
  });

  test('goes back by the seconds with the rest when the run is cut short', () => {
    const story = running();
    story.extended(10, 300);
    seenOnUntil(story, 10, 300);
    story.staffEnds(300);
    story.tick(300);
    story.seenOff(300);
    expect(earned(story)).toBe(300);
  });

  test('for nothing shares the price with the time that was paid for: what was not had of both goes back', () => {
    const story = running();
    story.extended(10, 300);
    seenOnUntil(story, 10, 610);
    story.staffEnds(610);
    story.tick(610);
    story.seenOff(610);
    expect(earned(story, 0)).toBe(406); // 610 of 900 seconds
  });

  test.each([
    ['still waits for its money', tell()],
    ['has not begun', begunLater()],
    ['is past its end', running()],
    ['is being ended', ended()],
    ['is over', over()],
  ])('for one that %s comes too late', (_, story) => {
    const before = story.session;
    expect(story.extended(600, 300)).toEqual([]);
    expect(story.session).toEqual(before);
  });

  test('whose money went back by hand is taken away again, and the timer with it', () => {
    const story = running();
    story.extended(10, 300);
    story.tick(10);
    story.seenOn(10, { autoOffSecond: 900 });
    story.extensionReversed(20, 300);
    expect(story.session).toMatchObject({ durationMs: 600_000, endsAt: instant(600) });
    expect(story.tick(20)).toEqual([on(580)]);
  });

  test('taken away after the first end had passed: it ends now', () => {
    const story = running();
    story.extended(10, 300);
    seenOnUntil(story, 10, 700);
    story.extensionReversed(705, 300);
    expect(story.tick(705)).toEqual([off]);
    story.seenOff(706);
    expect(story.session.phase).toBe('completed');
  });
});

function begunLater() {
  const story = tell();
  story.paid(590);
  return story;
}

function ended() {
  const story = running();
  story.staffEnds(100);
  return story;
}

function over() {
  const story = ended();
  story.tick(100);
  story.seenOff(101);
  return story;
}
