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
    superseded: row.superseded,
    paidAt: row.paid_at,
    startsAt: row.starts_at,
    startedAt: row.started_at,
    endsAt: row.ends_at,
    endedAt: row.ended_at,
    failureReason: row.failure_reason,
    run: { ...freshRun, ...row.run }, // one written by an older version lacks what was added since
  };
}
