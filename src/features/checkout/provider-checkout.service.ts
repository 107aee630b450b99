import type { Database } from '../../database/open.ts';
import type { Clock } from '../../host/clock.ts';
import { type PaymentProvider, ProviderFault } from '../../providers/payment-port.ts';
import { invalid, Problem } from '../../rules/errors.ts';
import type { OrganizationId, PaymentId } from '../../rules/ids.ts';
import { type Instant, minutes, seconds } from '../../rules/instant.ts';
import type { DevicesService } from '../devices/devices.service.ts';
import type { DoorsService } from '../doors/doors.service.ts';
import type { PaymentRow, PaymentsService } from '../payments/payments.service.ts';
import type { BoughtService } from './bought.service.ts';
import { withParameter } from './return-address.ts';

/** What of a checkout is remembered, so that asking again gives the same one. The session's token is not in it. */
export type CheckoutRequest = {
  successUrl: string | null;
  cancelUrl: string | null;
  email: string | null;
  productName: string;
};

/** Whether a guest can still be sent there. */
export const stillOpen = (payment: PaymentRow, now: Instant): boolean =>
  payment.status === 'PENDING' && !payment.abandoned && (payment.checkout_expires_at ?? 0) > now + minutes(1);

type Deps = {
  database: Database;
  clock: Clock;
  publicUrl: string;
  devices: DevicesService;
  bought: BoughtService;
  doors: Pick<DoorsService, 'any'>;
  payments: PaymentsService;
  /** We mail receipts ourselves: the provider need not. */
  ownReceipts: boolean;
};

/** The provider's page on which a payment that we have written down is made. */
export function createProviderCheckouts(deps: Deps) {
  const { database, clock, publicUrl, devices, doors, bought, payments, ownReceipts } = deps;
  type Wanted = { organizationId: OrganizationId; paymentId: PaymentId; token: string };

  /** Asks the provider for the payment's checkout; asked twice at once, both get the same. */
  async function address(provider: PaymentProvider, { organizationId, paymentId, token }: Wanted): Promise<string> {
    const patience = clock.deadline(seconds(15)); // as long as a guest is made to wait
    for (let attempt = 1; ; attempt++) {
      const payment = await payments.find(organizationId, { id: paymentId });
      if (payment === null) throw new Problem('CONFLICT');
      if (isGivenUp(payment)) throw givenUp(payment);
      if (payment.provider_checkout_url !== null) return payment.provider_checkout_url;
      try {
        const checkout = await provider.createCheckout(await requestOf(payment, token), patience);
        const { id, url } = checkout;
        if (url === null) throw new Problem('STRIPE_ERROR');
        if (await ready(payment, { id, url })) return url;
        // nobody is sent there; if this is not heard, the check that was asked for ends it
        await provider.expireCheckout(id, patience).catch(unlessFault);
        throw givenUp(payment);
      } catch (error) {
        if (!(error instanceof ProviderFault)) throw error;
        if (error.reason !== 'moment') {
          await giveUp(payment);
          if (error.field === 'email') throw invalid('email', 'email must be an e-mail address');
          throw new Problem('STRIPE_ERROR', 'Payments do not work here right now', { cause: error });
        }
        if (patience.aborted || attempt === 3) throw noAnswer(error);
        await clock.sleep(400, patience);
      }
    }
  }

  /**
   * Keeps the page that was made. False: the payment was given up while the provider made it; the page is kept then to be
   * asked about until it is ended, and if it was paid all the same, the money goes back.
   */
  function ready(payment: PaymentRow, made: { id: string; url: string }): Promise<boolean> {
    const { organization_id: organizationId, id } = payment;
    return database.transaction('checkout-ready', async (tx) => {
      const now = await payments.lock(tx, organizationId, id);
      const over = isGivenUp(now);
      await payments.change(tx, organizationId, id, {
        provider_checkout_id: made.id,
        ...(over ? {} : { provider_checkout_url: made.url }),
      });
      if (over) await payments.abandon(tx, payment);
      return !over;
    });
  }

  async function giveUp(payment: PaymentRow): Promise<void> {
    await database.transaction('checkout-refused', async (tx) => {
      await bought.notPaid(tx, payment);
      const { row } = await payments.take(tx, payment.organization_id, payment.id, { kind: 'not-completed' });
      // made for somebody who asked at the same time
      if (row.status === 'FAILED' && row.provider_checkout_id !== null) await payments.abandon(tx, row);
    });
  }

  async function requestOf(payment: PaymentRow, token: string) {
    const request = payment.checkout_request as CheckoutRequest; // written by the checkout alone
    const ofDoor = payment.pass_id !== null;
    const page = `${publicUrl}/${ofDoor ? 'access' : 'session'}/${token}`;
    const back =
      payment.extra_ms > 0
        ? { own: withParameter(page, 'added', '1'), before: page }
        : { own: page, before: `${publicUrl}/pay/${await uidOf(payment)}?cancelled=1` };
    return {
      paymentId: payment.id,
      amount: payment.amount,
      currency: payment.currency,
      productName: request.productName,
      email: request.email,
      receipt: !ownReceipts,
      successUrl:
        request.successUrl === null
          ? back.own
          : withParameter(request.successUrl, ofDoor ? 'access' : 'session', token),
      cancelUrl: request.cancelUrl ?? back.before,
      expiresAt: payment.checkout_expires_at ?? 0,
      metadata: ofDoor
        ? { kind: 'door', paymentId: payment.id, doorId: payment.door_id ?? '' }
        : {
            kind: 'device',
            paymentId: payment.id,
            deviceId: payment.device_id ?? '',
            planId: payment.plan_id ?? '',
          },
    };
  }

  async function uidOf({ organization_id, device_id, door_id }: PaymentRow): Promise<string> {
    const place =
      door_id !== null
        ? await doors.any(organization_id, door_id)
        : device_id !== null
          ? await devices.any(organization_id, device_id)
          : null;
    return place?.uid ?? '';
  }

  return { address };
}

export type ProviderCheckouts = ReturnType<typeof createProviderCheckouts>;

/** Nobody waits for its money any more. */
const isGivenUp = ({ abandoned, status }: PaymentRow): boolean => abandoned || status === 'FAILED';

const givenUp = ({ extra_ms }: PaymentRow): Problem =>
  extra_ms > 0 ? new Problem('NOT_EXTENDABLE') : new Problem('CONFLICT', 'This was given up meanwhile; begin again');

function unlessFault(error: unknown): void {
  if (!(error instanceof ProviderFault)) throw error;
}

/** A guest may try again soon: the same checkout comes of it. */
function noAnswer(fault: ProviderFault): Problem {
  const again = { retryAfterSeconds: 5, cause: fault };
  return fault.timedOut
    ? new Problem('UPSTREAM_TIMEOUT', 'The payment service did not answer in time', again)
    : new Problem('STRIPE_ERROR', undefined, again);
}
