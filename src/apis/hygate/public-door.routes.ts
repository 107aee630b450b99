import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { DoorCheckoutService } from '../../features/checkout/door-checkout.service.ts';
import type { DoorOffersService } from '../../features/checkout/door-offer.service.ts';
import type { IntakeService } from '../../features/checkout/intake.service.ts';
import type { PassFactsService } from '../../features/passes/pass-facts.service.ts';
import type { PassOpening } from '../../features/passes/pass-opening.service.ts';
import type { Random } from '../../host/random.ts';
import { keptHolder } from '../../http/hold-cookie.ts';
import { languageOf } from '../../http/language.ts';
import { defineRoute, sendLater } from '../../http/route.ts';
import { Nullable } from '../../http/shapes.ts';
import { notFound } from '../../rules/errors.ts';
import { PublicAccess, PublicDoor, publicAccess, publicDoor } from './public-door.ts';

const ofDoor = Type.Object({ uid: Type.String() });
const ofAccess = Type.Object({ token: Type.String() });
const shared = { access: 'public', family: 'hygate', tag: 'Guests', source: import.meta.url } as const;

type Deps = {
  doorOffers: DoorOffersService;
  doorCheckout: DoorCheckoutService;
  passFacts: PassFactsService;
  passOpening: PassOpening;
  intake: IntakeService;
  random: Random;
  secure: boolean;
};

/** Reference: seeds/hygate-api-reference.txt, Public APIs, for doors; what was bought is our own addition. */
export function publicDoorRoutes(app: FastifyInstance, deps: Deps): void {
  const { doorOffers, doorCheckout, passFacts, passOpening, intake } = deps;

  defineRoute(app, {
    ...shared,
    method: 'GET',
    url: '/api/public/door/:uid/info',
    summary: 'Get door info',
    purpose: 'What the payment page shows: the door, what it costs, and whether a way in can be bought now.',
    params: ofDoor,
    success: PublicDoor,
    errors: ['NOT_FOUND'],
    handler: async ({ params }) => publicDoor(await doorOffers.find(params.uid)),
  });
  defineRoute(app, {
    ...shared,
    method: 'POST',
    url: '/api/public/door/:uid/intent',
    summary: 'Create a door payment intent',
    purpose:
      'Answers where to pay. Price 0: the way in is made, and url is its page. No checkout where no way in can be made now: DOOR_UNAVAILABLE tells the reason. The same guest’s repeats answer the same checkout.',
    params: ofDoor,
    body: Type.Object({
      email: Type.Optional(Nullable(Type.String({ maxLength: 320 }))),
      successUrl: Type.Optional(Type.String({ maxLength: 2048, description: 'Gets access=<token> appended' })),
      cancelUrl: Type.Optional(Type.String({ maxLength: 2048 })),
    }),
    optionalBody: true,
    example: { email: 'guest@example.com' },
    success: Type.Object({ url: Type.String() }),
    errors: [
      'VALIDATION_ERROR',
      'NOT_FOUND',
      'CONFLICT',
      'DOOR_UNAVAILABLE',
      'PAYMENTS_NOT_CONFIGURED',
      'STRIPE_ERROR',
      'UPSTREAM_TIMEOUT',
    ],
    handler: async ({ params, body, request, reply }) => {
      const intent = {
        email: body?.email ?? undefined,
        successUrl: body?.successUrl,
        cancelUrl: body?.cancelUrl,
        language: languageOf(request),
      };
      const holder = keptHolder(request, reply, deps);
      const begun = await doorCheckout.begin(params.uid, intent, holder);
      return { url: begun.url };
    },
  });
  defineRoute(app, {
    ...shared,
    family: 'keystead',
    method: 'GET',
    url: '/api/public/access/:token',
    summary: 'Get what was bought of a door',
    purpose: 'Polled by the guest page: whether the way in is there, what it is, and until when it is good.',
    params: ofAccess,
    success: PublicAccess,
    errors: ['NOT_FOUND'],
    handler: async ({ params, reply }) => {
      const found = await passFacts.byToken(params.token);
      if (found === null) throw notFound('Access not found');
      await intake.checkPassOnReturn(found.row);
      const again = found.state === 'waiting-for-payment' ? await passFacts.byToken(params.token) : found;
      reply.header('cache-control', 'no-store');
      return publicAccess(again ?? found);
    },
  });
  defineRoute(app, {
    ...shared,
    family: 'keystead',
    method: 'POST',
    url: '/api/public/access/:token/open',
    summary: 'Open the door now',
    purpose:
      '200: it was seen to open. 202: the lock took it, or nothing was heard. Errors: it surely did not. Answered within 15 seconds.',
    params: ofAccess,
    success: Type.Object({ outcome: Type.Literal('confirmed') }),
    accepted: Type.Object({ outcome: Type.Enum(['accepted', 'unknown']) }),
    errors: [
      'NOT_FOUND',
      'ACCESS_DENIED',
      'NOT_SUPPORTED',
      'CONFLICT',
      'RATE_LIMITED',
      'UPSTREAM_ERROR',
      'UPSTREAM_TIMEOUT',
      'UNAVAILABLE',
    ],
    handler: async ({ params, reply }) => {
      const outcome = await passOpening.open(params.token);
      return outcome === 'confirmed' ? { outcome } : sendLater(reply, { outcome });
    },
  });
}
