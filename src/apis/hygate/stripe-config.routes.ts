import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import { masked } from '../../features/connections/masked.ts';
import type { StripeConfigService, StripeKeys } from '../../features/connections/stripe-config.service.ts';
import { defineRoute } from '../../http/route.ts';
import { Nullable } from '../../http/shapes.ts';

const Secret = Type.Object({ configured: Type.Boolean(), last4: Nullable(Type.String()) });
const StripeConfig = Type.Object({
  configured: Type.Boolean({ description: 'Both the secret key and the webhook secret are set' }),
  publishableKey: Nullable(Type.String()),
  secretKey: Secret,
  webhookSecret: Secret,
  webhookUrl: Type.String({ description: 'To be entered at Stripe' }),
});
const key = Type.Optional(Nullable(Type.String({ maxLength: 255 })));
const shared = {
  access: 'admin',
  family: 'hygate',
  tag: 'Settings',
  source: import.meta.url,
  url: '/api/configs/stripe',
} as const;

type Deps = {
  stripeConfig: StripeConfigService;
  publicUrl: string;
  slugOf: (organizationId: string) => Promise<string>;
};

/** Reference: seeds/hygate-api-reference.txt, configs/stripe. Secrets go in and never come out. */
export function stripeConfigRoutes(app: FastifyInstance, { stripeConfig, publicUrl, slugOf }: Deps): void {
  defineRoute(app, {
    ...shared,
    method: 'GET',
    summary: 'Get the Stripe configuration',
    purpose: 'Secrets are masked: whether they are set, and their last four characters.',
    success: StripeConfig,
    errors: ['UNAUTHORIZED', 'FORBIDDEN'],
    handler: async ({ actor }) => view(await stripeConfig.keys(actor.organizationId), actor.organizationId),
  });
  defineRoute(app, {
    ...shared,
    method: 'PATCH',
    summary: 'Change the Stripe configuration',
    purpose: 'Only the keys given change; null takes one away.',
    body: Type.Object({ publishableKey: key, secretKey: key, webhookSecret: key }),
    example: { secretKey: 'sk_test_…', webhookSecret: 'whsec_…' },
    success: StripeConfig,
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED', 'FORBIDDEN'],
    handler: async ({ actor, body }) => view(await stripeConfig.change(actor, body), actor.organizationId),
  });

  async function view(keys: StripeKeys, organizationId: string): Promise<Static<typeof StripeConfig>> {
    return {
      configured: keys.secretKey !== null && keys.webhookSecret !== null,
      publishableKey: keys.publishableKey,
      secretKey: masked(keys.secretKey),
      webhookSecret: masked(keys.webhookSecret),
      webhookUrl: `${publicUrl}/api/stripe/webhook/${await slugOf(organizationId)}`,
    };
  }
}
