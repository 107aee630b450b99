import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hours, minutes } from '../instant.ts';
import { advance } from './advance.ts';
import { isOver, type Session, type SessionEvent } from './session.ts';
import { createWatch } from './testing/invariants.ts';
import { instant, origin, running, tell, waitingForMoney } from './testing/story.ts';
import { pageState, remainingSeconds, wireStatus } from './view.ts';

const runs = Number(process.env.KEYSTEAD_RUNS ?? 1500);

function begun(happens: (story: ReturnType<typeof tell>) => void, from = tell()): Session {
  happens(from);
  return from.session;
}

/** A session in every place of its life. */
const places: Record<string, Session> = {
  'awaits its money': waitingForMoney(),
  'awaits money that nobody wants any more': waitingForMoney({ superseded: true }),
  'is paid, without a delay': begun((story) => story.paid(0)),
  'waits for its time': begun((story) => story.paid(0), tell(waitingForMoney({ delayMinutes: 5 }))),
  'was asked to start': begun((story) => {
    story.paid(0);
    story.tick(0);
  }),
  'was asked to start in vain': begun((story) => {
    story.paid(0);
    story.tick(0);
    story.notReached(4, 'switch-on');
  }),
  'was asked to start and may have': begun((story) => {
    story.paid(0);
    story.tick(0);
    story.unheard(5, 'switch-on');
  }),
  runs: running().session,
  'runs for a day': running({ minutes: 1440 }).session,
  'runs out of sight': begun((story) => story.silent(10), running()),
  'runs and has worked': begun((story) => {
    story.seenOn(10, { watts: 500 });
    story.seenOn(20, { watts: 0 });
  }, running()),
  'is off too early': begun((story) => story.seenOff(10), running()),
  'is being switched on again': begun((story) => {
    story.seenOff(10);
    story.tick(10);
  }, running()),
  'is at its end': begun((story) => story.tick(600), running()),
  'is at its end and will not go off': begun((story) => {
    story.tick(600);
    story.unheard(605, 'switch-off');
  }, running()),
  'did not start': begun((story) => {
    story.paid(0);
    story.tick(25);
  }),
  'is being ended by staff': begun((story) => story.staffEnds(100), running()),
  'is being ended by staff, without a refund': begun((story) => story.staffEnds(100, false), running()),
  'is being marked as failed': begun((story) => story.staffFails(100), running()),
  'is completed': begun((story) => story.seenOff(599), running()),
  'is cancelled': begun((story) => story.paymentFails(0)),
};

const nows = [-100_000, -61, -1, 0, 0.5, 1, 5, 20, 60, 61, 300, 594, 595, 600, 601, 86_399, 87_000, 200_000];

const relay = (on: boolean, at: number, autoOffAt: number | null, powerWatts: number | null): SessionEvent => ({
  kind: 'reading',
  reading: { kind: 'relay', on, autoOffAt, powerWatts, at },
});

function eventsAt(second: number): SessionEvent[] {
  const at = instant(second);
  return [
    { kind: 'tick' },
    { kind: 'paid', deviceFree: true },
    { kind: 'paid', deviceFree: false },
    { kind: 'payment-failed' },
    { kind: 'ended-by-staff', refund: true },
    { kind: 'ended-by-staff', refund: false },
    { kind: 'failed-by-staff', reason: 'broken' },
    { kind: 'reversed' },
    { kind: 'reading', reading: { kind: 'unreachable', at } },
    relay(true, at, null, null),
    relay(false, at, null, null),
    relay(true, at, at + 600_000, 700),
    relay(true, at, at - 600_000, 0),
    relay(false, at, null, 0),
    relay(true, at - 400_000, null, 0),
    relay(false, at - 400_000, at, 700),
    relay(false, at + 400_000, null, null),
    ...(['switch-on', 'switch-off'] as const).flatMap((command) =>
      [true, false].flatMap((certainlyNotDone) =>
        [true, false, null].map(
          (unreachable): SessionEvent => ({ kind: 'command-ended', command, certainlyNotDone, unreachable }),
        ),
      ),
    ),
  ];
}

function frozen(session: Session): Session {
  if (session.run.ending !== null) Object.freeze(session.run.ending);
  Object.freeze(session.run);
  return Object.freeze(session);
}

describe('every event in every place of a life', () => {
  test.each(Object.entries(places))('a run that %s can be told anything, at any time', (_, session) => {
    frozen(session);
    for (const second of nows) {
      for (const event of eventsAt(second)) {
        const now = instant(second);
        const { session: after, effects, wakeAt } = advance(session, event, now);
        createWatch().step({ before: session, event, now, after, effects, wakeAt });
        expect(remainingSeconds(after, now)).toBeGreaterThanOrEqual(0);
        expect(wireStatus(after.phase)).toBeTypeOf('string');
        expect(pageState(after, now)).toBeTypeOf('string');
        if (isOver(session.phase))
          expect({ after, effects, wakeAt }).toEqual({ after: session, effects: [], wakeAt: null });
      }
    }
  });

  test('what is remembered survives being stored as JSON', () => {
    for (const session of Object.values(places)) expect(JSON.parse(JSON.stringify(session))).toEqual(session);
  });
});

const anyReading = fc.oneof(
  fc.record({ kind: fc.constant('unreachable' as const), late: fc.integer({ min: -400, max: 5 }) }),
  fc.record({
    kind: fc.constant('relay' as const),
    on: fc.boolean(),
    timer: fc.option(fc.integer({ min: -4000, max: 4000 })),
    powerWatts: fc.option(fc.constantFrom(0, 2.9, 3, 2000)),
    late: fc.integer({ min: -400, max: 5 }),
  }),
);

/** What comes next, after how many seconds; seldom the clock goes back. */
const anyEvent = fc.record({
  after: fc.oneof(
    { weight: 20, arbitrary: fc.integer({ min: 0, max: 15 }) },
    { weight: 5, arbitrary: fc.integer({ min: 0, max: 700 }) },
    { weight: 1, arbitrary: fc.constantFrom(86_400, -300, -5) },
  ),
  what: fc.oneof(
    { weight: 8, arbitrary: fc.constant<SessionEvent>({ kind: 'tick' }) },
    { weight: 6, arbitrary: anyReading },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('command-ended' as const),
        command: fc.constantFrom('switch-on' as const, 'switch-off' as const),
        certainlyNotDone: fc.boolean(),
        unreachable: fc.constantFrom(true, false, null),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom<SessionEvent>(
        { kind: 'paid', deviceFree: true },
        { kind: 'paid', deviceFree: false },
        { kind: 'payment-failed' },
        { kind: 'ended-by-staff', refund: true },
        { kind: 'ended-by-staff', refund: false },
        { kind: 'failed-by-staff', reason: null },
        { kind: 'reversed' },
      ),
    },
  ),
});

const anyStory = fc.record({
  minutes: fc.constantFrom(1, 2, 10, 1440),
  delayMinutes: fc.constantFrom(0, 1),
  events: fc.array(anyEvent, { maxLength: 60 }),
});

function eventOf(what: SampleOf<typeof anyEvent>['what'], now: number): SessionEvent {
  if (!('late' in what)) return what;
  const at = now + what.late * 1000;
  if (what.kind === 'unreachable') return { kind: 'reading', reading: { kind: 'unreachable', at } };
  return relay(what.on, at, what.timer === null ? null : at + what.timer * 1000, what.powerWatts);
}

type SampleOf<A> = A extends fc.Arbitrary<infer T> ? T : never;

/** Tells it, then leaves it to itself: nobody answers any more, and no word comes of any command. */
function toTheEnd({ minutes: length, delayMinutes, events }: SampleOf<typeof anyStory>): void {
  const watch = createWatch();
  let session = frozen(waitingForMoney({ minutes: length, delayMinutes }));
  let now = origin;
  let latest = now;
  const happens = (event: SessionEvent) => {
    const before = session;
    const step = advance(before, event, now);
    watch.step({ before, event, now, after: step.session, effects: step.effects, wakeAt: step.wakeAt });
    session = frozen(step.session);
    latest = Math.max(latest, now);
    return step;
  };
  let step = happens({ kind: 'paid', deviceFree: true });
  for (const { after, what } of events) {
    now += after * 1000;
    step = happens(eventOf(what, now));
  }
  latest += minutes(length + delayMinutes) + hours(24) + minutes(10);
  while (!isOver(session.phase)) {
    now = Math.max(now, step.wakeAt ?? now);
    if (now > latest) throw new Error(`it does not come to its end: ${JSON.stringify(session)}`);
    step = happens({ kind: 'tick' });
  }
}

test('any events in any order, late and out of order, break none of the rules', { timeout: 60_000 + 5 * runs }, () => {
  fc.assert(fc.property(anyStory, toTheEnd), { numRuns: runs });
});
