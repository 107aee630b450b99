import type { Offer } from '../features/checkout/offer.service.ts';
import { addedTime, refundView, type SessionFacts } from '../features/sessions/public-view.ts';
import { sessionOf } from '../features/sessions/session-row.ts';
import type { Instant } from '../rules/instant.ts';
import { isOver } from '../rules/sessions/session.ts';
import { pageState, remainingSeconds } from '../rules/sessions/view.ts';
import { daysFrom, hasHours } from '../rules/time/opening-hours.ts';
import type { MessageView } from './message-form.ts';
import type { HoursView } from './pay-hours.ts';
import type { PayState, PayView } from './pay-page.ts';
import type { SessionView } from './session-view.ts';
import type { WishView } from './wish-form.ts';

/** What the pages show, from what the features know. */
export function payView(
  offer: Offer,
  o: {
    form?: NonNullable<PayView['form']>;
    cancelled: boolean;
    own: SessionFacts | null;
    mailOn?: boolean;
    wish?: WishView | null;
  },
): PayView {
  const own = o.own === null ? null : { url: `/session/${o.own.token}`, over: isOver(o.own.row.phase) };
  return {
    uid: offer.device.uid,
    deviceName: offer.device.name,
    description: offer.device.description,
    location: offer.location?.name ?? null,
    currency: offer.settings.currency,
    plans: offer.plans.map((plan) => ({
      id: plan.id,
      name: plan.name,
      description: plan.description,
      durationMinutes: plan.duration_minutes,
      delayMinutes: plan.delay_minutes,
      price: plan.price,
      unfit: plan.unfit,
    })),
    hours: hoursView(offer),
    state: payState(offer, own !== null && !own.over ? own.url : null),
    lastSessionUrl: own?.over === true ? own.url : null,
    cancelled: o.cancelled,
    mailOn: o.mailOn === true,
    wish: o.wish ?? null,
    ...(o.form === undefined ? {} : { form: o.form }),
  };
}

function payState(offer: Offer, ownUrl: string | null): PayState {
  const { open, opensNext: opensAt, closesAt } = offer.hours.opening;
  // who began to pay while it was open may go on for as long as the hold runs
  const mine = offer.held?.mine === true && offer.held.continueUrl !== null;
  if (offer.inUse !== null && ownUrl !== null) {
    return { kind: 'yours', freeAt: offer.inUse.freeAt, sessionUrl: ownUrl };
  }
  if (!open && !mine && offer.availability !== 'maintenance') return { kind: 'closed', opensAt };
  if (offer.inUse !== null) return { kind: 'in-use', freeAt: offer.inUse.freeAt };
  if (offer.availability === 'maintenance') return { kind: 'maintenance' };
  if (offer.availability === 'switched-on') return { kind: 'in-use', freeAt: null };
  if (offer.availability !== 'ready') return { kind: 'offline' };
  if (offer.plans.length === 0) return { kind: 'no-plans' };
  if (!offer.paymentsReady && offer.plans.every((plan) => plan.price > 0)) return { kind: 'payments-off' };
  if (open && closesAt !== null && !mine && offer.plans.every(({ unfit }) => unfit !== null)) {
    return { kind: 'too-late', closesAt, opensAt };
  }
  const { held } = offer;
  if (held === null) return { kind: 'ready' };
  if (!held.mine) return { kind: 'held', until: held.until };
  if (held.planId === null || held.continueUrl === null) return { kind: 'ready' };
  return { kind: 'held-by-you', planId: held.planId, until: held.until, continueUrl: held.continueUrl };
}

function hoursView({ hours: { hours, now, opening } }: Offer): HoursView | null {
  if (!hasHours(hours)) return null;
  return { open: opening.open, closesAt: opening.closesAt, days: daysFrom(hours, now, 7) };
}

export function sessionView(
  facts: SessionFacts,
  publicUrl: string,
  now: Instant,
  o: { extendProblem?: string | undefined; paidForMore?: boolean; message?: MessageView | null } = {},
): SessionView {
  const { row, device, settings } = facts;
  const session = sessionOf(row);
  return {
    token: facts.token,
    deviceName: device.name,
    planName: row.plan_name,
    location: facts.location?.name ?? null,
    payUrl: device.uid === null ? null : `${publicUrl}/pay/${device.uid}`,
    state: pageState(session, now),
    startsAt: row.starts_at,
    startedAt: row.started_at,
    endsAt: row.ends_at,
    endedAt: row.ended_at,
    remainingSeconds: remainingSeconds(session, now),
    durationSeconds: row.duration_ms / 1000,
    delaySeconds: row.delay_ms / 1000,
    price: facts.payments.filter(counts).reduce((sum, payment) => sum + payment.amount, 0),
    added: addedTime(facts).filter((one) => one.paid || o.paidForMore === true),
    onTop: cheapestOfEach(facts.onTop).map((plan) => ({
      id: plan.id,
      name: plan.name,
      durationMinutes: plan.duration_minutes,
      price: plan.price,
    })),
    extendProblem: o.extendProblem ?? null,
    message: o.message ?? null,
    currency: facts.payments[0]?.currency ?? settings.currency,
    refund: refundView(facts),
    failureReason: row.failure_reason,
  };
}

/** More time is time: of programs as long as each other, whatever their names and delays, a guest wants the cheapest. */
const cheapestOfEach = (plans: SessionFacts['onTop']): SessionFacts['onTop'] =>
  plans.filter(
    (plan, n) =>
      !plans.some(
        (other, m) =>
          other.duration_minutes === plan.duration_minutes &&
          (other.price < plan.price || (other.price === plan.price && m < n)),
      ),
  );

/** The run's own payment, and what was paid on top of it and is not simply going back. */
const counts = (payment: SessionFacts['payments'][number]): boolean =>
  payment.extra_ms === 0 || (payment.taken && payment.paid_at !== null);
