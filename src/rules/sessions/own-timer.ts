import { ageOf, type Instant } from '../instant.ts';
import { limits } from './limits.ts';
import type { Reading, Run, Session } from './session.ts';

/**
 * The device's own timer, which ends the run also where the server is away: does it run, and to the right end? It is set
 * anew when the run is extended, and when a relay is found on without it (a device that lost its power and came back on).
 */
type Timer = Pick<Run, 'armedFor' | 'armTries' | 'tellsTimer'>;

/** What a reading that says on tells of the timer. `endsAt`: the end of the run, as far as it is known by then. */
export function timerSeen(run: Run, reading: Reading & { kind: 'relay' }, endsAt: Instant, confirmed: boolean): Timer {
  const { autoOffAt } = reading;
  const tellsTimer = run.tellsTimer || autoOffAt !== null;
  const asked = run.askedFor ?? endsAt;
  if (confirmed || (autoOffAt !== null && Math.abs(autoOffAt - asked) <= limits.timerTolerance)) {
    return { tellsTimer, armedFor: asked, armTries: 0 };
  }
  if (autoOffAt === null && tellsTimer) return { tellsTimer, armedFor: null, armTries: run.armTries };
  return { tellsTimer, armedFor: run.armedFor, armTries: run.armTries };
}

/**
 * Whether it is to be set now. Only on top of a reading that said on, and never before what came of the last try was read;
 * after some tries without evidence it is left at that: the hardware may not tell, and the server ends the run in any case.
 */
export function wantsTimer({ endsAt, run }: Session): boolean {
  if (endsAt === null || run.armedFor === endsAt || run.armTries >= limits.timerTries) return false;
  return run.offSince === null && !run.mustRead && run.unreachableSince === null;
}

/**
 * Before it is set, the relay must have been seen on lately: else its timer may have run out unseen (the server was away), and
 * setting it would switch the relay on again as if nothing had been.
 */
export function seenLately({ run }: Session, now: Instant): boolean {
  const age = run.seenOnAt === null ? null : ageOf(run.seenOnAt, now);
  return age !== null && age <= 2 * limits.readEvery;
}

/**
 * From when on a run that was made longer was surely not seen: its device, silent since, or not looked at since, still had
 * the timer of the end before. That time is not delivered. Null where there is none.
 */
export function unseenFrom({ endsAt, run }: Session): Instant | null {
  if (endsAt === null || run.armedFor === null || run.armedFor >= endsAt) return null;
  const seenOnAt = run.seenOnAt ?? 0;
  if (run.unreachableSince === null && seenOnAt >= run.armedFor) return null;
  const from = Math.max(run.armedFor, seenOnAt);
  return from < endsAt ? from : null;
}
