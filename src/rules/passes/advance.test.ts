import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { minutes, seconds } from '../instant.ts';
import { advance, passLimits } from './advance.ts';
import { freshPass, isPassOver, type Pass, type PassEffect, type PassEvent, type WayKind } from './pass.ts';

const start = Date.parse('2026-03-02T14:37:00Z');
const hour = minutes(60);
const window = { from: start, until: start + hour };

/** Events one after the other, each a second after the one before; what was asked for, in all. */
function story(...events: (PassEvent | number)[]) {
  let pass: Pass = freshPass(hour);
  let now = start;
  let wakeAt: number | null = null;
  const effects: PassEffect['kind'][] = [];
  for (const event of events) {
    if (typeof event === 'number') {
      now += event;
      continue;
    }
    const step = advance(pass, event, now);
    ({ pass, wakeAt } = step);
    effects.push(...step.effects.map(({ kind }) => kind));
  }
  return { pass, effects, wakeAt, now };
}

const paid: PassEvent = { kind: 'paid', doorThere: true, paidAt: start };
const tick: PassEvent = { kind: 'tick' };
const asked: PassEvent = { kind: 'asked', unheard: { kind: 'pin', name: 'pass', window } };
const issued = (way: WayKind): PassEvent => ({ kind: 'way-issued', way, window });

describe('a pass', () => {
  test('is issued, lasts its time, and is cleared away', () => {
    const { pass, effects, wakeAt } = story(paid, tick, asked, issued('pin'), hour, tick, { kind: 'cleared' });
    expect(pass).toMatchObject({ phase: 'ended', delivered: true, toClear: false, validUntil: start + hour });
    expect(effects).toEqual(['issue', 'clear', 'settle']);
    expect(wakeAt).toBeNull();
  });

  test('for which no way in was made within two minutes is cancelled, and nothing of it is earned', () => {
    const { pass, effects } = story(paid, tick, asked, { kind: 'way-refused' }, passLimits.issueWithin, tick);
    expect(pass).toMatchObject({ phase: 'cancelled', failure: 'no_way_in', delivered: false });
    expect(effects).toEqual(['issue', 'settle']);
  });

  test('whose way in was not heard of is looked for before another one is asked for', () => {
    const { effects, pass } = story(paid, tick, asked, tick, { kind: 'none-found' }, tick);
    expect(effects).toEqual(['issue', 'look', 'issue']);
    expect(pass.phase).toBe('issuing');
  });

  test('that is over looks for what it has not heard of, so that no code is left behind', () => {
    const late = story(paid, tick, asked, passLimits.issueWithin, tick);
    expect(late.pass).toMatchObject({ phase: 'cancelled', unheard: { kind: 'pin' } });
    expect(late.effects).toEqual(['issue', 'look', 'settle']);
    const gone = story(paid, tick, asked, passLimits.issueWithin, tick, issued('pin'), tick);
    expect(gone.pass).toMatchObject({ phase: 'cancelled', delivered: false, toClear: true });
    expect(gone.effects.at(-1)).toBe('clear');
  });

  test('is tried again after 1, 2, 4, 8 and then every 15 seconds', () => {
    let { pass } = story(paid);
    const pauses: number[] = [];
    for (let n = 0; n < 6; n++) {
      pass = advance(pass, { kind: 'way-refused' }, start).pass;
      pauses.push(((pass.nextTryAt ?? 0) - start) / 1000);
    }
    expect(pauses).toEqual([1, 2, 4, 8, 15, 15]);
    expect(advance(pass, tick, start + seconds(14)).effects).toEqual([]);
    expect(advance(pass, tick, start + seconds(15)).effects).toEqual([{ kind: 'issue' }]);
  });

  test('that is paid back from outside is revoked at once', () => {
    const { pass, effects } = story(paid, tick, asked, issued('code'), { kind: 'reversed' }, tick);
    expect(pass).toMatchObject({ phase: 'cancelled', failure: 'payment_reversed', toClear: true });
    expect(effects).toEqual(['issue', 'settle', 'clear']);
  });

  test('with nothing but a button has delivered once the door opened', () => {
    const opened = story(paid, tick, issued('open-now'), { kind: 'open-failed' }, { kind: 'opened' }, hour, tick);
    expect(opened.pass).toMatchObject({ phase: 'ended', delivered: true, firstOpenedAt: start });
    const never = story(paid, tick, issued('open-now'), { kind: 'open-failed' }, hour, tick);
    expect(never.pass).toMatchObject({ phase: 'cancelled', failure: 'never_opened', delivered: false });
    const unused = story(paid, tick, issued('open-now'), hour, tick);
    expect(unused.pass).toMatchObject({ phase: 'ended', delivered: true });
  });

  test('that was used, as the lock tells afterwards, knows the first time; told after its end, that is all', () => {
    const earlier: PassEvent = { kind: 'opened', at: start + 5 };
    const during = story(paid, tick, issued('code'), minutes(1), { kind: 'opened' }, earlier);
    expect(during.pass).toMatchObject({ phase: 'issued', firstOpenedAt: start + 5 });
    const after = story(paid, tick, issued('open-now'), { kind: 'open-failed' }, hour, tick, earlier);
    expect(after.pass).toMatchObject({ phase: 'cancelled', delivered: false, firstOpenedAt: start + 5 });
    expect(after.effects.filter((kind) => kind === 'settle').length).toBe(1);
    expect(story(paid, tick, earlier).pass.firstOpenedAt).toBeNull();
  });

  test('whose clock was set back is tried at once, and has its two minutes from then on', () => {
    const tried = story(paid, tick, asked, { kind: 'way-refused' });
    const step = advance(tried.pass, tick, start - hour);
    expect(step.effects).toEqual([{ kind: 'issue' }]);
    expect(step.pass.issueUntil).toBe(start - hour + passLimits.issueWithin);
    expect(advance(step.pass, tick, start - hour + passLimits.issueWithin).pass.failure).toBe('no_way_in');
    const over = story(paid, tick, asked, issued('pin'), hour, tick, { kind: 'not-cleared' });
    expect(advance(over.pass, tick, start - hour).effects).toEqual([{ kind: 'clear' }]);
  });

  test.each<[string, PassEvent, string]>([
    ['late', { ...paid, paidAt: start - passLimits.heardWithin - 1 }, 'heard_too_late'],
    ['for a door that is gone', { ...paid, doorThere: false }, 'door_unavailable'],
  ])('whose money is heard of %s issues nothing', (_what, event, failure) => {
    const { pass, effects } = story(event, tick);
    expect(pass).toMatchObject({ phase: 'cancelled', failure, delivered: false });
    expect(effects).toEqual(['settle']);
  });

  test('that was given up gives back what is paid for it all the same', () => {
    const { pass, effects } = story({ kind: 'payment-failed' }, paid);
    expect(pass).toMatchObject({ phase: 'cancelled', failure: 'payment_not_completed', delivered: false });
    expect(effects).toEqual(['settle', 'settle']);
  });

  test('that cannot be cleared is let go a day after its time, when its code has long died', () => {
    let { pass, now } = story(paid, tick, asked, issued('pin'), hour, tick);
    let tries = 0;
    while (pass.toClear && tries++ < 500) {
      now = Math.max(now + 1, pass.nextTryAt ?? now);
      pass = advance(pass, { kind: 'not-cleared' }, now).pass;
    }
    expect(pass.toClear).toBe(false);
    expect(now - start).toBeGreaterThanOrEqual(hour + passLimits.clearFor);
    expect(tries).toBeLessThan(100);
  });
});

const anyEvent: fc.Arbitrary<PassEvent> = fc.oneof(
  { weight: 6, arbitrary: fc.constant(tick) },
  fc.constantFrom<PassEvent>(
    paid,
    { ...paid, paidAt: null },
    { ...paid, doorThere: false },
    { kind: 'payment-failed' },
    { kind: 'superseded' },
    { kind: 'reversed' },
    asked,
    issued('qr'),
    issued('pin'),
    issued('code'),
    issued('open-now'),
    { kind: 'way-refused' },
    { kind: 'none-found' },
    { kind: 'cleared' },
    { kind: 'not-cleared' },
    { kind: 'opened' },
    { kind: 'open-failed' },
  ),
);
const anyStory = fc.array(fc.tuple(anyEvent, fc.integer({ min: 0, max: minutes(40) })), { maxLength: 40 });

function play(events: [PassEvent, number][], see: (before: Pass, event: PassEvent, after: Pass, now: number) => void) {
  let pass: Pass = freshPass(hour);
  let now = start;
  for (const [event, pause] of events) {
    now += pause;
    const before = pass;
    pass = advance(before, event, now).pass;
    see(before, event, pass, now);
  }
  return { pass, now };
}

describe('in every order of events', () => {
  test('what is over stays over, what is earned stays earned, and a failure delivered nothing new', () => {
    fc.assert(
      fc.property(anyStory, (events) => {
        play(events, (before, event, after) => {
          if (isPassOver(before.phase)) expect(after.phase).toBe(before.phase);
          if (isPassOver(before.phase)) expect(after.delivered).toBe(before.delivered);
          if (before.delivered) expect(after.delivered).toBe(true);
          if (after.failure === 'no_way_in' || after.failure === 'never_opened') expect(after.delivered).toBe(false);
          if (after.phase === 'ended') expect(after.delivered).toBe(true);
          if (after.delivered) expect(after.paidAt).not.toBeNull();
          expect([event.kind, after.phase === 'cancelled']).toEqual([event.kind, after.failure !== null]);
        });
      }),
    );
  });

  test('nothing is asked for while an earlier way in may be there, and nothing without money', () => {
    fc.assert(
      fc.property(anyStory, (events) => {
        play(events, (_before, _event, after, now) => {
          const { effects } = advance(after, tick, now);
          for (const { kind } of effects) {
            if (kind === 'issue') expect([after.unheard, after.phase]).toEqual([null, 'issuing']);
            if (kind === 'clear') expect(after.unheard).toBeNull();
          }
        });
      }),
    );
  });

  test('told twice, it is as told once', () => {
    fc.assert(
      fc.property(anyStory, anyEvent, (events, event) => {
        const { pass, now } = play(events, () => undefined);
        const counted = ['open-failed', 'way-refused', 'not-cleared', 'tick'];
        fc.pre(!counted.includes(event.kind));
        const once = advance(pass, event, now).pass;
        expect(advance(once, event, now).pass).toEqual(once);
      }),
    );
  });

  test('left alone and looked at in time, it comes to rest with nothing left behind', () => {
    fc.assert(
      fc.property(anyStory, (events) => {
        let { pass, now } = play(events, () => undefined);
        if (pass.phase === 'awaiting-payment') pass = advance(pass, { kind: 'payment-failed' }, now).pass;
        for (let n = 0; n < 400; n++) {
          const step = advance(pass, tick, now);
          pass = step.pass;
          const act = step.effects.find(({ kind }) => kind !== 'settle');
          if (act?.kind === 'issue') pass = advance(pass, asked, now).pass;
          else if (act?.kind === 'look') {
            now += seconds(5); // looking takes its time
            pass = advance(pass, { kind: 'none-found' }, now).pass;
          } else if (act?.kind === 'clear') pass = advance(pass, { kind: 'cleared' }, now).pass;
          else if (step.wakeAt === null) break;
          else now = Math.max(now + 1, step.wakeAt);
        }
        expect(isPassOver(pass.phase)).toBe(true);
        expect([pass.toClear, pass.unheard]).toEqual([false, null]);
      }),
    );
  });
});
