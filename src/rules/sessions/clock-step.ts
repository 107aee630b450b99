import { clockTolerance, type Instant } from '../instant.ts';
import { limits } from './limits.ts';
import type { Reading, Run, Session } from './session.ts';

/**
 * A clock that is set while a run is under way: small boxes begin with a wrong time after a power cut, and hear the right
 * one later. The run moves with the clock, so that the guest has what was bought, and the relay is on for no more.
 */

/** What is still to come of what was bought, reckoned from the last reading that said on. */
function leftMs({ run, durationMs }: Session): number {
  const open = run.onSince === null ? 0 : Math.max(0, (run.seenOnAt ?? run.onSince) - run.onSince);
  return Math.max(0, durationMs - run.onMs - open - run.gapMs);
}

/**
 * By how much the clock went back, as far as the run can tell: 0, or negative. What happened cannot lie ahead; what is
 * still to come is at most what was bought and not yet seen.
 */
export function wentBack(session: Session, now: Instant): number {
  switch (session.phase) {
    case 'delayed':
      return earlier(session.startsAt, now + session.delayMs);
    case 'starting':
      return earlier(session.startsAt, now);
    case 'running':
      return Math.min(earlier(lastHappened(session.run), now), earlier(session.endsAt, now + leftMs(session)));
    case 'stopping':
      return earlier(lastHappened(session.run), now);
    default:
      return 0;
  }
}

const earlier = (at: Instant | null, latest: Instant): number =>
  at !== null && at > latest + clockTolerance ? latest - at : 0;

function lastHappened({ onSince, seenOnAt, offSince, offSeenAt, unreachableSince, askedOnAt }: Run): Instant | null {
  const all = [onSince, seenOnAt, offSince, offSeenAt, unreachableSince, askedOnAt].filter((at) => at !== null);
  return all.length === 0 ? null : Math.max(...all);
}

/**
 * The clock may have gone ahead: the end has come, and nobody has seen the relay for long. Perhaps the server was away;
 * the device's own timer tells, so it is looked at once.
 */
export function mayBeAhead({ run }: Session, now: Instant): boolean {
  if (run.lookedAtEnd || !run.tellsTimer || run.offSince !== null || run.unreachableSince !== null) return false;
  return run.seenOnAt !== null && now - run.seenOnAt > limits.gap;
}

/**
 * By how much the clock went ahead: the run was seen all the time, and the device's own timer, which was set for its
 * end, knows of as much time as was bought and not yet had. Never more than that.
 */
export function wentAhead(session: Session, { autoOffAt, at }: Reading & { kind: 'relay' }): number {
  const { endsAt, run } = session;
  if (endsAt === null || run.armedFor !== endsAt || autoOffAt === null) return 0;
  if (run.offSince !== null || run.unreachableSince !== null) return 0;
  const end = at + leftMs(session);
  if (Math.abs(autoOffAt - end) > limits.timerTolerance) return 0;
  const by = Math.min(autoOffAt, end) - endsAt;
  return by > limits.timerTolerance ? by : 0;
}

/** The run by the clock as it is now. The time of the payment stays: it was told by others. */
export function moved(session: Session, by: number): Session {
  const to = (at: Instant | null): Instant | null => (at === null ? null : at + by);
  const { run } = session;
  return {
    ...session,
    startsAt: to(session.startsAt),
    startedAt: to(session.startedAt),
    endsAt: to(session.endsAt),
    run: {
      ...run,
      onSince: to(run.onSince),
      seenOnAt: to(run.seenOnAt),
      offSince: to(run.offSince),
      offSeenAt: to(run.offSeenAt),
      unreachableSince: to(run.unreachableSince),
      askedOnAt: to(run.askedOnAt),
      askedFor: to(run.askedFor),
      armedFor: to(run.armedFor),
      idleSince: to(run.idleSince),
      retryAt: null,
      lookedAtEnd: false,
    },
  };
}
