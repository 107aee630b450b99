import type { Instant } from '../rules/instant.ts';
import type { PageState } from '../rules/sessions/view.ts';

import type { MessageView } from './message-form.ts';

export type SessionView = {
  token: string;
  deviceName: string;
  planName: string;
  location: string | null;
  /** Where to start again; null where there is nothing to buy any more. */
  payUrl: string | null;
  state: PageState;
  startsAt: Instant | null;
  startedAt: Instant | null;
  endsAt: Instant | null;
  endedAt: Instant | null;
  remainingSeconds: number;
  durationSeconds: number;
  /** The whole delay before the start, for the ring; without it the ring stays full while waiting. */
  delaySeconds?: number | null;
  price: number;
  currency: string;
  /** Time that was bought on top, oldest first; `paid` false: not yet. */
  added: { minutes: number; paid: boolean }[];
  /** What may be bought on top now. */
  onTop: { id: string; name: string; durationMinutes: number; price: number }[];
  /** A wish for more time that was not met: what is the matter. */
  extendProblem: string | null;
  /** What the guest may tell the owner; null or left out: nothing. */
  message?: MessageView | null;
  refund: { amount: number; state: 'pending' | 'done' | 'failed' } | null;
  failureReason: string | null;
};

/**
 * How closely the page watches: `active` every moment may change it; `steady` only money may still move; `done` never.
 */
export function rhythmOf(view: SessionView): 'active' | 'steady' | 'done' {
  switch (view.state) {
    case 'waiting-for-payment':
    case 'waiting-to-start':
    case 'starting':
    case 'running':
    case 'finishing':
    case 'unavailable':
      return 'active';
    case 'complete':
    case 'interrupted':
    case 'failed-to-start':
    case 'payment-not-completed':
      return view.refund?.state === 'done' || (view.state === 'complete' && view.refund === null) || isFree(view)
        ? 'done'
        : 'steady';
  }
}

/** It was given up long after its time, unseen: when it really ended nobody knows. */
export const wasLost = (view: SessionView): boolean => view.failureReason === 'reconciliation_timeout';

export const isFree = (view: SessionView): boolean => view.price === 0 && view.refund === null;

/** Seconds that the page counts down, and of how many; null where nothing is counted. */
export function countdownOf(view: SessionView, now: Instant): { left: number; total: number | null } | null {
  switch (view.state) {
    case 'waiting-to-start':
      if (view.startsAt === null) return null;
      return { left: Math.max(0, Math.ceil((view.startsAt - now) / 1000)), total: view.delaySeconds ?? null };
    case 'running':
      return { left: Math.max(0, Math.ceil(view.remainingSeconds)), total: view.durationSeconds };
    case 'unavailable':
      return view.startedAt === null || view.remainingSeconds <= 0
        ? null
        : { left: Math.ceil(view.remainingSeconds), total: view.durationSeconds };
    case 'finishing':
      return { left: 0, total: view.durationSeconds };
    case 'waiting-for-payment':
    case 'starting':
    case 'complete':
    case 'interrupted':
    case 'failed-to-start':
    case 'payment-not-completed':
      return null;
  }
}

/** For the page without script: seconds until it asks again; null when nothing can change any more. */
export function sessionRefreshSeconds(view: SessionView, now: Instant): number | null {
  const rhythm = rhythmOf(view);
  if (rhythm === 'done') return null;
  if (rhythm === 'steady') return 30;
  const left = countdownOf(view, now)?.left ?? 0;
  if (view.state === 'running' || view.state === 'waiting-to-start') return Math.min(20, left + 1);
  return view.state === 'unavailable' ? 10 : 3;
}
