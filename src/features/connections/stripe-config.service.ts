import { addJob } from '../../database/jobs.ts';
import type { Database } from '../../database/open.ts';
import { standInLine } from '../../database/stand-in-line.ts';
import type { Clock } from '../../host/clock.ts';
import type { Random } from '../../host/random.ts';
import type { SecretBox } from '../../host/secret-box.ts';
import type { Actor } from '../../rules/accounts/actor.ts';
import { invalid } from '../../rules/errors.ts';
import type { OrganizationId } from '../../rules/ids.ts';
import type { Audit } from '../audit/audit.service.ts';
import { type ConnectionRow, findConnectionOf, saveConnection } from './connections.store.ts';

export type StripeKeys = { publishableKey: string | null; secretKey: string | null; webhookSecret: string | null };
export type StripeKeysChange = { [K in keyof StripeKeys]?: string | null };

const purpose = 'stripe';
const prefixes: Record<keyof StripeKeys, RegExp> = {
  publishableKey: /^pk_(test|live)_[A-Za-z0-9_]{4,200}$/,
  secretKey: /^(sk|rk)_(test|live)_[A-Za-z0-9_]{4,200}$/,
  webhookSecret: /^whsec_[A-Za-z0-9+/=_-]{4,200}$/,
};
const shapes: Record<keyof StripeKeys, string> = {
  publishableKey: 'pk_test_… or pk_live_…',
  secretKey: 'sk_test_…, sk_live_… or a restricted rk_… key',
  webhookSecret: 'whsec_…',
};

type Deps = { database: Database; clock: Clock; random: Random; audit: Audit; box: SecretBox };

/** The organization's Stripe keys: sealed at rest, masked on read, their change audited without them. */
export function createStripeConfig({ database, clock, random, audit, box }: Deps) {
  async function keys(organizationId: OrganizationId): Promise<StripeKeys> {
    return keysOf(await findConnectionOf(database.read, organizationId, 'stripe'));
  }

  async function change(actor: Actor, wanted: StripeKeysChange): Promise<StripeKeys> {
    const now = clock.now();
    return database.transaction('stripe-config', async (tx) => {
      await standInLine(tx, 'stripe-config', actor.organizationId);
      const row = await findConnectionOf(tx, actor.organizationId, 'stripe');
      const after = { ...keysOf(row) };
      const changed: string[] = [];
      for (const name of Object.keys(prefixes) as (keyof StripeKeys)[]) {
        const value = wanted[name];
        if (value === undefined || value === after[name]) continue;
        after[name] = value === null || value === '' ? null : checked(name, value);
        changed.push(name);
      }
      if (changed.length === 0) return after;
      const { publishableKey, ...secrets } = after;
      const saved: ConnectionRow = {
        organization_id: actor.organizationId,
        id: row?.id ?? random.id('connection'),
        vendor: 'stripe',
        name: 'Stripe',
        config: { publishableKey },
        sealed: box.seal(purpose, JSON.stringify(secrets)),
        created_at: row?.created_at ?? now,
        updated_at: now,
      };
      await saveConnection(tx, saved, now);
      const { organizationId } = actor;
      if (changed.includes('secretKey')) {
        await addJob(tx, 'payment-key', { organizationId }, { key: `payment-key:${organizationId}` });
      }
      await audit.append(tx, {
        organizationId: actor.organizationId,
        category: 'integrations',
        action: 'Stripe configuration changed',
        actor,
        entity: 'StripeConfig',
        entityId: saved.id,
        details: Object.fromEntries(changed.map((name) => [name, 'changed'])),
      });
      return after;
    });
  }

  return { keys, change };

  function keysOf(row: ConnectionRow | null): StripeKeys {
    if (row === null) return { publishableKey: null, secretKey: null, webhookSecret: null };
    const { publishableKey } = row.config as Pick<StripeKeys, 'publishableKey'>;
    const secrets = row.sealed === null ? null : JSON.parse(box.open(purpose, row.sealed));
    return { publishableKey, secretKey: null, webhookSecret: null, ...(secrets as Partial<StripeKeys> | null) };
  }
}

export type StripeConfigService = ReturnType<typeof createStripeConfig>;

/** The key as it is written down; throws VALIDATION_ERROR when it is no such key. */
export function checked(name: keyof StripeKeys, value: string): string {
  const trimmed = value.trim();
  if (!prefixes[name].test(trimmed)) throw invalid(name, `${name} must look like ${shapes[name]}`);
  return trimmed;
}
