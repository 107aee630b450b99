/** The sentences of the session page: what happened and what becomes of the money. Codes of ours and of vendors end here. */
import type { Instant } from '../rules/instant.ts';
import type { Speech } from './page-context.ts';
import { isFree, type SessionView, wasLost } from './session-view.ts';

export type Refund = { amount: number; state: 'pending' | 'done' | 'failed' };
type Lead = { strong: string | null; text: string | null; hint: string | null };

export function leadOf(view: SessionView, now: Instant, say: Speech): Lead {
  const words = say.session;
  const lead = (text: string | null, hint: string | null = null, strong: string | null = null): Lead => ({
    strong,
    text,
    hint,
  });
  switch (view.state) {
    case 'waiting-for-payment':
      return lead(words.waitingForPayment, words.waitingForPaymentHint);
    case 'waiting-to-start': {
      const starts = view.startsAt !== null && view.startsAt > now;
      return lead(starts ? words.waitingToStart(say.moment(view.startsAt ?? now)) : words.waitingToStartUnknown);
    }
    case 'starting':
      return lead(words.starting, isFree(view) ? null : words.startingPromise(say.money(view.price, view.currency)));
    case 'running':
      return lead(words.running, null, view.endsAt === null ? null : words.finishesAt(say.moment(view.endsAt)));
    case 'finishing':
      return lead(words.finishing);
    case 'complete':
      return lead(completeWords(view, say));
    case 'interrupted':
      return lead(reasonWords(view, say), wasLost(view) ? words.ranUnknown : ranWords(view, say));
    case 'failed-to-start':
      return lead(reasonWords(view, say));
    case 'payment-not-completed':
      return lead(words.paymentNotCompleted);
    case 'unavailable':
      return lead(words.unavailable, isFree(view) ? null : words.unavailablePromise);
  }
}

export function refundWords(
  refund: Refund,
  currency: string,
  say: Speech,
): { tone: string; text: string; hint: string } {
  const words = say.session.refund;
  const amount = say.money(refund.amount, currency);
  switch (refund.state) {
    case 'pending':
      return { tone: 'back', text: words.pending(amount), hint: words.pendingHint };
    case 'done':
      return { tone: 'back', text: words.done(amount), hint: words.doneHint };
    case 'failed':
      return { tone: 'owed', text: words.failed(amount), hint: words.failedHint };
  }
}

/** Over without a refund yet: what a guest may count on. An interrupted run may have been delivered: no promise there. */
export function unsettledWords(view: SessionView, say: Speech): { tone: string; text: string; hint: null } | null {
  if (view.state === 'payment-not-completed') return { tone: 'still', text: say.session.notCharged, hint: null };
  if (view.state !== 'failed-to-start') return null;
  if (view.price === 0) return { tone: 'still', text: say.session.notCharged, hint: null };
  return { tone: 'back', text: say.session.refund.due(say.money(view.price, view.currency)), hint: null };
}

function completeWords(view: SessionView, say: Speech): string {
  const ran = ranSeconds(view);
  if (ran === null || ran >= view.durationSeconds - 60) {
    return say.session.complete(say.duration(view.durationSeconds / 60));
  }
  return say.session.completeEarly(ranText(ran, say));
}

function ranWords(view: SessionView, say: Speech): string | null {
  const ran = ranSeconds(view);
  if (ran === null) return null;
  return say.session.ranFor(ranText(Math.min(ran, view.durationSeconds), say), say.duration(view.durationSeconds / 60));
}

const ranSeconds = (view: SessionView): number | null =>
  view.startedAt === null || view.endedAt === null ? null : Math.max(0, (view.endedAt - view.startedAt) / 1000);

const ranText = (seconds: number, say: Speech): string =>
  seconds < 60 ? say.session.lessThanAMinute : say.duration(Math.floor(seconds / 60));

function reasonWords(view: SessionView, say: Speech): string {
  const { reasons } = say.session;
  switch (view.failureReason) {
    case 'force_ended_by_admin':
    case 'failed_by_admin':
      return reasons.staff;
    case 'payment_reversed':
      return reasons.reversed;
    case 'reconciliation_timeout':
      return reasons.unreachable;
    case 'device_offline':
      return reasons.offline;
    case 'relay_off_prematurely':
      return reasons.machine;
    default:
      return view.state === 'failed-to-start' ? reasons.noStart : reasons.ended;
  }
}
