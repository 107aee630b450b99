import { assertNever } from '../assert-never.ts';
import { clockTolerance, type Instant } from '../instant.ts';
import { mayBeAhead, moved, wentBack } from './clock-step.ts';
import { limits } from './limits.ts';
import { over } from './over.ts';
import { seenLately, unseenFrom, wantsTimer } from './own-timer.ts';
import { takeReading } from './reading.ts';
import {
  type Ending,
  type FailureReason,
  isOver,
  type Run,
  type Session,
  type SessionEffect,
  type SessionEvent,
  type Step,
} from './session.ts';

/**
 * The life cycle of a paid run: one event in, the new state and what to do now out. Pure, and safe to repeat: an event
 * that no longer fits changes nothing. Only a tick asks for hardware: it comes from whoever holds the device's lane and
 * will do what is asked. Never asks for a switch-on while an earlier one may still have had effect; never asks for one
 * without the device's own auto-off of exactly the time that is left; gives nothing up before it has looked whether a
 * switch-on that was not heard of has worked.
 */
export function advance(session: Session, event: SessionEvent, now: Instant): Step {
  const effects: SessionEffect[] = [];
  // money told of again changes nothing at all
  const there = event.kind === 'paid' ? session : byTheClock(session, now, effects);
  const changed = take(there, event, now, effects);
  const { session: next, act } = event.kind === 'tick' ? drive(changed, now) : { session: changed, act: null };
  if (act !== null) effects.push(act);
  if (isOver(next.phase) && !isOver(session.phase)) effects.push({ kind: 'settle' });
  return { session: next, effects, wakeAt: wakeAt(next, now) };
}

/** Its times, where the clock was set back since they were written. */
function byTheClock(session: Session, now: Instant, effects: SessionEffect[]): Session {
  const byMs = wentBack(session, now);
  if (byMs === 0) return session;
  effects.push({ kind: 'moved', byMs });
  return moved(session, byMs);
}

/** What the event itself changes. */
function take(session: Session, event: SessionEvent, now: Instant, effects: SessionEffect[]): Session {
  if (isOver(session.phase)) return session;
  switch (event.kind) {
    case 'tick':
      return session;
    case 'paid':
      return paid(session, event, now);
    case 'payment-failed':
      return session.phase === 'awaiting-payment' ? cancelled(session, 'payment_not_completed', now) : session;
    case 'reading':
      return takeReading(session, event, effects);
    case 'command-ended':
      return commandEnded(session, event, now);
    case 'ended-by-staff':
      return end(session, { reason: 'force_ended_by_admin', delivered: event.refund ? 'on-time' : 'full' }, now);
    case 'failed-by-staff':
      return end(session, { reason: 'failed_by_admin', delivered: 'nothing' }, now);
    case 'reversed':
      return end(session, { reason: 'payment_reversed', delivered: 'on-time' }, now);
    case 'extended':
      return extended(session, event, now, effects);
    case 'extension-reversed':
      return session.phase === 'running' || session.phase === 'stopping' ? lengthened(session, -event.byMs) : session;
    default:
      return assertNever(event);
  }
}

function paid(session: Session, event: Extract<SessionEvent, { kind: 'paid' }>, now: Instant): Session {
  if (session.phase !== 'awaiting-payment') return session;
  if (session.superseded || !event.deviceFree) return { ...cancelled(session, 'device_in_use', now), paidAt: now };
  if (heardTooLate(event, now)) return { ...cancelled(session, 'heard_too_late', now), paidAt: now };
  return { ...session, phase: 'delayed', paidAt: now, startsAt: now + session.delayMs };
}

const heardTooLate = ({ paidAt }: { paidAt?: Instant | null }, now: Instant): boolean =>
  paidAt != null && now - paidAt > limits.hearWithin;

/** Only a run that is under way can be longer: for any other the money comes too late. */
function extended(
  session: Session,
  event: Extract<SessionEvent, { kind: 'extended' }>,
  now: Instant,
  effects: SessionEffect[],
): Session {
  if (session.phase !== 'running' || session.endsAt === null || now >= session.endsAt) return session;
  if (heardTooLate(event, now)) return session;
  effects.push({ kind: 'extended' });
  // who buys more time has more to do: the machine has not finished until it works and rests again
  const run = { ...session.run, worked: false, idleSince: null };
  return lengthened({ ...session, run }, event.byMs);
}

/** The end moves, and the device's own timer has to follow: that is looked at at once. */
function lengthened(session: Session, byMs: number): Session {
  const { endsAt, run } = session;
  const changed = { ...run, armTries: 0, ...(session.phase === 'running' ? { retryAt: null } : {}) };
  return {
    ...session,
    durationMs: session.durationMs + byMs,
    endsAt: endsAt === null ? null : endsAt + byMs,
    run: changed,
  };
}

function commandEnded(
  session: Session,
  event: Extract<SessionEvent, { kind: 'command-ended' }>,
  now: Instant,
): Session {
  const run = { ...session.run };
  if (event.unreachable === true) {
    run.unreachableSince ??= now;
    run.misses += 1;
  } else if (event.certainlyNotDone && event.unreachable === false) {
    run.unreachableSince = null; // a no is an answer, unless it was our own and nothing was sent
    run.misses = 0;
  }
  if (event.command === 'switch-on') {
    run.mustRead = !event.certainlyNotDone;
    if (session.phase !== 'stopping') run.retryAt = now + limits.retryPause;
    return { ...session, run };
  }
  if (session.phase !== 'stopping') return session;
  if (run.ending !== null && !waitsForProof(run.ending)) return over({ ...session, run }, now);
  run.retryAt = now + Math.min(limits.offPauseMost, limits.retryPause * 2 ** Math.min(run.tries, 10));
  run.tries += 1;
  return { ...session, run };
}

/** Only a run that came to its own end waits until the relay is seen off; every other ending is told to the guest at once. */
const waitsForProof = (ending: Ending): boolean => ending.reason === null;

function end(session: Session, ending: Ending, now: Instant): Session {
  if (session.phase === 'awaiting-payment') {
    // nobody has paid for it; who still does gets it all back, also where staff wanted no refund
    const nothing: Ending = { ...ending, delivered: 'nothing' };
    return cancelled({ ...session, run: { ...session.run, ending: nothing } }, ending.reason, now);
  }
  if (session.phase === 'delayed') {
    return cancelled({ ...session, run: { ...session.run, ending } }, ending.reason, now);
  }
  const decided = session.run.ending;
  if (session.phase !== 'stopping' || decided === null) return stop(session, ending, now);
  // the end is decided already: staff may still say that nothing was delivered; else it only ends the wait for the proof
  if (decided.delivered === 'nothing') return session;
  if (ending.delivered === 'nothing') return stop(session, ending, now);
  return waitsForProof(decided) ? stop(session, { ...ending, delivered: decided.delivered }, now) : session;
}

/** Into stopping; the stretch the relay was on ends here. */
function stop(session: Session, ending: Ending, now: Instant): Session {
  const { run } = session;
  const end = session.endsAt ?? now;
  const until = Math.min(now, end, unseenFrom(session) ?? end);
  const stretch = run.onSince === null ? 0 : Math.max(0, until - run.onSince);
  const gap = run.offSince === null ? 0 : Math.max(0, Math.min(now, end) - run.offSince);
  return {
    ...session,
    phase: 'stopping',
    run: {
      ...run,
      onMs: run.onMs + stretch,
      onSince: null,
      gapMs: run.gapMs + gap,
      offSince: null,
      retryAt: null,
      tries: 0,
      ending,
    },
  };
}

function cancelled(session: Session, reason: FailureReason | null, now: Instant): Session {
  return { ...session, phase: 'cancelled', failureReason: reason, endedAt: now };
}

type Act = Extract<SessionEffect, { kind: 'switch-on' | 'switch-off' | 'read' | 'lost-sight' }>;

/** Moves on with time and says what to do with the hardware. */
function drive(session: Session, now: Instant): { session: Session; act: Act | null } {
  switch (session.phase) {
    case 'awaiting-payment':
    case 'completed':
    case 'cancelled':
      return { session, act: null };
    case 'delayed':
      if (session.startsAt === null || now < session.startsAt) return { session, act: null };
      return drive({ ...session, phase: 'starting' }, now);
    case 'starting':
      return driveStart(session, now);
    case 'running':
      return driveRun(session, now);
    case 'stopping':
      return driveStop(session, now);
    default:
      return assertNever(session.phase);
  }
}

/** Not longer than any pause is: the clock may have been set back. */
const waits = ({ retryAt }: Run, now: Instant): boolean =>
  retryAt !== null && now < retryAt && retryAt <= now + limits.offPauseMost + clockTolerance;

function driveStart(session: Session, now: Instant): { session: Session; act: Act | null } {
  const late = now >= (session.startsAt ?? now) + limits.startWithin;
  if (late && !owesLook(session.run)) {
    const reason = session.run.unreachableSince === null ? 'relay_on_failed' : 'device_offline';
    return drive(stop(session, { reason, delivered: 'nothing' }, now), now);
  }
  return tryOn(session, session.durationMs, late, now);
}

function driveRun(session: Session, now: Instant): { session: Session; act: Act | null } {
  const { run } = session;
  const endsAt = session.endsAt ?? now;
  if (now >= endsAt) {
    if (mayBeAhead(session, now)) {
      const look = { lookedAtEnd: true, mustRead: true, retryAt: now + limits.retryPause };
      return { session: { ...session, run: { ...run, ...look } }, act: { kind: 'read' } };
    }
    const offFrom = run.offSince ?? unseenFrom(session);
    return drive(stop(session, natural(run.gapMs + (offFrom === null ? 0 : endsAt - offFrom)), now), now);
  }
  if (run.offSince !== null) {
    const late = now - (run.offSeenAt ?? run.offSince) > limits.gap;
    if (late && !owesLook(run)) {
      return drive(stop(session, { reason: 'relay_off_prematurely', delivered: 'on-time' }, now), now);
    }
    return tryOn(session, Math.min(endsAt - now, session.durationMs), late, now); // less, unless the clock was set back
  }
  if (hasFinished(session)) return drive(stop(session, natural(run.gapMs), now), now);
  if (waits(run, now)) return { session, act: null };
  if (wantsTimer(session)) {
    if (seenLately(session, now)) return setTimer(session, endsAt, now);
    return { session: { ...session, run: { ...run, retryAt: now + limits.retryPause } }, act: { kind: 'read' } };
  }
  const pause = run.unreachableSince === null ? limits.readEvery : limits.readWhenUnreachable;
  return { session: { ...session, run: { ...run, retryAt: now + pause } }, act: { kind: 'read' } };
}

/** The machine has rested, by what was read of it, for as long as its plan asks. */
function hasFinished({ finish, run }: Session): boolean {
  if (finish === null || run.idleSince === null || run.unreachableSince !== null || run.seenOnAt === null) return false;
  return run.seenOnAt - run.idleSince >= finish.afterMs;
}

/** The relay is on: the same command sets its timer to the end of the run. */
function setTimer(session: Session, endsAt: Instant, now: Instant): { session: Session; act: Act | null } {
  const { run } = session;
  const pause = Math.min(limits.readEvery, limits.retryPause * 2 ** run.armTries);
  const asked = { askedOnAt: now, askedFor: endsAt, armTries: run.armTries + 1, mustRead: true, retryAt: now + pause };
  return {
    session: { ...session, run: { ...run, ...asked } },
    act: { kind: 'switch-on', autoOffSeconds: wholeSeconds(Math.min(endsAt - now, session.durationMs)) },
  };
}

const wholeSeconds = (ms: number): number => Math.max(1, Math.ceil(ms / 1000));

/** A switch-on was sent and may have worked (the server was away, say): nothing is given up before one look at it. */
const owesLook = (run: Run): boolean => run.mustRead && run.unreachableSince === null;

/** A gap longer than allowed is not delivered; otherwise the run came to its end in full. */
const natural = (gapMs: number): Ending => ({ reason: null, delivered: gapMs > limits.gap ? 'on-time' : 'full' });

/** Switches on, or looks first. With the last look it counts as silent until it answers: there is no second one. */
function tryOn(session: Session, leftMs: number, late: boolean, now: Instant): { session: Session; act: Act | null } {
  const { run } = session;
  if (waits(run, now)) return { session, act: null };
  const next = { ...run, retryAt: now + limits.retryPause };
  if (run.mustRead) {
    const unreachableSince = late ? (run.unreachableSince ?? now) : run.unreachableSince;
    return { session: { ...session, run: { ...next, unreachableSince } }, act: { kind: 'read' } };
  }
  return {
    session: {
      ...session,
      run: { ...next, askedOnAt: now, askedFor: session.endsAt, mustRead: true, tries: run.tries + 1 },
    },
    act: { kind: 'switch-on', autoOffSeconds: wholeSeconds(leftMs) },
  };
}

function driveStop(session: Session, now: Instant): { session: Session; act: Act | null } {
  const { run } = session;
  const patience = (session.endsAt ?? now) + limits.reconciliation;
  if (run.ending !== null && waitsForProof(run.ending) && now >= patience) {
    const ended = over(
      { ...session, run: { ...run, ending: { reason: 'reconciliation_timeout', delivered: run.ending.delivered } } },
      now,
    );
    return { session: ended, act: { kind: 'lost-sight' } };
  }
  if (waits(run, now)) return { session, act: null };
  const next = { ...run, retryAt: now + limits.retryPause * 5 };
  if (run.ending !== null && !waitsForProof(run.ending)) {
    // no try was ever heard of: whoever watches over relays without a run sees to it
    if (run.tries >= limits.offTries) return { session: over(session, now), act: null };
    next.tries = run.tries + 1;
  }
  return { session: { ...session, run: next }, act: { kind: 'switch-off' } };
}

function wakeAt(session: Session, now: Instant): Instant | null {
  const { run } = session;
  const next = waits(run, now) ? (run.retryAt ?? now) : Math.min(run.retryAt ?? now, now);
  switch (session.phase) {
    case 'awaiting-payment':
    case 'completed':
    case 'cancelled':
      return null;
    case 'delayed':
      return session.startsAt;
    case 'starting':
      return sooner(next, (session.startsAt ?? now) + limits.startWithin, now);
    case 'running': {
      const look = run.offSince === null ? next : sooner(next, (run.offSeenAt ?? run.offSince) + limits.gap + 1, now);
      return run.lookedAtEnd && run.mustRead ? next : Math.min(look, session.endsAt ?? now);
    }
    case 'stopping':
      return next;
    default:
      return assertNever(session.phase);
  }
}

/** The next try, or the moment of giving up where that is still to come and comes first. */
const sooner = (next: Instant, givingUp: Instant, now: Instant): Instant =>
  now < givingUp ? Math.min(next, givingUp) : next;
