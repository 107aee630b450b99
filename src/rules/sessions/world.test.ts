import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { minutes, seconds } from '../instant.ts';
import { earned as earnedOf } from '../money/earned.ts';
import type { SessionEvent } from './session.ts';
import { must } from './testing/invariants.ts';
import { boughtOnTop, live, type Scenario } from './testing/world.ts';

/** Runs of each property; a long form is asked for by the environment. A failure prints its seed and its smallest case. */
const runs = Number(process.env.KEYSTEAD_RUNS ?? 1000);
const seed = process.env.KEYSTEAD_SEED === undefined ? {} : { seed: Number(process.env.KEYSTEAD_SEED) };

/** How much later than asked a relay may go on: the way there, and seconds are whole. */
const margin = seconds(2);

const plan = fc.oneof(
  { weight: 30, arbitrary: fc.integer({ min: 1, max: 3 }) },
  { weight: 10, arbitrary: fc.integer({ min: 4, max: 90 }) },
  { weight: 1, arbitrary: fc.constant(1440) },
);

/** Times that matter: around the start, somewhere in the run, around the end, and later. */
function timesIn(lengthMs: number, startMs: number) {
  const end = startMs + lengthMs;
  return fc.oneof(
    fc.integer({ min: startMs - 5000, max: startMs + 30_000 }).map((at) => Math.max(0, at)),
    fc.integer({ min: 0, max: end }),
    fc.integer({ min: end - 90_000, max: end + 90_000 }).map((at) => Math.max(0, at)),
    fc.integer({ min: 0, max: end + minutes(30) }),
  );
}

const lengths = fc.oneof(
  fc.integer({ min: 100, max: 15_000 }),
  fc.integer({ min: 15_000, max: 130_000 }),
  fc.integer({ min: 130_000, max: 3_600_000 * 3 }),
  fc.constant(3_600_000 * 30),
);

type Mischief = { faults?: boolean; hands?: boolean; news?: boolean; crashes?: boolean; clocks?: boolean };

function scenarios(allowed: Mischief): fc.Arbitrary<Scenario> {
  const some = <T>(yes: boolean | undefined, one: fc.Arbitrary<T>, maxLength: number): fc.Arbitrary<T[]> =>
    yes === true ? fc.array(one, { maxLength }) : fc.constant([]);
  return fc
    .record({
      durationMinutes: plan,
      delayMinutes: fc.constantFrom(0, 0, 0, 1, 5),
      paidAt: fc.integer({ max: 60_000, min: 0 }),
    })
    .chain(({ durationMinutes, delayMinutes, paidAt }) => {
      const startMs = paidAt + minutes(delayMinutes);
      const at = timesIn(minutes(durationMinutes), startMs);
      const unpaid: fc.Arbitrary<SessionEvent> = fc.constantFrom({ kind: 'payment-failed' }, { kind: 'reversed' });
      const event: fc.Arbitrary<SessionEvent> = fc.oneof(
        fc.record({ kind: fc.constant('paid' as const), deviceFree: fc.boolean() }),
        fc.record({ kind: fc.constant('ended-by-staff' as const), refund: fc.boolean() }),
        fc.constantFrom<SessionEvent>({ kind: 'failed-by-staff', reason: null }, { kind: 'reversed' }),
        fc.constant<SessionEvent>({ kind: 'payment-failed' }),
        fc.constantFrom<SessionEvent>(
          { kind: 'extended', byMs: minutes(1) },
          { kind: 'extended', byMs: minutes(15) },
          { kind: 'extension-reversed', byMs: minutes(1) },
        ),
      );
      return fc.record({
        durationMinutes: fc.constant(durationMinutes),
        delayMinutes: fc.constant(delayMinutes),
        superseded:
          allowed.news === true
            ? fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, fc.boolean())
            : fc.constant(false),
        relay: fc.record({
          skewMs: fc.integer({ min: -15_000, max: 15_000 }),
          tellsTimer: fc.boolean(),
          worksMs: fc.option(fc.integer({ min: 0, max: minutes(durationMinutes) })),
          hands: some(
            allowed.hands,
            fc.oneof(
              fc.record({ at, kind: fc.constant('press' as const), on: fc.boolean() }),
              fc.record({ at, kind: fc.constant('power-cut' as const), lastsMs: lengths, comesBackOn: fc.boolean() }),
            ),
            4,
          ),
        }),
        faults: some(
          allowed.faults,
          fc.record({
            from: at,
            lastsMs: lengths,
            kind: fc.constantFrom(
              'unreachable' as const,
              'command-lost' as const,
              'answer-lost' as const,
              'mute' as const,
              'refuses' as const,
              'dead-relay' as const,
            ),
          }),
          5,
        ),
        news: fc
          .tuple(
            some(allowed.news, fc.record({ at, event }), 4),
            some(allowed.news, fc.record({ at: fc.nat(paidAt), event: unpaid }), 1),
            fc.nat(9),
          )
          .map(([more, before, dice]) => [
            ...(dice === 0 ? before : []),
            { at: paidAt, event: { kind: 'paid', deviceFree: true } as const },
            ...more,
          ]),
        crashes: some(
          allowed.crashes,
          fc.record({ deed: fc.integer({ min: 1, max: 30 }), sent: fc.boolean(), downMs: lengths }),
          3,
        ),
        clockSteps: some(allowed.clocks, fc.record({ at, byMs: fc.integer({ min: -1_200_000, max: 1_200_000 }) }), 2),
        seed: fc.integer(),
      });
    });
}

const check = (allowed: Mischief, holds: (scenario: Scenario, end: ReturnType<typeof live>) => void) =>
  fc.assert(
    fc.property(scenarios(allowed), (scenario) => holds(scenario, live(scenario))),
    { numRuns: runs, ...seed },
  );

test('that world is hard enough: every ending comes about in it', { timeout: 60_000 }, () => {
  const worlds = fc.sample(scenarios({ faults: true, hands: true, news: true, crashes: true }), {
    numRuns: 600,
    seed: 7,
  });
  const endings = new Set(worlds.map((scenario) => live(scenario).session.failureReason ?? 'completed'));
  expect([...endings].sort()).toEqual([
    'completed',
    'device_in_use',
    'device_offline',
    'failed_by_admin',
    'force_ended_by_admin',
    'payment_not_completed',
    'payment_reversed',
    'reconciliation_timeout',
    'relay_off_prematurely',
    'relay_on_failed',
  ]);
});

/** The run itself for so much, and so much less for each that is bought on top; the third is free. */
const price = 12_345;
const priceOf = (n: number): number => Math.max(0, price - 6_789 * n);

function earned({ session, lengths }: ReturnType<typeof live>): number {
  const { durationMs, run } = session;
  const bought = lengths.map((_, n) => ({ amount: priceOf(n) }));
  return earnedOf(bought, { durationMs, onMs: run.onMs, how: run.ending?.delivered ?? 'nothing' });
}

describe('in a world where anything may go wrong', () => {
  const anything = { faults: true, hands: true, news: true, crashes: true };

  test('every run that was paid comes to its end, is settled once, and keeps to the rules at every step', {
    timeout: 60_000 + 50 * runs,
  }, () => {
    check(anything, (_, { session }) => {
      must(session.phase === 'completed' || session.phase === 'cancelled', 'it is over', session);
    });
  });

  test('what we switched on goes off by its own timer, no later than the end', { timeout: 60_000 + 50 * runs }, () => {
    check(anything, (scenario, { session, relay }) => {
      const bought = minutes(scenario.durationMinutes) + boughtOnTop(scenario);
      const shortened = scenario.news.some(({ event }) => event.kind === 'extension-reversed');
      for (const { from, to, by } of relay.stretches) {
        if (by !== 'ours') continue;
        must(to !== null, 'never left on', session);
        must(to <= from + bought, 'never longer than bought', { from, to });
        must(shortened || session.endsAt === null || to <= session.endsAt + margin, 'never later than the end', {
          from,
          to,
          session,
        });
      }
    });
  });

  test('a relay that came on without our timer while it answers gets one within half a minute', {
    timeout: 60_000 + 50 * runs,
  }, () => {
    check({ hands: true }, ({ relay: { tellsTimer } }, { session, relay }) => {
      if (!tellsTimer || session.startedAt === null || session.endsAt === null) return;
      for (const { from, to, by } of relay.stretches) {
        const over = Math.min(session.endsAt, session.endedAt ?? session.endsAt);
        if (by !== 'hand' || from < session.startedAt || from > over - seconds(12)) continue;
        must(to !== null && to <= from + seconds(30), 'a timer of its own', { from, to, session });
      }
    });
  });

  test('a clock of the server that jumps ahead and back stops no run and turns no time around', {
    timeout: 60_000 + 50 * runs,
  }, () => {
    check({ ...anything, clocks: true }, (_, { session }) => {
      must(session.phase === 'completed' || session.phase === 'cancelled', 'it is over', session);
    });
  });

  const had = ({ relay }: ReturnType<typeof live>): number =>
    relay.stretches.reduce((sum, { from, to }) => sum + (to ?? Infinity) - from, 0);

  test('a clock that is set gives nobody more than was bought', { timeout: 60_000 + 50 * runs }, () => {
    check({ clocks: true }, (scenario, end) => {
      const unseen = seconds(20) * scenario.clockSteps.length; // read every ten seconds
      must(had(end) <= minutes(scenario.durationMinutes) + margin + unseen, 'no more', { had: had(end), end });
    });
  });

  test('nor less, where the server began with a wrong time and hears the right one from its network', {
    timeout: 60_000 + 50 * runs,
  }, () => {
    const late = fc.record({ behindMs: fc.integer({ min: 0, max: 1_200_000 }), heardAt: fc.nat(3_600_000) });
    fc.assert(
      fc.property(scenarios({}), late, (scenario, { behindMs, heardAt }) => {
        const clockSteps = [
          { at: -1, byMs: -behindMs },
          { at: heardAt, byMs: behindMs },
        ];
        const relay = { ...scenario.relay, tellsTimer: true };
        const end = live({ ...scenario, relay, clockSteps });
        if (end.session.startedAt === null) return;
        const seen = minutes(scenario.durationMinutes) - margin - seconds(75); // a leap at the very end is not noticed
        must(had(end) >= seen, 'no less', { had: had(end), session: end.session });
      }),
      { numRuns: runs, ...seed },
    );
  });
});

describe('the money in that world', () => {
  test('never more than the price is earned, and nothing by a run that did not start', {
    timeout: 60_000 + 50 * runs,
  }, () => {
    check({ faults: true, hands: true, crashes: true }, (_, end) => {
      const { startedAt } = end.session;
      must(earned(end) >= 0 && earned(end) <= price, 'within the price', end.session);
      if (startedAt === null) must(earned(end) === 0, 'not begun is not delivered', end.session);
    });
  });

  test('every second of what was bought, the time on top with it, is earned for the same', {
    timeout: 60_000 + 50 * runs,
  }, () => {
    check({ faults: true, hands: true, news: true, crashes: true }, (_, end) => {
      const { run } = end.session;
      const how = run.ending?.delivered ?? 'nothing';
      const all = end.lengths.reduce((sum, length) => sum + length, 0) / 1000;
      const paid = end.lengths.reduce((sum, _, n) => sum + priceOf(n), 0);
      const had = Math.min(all, Math.floor(run.onMs / 1000));
      const share = Number((BigInt(paid) * BigInt(had)) / BigInt(all));
      const cents = { full: paid, 'on-time': share, nothing: 0 }[how];
      must(earned(end) === cents, 'to the cent', { ...end, cents, earned: earned(end) });
    });
  });

  test('with a relay that always answers, the seconds that are counted are those it was on', {
    timeout: 60_000 + 50 * runs,
  }, () => {
    check({ hands: true }, ({ relay: { hands } }, { session, relay }) => {
      if (hands.some((hand) => hand.kind === 'power-cut') || session.startedAt === null) return;
      const on = relay.onBetween(session.startedAt, Math.min(session.endsAt ?? 0, session.endedAt ?? 0));
      const slack = seconds(12) * (1 + hands.length);
      must(Math.abs(session.run.onMs - on) <= slack, 'counted as it was', { on, session });
    });
  });

  test('a run that nothing disturbs is delivered in full, and its relay was on for just what was bought', {
    timeout: 60_000 + 50 * runs,
  }, () => {
    check({}, (scenario, end) => {
      expect(end.session).toMatchObject({ phase: 'completed', failureReason: null });
      expect(earned(end)).toBe(price);
      const [only, ...more] = end.relay.stretches;
      expect(more).toEqual([]);
      expect(Math.abs((only?.to ?? 0) - (only?.from ?? 0) - minutes(scenario.durationMinutes))).toBeLessThan(margin);
    });
  });
});
