import Stripe from 'stripe';
import { ProviderFault } from '../payment-port.ts';

/** Stripe's errors in the words of the port: https://docs.stripe.com/error-handling */
export function toProviderFault(error: unknown): ProviderFault {
  if (error instanceof ProviderFault) return error;
  const options = { cause: error };
  const { errors } = Stripe;
  if (!(error instanceof errors.StripeError)) {
    return new ProviderFault('moment', 'Stripe gave no clear answer', options);
  }
  if (error instanceof errors.StripeAuthenticationError || error instanceof errors.StripePermissionError) {
    return new ProviderFault('credentials', error.message, options);
  }
  if (error.code === 'charge_already_refunded') {
    return new ProviderFault('refused', error.message, { ...options, alreadyRefunded: true });
  }
  if (error.code === 'email_invalid')
    return new ProviderFault('refused', error.message, { ...options, field: 'email' });
  // 409: another request with this idempotency key is still running. 429: too many. Both will pass.
  const status = error.statusCode ?? 0;
  const forGood = status >= 400 && status < 500 && status !== 409 && status !== 429;
  if (error instanceof errors.StripeRateLimitError || !forGood) {
    return new ProviderFault('moment', error.message, options);
  }
  return new ProviderFault('refused', error.message, options);
}

/** Stripe does not know the object asked for. */
export function isUnknownObject(error: unknown): boolean {
  return error instanceof Stripe.errors.StripeInvalidRequestError && error.code === 'resource_missing';
}
