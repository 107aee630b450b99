import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { SettingsService } from '../../features/settings/settings.service.ts';
import { defineRoute } from '../../http/route.ts';
import { Money, Nullable } from '../../http/shapes.ts';

const text = (maxLength: number) => Nullable(Type.String({ maxLength }));
const Branding = Type.Object({
  logo: Nullable(Type.String({ maxLength: 2000, description: 'https address' })),
  color: Nullable(Type.String({ maxLength: 7, examples: ['#0A84FF'] })),
  headerText: text(400),
  footerText: text(1000),
});
const NoticeMail = Type.Object({
  to: Type.Array(Type.String({ maxLength: 320 }), { maxItems: 10, description: 'Addresses; none: no mail' }),
  kinds: Nullable(Type.Array(Type.String({ maxLength: 64 }), { maxItems: 50, description: 'null: every kind' })),
  language: Type.String({ maxLength: 8, examples: ['en'] }),
});
const Settings = Type.Object({
  companyName: text(240),
  paymentPageTitle: text(240),
  currency: Type.String({ maxLength: 3, description: 'ISO 4217' }),
  timeZone: Type.String({ maxLength: 64, description: 'IANA' }),
  branding: Branding,
  returnOrigins: Type.Array(Type.String({ maxLength: 300 }), { maxItems: 50 }),
  noticeMail: NoticeMail,
  defaultAccessPrice: Money,
  defaultAccessDuration: Type.Integer({ minimum: 1, maximum: 527_040, description: 'Minutes, of a new door' }),
  ttlockEnabled: Type.Boolean({ description: 'false: no door is sold' }),
});
const Change = Type.Object({
  ...Type.Partial(Settings).properties,
  branding: Type.Optional(Type.Partial(Branding)),
  noticeMail: Type.Optional(Type.Partial(NoticeMail)),
});
const shared = {
  access: 'admin',
  family: 'hygate',
  tag: 'Settings',
  source: import.meta.url,
  url: '/api/settings',
} as const;

/** Reference: seeds/hygate-api-reference.txt, Settings. */
export function settingsRoutes(app: FastifyInstance, { settings }: { settings: SettingsService }): void {
  defineRoute(app, {
    ...shared,
    method: 'GET',
    summary: 'Get all settings',
    purpose: 'What the organization has set, defaults included.',
    success: Settings,
    errors: ['UNAUTHORIZED', 'FORBIDDEN'],
    handler: async ({ actor }) => settings.get(actor.organizationId),
  });
  defineRoute(app, {
    ...shared,
    method: 'PATCH',
    summary: 'Update settings',
    purpose: 'Only the keys given change. returnOrigins are where guests may be sent back to after paying.',
    body: Change,
    example: { companyName: 'Bright Laundry', currency: 'eur', branding: { color: '#0A84FF' } },
    success: Settings,
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED', 'FORBIDDEN'],
    handler: async ({ body, actor }) => settings.change(actor, body),
  });
}
