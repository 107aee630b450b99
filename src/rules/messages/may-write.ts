import { assertNever } from '../assert-never.ts';
import { hours, type Instant, minutes } from '../instant.ts';
import type { PageState } from '../sessions/view.ts';

/** Messages of one session. */
export const mostMessages = 5;
const askedFor = hours(24 * 30);

/** By then a guest sees whether the machine turns at all: its relay may be on and nothing happen, behind a blown fuse. */
const turnsWithin = minutes(1);
/** The machine ran on, or its door does not open. */
const stopsWithin = minutes(1);
/** Who has paid and is not heard of knows by then. */
const paidWithin = minutes(5);

export type Run = {
  state: PageState;
  refundFailed: boolean;
  createdAt: Instant;
  startedAt: Instant | null;
  endsAt: Instant | null;
  endedAt: Instant | null;
};

/**
 * Whether a guest may tell the owner that something went wrong: once a run is over or should have shown what it does,
 * where the machine is out of sight, and where money is waited for or did not get back. Not before it can be known, and
 * not about a run that nobody paid for.
 */
export function mayWrite(run: Run, now: Instant): boolean {
  if (run.endedAt !== null && now - run.endedAt > askedFor) return false;
  const from = mayWriteFrom(run);
  return from !== null && from <= now;
}

/** From when on, as things are; null: not while they are so. */
export function mayWriteFrom({ state, refundFailed, createdAt, startedAt, endsAt }: Run): Instant | null {
  if (refundFailed) return createdAt;
  switch (state) {
    case 'complete':
    case 'interrupted':
    case 'failed-to-start':
    case 'unavailable':
      return createdAt;
    case 'running':
      return startedAt === null ? null : startedAt + turnsWithin;
    case 'finishing':
      return endsAt === null ? null : endsAt + stopsWithin;
    case 'waiting-for-payment':
      return createdAt + paidWithin;
    case 'waiting-to-start':
    case 'starting':
    case 'payment-not-completed':
      return null;
    default:
      return assertNever(state);
  }
}
