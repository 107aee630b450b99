import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { ShellyConfigService } from '../../features/connections/shelly-config.service.ts';
import { defineRoute } from '../../http/route.ts';
import { Nullable } from '../../http/shapes.ts';

const ShellyConfig = Type.Object({
  configured: Type.Boolean(),
  serverUrl: Nullable(Type.String()),
  authKey: Type.Object({ configured: Type.Boolean(), last4: Nullable(Type.String()) }),
});
export const ShellyAccount = Type.Object({
  serverUrl: Type.Optional(
    Type.String({ maxLength: 255, description: 'As the Shelly app names it: shelly-1-eu.shelly.cloud' }),
  ),
  authKey: Type.Optional(Type.String({ maxLength: 512, description: 'Left out: stays, for the same server' })),
});
const shared = {
  access: 'admin',
  family: 'hygate',
  tag: 'Settings',
  source: import.meta.url,
  url: '/api/configs/shelly',
} as const;

/** Reference: seeds/hygate-api-reference.txt, configs/shelly: the organization's first account at Shelly's cloud. */
export function shellyConfigRoutes(
  app: FastifyInstance,
  { shellyConfig }: { shellyConfig: ShellyConfigService },
): void {
  defineRoute(app, {
    ...shared,
    method: 'GET',
    summary: 'Get the Shelly Cloud configuration',
    purpose: 'The auth key is masked: whether it is set, and its last four characters.',
    success: ShellyConfig,
    errors: ['UNAUTHORIZED', 'FORBIDDEN'],
    handler: ({ actor }) => shellyConfig.get(actor),
  });
  defineRoute(app, {
    ...shared,
    method: 'PATCH',
    summary: 'Change the Shelly Cloud configuration',
    purpose: 'What is left out stays; the first time, and for another server, the auth key is needed.',
    body: ShellyAccount,
    example: { serverUrl: 'shelly-1-eu.shelly.cloud', authKey: 'MTIzNDU2Nzg5MA' },
    success: ShellyConfig,
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED', 'FORBIDDEN'],
    handler: ({ actor, body }) => shellyConfig.change(actor, body),
  });
}
