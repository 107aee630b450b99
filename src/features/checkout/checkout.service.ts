import type { Database, Tx } from '../../database/open.ts';
import type { Clock } from '../../host/clock.ts';
import type { Random } from '../../host/random.ts';
import type { SecretBox } from '../../host/secret-box.ts';
import { notFound, Problem, tooManyFor } from '../../rules/errors.ts';
import type { OrganizationId, PaymentId } from '../../rules/ids.ts';
import type { Availability } from '../../rules/sessions/availability.ts';
import { decideHold } from '../../rules/sessions/hold.ts';
import { hoursOf } from '../../rules/time/opening-hours.ts';
import type { DeviceRow, DevicesService } from '../devices/devices.service.ts';
import type { PlanRow } from '../devices/plans.service.ts';
import type { LocationsService } from '../locations/locations.service.ts';
import { timetableOf } from '../locations/opening-hours-input.ts';
import type { PaymentRow, PaymentsService } from '../payments/payments.service.ts';
import type { ProviderOf } from '../payments/refunds.service.ts';
import type { HoldRow, SessionsService } from '../sessions/sessions.service.ts';
import type { Settings } from '../settings/settings.service.ts';
import { hoursNow, refuseClosed } from './closing.ts';
import { emailAddress } from './email-address.ts';
import type { OffersService } from './offer.service.ts';
import { type CheckoutRequest, type ProviderCheckouts, stillOpen } from './provider-checkout.service.ts';
import { returnAddresses } from './return-address.ts';
import { payableTo, toPay } from './to-pay.ts';

export type Intent = {
  planId: string;
  email?: string | undefined;
  successUrl?: string | undefined;
  cancelUrl?: string | undefined;
  language?: string | undefined;
  /** false: no mail when it is done. */
  mailWhenDone?: boolean | undefined;
};

/** `holder`: the guest's hold cookie, made here where there was none. */
export type Begun = { url: string; holder: string };

type Deps = {
  database: Database;
  clock: Clock;
  random: Random;
  box: SecretBox;
  publicUrl: string;
  devices: DevicesService;
  locations: LocationsService;
  sessions: SessionsService;
  payments: PaymentsService;
  offers: OffersService;
  providerOf: ProviderOf;
  providerCheckouts: ProviderCheckouts;
};

/** How often a guest may choose anew within one hold. */
const mostCheckouts = 6;

/**
 * A guest begins to pay. Everything that could keep the machine from running is checked before money is taken; the
 * device is held for the guest; the payment and the session exist before the provider hears of it.
 */
export function createCheckout(deps: Deps) {
  const {
    database,
    clock,
    random,
    box,
    publicUrl,
    devices,
    locations,
    sessions,
    payments,
    offers,
    providerOf,
    providerCheckouts,
  } = deps;

  async function begin(uid: string, intent: Intent, holderCookie: string | null): Promise<Begun> {
    const offer = await offers.find(uid, holderCookie);
    const plan = offer.plans.find((candidate) => candidate.id === intent.planId);
    if (plan === undefined) throw notFound('Usage plan not found');
    const email = emailAddress(intent.email);
    const request: CheckoutRequest = {
      ...returnAddresses(intent, publicUrl, offer.settings.returnOrigins),
      email,
      productName: `${offer.device.name}: ${plan.name}`,
    };
    const goesOn = offer.held?.mine === true && offer.held.planId === plan.id;
    if (!goesOn && offer.availability !== 'maintenance') refuseClosed(offer.hours, plan);
    if (offer.inUse !== null) throw new Problem('DEVICE_IN_USE');
    refuseUnavailable(offer.availability);
    const organizationId = offer.device.organization_id;
    const provider = await payableTo(providerOf, organizationId, plan.price);

    const holder = holderCookie ?? random.token();
    const opened = await database.transaction('checkout-open', (tx) =>
      open(tx, {
        device: offer.device,
        plan,
        settings: offer.settings,
        request,
        holder,
        language: intent.language ?? null,
        mailWhenDone: intent.mailWhenDone !== false,
      }),
    );
    if (provider === null) return { url: `${publicUrl}/session/${opened.token}`, holder };
    const { paymentId, token } = opened;
    return { url: await providerCheckouts.address(provider, { organizationId, paymentId, token }), holder };
  }

  return { begin };

  type Wanted = {
    device: DeviceRow;
    plan: PlanRow;
    settings: Settings;
    request: CheckoutRequest;
    holder: string;
    language: string | null;
    mailWhenDone: boolean;
  };
  type Opened = { paymentId: PaymentId; token: string };

  async function open(tx: Tx, wanted: Wanted): Promise<Opened> {
    const { plan, request } = wanted;
    const organizationId = wanted.device.organization_id;
    const device = await devices.lock(tx, organizationId, wanted.device.id);
    if (device === null) throw notFound('Access point not found');
    if (device.status === 'MAINTENANCE') refuseUnavailable('maintenance');
    if ((await sessions.liveOn(organizationId, device.id, tx)) !== null) throw new Problem('DEVICE_IN_USE');

    const holderHash = box.hash('hold', wanted.holder);
    const hold = await sessions.holdOn(organizationId, device.id, tx);
    const held = hold?.payment_id ? await payments.find(organizationId, { id: hold.payment_id }, tx) : null;
    const decision = decideHold(
      hold === null
        ? null
        : { mine: hold.holder_hash.equals(holderHash), planId: held?.plan_id ?? '', expiresAt: hold.expires_at },
      plan.id,
      clock.now(),
    );
    if (decision.kind === 'held') {
      throw new Problem('DEVICE_HELD', undefined, { retryAfterSeconds: decision.retryAfterSeconds });
    }
    const again = decision.kind === 'reuse' && held !== null && stillOpen(held, clock.now()) ? held : null;
    // who began to pay while it was open may go on for as long as the hold runs
    if (again === null || hold === null || hold.expires_at <= clock.now()) await refuseOutsideHours(tx, device, wanted);
    if (again !== null && hold !== null) return await reuse(tx, hold, again);
    const mine = hold?.holder_hash.equals(holderHash) && hold.expires_at > clock.now() ? hold : null;
    if (mine !== null && mine.checkouts >= mostCheckouts) throw tooManyFor(mine.expires_at - clock.now());
    if (hold !== null) await abandon(tx, organizationId, hold);

    const session = await sessions.open(tx, {
      organizationId,
      deviceId: device.id,
      plan,
      email: request.email,
      language: wanted.language,
      mailWhenDone: wanted.mailWhenDone,
    });
    const paymentId = random.id('payment');
    await payments.create(tx, {
      organization_id: organizationId,
      id: paymentId,
      module: 'DEVICE',
      ...toPay(plan.price, request, clock.now()),
      currency: wanted.settings.currency,
      session_id: session.id,
      device_id: device.id,
      plan_id: plan.id,
      location_id: device.location_id,
      language: wanted.language,
    });
    const waiting = plan.price === 0 ? await sessions.lockToStart(tx, organizationId, session.id) : null;
    if (waiting !== null) await sessions.paid(tx, waiting, { device, paidAt: null });
    else {
      const kept = { organization_id: organizationId, device_id: device.id, holder_hash: holderHash };
      const row = { ...kept, session_id: session.id, payment_id: paymentId, checkouts: (mine?.checkouts ?? 0) + 1 };
      await sessions.hold(tx, row, mine?.expires_at ?? null);
    }
    return { paymentId, token: session.token };
  }

  /** By the clock of this moment, and by the hours as they stand in this transaction. */
  async function refuseOutsideHours(tx: Tx, device: DeviceRow, { plan, settings }: Wanted): Promise<void> {
    const location = await locations.find(device.organization_id, device.location_id, tx);
    refuseClosed(hoursNow(hoursOf(timetableOf(device, location, settings.timeZone)), clock.now()), plan);
  }

  /** The holder asks again: the same checkout, and three new minutes once the first are over. */
  async function reuse(tx: Tx, hold: HoldRow, held: PaymentRow): Promise<Opened> {
    const session = await sessions.find(hold.organization_id, hold.session_id, tx);
    if (session === null) throw new Problem('CONFLICT');
    const { expires_at, ...kept } = hold;
    await sessions.hold(tx, kept, expires_at > clock.now() ? expires_at : null);
    return { paymentId: held.id, token: sessions.tokenOf(session) };
  }

  /** The checkout of the hold before is expired at the provider; if it was paid meanwhile, the money goes back. */
  async function abandon(tx: Tx, organizationId: OrganizationId, hold: HoldRow): Promise<void> {
    await sessions.supersede(tx, organizationId, hold.session_id);
    if (hold.payment_id === null) return;
    await payments.abandon(tx, { organization_id: organizationId, id: hold.payment_id });
  }
}

export type CheckoutService = ReturnType<typeof createCheckout>;

export function refuseUnavailable(state: Availability): void {
  if (state === 'ready') return;
  const texts = {
    maintenance: 'The machine is closed for maintenance',
    offline: 'The machine does not answer right now',
    unknown: 'The machine does not answer right now',
    'switched-on': 'The machine is switched on by the staff',
  };
  throw new Problem('DEVICE_UNAVAILABLE', texts[state], { facts: { reason: state } });
}
