import type { Database } from '../../database/open.ts';
import type { Clock } from '../../host/clock.ts';
import { type PaymentProvider, ProviderFault } from '../../providers/payment-port.ts';
import type { OrganizationId } from '../../rules/ids.ts';
import { type Instant, minutes, seconds } from '../../rules/instant.ts';
import type { NoticesService } from '../notices/notices.service.ts';
import type { ProviderOf } from './refunds.service.ts';

type Deps = { database: Database; clock: Clock; notices: NoticesService; providerOf: ProviderOf };

/** What is known to be well is written down no more often than this. */
const wellFor = minutes(1);

/**
 * Watches over the key: every call of the provider tells by the way whether it is taken. A key that is not raises a notice,
 * once; the first call that works clears it.
 */
export function createCredentialWatch({ database, clock, notices, providerOf }: Deps) {
  const wellSince = new Map<OrganizationId, Instant>();

  const watched: ProviderOf = async (organizationId) => {
    const provider = await providerOf(organizationId);
    return provider === null ? null : watch(organizationId, provider);
  };

  /** After the keys were changed: do they work? A moment's trouble at the provider says nothing of the key: tried again. */
  async function test(organizationId: OrganizationId): Promise<void> {
    const provider = await watched(organizationId);
    if (provider === null) {
      wellSince.delete(organizationId);
      return well(organizationId); // payments that are not set up are no trouble with a key
    }
    wellSince.delete(organizationId);
    await provider.testKey(clock.deadline(seconds(15))).catch((error: unknown) => {
      if (!(error instanceof ProviderFault) || error.reason === 'moment') throw error;
    });
  }

  return { watched, test };

  function watch(organizationId: OrganizationId, provider: PaymentProvider): PaymentProvider {
    const heeded = async <T>(call: Promise<T>): Promise<T> => {
      try {
        const result = await call;
        await well(organizationId);
        return result;
      } catch (error) {
        if (error instanceof ProviderFault && error.reason === 'credentials') await unwell(organizationId, error);
        throw error;
      }
    };
    return {
      createCheckout: (request, signal) => heeded(provider.createCheckout(request, signal)),
      findCheckout: (id, signal) => heeded(provider.findCheckout(id, signal)),
      expireCheckout: (id, signal) => heeded(provider.expireCheckout(id, signal)),
      refund: (request, signal) => heeded(provider.refund(request, signal)),
      moneyOf: (intent, signal) => heeded(provider.moneyOf(intent, signal)),
      testKey: (signal) => heeded(provider.testKey(signal)),
    };
  }

  async function well(organizationId: OrganizationId): Promise<void> {
    const since = wellSince.get(organizationId);
    if (since !== undefined && clock.now() - since < wellFor) return;
    wellSince.set(organizationId, clock.now());
    await database.transaction('credentials-well', (tx) =>
      notices.clear(tx, organizationId, 'stripe-credentials', organizationId),
    );
  }

  async function unwell(organizationId: OrganizationId, fault: ProviderFault): Promise<void> {
    wellSince.delete(organizationId);
    await database.transaction('credentials-refused', (tx) =>
      notices.raise(tx, organizationId, 'stripe-credentials', organizationId, { why: masked(fault.message) }),
    );
  }
}

export type CredentialWatch = ReturnType<typeof createCredentialWatch>;

/** Stripe's sentence names the key, most of it in stars; none of it is ours to keep. */
const masked = (text: string): string => text.replaceAll(/\b(sk|rk|pk)_[\w*]+/g, '$1_…');
