import type { Database, Tx } from '../../database/open.ts';
import type { Clock } from '../../host/clock.ts';
import type { Random } from '../../host/random.ts';
import { notFound, Problem, tooManyFor } from '../../rules/errors.ts';
import type { PaymentId } from '../../rules/ids.ts';
import { minutes } from '../../rules/instant.ts';
import { extendable } from '../../rules/sessions/extendable.ts';
import { type DeviceRow, type DevicesService, deviceOpen } from '../devices/devices.service.ts';
import type { PlanRow, PlansService } from '../devices/plans.service.ts';
import type { PaymentRow, PaymentsService } from '../payments/payments.service.ts';
import type { ProviderOf } from '../payments/refunds.service.ts';
import { type SessionRow, sessionOf } from '../sessions/session-row.ts';
import type { SessionsService } from '../sessions/sessions.service.ts';
import type { SettingsService } from '../settings/settings.service.ts';
import type { Fitting } from './extension-fit.service.ts';
import { type CheckoutRequest, type ProviderCheckouts, stillOpen } from './provider-checkout.service.ts';
import { returnAddresses } from './return-address.ts';
import { payableTo, toPay } from './to-pay.ts';

export type ExtensionWish = { planId: string; successUrl?: string | undefined; cancelUrl?: string | undefined };

type Deps = {
  database: Database;
  clock: Clock;
  random: Random;
  publicUrl: string;
  devices: DevicesService;
  fitting: Fitting;
  plans: PlansService;
  sessions: SessionsService;
  payments: PaymentsService;
  settings: SettingsService;
  providerOf: ProviderOf;
  providerCheckouts: ProviderCheckouts;
};

/** Checkouts for more time that one run may have open or given up at a time. */
const mostCheckouts = 6;

/**
 * More time for a run that is under way: a plan of its device, bought on top. Checked before money is taken, and again when
 * it comes: what comes too late, or does not fit any more, goes back whole.
 */
export function createExtensions(deps: Deps) {
  const { database, clock, random, publicUrl, devices, fitting, plans, sessions, payments, settings } = deps;
  const { providerOf, providerCheckouts } = deps;

  /** What may be bought on top of this run now. */
  async function offered(row: SessionRow): Promise<PlanRow[]> {
    if (!extendable(sessionOf(row), clock.now())) return [];
    const device = await devices.any(row.organization_id, row.device_id);
    if (device === null || !deviceOpen(device)) return [];
    const fit = await fitting(device, row, clock.now());
    const before = await payments.of(row.organization_id, row.id);
    const { currency } = await settings.get(row.organization_id);
    const sold = (plan: PlanRow): boolean => plan.price === 0 || currency === currencyOf(before, currency);
    return (await plans.forSale(device)).filter(
      (plan) => sold(plan) && fit(extraOf(plan)) && hadFree(before, plan) === undefined,
    );
  }

  /** Where to pay for it; the run's own page where it is free. */
  async function begin(token: string, wish: ExtensionWish): Promise<string> {
    const row = await sessions.byToken(token);
    if (row === null) throw notFound('Session not found');
    const organizationId = row.organization_id;
    const device = await devices.any(organizationId, row.device_id);
    if (device === null) throw new Problem('NOT_EXTENDABLE');
    const own = await settings.get(organizationId);
    const back = returnAddresses(wish, publicUrl, own.returnOrigins);
    const plan = (await plans.forSale(device)).find((one) => one.id === wish.planId);
    if (plan === undefined) throw notFound('Usage plan not found');
    const provider = await payableTo(providerOf, organizationId, plan.price);
    const request = { ...back, email: row.guest_email, productName: `${device.name}: + ${plan.name}` };
    const paymentId = await database.transaction('extension-open', (tx) =>
      open(tx, { row, device, plan, request, currency: own.currency }),
    );
    if (provider === null) return `${publicUrl}/session/${token}?added=1`;
    return providerCheckouts.address(provider, { organizationId, paymentId, token });
  }

  return { offered, begin };

  type Wanted = { row: SessionRow; device: DeviceRow; plan: PlanRow; request: CheckoutRequest; currency: string };

  async function open(tx: Tx, { row, device, plan, request, currency }: Wanted): Promise<PaymentId> {
    const { organization_id: organizationId, id } = row;
    const locked = await devices.lock(tx, organizationId, device.id);
    const now = await sessions.lock(tx, organizationId, id);
    if (locked === null || now === null || !deviceOpen(locked)) throw new Problem('NOT_EXTENDABLE');
    const byMs = extraOf(plan);
    const fit = await fitting(locked, now, clock.now(), tx);
    if (!extendable(sessionOf(now), clock.now()) || !fit(byMs)) throw new Problem('NOT_EXTENDABLE');
    const all = await payments.of(organizationId, id, tx);
    const runs = currencyOf(all, currency);
    if (plan.price > 0 && runs !== currency) throw new Problem('NOT_EXTENDABLE');
    const before = all.filter((one) => one.extra_ms > 0);
    const paying = before.find((one) => one.plan_id === plan.id && one.amount === plan.price && asked(one, request));
    const same = paying ?? hadFree(before, plan);
    if (same !== undefined) return same.id;
    const given = before.filter((one) => one.status !== 'SUCCEEDED' && one.created_at > clock.now() - minutes(10));
    if (given.length >= mostCheckouts) throw tooManyFor(minutes(10));
    const paymentId = random.id('payment');
    await payments.create(tx, {
      organization_id: organizationId,
      id: paymentId,
      module: 'DEVICE',
      ...toPay(plan.price, request, clock.now()),
      currency: runs,
      session_id: id,
      device_id: device.id,
      plan_id: plan.id,
      location_id: device.location_id,
      language: row.language,
      extra_ms: byMs,
    });
    if (plan.price === 0) await sessions.extend(tx, { organizationId, id }, { byMs, paymentId, paidAt: null });
    return paymentId;
  }

  /** The same wish again, whose checkout is still open: one tap too many must not be two payments. */
  function asked(payment: PaymentRow, request: CheckoutRequest): boolean {
    const before = payment.checkout_request as CheckoutRequest | null;
    return (
      stillOpen(payment, clock.now()) &&
      before?.successUrl === request.successUrl &&
      before?.cancelUrl === request.cancelUrl
    );
  }
}

export type ExtensionsService = ReturnType<typeof createExtensions>;

/** A program that costs nothing lengthens a run once, however often it is asked for: else nobody need pay for a second hour. */
const hadFree = (before: readonly PaymentRow[], plan: PlanRow): PaymentRow | undefined =>
  plan.price > 0 ? undefined : before.find((one) => one.extra_ms > 0 && one.plan_id === plan.id && one.amount === 0);

/** Of the run's own money: the organization's may have been changed since, and sums are of one currency. */
const currencyOf = (before: readonly PaymentRow[], own: string): string =>
  before.find((one) => one.extra_ms === 0)?.currency ?? own;

const extraOf = (plan: PlanRow): number => plan.duration_minutes * 60_000;
