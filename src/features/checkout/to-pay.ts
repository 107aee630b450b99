import type { PaymentProvider } from '../../providers/payment-port.ts';
import { Problem } from '../../rules/errors.ts';
import type { OrganizationId } from '../../rules/ids.ts';
import { type Instant, minutes } from '../../rules/instant.ts';
import type { PaymentRow } from '../payments/payments.service.ts';
import type { ProviderOf } from '../payments/refunds.service.ts';
import type { CheckoutRequest } from './provider-checkout.service.ts';

/** Stripe wants at least 30 minutes; the rest is for slow clocks and repeats. */
const checkoutLasts = minutes(40);

/** Who takes the money; null where there is none to take. */
export async function payableTo(
  providerOf: ProviderOf,
  organizationId: OrganizationId,
  price: number,
): Promise<PaymentProvider | null> {
  if (price === 0) return null;
  const provider = await providerOf(organizationId);
  if (provider === null) throw new Problem('PAYMENTS_NOT_CONFIGURED');
  return provider;
}

type ToPay = Pick<PaymentRow, 'status' | 'amount' | 'guest_email' | 'check_at' | 'checkout_expires_at'> & {
  checkout_request: CheckoutRequest | null;
};

/** What of a payment is the same whatever it is for. Nothing to pay is paid; the rest waits for its checkout. */
export function toPay(price: number, request: CheckoutRequest, now: Instant): ToPay {
  const free = price === 0;
  return {
    status: free ? 'SUCCEEDED' : 'PENDING',
    amount: price,
    guest_email: request.email,
    checkout_request: free ? null : request,
    check_at: free ? null : now + minutes(1),
    checkout_expires_at: free ? null : now + checkoutLasts,
  };
}
