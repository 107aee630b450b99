import type { Clock } from '../../host/clock.ts';
import type { PaymentProvider } from '../payment-port.ts';
import { createStripeProvider } from './provider.ts';

/** A provider for each secret key, made once. */
export function createStripeProviders({ baseUrl, clock }: { baseUrl: string; clock: Clock }) {
  const known = new Map<string, PaymentProvider>();
  function withKey(secretKey: string | null): PaymentProvider | null {
    if (secretKey === null) return null;
    const provider = known.get(secretKey) ?? createStripeProvider({ secretKey, baseUrl, clock });
    known.set(secretKey, provider);
    return provider;
  }
  /** For a key that is only tried: nothing of it is kept. */
  const candidate = (secretKey: string): PaymentProvider => createStripeProvider({ secretKey, baseUrl, clock });
  return { withKey, candidate };
}
