import type { Selectable } from 'kysely';
import type { DB } from '../../database/types.ts';
import { freshRun, type Run, type Session } from '../../rules/sessions/session.ts';

export type SessionRow = Omit<Selectable<DB['sessions']>, 'run' | 'phase'> & { phase: Session['phase']; run: Run };

/** A row as the rules see it. */
export function sessionOf(row: SessionRow): Session {
  return {
    phase: row.phase,
    durationMs: row.duration_ms,
    delayMs: row.delay_ms,
    finish:
      row.finish_below_watts === null || row.finish_after_ms === null
        ? null
        : { belowWatts: row.finish_below_watts, afterMs: row.finish_after_ms },
    superseded: row.superseded,
    paidAt: row.paid_at,
    startsAt: row.starts_at,
    startedAt: row.started_at,
    endsAt: row.ends_at,
    endedAt: row.ended_at,
    failureReason: row.failure_reason,
    run: { ...freshRun, ...row.run }, // written before a field was known, it lacks it
  };
}

/** What of it moves, as a row has it. */
export const stored = (session: Session) => ({
  phase: session.phase,
  superseded: session.superseded,
  duration_ms: session.durationMs,
  paid_at: session.paidAt,
  starts_at: session.startsAt,
  started_at: session.startedAt,
  ends_at: session.endsAt,
  ended_at: session.endedAt,
  failure_reason: session.failureReason,
  run: session.run,
});
