import type { Instant } from '../instant.ts';
import type { Session } from './session.ts';

/** The end of a run, as it was decided. A clock that was set back does not let it end before it began. */
export function over(session: Session, at: Instant): Session {
  const reason = session.run.ending?.reason ?? null;
  const endedAt = Math.max(at, session.startedAt ?? at);
  return { ...session, phase: reason === null ? 'completed' : 'cancelled', failureReason: reason, endedAt };
}
