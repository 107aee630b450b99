import { assertNever } from '../assert-never.ts';
import type { Instant } from '../instant.ts';
import { moved, wentAhead } from './clock-step.ts';
import { limits } from './limits.ts';
import { over } from './over.ts';
import { timerSeen, unseenFrom } from './own-timer.ts';
import type { Ending, Reading, Run, Session, SessionEffect, SessionEvent } from './session.ts';

/**
 * What a reading of the relay means for the run. Silence proves nothing: a device that does not answer is not counted as
 * off; a reading that says off counts from the last one that said on.
 */
export function takeReading(
  session: Session,
  { reading, confirms }: Extract<SessionEvent, { kind: 'reading' }>,
  effects: SessionEffect[],
): Session {
  if (session.phase !== 'starting' && session.phase !== 'running' && session.phase !== 'stopping') return session;
  if (reading.kind === 'unreachable') {
    const unreachableSince = session.run.unreachableSince ?? reading.at;
    // silence is no rest: a machine that may have lost its power has not finished
    return { ...session, run: { ...session.run, unreachableSince, misses: session.run.misses + 1, idleSince: null } };
  }
  const ahead = session.phase === 'running' && reading.on ? wentAhead(session, reading) : 0;
  if (ahead > 0) {
    effects.push({ kind: 'moved', byMs: ahead });
    return takeReading(moved(session, ahead), { kind: 'reading', reading }, effects);
  }
  const wasSilent = session.run.unreachableSince !== null;
  const confirmed = confirms === 'switch-on';
  const run: Run = {
    ...session.run,
    unreachableSince: null,
    misses: 0,
    mustRead: false,
    ...draw(session, reading),
  };
  switch (session.phase) {
    case 'starting':
      return reading.on ? started(session, run, reading, confirmed) : { ...session, run };
    case 'running':
      if (!reading.on) return seenOff(session, run, reading.at, wasSilent);
      return seenOn(
        session,
        { ...run, ...timerSeen(run, reading, session.endsAt ?? 0, confirmed) },
        reading.at,
        effects,
      );
    case 'stopping':
      return reading.on ? { ...session, run } : over({ ...session, run }, reading.at);
    default:
      return assertNever(session.phase);
  }
}

/**
 * The clock of the run starts when the relay is seen on. The device's own timer tells more exactly when that was, also
 * where an answer was lost; its clock is believed only between our asking and our reading.
 */
function started(session: Session, run: Run, reading: Reading & { kind: 'relay' }, confirmed: boolean): Session {
  const { autoOffAt, at } = reading;
  const told = autoOffAt === null ? at : autoOffAt - session.durationMs;
  const startedAt = Math.min(at, Math.max(told, run.askedOnAt ?? at));
  const endsAt = startedAt + session.durationMs;
  return {
    ...session,
    phase: 'running',
    startedAt,
    endsAt,
    run: {
      ...run,
      ...timerSeen(run, reading, endsAt, confirmed),
      onSince: startedAt,
      seenOnAt: at,
      retryAt: at + limits.readEvery,
      tries: 0,
    },
  };
}

function seenOn(session: Session, run: Run, at: Instant, effects: SessionEffect[]): Session {
  if (run.offSince === null) return { ...session, run: { ...run, seenOnAt: at } };
  effects.push({ kind: 'recovered' });
  const backAt = Math.max(at, run.offSince); // a clock that was set back: no second counts twice
  const gapMs = run.gapMs + Math.max(0, Math.min(backAt, session.endsAt ?? backAt) - run.offSince);
  return {
    ...session,
    run: {
      ...run,
      gapMs,
      offSince: null,
      offSeenAt: null,
      onSince: backAt,
      seenOnAt: at,
      retryAt: at + limits.readEvery,
      tries: 0,
    },
  };
}

/** `wasSilent`: it did not answer until now. What came back from a power cut gets the whole patience from here. */
function seenOff(session: Session, run: Run, at: Instant, wasSilent: boolean): Session {
  const endsAt = session.endsAt ?? at;
  const byItsTimer = run.armedFor !== null && run.armedFor < endsAt && at >= run.armedFor - limits.endTolerance;
  const rested = run.idleSince !== null && at - run.idleSince >= limits.idleMeansDone;
  const finishedEarly = rested && !byItsTimer; // the timer of the end before, where it was not heard of a longer run
  if (run.offSince === null && (at >= endsAt - limits.endTolerance || finishedEarly)) {
    const unseen = finishedEarly ? null : unseenFrom(session);
    const until = Math.min(at, endsAt, unseen ?? endsAt);
    const stretch = run.onSince === null ? 0 : Math.max(0, until - run.onSince);
    const gapMs = run.gapMs + (unseen === null ? 0 : endsAt - unseen);
    const ending: Ending = { reason: null, delivered: gapMs > limits.gap ? 'on-time' : 'full' };
    return over({ ...session, run: { ...run, onMs: run.onMs + stretch, onSince: null, gapMs, ending } }, at);
  }
  if (run.offSince !== null) return { ...session, run: wasSilent ? { ...run, offSeenAt: at } : run };
  const offSince = Math.max(Math.min(at, run.seenOnAt ?? at), run.onSince ?? 0);
  const stretch = offSince - (run.onSince ?? offSince);
  return {
    ...session,
    // whether the machine finished of itself is judged by what it does after it is on again
    run: {
      ...run,
      onMs: run.onMs + stretch,
      onSince: null,
      offSince,
      offSeenAt: at,
      retryAt: null,
      worked: false,
      idleSince: null,
    },
  };
}

/**
 * Follows the power draw: evidence that the machine worked, and since when it rests. A meter that tells nothing of a relay
 * that is on proves no rest.
 */
function draw({ run, finish }: Session, reading: Reading & { kind: 'relay' }): Pick<Run, 'worked' | 'idleSince'> {
  const { on, powerWatts, at } = reading;
  if (powerWatts === null) return { worked: run.worked, idleSince: on ? null : run.idleSince };
  if (powerWatts >= (finish?.belowWatts ?? limits.idleBelowWatts)) return { worked: true, idleSince: null };
  return { worked: run.worked, idleSince: run.worked ? (run.idleSince ?? at) : null };
}
