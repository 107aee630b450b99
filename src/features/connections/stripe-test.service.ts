import type { Database } from '../../database/open.ts';
import type { Clock } from '../../host/clock.ts';
import { type PaymentProvider, ProviderFault } from '../../providers/payment-port.ts';
import type { Actor } from '../../rules/accounts/actor.ts';
import { seconds } from '../../rules/instant.ts';
import type { Audit } from '../audit/audit.service.ts';
import type { Diagnosis, Tested } from './diagnosis.ts';
import { checked, type StripeConfigService, type StripeKeys, type StripeKeysChange } from './stripe-config.service.ts';

export type StripeTest = Tested<{ mode: 'test' | 'live' | null; webhookSecret: boolean }>;

type Deps = {
  database: Database;
  clock: Clock;
  audit: Audit;
  stripeConfig: StripeConfigService;
  withKey: (secretKey: string) => PaymentProvider;
};

const patience = seconds(12);

/** Tries the Stripe keys, the saved ones or others instead of them, before they are saved. */
export function createStripeTest({ database, clock, audit, stripeConfig, withKey }: Deps) {
  async function test(actor: Actor, input: StripeKeysChange): Promise<StripeTest> {
    const keys = { ...(await stripeConfig.keys(actor.organizationId)) };
    const given = (Object.keys(keys) as (keyof StripeKeys)[]).filter((name) => input[name] !== undefined);
    for (const name of given) keys[name] = input[name] ? checked(name, input[name]) : null;
    const details = { mode: modeOf(keys.secretKey), webhookSecret: keys.webhookSecret !== null };
    const wrong = (await wrongKey(keys.secretKey)) ?? missing(keys);
    const result: StripeTest = wrong === null ? { ok: true, details } : { ok: false, ...wrong, details };
    await database.transaction('stripe-tested', (tx) =>
      audit.append(tx, {
        organizationId: actor.organizationId,
        category: 'integrations',
        action: 'Stripe configuration tested',
        actor,
        entity: 'StripeConfig',
        entityId: 'stripe',
        details: { ok: result.ok, fault: result.ok ? null : result.fault, candidate: given.length > 0 },
      }),
    );
    return result;
  }

  async function wrongKey(secretKey: string | null): Promise<Diagnosis | null> {
    if (secretKey === null) {
      return {
        fault: 'ours',
        error: 'No secret key is set. Copy it from the Stripe dashboard (Developers, API keys).',
      };
    }
    try {
      await withKey(secretKey).testKey(clock.deadline(patience));
      return null;
    } catch (error) {
      if (!(error instanceof ProviderFault)) throw error;
      return faultOf(error.reason);
    }
  }

  return { test };
}

export type StripeTestService = ReturnType<typeof createStripeTest>;

/** In our words: Stripe's own may repeat the key. */
function faultOf(reason: ProviderFault['reason']): Diagnosis {
  if (reason === 'credentials') {
    const error =
      'Stripe does not accept the secret key, or it may not read the balance. Copy it again from the Stripe dashboard (Developers, API keys).';
    return { fault: 'ours', error };
  }
  if (reason === 'refused') return { fault: 'vendor', error: 'Stripe refused the question. Look at its dashboard.' };
  const error =
    'Stripe gave no clear answer. Check this machine’s way to the internet and status.stripe.com, and try again.';
  return { fault: 'vendor', error };
}

/** What else has to be there before money can be taken. */
function missing({ publishableKey, secretKey, webhookSecret }: StripeKeys): Diagnosis | null {
  if (publishableKey !== null && modeOf(publishableKey) !== modeOf(secretKey)) {
    return { fault: 'ours', error: 'One key is for tests and the other for real money. Take both from the same mode.' };
  }
  if (webhookSecret !== null) return null;
  const error =
    'The secret key works, but no webhook secret is set: add the webhook in the Stripe dashboard and copy its signing secret.';
  return { fault: 'ours', error };
}

const modeOf = (key: string | null): 'test' | 'live' | null =>
  key === null ? null : key.includes('_test_') ? 'test' : 'live';
