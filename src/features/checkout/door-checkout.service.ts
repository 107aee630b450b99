import type { Database, Tx } from '../../database/open.ts';
import type { Clock } from '../../host/clock.ts';
import type { Random } from '../../host/random.ts';
import type { SecretBox } from '../../host/secret-box.ts';
import { notFound, Problem } from '../../rules/errors.ts';
import type { PaymentId } from '../../rules/ids.ts';
import { iso } from '../../rules/instant.ts';
import type { NotSold } from '../../rules/passes/ways.ts';
import type { DoorRow, DoorsService } from '../doors/doors.service.ts';
import type { PassesService } from '../passes/passes.service.ts';
import type { PaymentsService } from '../payments/payments.service.ts';
import type { ProviderOf } from '../payments/refunds.service.ts';
import type { Begun } from './checkout.service.ts';
import type { DoorOffer, DoorOffersService } from './door-offer.service.ts';
import { emailAddress } from './email-address.ts';
import { type CheckoutRequest, type ProviderCheckouts, stillOpen } from './provider-checkout.service.ts';
import { returnAddresses } from './return-address.ts';
import { payableTo, toPay } from './to-pay.ts';

export type DoorIntent = {
  email?: string | undefined;
  successUrl?: string | undefined;
  cancelUrl?: string | undefined;
  language?: string | undefined;
};

type Deps = {
  database: Database;
  clock: Clock;
  random: Random;
  box: SecretBox;
  publicUrl: string;
  doors: DoorsService;
  passes: PassesService;
  payments: PaymentsService;
  doorOffers: DoorOffersService;
  providerOf: ProviderOf;
  providerCheckouts: ProviderCheckouts;
};

/**
 * A guest begins to pay for a way in. No money is taken where none can be made now. Many may buy at once: nothing is held;
 * the same guest's repeats lead to the same checkout.
 */
export function createDoorCheckout(deps: Deps) {
  const { database, clock, random, box, publicUrl, doors, passes, payments, doorOffers, providerOf } = deps;

  async function begin(uid: string, intent: DoorIntent, holderCookie: string | null): Promise<Begun> {
    const offer = await doorOffers.find(uid);
    const email = emailAddress(intent.email);
    const request: CheckoutRequest = {
      ...returnAddresses(intent, publicUrl, offer.settings.returnOrigins),
      email,
      productName: offer.door.name,
    };
    refuseUnsold(offer);
    const { organization_id: organizationId } = offer.door;
    const provider = await payableTo(providerOf, organizationId, offer.door.price);
    const holder = holderCookie ?? random.token();
    const opened = await database.transaction('door-checkout-open', (tx) =>
      open(tx, offer, { request, holder, language: intent.language ?? null }),
    );
    const { paymentId, token } = opened;
    if (provider === null) return { url: `${publicUrl}/access/${token}`, holder };
    return { url: await deps.providerCheckouts.address(provider, { organizationId, paymentId, token }), holder };
  }

  return { begin };

  type Wanted = { request: CheckoutRequest; holder: string; language: string | null };

  async function open(tx: Tx, seen: DoorOffer, { request, holder, language }: Wanted) {
    const { organization_id: organizationId, id: doorId } = seen.door;
    const door = await doors.lock(tx, organizationId, doorId);
    if (door === null) throw notFound('Access point not found');
    const offer = await doorOffers.offer(door, tx);
    refuseUnsold(offer);
    if (door.price !== seen.door.price) throw new Problem('CONFLICT', 'The price was changed just now; begin again');
    const holderHash = box.hash('hold', holder);
    const again =
      door.price === 0 ? await freePass(tx, door, holderHash) : await openCheckout(tx, offer, holderHash, request);
    if (again !== null) return again;

    const pass = await passes.open(tx, {
      organizationId,
      doorId,
      minutes: door.duration_minutes,
      email: request.email,
      language,
      holderHash,
    });
    const paymentId = random.id('payment');
    await payments.create(tx, {
      organization_id: organizationId,
      id: paymentId,
      module: 'DOOR',
      ...toPay(door.price, request, clock.now()),
      currency: offer.settings.currency,
      session_id: null,
      device_id: null,
      plan_id: null,
      pass_id: pass.id,
      door_id: doorId,
      location_id: door.location_id,
      language,
    });
    if (door.price === 0) {
      await passes.step(tx, organizationId, pass.id, { kind: 'paid', doorThere: true, paidAt: null });
    }
    return { paymentId, token: pass.token };
  }

  /** Who taps twice has one way in: each would take its room on the lock. */
  async function freePass(tx: Tx, { organization_id: organizationId, id }: DoorRow, holderHash: Buffer) {
    const pass = await passes.currentOf(organizationId, id, holderHash, tx);
    const [payment] = pass === null ? [] : await payments.of(organizationId, { passId: pass.id }, tx);
    return pass === null || payment === undefined ? null : { paymentId: payment.id, token: passes.tokenOf(pass) };
  }

  /** What this guest began before, if it is the same still; else it is given up, and what still comes for it goes back. */
  async function openCheckout(
    tx: Tx,
    { door, settings }: DoorOffer,
    holderHash: Buffer,
    request: CheckoutRequest,
  ): Promise<{ paymentId: PaymentId; token: string } | null> {
    const { organization_id: organizationId } = door;
    const pass = await passes.openOf(organizationId, door.id, holderHash, tx);
    if (pass === null) return null;
    const [payment] = await payments.of(organizationId, { passId: pass.id }, tx);
    if (payment === undefined) return null;
    const before = payment.checkout_request as CheckoutRequest | null; // written here alone
    const same =
      payment.amount === door.price &&
      payment.currency === settings.currency &&
      pass.duration_ms === door.duration_minutes * 60_000 &&
      before !== null &&
      before.successUrl === request.successUrl &&
      before.cancelUrl === request.cancelUrl &&
      (request.email === null || before.email === request.email);
    if (same && stillOpen(payment, clock.now())) return { paymentId: payment.id, token: passes.tokenOf(pass) };
    await passes.step(tx, organizationId, pass.id, { kind: 'superseded' });
    await payments.abandon(tx, payment);
    return null;
  }
}

export type DoorCheckoutService = ReturnType<typeof createDoorCheckout>;

const texts: Record<NotSold, string> = {
  passage: 'This door is free to pass: nothing has to be paid',
  'open-all': 'This door is open to all right now: nothing has to be paid',
  maintenance: 'This door is closed for maintenance',
  closed: 'It is closed now',
  lockdown: 'This door cannot be opened for anybody right now',
  'switched-off': 'This door is not sold',
  'no-lock': 'This door is not sold',
  'no-way-in': 'The lock of this door does not answer right now',
};

function refuseUnsold({ notSold, hours }: DoorOffer): void {
  if (notSold === null) return;
  const { opensNext, closesAt } = hours.opening;
  const closed = notSold === 'closed' ? { opensAt: iso(opensNext), closesAt: iso(closesAt) } : {};
  throw new Problem('DOOR_UNAVAILABLE', texts[notSold], { facts: { reason: notSold, ...closed } });
}
