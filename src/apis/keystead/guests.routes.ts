import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { GuestMessagesService } from '../../features/guest-messages/guest-messages.service.ts';
import type { WishesService } from '../../features/wishes/wishes.service.ts';
import type { Random } from '../../host/random.ts';
import { keptHolder } from '../../http/hold-cookie.ts';
import { languageOf } from '../../http/language.ts';
import { defineRoute } from '../../http/route.ts';
import { Instant, Nullable } from '../../http/shapes.ts';
import { iso } from '../../rules/instant.ts';

const shared = { access: 'public', family: 'keystead', tag: 'Guests', source: import.meta.url } as const;

type Deps = { wishes: WishesService; guestMessages: GuestMessagesService; random: Random; secure: boolean };

/** What guests may ask and say besides buying. Ours. */
export function guestsRoutes(app: FastifyInstance, deps: Deps): void {
  const { wishes, guestMessages } = deps;

  defineRoute(app, {
    ...shared,
    method: 'POST',
    url: '/api/public/device/:uid/tell-me',
    summary: 'Ask for a mail when the device is free',
    purpose:
      'One mail, to the first in line, when the device can be bought (or one like it: of the same location, with usage plans of the same names). It reserves nothing. The wish belongs to the caller’s cookie, and asking again changes it; the answer is the same whether or not others asked for this address.',
    params: Type.Object({ uid: Type.String() }),
    body: Type.Object({
      email: Type.String({ maxLength: 320 }),
      any: Type.Optional(Type.Boolean({ description: 'A device like it will do as well; so by default' })),
    }),
    example: { email: 'guest@example.com' },
    success: Type.Object({
      ok: Type.Literal(true),
      any: Type.Boolean({ description: 'False also where there is none like it' }),
      expiresAt: Instant,
    }),
    errors: [
      'VALIDATION_ERROR',
      'NOT_FOUND',
      'CONFLICT',
      'DEVICE_CLOSED',
      'DEVICE_UNAVAILABLE',
      'NOT_CONFIGURED',
      'RATE_LIMITED',
    ],
    handler: async ({ params, body, request, reply }) => {
      const holder = keptHolder(request, reply, deps);
      const wisher = { holder, ip: request.ip, language: languageOf(request) };
      const { any, expiresAt } = await wishes.leave(params.uid, body, wisher);
      return { ok: true as const, any, expiresAt: iso(expiresAt) };
    },
  });
  defineRoute(app, {
    ...shared,
    method: 'POST',
    url: '/api/public/sessions/:token/message',
    summary: 'Tell the owner that something went wrong',
    purpose:
      'Plain text. For sessions that are over, out of sight, or whose refund failed; for one that runs from a minute after its start, and again a minute after its end is due; and from five minutes of waiting for its payment. At most 5 each, and the same text once.',
    params: Type.Object({ token: Type.String() }),
    body: Type.Object({
      text: Type.String({ maxLength: 4000, description: 'At most 1000 characters, line ends counted once' }),
      email: Type.Optional(Nullable(Type.String({ maxLength: 320, description: 'Where an answer reaches the guest' }))),
    }),
    example: { text: 'It stopped with the door locked.', email: 'guest@example.com' },
    success: Type.Object({ ok: Type.Literal(true) }),
    errors: ['VALIDATION_ERROR', 'NOT_FOUND', 'CONFLICT'],
    handler: async ({ params, body }) => {
      await guestMessages.passOn(params.token, body);
      return { ok: true as const };
    },
  });
}
