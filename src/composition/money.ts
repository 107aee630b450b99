import { createStripeConfig } from '../features/connections/stripe-config.service.ts';
import { createStripeTest } from '../features/connections/stripe-test.service.ts';
import { createBooks } from '../features/payments/books.service.ts';
import { createCredentialWatch } from '../features/payments/credentials.service.ts';
import { createPayments } from '../features/payments/payments.service.ts';
import { createRefunds, type ProviderOf } from '../features/payments/refunds.service.ts';
import { createStripeProviders } from '../providers/stripe/providers.ts';
import type { Ground } from './ground.ts';
import type { House } from './house.ts';
import type { Notices } from './notices.ts';

type Given = {
  house: House;
  notices: Notices;
  stripeBaseUrl: Parameters<typeof createStripeProviders>[0]['baseUrl'];
};

/** Payments, what has to go back, and the provider that holds the money. Knows nothing of what was bought. */
export function composeMoney(ground: Ground, { house, notices: { notices, outbox }, stripeBaseUrl }: Given) {
  const { audit } = house;
  const stripeConfig = createStripeConfig({ ...ground, audit });
  const providers = createStripeProviders({ baseUrl: stripeBaseUrl, clock: ground.clock });
  const anyProviderOf: ProviderOf = async (id) => providers.withKey((await stripeConfig.keys(id)).secretKey);
  const credentials = createCredentialWatch({ ...ground, notices, providerOf: anyProviderOf });
  const providerOf = credentials.watched;
  const paymentsReady = async (id: Parameters<ProviderOf>[0]) => (await stripeConfig.keys(id)).secretKey !== null;
  const stripeTest = createStripeTest({ ...ground, audit, stripeConfig, withKey: providers.candidate });
  const books = createBooks({ ...ground, notices });
  const payments = createPayments({ ...ground, books, outbox });
  const refunds = createRefunds({ ...ground, payments, books, notices, providerOf });
  return { stripeConfig, stripeTest, credentials, providerOf, paymentsReady, books, payments, refunds } as const;
}

export type Money = ReturnType<typeof composeMoney>;
