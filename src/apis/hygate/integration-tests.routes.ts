import type { FastifyInstance } from 'fastify';
import { type TSchema, Type } from 'typebox';
import type { ShellyConfigService } from '../../features/connections/shelly-config.service.ts';
import type { StripeTestService } from '../../features/connections/stripe-test.service.ts';
import type { TtlockConfigService } from '../../features/connections/ttlock-config.service.ts';
import { defineRoute } from '../../http/route.ts';
import { Nullable } from '../../http/shapes.ts';
import { ShellyAccount } from './shelly-config.routes.ts';
import { TtlockAccount, ttlockExample } from './ttlock-config.routes.ts';

const answer = <S extends TSchema>(details: S) =>
  Type.Object({
    ok: Type.Boolean(),
    error: Type.Optional(Type.String({ description: 'What to do about it' })),
    fault: Type.Optional(
      Type.String({ enum: ['ours', 'network', 'vendor', 'device'], description: 'Whose trouble it is, where not ok' }),
    ),
    details,
  });
const key = Type.Optional(Nullable(Type.String({ maxLength: 255 })));
const shared = {
  method: 'POST',
  access: 'admin',
  family: 'hygate',
  tag: 'Settings',
  source: import.meta.url,
  optionalBody: true,
  errors: ['VALIDATION_ERROR', 'UNAUTHORIZED', 'FORBIDDEN'],
} as const;

type Deps = {
  shellyConfig: ShellyConfigService;
  ttlockConfig: TtlockConfigService;
  stripeTest: StripeTestService;
};

/** Reference: seeds/hygate-api-reference.txt, integrations. Always 200: that it does not work is the answer. */
export function integrationTestRoutes(app: FastifyInstance, { shellyConfig, ttlockConfig, stripeTest }: Deps): void {
  defineRoute(app, {
    ...shared,
    url: '/api/integrations/shelly/test',
    summary: 'Test the Shelly Cloud configuration',
    purpose: 'With what is saved, or with what is given instead of it; nothing is saved.',
    body: ShellyAccount,
    example: { serverUrl: 'shelly-1-eu.shelly.cloud', authKey: 'MTIzNDU2Nzg5MA' },
    success: answer(
      Type.Object({
        server: Type.Optional(Type.String()),
        online: Type.Optional(Type.Integer()),
        offline: Type.Optional(Type.Integer()),
      }),
    ),
    handler: ({ actor, body }) => shellyConfig.test(actor, body ?? {}),
  });
  defineRoute(app, {
    ...shared,
    url: '/api/integrations/ttlock/test',
    summary: 'Test the TTLock configuration',
    purpose: 'With what is saved, or with what is given instead of it; nothing is saved.',
    body: TtlockAccount,
    example: ttlockExample,
    success: answer(
      Type.Object({
        server: Type.Optional(Type.String()),
        locks: Type.Optional(Type.Integer()),
        online: Type.Optional(Type.Integer()),
        offline: Type.Optional(Type.Integer({ description: 'Behind a gateway that is offline' })),
      }),
    ),
    handler: ({ actor, body }) => ttlockConfig.test(actor, body ?? {}),
  });
  defineRoute(app, {
    ...shared,
    url: '/api/integrations/stripe/test',
    summary: 'Test the Stripe configuration',
    purpose: 'With the saved keys, or with what is given instead of them; nothing is saved.',
    body: Type.Object({ publishableKey: key, secretKey: key, webhookSecret: key }),
    example: { secretKey: 'sk_test_example' },
    success: answer(
      Type.Object({ mode: Nullable(Type.String({ description: 'test or live' })), webhookSecret: Type.Boolean() }),
    ),
    handler: ({ actor, body }) => stripeTest.test(actor, body ?? {}),
  });
}
