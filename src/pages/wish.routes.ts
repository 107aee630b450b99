import type { FastifyInstance, FastifyReply } from 'fastify';
import { Type } from 'typebox';
import type { OffersService } from '../features/checkout/offer.service.ts';
import type { SettingsService } from '../features/settings/settings.service.ts';
import type { Random } from '../host/random.ts';
import { holderOf, keptHolder, setHolder } from '../http/hold-cookie.ts';
import { languageOf } from '../http/language.ts';
import { queryText } from '../http/query.ts';
import { defineRoute } from '../http/route.ts';
import { Problem } from '../rules/errors.ts';
import { texts } from '../texts/languages.ts';
import { createShow, html, type ShowDeps } from './show.ts';
import { wishStopPage } from './wish-stop-page.ts';

type Deps = ShowDeps & { offers: OffersService; settings: SettingsService; random: Random };

const shared = {
  access: 'public',
  family: 'keystead',
  tag: 'Guest pages',
  source: import.meta.url,
  success: Type.Unknown({ description: 'text/html' }),
} as const;
const Named = Type.Object({ uid: Type.String() });
const Linked = Type.Object({ uid: Type.String(), token: Type.String() });
const lang = queryText('de or en: the language from now on, kept in a cookie');
const fragment = queryText('1: only the <main> element, for the page’s own script');

/** "Mail me when it is free": the form, what becomes of it, and the page behind the link in the mail. */
export function wishRoutes(app: FastifyInstance, deps: Deps): void {
  const { offers, wishes, settings, random, secure } = deps;
  const { showOffer, context } = createShow(deps);

  defineRoute(app, {
    ...shared,
    method: 'GET',
    url: '/pay/:uid/tell-me',
    summary: 'Form for a mail when the machine is free',
    purpose: 'The payment page of a machine that is taken, with the form open. It does not renew itself.',
    params: Named,
    query: Type.Object({ lang, fragment }),
    errors: ['NOT_FOUND'],
    handler: async ({ params, query, request, reply }) => {
      const holder = holderOf(request) ?? random.token();
      const offer = await offers.find(params.uid, holder);
      setHolder(reply, holder, secure);
      return showOffer(request, reply, offer, { holder, part: query.fragment === '1', wish: {} });
    },
  });
  defineRoute(app, {
    ...shared,
    method: 'POST',
    url: '/pay/:uid/tell-me',
    summary: 'Ask for a mail when the machine is free (form)',
    purpose:
      'Leads back to the payment page, which says that it is noted; or shows the form again with what is the matter.',
    params: Named,
    body: Type.Object({
      email: Type.Optional(Type.String({ maxLength: 320 })),
      askedAny: Type.Optional(Type.String({ maxLength: 8, description: '1: the form had the box below' })),
      any: Type.Optional(Type.String({ maxLength: 8, description: '1: a machine like it will do as well' })),
    }),
    form: true,
    errors: ['NOT_FOUND', 'VALIDATION_ERROR', 'RATE_LIMITED'],
    handler: async ({ params, body, request, reply }) => {
      const holder = keptHolder(request, reply, deps);
      const language = languageOf(request);
      const email = body.email ?? '';
      const any = body.askedAny === undefined || body.any !== undefined;
      try {
        await wishes.leave(params.uid, { email, any }, { holder, ip: request.ip, language });
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        const { problems } = texts(language).pay.wish;
        const asksAgain = error.code === 'VALIDATION_ERROR' || error.code === 'RATE_LIMITED';
        if (error.code === 'NOT_FOUND') throw error;
        if (!asksAgain) return back(reply, params.uid); // the page itself says what became of the machine
        reply.code(error.status);
        if (error.retryAfterSeconds !== undefined) reply.header('retry-after', String(error.retryAfterSeconds));
        const tooMany = error.code === 'RATE_LIMITED';
        const offer = await offers.find(params.uid, holder);
        const form = tooMany
          ? { email, any, error: problems.tooMany }
          : { email, any, error: problems.email, field: 'email' as const };
        return showOffer(request, reply, offer, { holder, wish: { form } });
      }
      return back(reply, params.uid);
    },
  });
  defineRoute(app, {
    ...shared,
    method: 'POST',
    url: '/pay/:uid/tell-me/back',
    summary: 'Take the wish for a mail back (form)',
    purpose: 'For the browser that left it. Leads back to the payment page.',
    params: Named,
    body: Type.Object({}),
    optionalBody: true,
    form: true,
    errors: ['NOT_FOUND'],
    handler: async ({ params, request, reply }) => {
      await wishes.takeBack(params.uid, holderOf(request) ?? random.token());
      return back(reply, params.uid);
    },
  });
  defineRoute(app, {
    ...shared,
    method: 'GET',
    url: '/pay/:uid/tell-me/:token',
    summary: 'Page behind the link in a mail about a free machine',
    purpose: 'Asks whether such mails are to stop; looking at it changes nothing.',
    params: Linked,
    query: Type.Object({ lang }),
    errors: ['NOT_FOUND'],
    handler: async ({ params, request, reply }) => {
      const { device } = await wishes.byLink(params.uid, params.token);
      const ctx = context(request, reply, await settings.get(device.organization_id));
      return html(reply, wishStopPage({ action: linkOf(params), stopped: false }, ctx));
    },
  });
  defineRoute(app, {
    ...shared,
    method: 'POST',
    url: '/pay/:uid/tell-me/:token',
    summary: 'Stop mails about free machines',
    purpose:
      'By the button of that page, or by the reader’s mail program itself (RFC 8058). What waits for the address is over, and for 30 days no such mail goes to it.',
    params: Linked,
    body: Type.Object({ 'List-Unsubscribe': Type.Optional(Type.String({ maxLength: 100 })) }),
    optionalBody: true,
    form: true,
    errors: ['NOT_FOUND'],
    handler: async ({ params, request, reply }) => {
      const { device } = await wishes.byLink(params.uid, params.token);
      await wishes.refuse(params.uid, params.token);
      const ctx = context(request, reply, await settings.get(device.organization_id));
      return html(reply, wishStopPage({ action: linkOf(params), stopped: true }, ctx));
    },
  });
}

const linkOf = ({ uid, token }: { uid: string; token: string }): string =>
  `/pay/${encodeURIComponent(uid)}/tell-me/${encodeURIComponent(token)}`;

const back = (reply: FastifyReply, uid: string): FastifyReply => reply.redirect(`/pay/${encodeURIComponent(uid)}`, 303);
