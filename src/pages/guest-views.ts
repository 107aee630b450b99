import type { Offer } from '../features/checkout/offer.service.ts';
import { refundView, type SessionFacts } from '../features/sessions/public-view.ts';
import { sessionOf } from '../features/sessions/session-row.ts';
import type { Instant } from '../rules/instant.ts';
import { isOver } from '../rules/sessions/session.ts';
import { pageState, remainingSeconds } from '../rules/sessions/view.ts';
import type { PayState, PayView } from './pay-page.ts';
import type { SessionView } from './session-view.ts';

/** What the pages show, from what the features know. */
export function payView(
  offer: Offer,
  o: { form?: NonNullable<PayView['form']>; cancelled: boolean; own: SessionFacts | null; mailOn?: boolean },
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
    })),
    state: payState(offer, own !== null && !own.over ? own.url : null),
    lastSessionUrl: own?.over === true ? own.url : null,
    cancelled: o.cancelled,
    mailOn: o.mailOn === true,
    ...(o.form === undefined ? {} : { form: o.form }),
  };
}

function payState(offer: Offer, ownUrl: string | null): PayState {
  if (offer.inUse !== null) {
    const { freeAt } = offer.inUse;
    return ownUrl === null ? { kind: 'in-use', freeAt } : { kind: 'yours', freeAt, sessionUrl: ownUrl };
  }
  if (offer.availability === 'maintenance') return { kind: 'maintenance' };
  if (offer.availability === 'switched-on') return { kind: 'in-use', freeAt: null };
  if (offer.availability !== 'ready') return { kind: 'offline' };
  if (offer.plans.length === 0) return { kind: 'no-plans' };
  if (!offer.paymentsReady && offer.plans.every((plan) => plan.price > 0)) return { kind: 'payments-off' };
  const { held } = offer;
  if (held === null) return { kind: 'ready' };
  if (!held.mine) return { kind: 'held', until: held.until };
  if (held.planId === null || held.continueUrl === null) return { kind: 'ready' };
  return { kind: 'held-by-you', planId: held.planId, until: held.until, continueUrl: held.continueUrl };
}

export function sessionView(facts: SessionFacts, publicUrl: string, now: Instant): SessionView {
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
    price: facts.payments.reduce((sum, payment) => sum + payment.amount, 0),
    currency: facts.payments[0]?.currency ?? settings.currency,
    refund: refundView(facts),
    failureReason: row.failure_reason,
    contact: null, // the footer of the branding says it
  };
}
