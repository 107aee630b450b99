import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { CheckoutService } from '../../features/checkout/checkout.service.ts';
import type { ExtensionsService } from '../../features/checkout/extension.service.ts';
import type { IntakeService } from '../../features/checkout/intake.service.ts';
import type { OffersService } from '../../features/checkout/offer.service.ts';
import type { Organizations } from '../../features/organizations/organizations.service.ts';
import type { SessionFactsService } from '../../features/sessions/session-facts.service.ts';
import type { SettingsService } from '../../features/settings/settings.service.ts';
import type { Clock } from '../../host/clock.ts';
import type { Random } from '../../host/random.ts';
import { holderOf, keptHolder } from '../../http/hold-cookie.ts';
import { languageOf } from '../../http/language.ts';
import { queryText } from '../../http/query.ts';
import { defineRoute } from '../../http/route.ts';
import { Nullable } from '../../http/shapes.ts';
import { notFound } from '../../rules/errors.ts';
import { Branding, PublicDevice, publicDevice } from './public-device.ts';
import { PublicSession, publicSession } from './public-session.ts';

const Named = Type.Object({ uid: Type.String() });
const shared = { access: 'public', family: 'hygate', tag: 'Guests', source: import.meta.url } as const;

type Deps = {
  offers: OffersService;
  checkout: CheckoutService;
  extensions: ExtensionsService;
  intake: IntakeService;
  facts: SessionFactsService;
  settings: SettingsService;
  organizations: Organizations;
  clock: Clock;
  random: Random;
  secure: boolean;
};

/** Reference: seeds/hygate-api-reference.txt, Public APIs, for devices. */
export function publicRoutes(app: FastifyInstance, deps: Deps): void {
  const { offers, checkout, extensions, intake, facts, settings, organizations, clock } = deps;

  defineRoute(app, {
    ...shared,
    method: 'GET',
    url: '/api/public/device/:uid/info',
    summary: 'Get device info',
    purpose: 'What the payment page shows: the device, what it sells, and whether it can be used now.',
    params: Named,
    success: PublicDevice,
    errors: ['NOT_FOUND'],
    handler: async ({ params, request }) => publicDevice(await offers.find(params.uid, holderOf(request))),
  });
  defineRoute(app, {
    ...shared,
    method: 'POST',
    url: '/api/public/device/:uid/intent',
    summary: 'Create a device payment intent',
    purpose:
      'Holds the device for three minutes and answers where to pay. Price 0: the session starts, and url is its page. DEVICE_CLOSED tells opensAt, closesAt and the reason.',
    params: Named,
    body: Type.Object({
      planId: Type.String({ maxLength: 64 }),
      email: Type.Optional(Nullable(Type.String({ maxLength: 320 }))),
      successUrl: Type.Optional(Type.String({ maxLength: 2048, description: 'Gets session=<token> appended' })),
      cancelUrl: Type.Optional(Type.String({ maxLength: 2048 })),
    }),
    example: { planId: 'plan_abc123', email: 'guest@example.com' },
    success: Type.Object({ url: Type.String() }),
    errors: [
      'VALIDATION_ERROR',
      'NOT_FOUND',
      'CONFLICT',
      'DEVICE_IN_USE',
      'DEVICE_HELD',
      'DEVICE_CLOSED',
      'DEVICE_UNAVAILABLE',
      'RATE_LIMITED',
      'PAYMENTS_NOT_CONFIGURED',
      'STRIPE_ERROR',
      'UPSTREAM_TIMEOUT',
    ],
    handler: async ({ params, body, request, reply }) => {
      const intent = {
        planId: body.planId,
        email: body.email ?? undefined,
        successUrl: body.successUrl,
        cancelUrl: body.cancelUrl,
        language: languageOf(request),
      };
      const holder = keptHolder(request, reply, deps);
      const begun = await checkout.begin(params.uid, intent, holder);
      return { url: begun.url };
    },
  });
  defineRoute(app, {
    ...shared,
    method: 'POST',
    url: '/api/public/device/:uid/activate',
    summary: 'Activate a device session',
    purpose: 'The server asks Stripe; a checkout that is paid and of this device starts its session, once.',
    params: Named,
    body: Type.Object({ checkoutSessionId: Type.String({ maxLength: 255 }) }),
    example: { checkoutSessionId: 'cs_test_a1…' },
    success: Type.Object({ sessionToken: Type.String() }),
    errors: ['VALIDATION_ERROR', 'PAYMENT_REQUIRED_PROOF', 'NOT_FOUND'],
    handler: async ({ params, body }) => ({ sessionToken: await intake.activate(params.uid, body.checkoutSessionId) }),
  });
  defineRoute(app, {
    ...shared,
    method: 'GET',
    url: '/api/public/sessions/:token',
    summary: 'Get session status',
    purpose: 'Polled by the guest page.',
    params: Type.Object({ token: Type.String() }),
    success: PublicSession,
    errors: ['NOT_FOUND'],
    handler: async ({ params, reply }) => {
      const found = await facts.byToken(params.token);
      if (found === null) throw notFound('Session not found');
      reply.header('cache-control', 'no-store');
      return publicSession(found, clock.now());
    },
  });
  defineRoute(app, {
    ...shared,
    family: 'keystead',
    method: 'POST',
    url: '/api/public/sessions/:token/extend',
    summary: 'Buy more time for a running session',
    purpose: 'Answers where to pay for a further usage plan. Price 0: the session is longer at once, and once alone.',
    params: Type.Object({ token: Type.String() }),
    body: Type.Object({
      planId: Type.String({ maxLength: 64, description: 'One of onTop of the session' }),
      successUrl: Type.Optional(Type.String({ maxLength: 2048, description: 'Gets session=<token> appended' })),
      cancelUrl: Type.Optional(Type.String({ maxLength: 2048 })),
    }),
    example: { planId: 'plan_abc123' },
    success: Type.Object({ url: Type.String() }),
    errors: [
      'VALIDATION_ERROR',
      'NOT_FOUND',
      'NOT_EXTENDABLE',
      'RATE_LIMITED',
      'PAYMENTS_NOT_CONFIGURED',
      'STRIPE_ERROR',
      'UPSTREAM_TIMEOUT',
    ],
    handler: async ({ params, body }) => ({ url: await extensions.begin(params.token, body) }),
  });
  defineRoute(app, {
    ...shared,
    method: 'GET',
    url: '/api/public/settings',
    summary: 'Get public settings',
    purpose: 'Branding of the public pages; of the first organization unless another is named.',
    query: Type.Object({ organization: queryText('Slug of the organization') }),
    success: Type.Object({
      companyName: Nullable(Type.String()),
      paymentPageTitle: Nullable(Type.String()),
      currency: Type.String(),
      timeZone: Type.String(),
      branding: Branding,
    }),
    errors: ['NOT_FOUND'],
    handler: async ({ query }) => {
      const slug = query.organization;
      const organization = slug ? await organizations.bySlug(slug) : await organizations.first();
      if (organization === null) throw notFound('There is no such organization');
      const own = await settings.get(organization.id);
      return {
        companyName: own.companyName,
        paymentPageTitle: own.paymentPageTitle,
        currency: own.currency,
        timeZone: own.timeZone,
        branding: own.branding,
      };
    },
  });
}
