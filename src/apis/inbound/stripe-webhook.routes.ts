import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { IntakeService } from '../../features/checkout/intake.service.ts';
import type { StripeConfigService } from '../../features/connections/stripe-config.service.ts';
import type { Organization, Organizations } from '../../features/organizations/organizations.service.ts';
import type { Clock } from '../../host/clock.ts';
import { defineRoute } from '../../http/route.ts';
import { ProviderFault, type ReadWebhook } from '../../providers/payment-port.ts';
import { notFound, Problem } from '../../rules/errors.ts';

type Deps = {
  intake: IntakeService;
  stripeConfig: StripeConfigService;
  organizations: Organizations;
  readWebhook: ReadWebhook;
  clock: Clock;
};

const shared = {
  method: 'POST',
  access: 'signed',
  family: 'hygate',
  tag: 'Stripe',
  source: import.meta.url,
  success: Type.Object({ received: Type.Literal(true) }),
  errors: ['INVALID_SIGNATURE', 'NOT_FOUND'],
  summary: 'Receives payment events from Stripe',
  purpose:
    'checkout.session.completed and .expired, payment_intent.succeeded and .payment_failed, charge.refunded, refund.created, .updated and .failed, charge.dispute.*; others are taken note of. Any order, any number of times.',
} as const;

/** Reference: seeds/hygate-api-reference.txt, Webhook. The signature is checked over the bytes as they came. */
export function stripeWebhookRoutes(app: FastifyInstance, deps: Deps): void {
  const { intake, stripeConfig, organizations, readWebhook, clock } = deps;

  defineRoute(app, {
    ...shared,
    url: '/api/stripe/webhook',
    handler: ({ rawBody, request }) => receive(organizations.first(), rawBody, request.headers['stripe-signature']),
  });
  defineRoute(app, {
    ...shared,
    url: '/api/stripe/webhook/:slug',
    params: Type.Object({ slug: Type.String() }),
    handler: ({ params, rawBody, request }) =>
      receive(organizations.bySlug(params.slug), rawBody, request.headers['stripe-signature']),
  });

  async function receive(
    whose: Promise<Organization | null>,
    rawBody: Buffer,
    signature: string | string[] | undefined,
  ): Promise<{ received: true }> {
    const organization = await whose;
    if (organization === null) throw notFound('There is no such organization');
    const { webhookSecret } = await stripeConfig.keys(organization.id);
    if (webhookSecret === null || typeof signature !== 'string') throw new Problem('INVALID_SIGNATURE');
    await intake.event(organization.id, read(rawBody, signature, webhookSecret));
    return { received: true };
  }

  function read(rawBody: Buffer, signature: string, secret: string) {
    try {
      return readWebhook(rawBody, signature, secret, clock.now());
    } catch (error) {
      if (error instanceof ProviderFault) throw new Problem('INVALID_SIGNATURE', undefined, { cause: error });
      throw error;
    }
  }
}
