import { isDeepStrictEqual } from 'node:util';
import { hours, type Instant, seconds } from '../../instant.ts';
import { isLive, isOver, type Session, type SessionEffect, type SessionEvent } from '../session.ts';

export type Moment = {
  before: Session;
  event: SessionEvent;
  now: Instant;
  after: Session;
  effects: readonly SessionEffect[];
  wakeAt: Instant | null;
};

export function must(holds: boolean, what: string, facts?: unknown): asserts holds {
  if (!holds) throw new Error(facts === undefined ? what : `${what}: ${JSON.stringify(facts)}`);
}

const deeds: readonly SessionEffect['kind'][] = ['switch-on', 'switch-off', 'read'];
const isDeed = (effect: SessionEffect): boolean => deeds.includes(effect.kind);

/** For tests: looks at every step of a run, and throws at the first that breaks what must always hold. */
export function createWatch() {
  let settled = 0;
  let lostSightOf = 0;
  let onMayHaveEffect = false;
  let longestMs = 0;
  const deedsAt: Instant[] = [];
  let clockMoved = false;

  function step(moment: Moment): void {
    const { before, event, now, after, effects, wakeAt } = moment;
    const { run } = after;
    if (isOver(before.phase)) {
      must(after === before && effects.length === 0 && wakeAt === null, 'a run that is over never changes', moment);
      return;
    }
    if (event.kind === 'paid' && before.phase !== 'awaiting-payment') {
      must(isDeepStrictEqual(after, before) && effects.length === 0, 'paid twice changes nothing', moment);
    }
    must(isLive(after.phase) === (wakeAt !== null), 'it is woken as long as it lives, and no longer', moment);
    times(moment);
    longestMs = Math.max(longestMs, after.durationMs);
    must(run.onMs >= 0 && run.gapMs >= 0 && run.onMs <= longestMs + 1000, 'lengths are sound', moment);

    const asked = effects.filter(isDeed);
    must(asked.length === 0 || (event.kind === 'tick' && asked.length === 1), 'a tick asks for one deed', moment);
    if (event.kind === 'tick' && asked.length === 0 && wakeAt !== null) {
      must(wakeAt > now, 'what asks for nothing is not woken again for nothing', moment);
    }
    if (asked.length > 0) {
      deedsAt.push(now);
      must(wakeAt !== null && wakeAt > now - seconds(1), 'the next look is not long overdue', moment);
    }
    switchingOn(moment);
    if (isOver(after.phase)) ending(moment);
  }

  function times({ before, after, ...rest }: Moment): void {
    const { startedAt, endsAt, endedAt } = after;
    must((startedAt === null) === (endsAt === null), 'begun is begun', { after, rest });
    if (startedAt !== null && endsAt !== null) {
      must(endsAt - startedAt === after.durationMs, 'it has what was bought', { after, rest });
      must(endedAt === null || startedAt <= endedAt, 'it does not end before it began', { after, rest });
    }
    const byClock = rest.effects.reduce((sum, effect) => sum + (effect.kind === 'moved' ? effect.byMs : 0), 0);
    const is = (was: Instant | null, now: Instant | null, by = 0): boolean => was === null || was + by === now;
    const kept =
      is(before.paidAt, after.paidAt) &&
      is(before.endedAt, after.endedAt) &&
      is(before.startsAt, after.startsAt, byClock) &&
      is(before.startedAt, after.startedAt, byClock);
    clockMoved ||= byClock !== 0;
    const moved = after.durationMs - before.durationMs;
    must(
      is(before.endsAt, after.endsAt, byClock + moved),
      'the end moves by what was bought or given back, and with the clock, alone',
      { before, after, rest },
    );
    const told = rest.effects.some((effect) => effect.kind === 'extended');
    must(told === moved > 0, 'longer is told', { before, after, rest });
    must(kept, 'a time once known does not move', { before, after, rest });
  }

  function switchingOn(moment: Moment): void {
    const { event, now, after, effects } = moment;
    if (event.kind === 'reading' && event.reading.kind === 'relay') onMayHaveEffect = false;
    if (event.kind === 'command-ended' && event.command === 'switch-on' && event.certainlyNotDone) {
      onMayHaveEffect = false;
    }
    for (const effect of effects) {
      if (effect.kind !== 'switch-on') continue;
      must(
        after.phase === 'starting' || after.phase === 'running',
        'only a run that is to be on is switched on',
        moment,
      );
      must(!onMayHaveEffect, 'no second switch-on before what came of the first was read', moment);
      const left = after.endsAt === null ? after.durationMs : after.endsAt - now;
      const { autoOffSeconds } = effect;
      must(Number.isInteger(autoOffSeconds) && autoOffSeconds >= 1, 'its own end is in whole seconds', moment);
      must(autoOffSeconds * 1000 <= after.durationMs, 'never longer than bought', moment);
      must(autoOffSeconds <= Math.ceil(left / 1000), 'its own end is no later than that of the run', moment);
      onMayHaveEffect = true;
    }
  }

  function ending(moment: Moment): void {
    const { event, now, after, effects } = moment;
    settled += effects.filter((effect) => effect.kind === 'settle').length;
    lostSightOf += effects.filter((effect) => effect.kind === 'lost-sight').length;
    must(settled === 1, 'it is settled once', moment);
    must(after.endedAt !== null, 'it has an end', moment);
    const lost = after.failureReason === 'reconciliation_timeout';
    must(lost === (lostSightOf === 1), 'only a run that was lost sight of is told to the owner', moment);
    if (after.phase === 'completed') {
      const seenOff = event.kind === 'reading' && event.reading.kind === 'relay' && !event.reading.on;
      must(seenOff && after.failureReason === null, 'completed is seen off, not hoped', moment);
    } else {
      must(after.failureReason !== null, 'cancelled has a reason', moment);
    }
    if (lost && after.endsAt !== null) must(now >= after.endsAt + hours(24), 'sight is lost after a day', moment);
  }

  /** No more deeds than a patient hand would do: the hardware is not hammered. */
  function calm(extra: number): void {
    must(!clockMoved, 'a run whose clock goes on as ever is not moved');
    const window = 16 + extra;
    for (const [i, at] of deedsAt.entries()) {
      const later = deedsAt[i + window];
      must(later === undefined || later - at >= seconds(10), `more than ${window} deeds within ten seconds`, { at });
    }
  }

  return { step, calm, deedsAt };
}
