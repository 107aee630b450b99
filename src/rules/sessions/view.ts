import { assertNever } from '../assert-never.ts';
import { isOutOfReach } from '../devices/reach.ts';
import type { Instant } from '../instant.ts';
import { isOver, type Phase, type Session } from './session.ts';

export type WireStatus = 'PENDING' | 'ACTIVE' | 'COMPLETED' | 'CANCELLED';

export function wireStatus(phase: Phase): WireStatus {
  switch (phase) {
    case 'awaiting-payment':
      return 'PENDING';
    case 'delayed':
    case 'starting':
    case 'running':
    case 'stopping':
      return 'ACTIVE';
    case 'completed':
      return 'COMPLETED';
    case 'cancelled':
      return 'CANCELLED';
    default:
      return assertNever(phase);
  }
}

/** The whole duration until it runs, what is left while it runs, nothing when it is over; whole seconds, rounded up. */
export function remainingSeconds(session: Pick<Session, 'phase' | 'endsAt' | 'durationMs'>, now: Instant): number {
  if (isOver(session.phase)) return 0;
  if (session.endsAt === null) return Math.ceil(session.durationMs / 1000);
  const leftMs = Math.min(session.endsAt - now, session.durationMs); // the clocks of two processes differ a little
  return Math.max(0, Math.ceil(leftMs / 1000));
}

/** What the guest's page shows (reference/hygate.md 5.2, and the states before the machine runs). */
export type PageState =
  | 'waiting-for-payment'
  | 'waiting-to-start'
  | 'starting'
  | 'running'
  | 'finishing'
  | 'complete'
  | 'interrupted'
  | 'failed-to-start'
  | 'payment-not-completed'
  | 'unavailable';

export function pageState(session: Session, now: Instant): PageState {
  switch (session.phase) {
    case 'awaiting-payment':
      return 'waiting-for-payment';
    case 'delayed':
      return 'waiting-to-start';
    case 'starting':
      return 'starting';
    case 'running':
      if (isOutOfReach(session.run, now)) return 'unavailable';
      return session.endsAt !== null && now >= session.endsAt ? 'finishing' : 'running';
    case 'stopping':
      return session.startedAt === null ? 'starting' : 'finishing';
    case 'completed':
      return 'complete';
    case 'cancelled':
      if (session.failureReason === 'payment_not_completed') return 'payment-not-completed';
      return session.startedAt === null ? 'failed-to-start' : 'interrupted';
    default:
      return assertNever(session.phase);
  }
}
