import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { TtlockConfigService } from '../../features/connections/ttlock-config.service.ts';
import { defineRoute } from '../../http/route.ts';
import { Nullable } from '../../http/shapes.ts';

const Secret = Type.Object({ configured: Type.Boolean(), last4: Nullable(Type.String()) });
const TtlockConfig = Type.Object({
  configured: Type.Boolean(),
  serverUrl: Nullable(Type.String()),
  clientId: Nullable(Type.String()),
  clientSecret: Secret,
  username: Nullable(Type.String()),
  password: Secret,
});
export const TtlockAccount = Type.Object({
  serverUrl: Type.Optional(
    Type.String({ maxLength: 255, description: 'euapi.ttlock.com (so when left out) or cnapi.ttlock.com' }),
  ),
  clientId: Type.Optional(Type.String({ maxLength: 128, description: 'Of the application at TTLock’s open platform' })),
  clientSecret: Type.Optional(
    Type.String({ maxLength: 128, description: 'Left out: stays, for the same server and client id' }),
  ),
  username: Type.Optional(Type.String({ maxLength: 200, description: 'Of the TTLock app, not of the open platform' })),
  password: Type.Optional(
    Type.String({ maxLength: 200, description: 'Only its MD5 is kept, sealed. Left out: stays, for the same user' }),
  ),
});
export const ttlockExample = {
  serverUrl: 'euapi.ttlock.com',
  clientId: 'f1e2d3c4b5a69788',
  clientSecret: 'a1b2c3d4e5f60718',
  username: 'owner@example.com',
  password: 'secret',
};
const shared = {
  access: 'admin',
  family: 'hygate',
  tag: 'Settings',
  source: import.meta.url,
  url: '/api/configs/ttlock',
} as const;

/** Reference: seeds/hygate-api-reference.txt, configs/ttlock: the organization's first account at TTLock. */
export function ttlockConfigRoutes(
  app: FastifyInstance,
  { ttlockConfig }: { ttlockConfig: TtlockConfigService },
): void {
  defineRoute(app, {
    ...shared,
    method: 'GET',
    summary: 'Get the TTLock configuration',
    purpose: 'The client secret is masked (its last four characters), the password is never shown.',
    success: TtlockConfig,
    errors: ['UNAUTHORIZED', 'FORBIDDEN'],
    handler: ({ actor }) => ttlockConfig.get(actor),
  });
  defineRoute(app, {
    ...shared,
    method: 'PATCH',
    summary: 'Change the TTLock configuration',
    purpose: 'What is left out stays; the first time, and for another server or user, the secrets are needed.',
    body: TtlockAccount,
    example: ttlockExample,
    success: TtlockConfig,
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED', 'FORBIDDEN'],
    handler: ({ actor, body }) => ttlockConfig.change(actor, body),
  });
}
