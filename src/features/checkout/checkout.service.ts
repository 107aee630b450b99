import type { Database, Tx } from '../../database/open.ts';
import type { Clock } from '../../host/clock.ts';
import type { Random } from '../../host/random.ts';
import type { SecretBox } from '../../host/secret-box.ts';
import { type PaymentProvider, ProviderFault } from '../../providers/payment-port.ts';
import { invalid, notFound, Problem } from '../../rules/errors.ts';
import type { OrganizationId, PaymentId } from '../../rules/ids.ts';
import { minutes, seconds } from '../../rules/instant.ts';
import { mailAddress } from '../../rules/mail/address.ts';
import type { Availability } from '../../rules/sessions/availability.ts';
import { decideHold } from '../../rules/sessions/hold.ts';
import type { DeviceRow, DevicesService } from '../devices/devices.service.ts';
import type { PlanRow } from '../devices/plans.service.ts';
import type { PaymentRow, PaymentsService } from '../payments/payments.service.ts';
import type { ProviderOf } from '../payments/refunds.service.ts';
import type { HoldRow, SessionsService } from '../sessions/sessions.service.ts';
import type { Settings } from '../settings/settings.service.ts';
import type { OffersService } from './offer.service.ts';
import { returnAddress, withParameter } from './return-address.ts';

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

/** What of a checkout is remembered, so that asking again gives the same one. The session's token is not in it. */
type Request = { successUrl: string | null; cancelUrl: string | null; email: string | null; productName: string };

type Deps = {
  database: Database;
  clock: Clock;
  random: Random;
  box: SecretBox;
  publicUrl: string;
  devices: DevicesService;
  sessions: SessionsService;
  payments: PaymentsService;
  offers: OffersService;
  providerOf: ProviderOf;
  /** We mail receipts ourselves: the provider need not. */
  ownReceipts: boolean;
};

/** Stripe wants at least 30 minutes; the rest is for slow clocks and repeats. */
const checkoutLasts = minutes(40);

/** How often a guest may choose anew within one hold. */
const mostCheckouts = 6;

const tooMany = (waitMs: number): Problem =>
  new Problem('RATE_LIMITED', undefined, { retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)) });

/**
 * A guest begins to pay. Everything that could keep the machine from running is checked before money is taken; the
 * device is held for the guest; the payment and the session exist before the provider hears of it.
 */
export function createCheckout(deps: Deps) {
  const { database, clock, random, box, publicUrl, devices, sessions, payments, offers, providerOf, ownReceipts } =
    deps;

  async function begin(uid: string, intent: Intent, holderCookie: string | null): Promise<Begun> {
    const offer = await offers.find(uid, holderCookie);
    const plan = offer.plans.find((candidate) => candidate.id === intent.planId);
    if (plan === undefined) throw notFound('Usage plan not found');
    const email = address(intent.email);
    const origins = [new URL(publicUrl).origin, ...offer.settings.returnOrigins];
    const request: Request = {
      successUrl: returnAddress('successUrl', intent.successUrl, origins),
      cancelUrl: returnAddress('cancelUrl', intent.cancelUrl, origins),
      email,
      productName: `${offer.device.name}: ${plan.name}`,
    };
    if (offer.inUse !== null) throw new Problem('DEVICE_IN_USE');
    refuseUnavailable(offer.availability);
    const organizationId = offer.device.organization_id;
    const provider = plan.price === 0 ? null : await providerOf(organizationId);
    if (plan.price > 0 && provider === null) throw new Problem('PAYMENTS_NOT_CONFIGURED');

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
    return { url: await checkoutUrl(provider, organizationId, opened.paymentId, opened.token), holder };
  }

  return { begin };

  type Wanted = {
    device: DeviceRow;
    plan: PlanRow;
    settings: Settings;
    request: Request;
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
    if (decision.kind === 'reuse' && hold !== null && held !== null && stillOpen(held)) {
      return await reuse(tx, hold, held);
    }
    const mine = hold?.holder_hash.equals(holderHash) && hold.expires_at > clock.now() ? hold : null;
    if (mine !== null && mine.checkouts >= mostCheckouts) throw tooMany(mine.expires_at - clock.now());
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
    const free = plan.price === 0;
    await payments.create(tx, {
      organization_id: organizationId,
      id: paymentId,
      module: 'DEVICE',
      status: free ? 'SUCCEEDED' : 'PENDING',
      amount: plan.price,
      currency: wanted.settings.currency,
      session_id: session.id,
      device_id: device.id,
      plan_id: plan.id,
      location_id: device.location_id,
      guest_email: request.email,
      language: wanted.language,
      checkout_request: free ? null : request,
      check_at: free ? null : clock.now() + minutes(1),
      checkout_expires_at: free ? null : clock.now() + checkoutLasts,
    });
    if (free) await sessions.paid(tx, organizationId, session.id, { deviceThere: true, paidAt: null });
    else {
      const kept = { organization_id: organizationId, device_id: device.id, holder_hash: holderHash };
      const row = { ...kept, session_id: session.id, payment_id: paymentId, checkouts: (mine?.checkouts ?? 0) + 1 };
      await sessions.hold(tx, row, mine?.expires_at ?? null);
    }
    return { paymentId, token: session.token };
  }

  function stillOpen(payment: PaymentRow): boolean {
    return (
      payment.status === 'PENDING' &&
      !payment.abandoned &&
      (payment.checkout_expires_at ?? 0) > clock.now() + minutes(1)
    );
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

  /** Asks the provider for the payment's checkout; asked twice at once, both get the same. */
  async function checkoutUrl(
    provider: PaymentProvider,
    organizationId: OrganizationId,
    paymentId: PaymentId,
    token: string,
  ): Promise<string> {
    for (let attempt = 1; ; attempt++) {
      const payment = await payments.find(organizationId, { id: paymentId });
      if (payment === null) throw new Problem('CONFLICT');
      if (payment.provider_checkout_url !== null) return payment.provider_checkout_url;
      try {
        const checkout = await provider.createCheckout(await requestOf(payment, token), clock.deadline(seconds(12)));
        if (checkout.url === null) throw new Problem('STRIPE_ERROR');
        await database.transaction('checkout-ready', (tx) =>
          payments.change(tx, organizationId, paymentId, {
            provider_checkout_id: checkout.id,
            provider_checkout_url: checkout.url,
          }),
        );
        return checkout.url;
      } catch (error) {
        if (!(error instanceof ProviderFault)) throw error;
        if (error.reason !== 'moment') {
          await giveUp(payment);
          throw new Problem('STRIPE_ERROR', 'Payments do not work here right now', { cause: error });
        }
        if (attempt === 3) throw new Problem('STRIPE_ERROR', undefined, { retryAfterSeconds: 5, cause: error });
        await clock.sleep(400);
      }
    }
  }

  async function giveUp(payment: PaymentRow): Promise<void> {
    await database.transaction('checkout-refused', async (tx) => {
      const sessionId = payment.session_id;
      if (sessionId !== null) await sessions.step(tx, payment.organization_id, sessionId, { kind: 'payment-failed' });
      await payments.take(tx, payment.organization_id, payment.id, { kind: 'not-completed' });
    });
  }

  async function requestOf(payment: PaymentRow, token: string) {
    const request = payment.checkout_request as Request; // written by `open` alone
    const device = payment.device_id === null ? null : await devices.any(payment.organization_id, payment.device_id);
    const ownPage = `${publicUrl}/session/${token}`;
    return {
      paymentId: payment.id,
      amount: payment.amount,
      currency: payment.currency,
      productName: request.productName,
      email: request.email,
      receipt: !ownReceipts,
      successUrl: request.successUrl === null ? ownPage : withParameter(request.successUrl, 'session', token),
      cancelUrl: request.cancelUrl ?? `${publicUrl}/pay/${device?.uid ?? ''}?cancelled=1`,
      expiresAt: payment.checkout_expires_at ?? 0,
      metadata: {
        kind: 'device',
        paymentId: payment.id,
        deviceId: payment.device_id ?? '',
        planId: payment.plan_id ?? '',
      },
    };
  }
}

export type CheckoutService = ReturnType<typeof createCheckout>;

function refuseUnavailable(state: Availability): void {
  if (state === 'ready') return;
  const texts = {
    maintenance: 'The machine is closed for maintenance',
    offline: 'The machine does not answer right now',
    unknown: 'The machine does not answer right now',
    'switched-on': 'The machine is switched on by the staff',
  };
  throw new Problem('DEVICE_UNAVAILABLE', texts[state], { facts: { reason: state } });
}

function address(value: string | undefined): string | null {
  const trimmed = value?.trim() ?? '';
  if (trimmed === '') return null;
  const checked = mailAddress(trimmed);
  if (checked === null) throw invalid('email', 'email must be an e-mail address');
  return checked;
}
