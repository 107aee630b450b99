import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { CheckoutService } from '../features/checkout/checkout.service.ts';
import type { ExtensionsService } from '../features/checkout/extension.service.ts';
import type { IntakeService } from '../features/checkout/intake.service.ts';
import type { Offer, OffersService } from '../features/checkout/offer.service.ts';
import type { SessionsService } from '../features/sessions/sessions.service.ts';
import type { Random } from '../host/random.ts';
import { holderOf, keptHolder, setHolder } from '../http/hold-cookie.ts';
import { askedFor, languageOf } from '../http/language.ts';
import { queryText } from '../http/query.ts';
import { defineRoute } from '../http/route.ts';
import { type ErrorCode, notFound, Problem } from '../rules/errors.ts';
import { texts } from '../texts/languages.ts';
import { answerOf } from './assets.ts';
import type { DoorPages } from './door.routes.ts';
import { consolePlaceholderPage } from './message-page.ts';
import { createShow, html, type ShowDeps } from './show.ts';

type Deps = ShowDeps & {
  offers: OffersService;
  checkout: CheckoutService;
  extensions: ExtensionsService;
  intake: IntakeService;
  sessions: SessionsService;
  random: Random;
  doorPages: DoorPages;
  /** Whether this uid is a door's. */
  isDoor(uid: string): Promise<boolean>;
};

const Page = Type.Unknown({ description: 'text/html' });
const shared = {
  access: 'public',
  family: 'keystead',
  tag: 'Guest pages',
  source: import.meta.url,
  success: Page,
} as const;
const lang = queryText('de or en: the language from now on, kept in a cookie');
const fragment = queryText('1: only the <main> element, for the page’s own script');

/** Pages for guests: rendered here, readable without JavaScript. They hold no rule; they ask the same services as the API. */
export function guestRoutes(app: FastifyInstance, deps: Deps): void {
  const { offers, checkout, extensions, intake, facts, sessions, assets, random, secure, doorPages, isDoor } = deps;
  const { showOffer, showSession, context } = createShow(deps);

  defineRoute(app, {
    ...shared,
    method: 'GET',
    url: '/pay/:uid',
    summary: 'Payment page of a device or a door',
    purpose: 'What the code on the machine or the door leads to.',
    params: Type.Object({ uid: Type.String() }),
    query: Type.Object({ cancelled: queryText('1: came back from the checkout'), lang, fragment }),
    errors: ['NOT_FOUND'],
    handler: async ({ params, query, request, reply }) => {
      const holder = holderOf(request) ?? random.token();
      const cancelled = query.cancelled === '1';
      const part = query.fragment === '1';
      if (await isDoor(params.uid)) {
        setHolder(reply, holder, secure);
        return doorPages.show(request, reply, params.uid, { cancelled, part });
      }
      const offer = await offers.find(params.uid, holder);
      setHolder(reply, holder, secure);
      return showOffer(request, reply, offer, { holder, cancelled, part });
    },
  });
  defineRoute(app, {
    ...shared,
    method: 'POST',
    url: '/pay/:uid',
    summary: 'Begin to pay (form of the payment page)',
    purpose: 'Leads to the checkout, or shows the page again with what is the matter.',
    params: Type.Object({ uid: Type.String() }),
    body: Type.Object({
      planId: Type.Optional(Type.String({ maxLength: 64 })),
      email: Type.Optional(Type.String({ maxLength: 320 })),
      askedWhenDone: Type.Optional(Type.String({ maxLength: 8, description: '1: the form had the box below' })),
      mailWhenDone: Type.Optional(Type.String({ maxLength: 8, description: '1: ticked' })),
    }),
    form: true,
    errors: [
      'NOT_FOUND',
      'CONFLICT',
      'DEVICE_IN_USE',
      'DEVICE_HELD',
      'DEVICE_CLOSED',
      'DEVICE_UNAVAILABLE',
      'DOOR_UNAVAILABLE',
      'PAYMENTS_NOT_CONFIGURED',
      'STRIPE_ERROR',
      'UPSTREAM_TIMEOUT',
    ],
    handler: async ({ params, body, request, reply }) => {
      const holder = keptHolder(request, reply, deps);
      const language = languageOf(request);
      const mailWhenDone = body.askedWhenDone === undefined || body.mailWhenDone !== undefined;
      const { planId, email } = body;
      if (await isDoor(params.uid)) return doorPages.begin(request, reply, params.uid, { email, holder });
      const intent = { planId: planId ?? '', email, language, mailWhenDone };
      try {
        const begun = await checkout.begin(params.uid, intent, holder);
        return reply.redirect(begun.url, 303);
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        const offer = await offers.find(params.uid, holder);
        const form = {
          ...(planId === undefined ? {} : { planId }),
          ...(email === undefined ? {} : { email }),
          mailWhenDone,
          error: sentence(error, offer, language),
          field: error.field === 'email' ? ('email' as const) : null,
        };
        reply.code(error.code === 'NOT_FOUND' ? 409 : error.status);
        if (error.retryAfterSeconds !== undefined) reply.header('retry-after', String(error.retryAfterSeconds));
        return showOffer(request, reply, offer, { holder, form });
      }
    },
  });
  defineRoute(app, {
    ...shared,
    method: 'GET',
    url: '/session/:token',
    summary: 'Page of a session',
    purpose: 'Countdown and outcome. Where the payment is not confirmed yet, Stripe is asked.',
    params: Type.Object({ token: Type.String() }),
    query: Type.Object({ lang, fragment, added: queryText('1: came back from paying for more time') }),
    errors: ['NOT_FOUND'],
    handler: async ({ params, query, request, reply }) => {
      const before = await facts.byToken(params.token);
      if (before === null) throw notFound();
      const more = query.added === '1';
      await intake.checkOnReturn(before.row, more);
      const found = before.row.phase === 'awaiting-payment' || more ? await facts.byToken(params.token) : before;
      if (found === null) throw notFound();
      const part = query.fragment === '1';
      const chosen = askedFor(request);
      if (chosen !== null && !part) await sessions.speak(found.row, chosen);
      return showSession(request, reply, found, { part, paidForMore: more });
    },
  });
  defineRoute(app, {
    ...shared,
    method: 'POST',
    url: '/session/:token/extend',
    summary: 'Buy more time (form of the session page)',
    purpose: 'Leads to the checkout, or shows the page again with what is the matter.',
    params: Type.Object({ token: Type.String() }),
    body: Type.Object({ planId: Type.Optional(Type.String({ maxLength: 64 })) }),
    form: true,
    errors: [
      'NOT_FOUND',
      'NOT_EXTENDABLE',
      'PAYMENTS_NOT_CONFIGURED',
      'RATE_LIMITED',
      'STRIPE_ERROR',
      'UPSTREAM_TIMEOUT',
    ],
    handler: async ({ params, body, request, reply }) => {
      try {
        return reply.redirect(await extensions.begin(params.token, { planId: body.planId ?? '' }), 303);
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        const found = await facts.byToken(params.token);
        if (found === null) throw notFound();
        reply.code(error.code === 'NOT_FOUND' ? 409 : error.status);
        if (error.retryAfterSeconds !== undefined) reply.header('retry-after', String(error.retryAfterSeconds));
        const { problems } = texts(languageOf(request)).session.more;
        const late = error.code === 'NOT_EXTENDABLE' || error.code === 'NOT_FOUND';
        const problem = late ? problems.tooLate : problems.payment;
        return showSession(request, reply, found, { part: false, extendProblem: problem });
      }
    },
  });
  defineRoute(app, {
    ...shared,
    method: 'GET',
    url: '/session/:token/extend',
    summary: 'Back to the page of the session',
    purpose:
      'A refused wish for more time stands at this address; what then renews itself, or is opened anew, belongs there.',
    params: Type.Object({ token: Type.String() }),
    query: Type.Object({ lang, fragment }),
    errors: ['NOT_FOUND'],
    handler: async ({ params, request, reply }) => {
      if ((await facts.byToken(params.token)) === null) throw notFound();
      const { search } = new URL(request.url, 'http://page');
      return reply.redirect(`/session/${encodeURIComponent(params.token)}${search}`, 303);
    },
  });
  for (const url of ['/console', '/console/*', '/']) {
    app.get(url, async (request, reply) => {
      if (url === '/') return reply.redirect('/console', 302);
      return html(reply, consolePlaceholderPage(context(request, reply, null)));
    });
  }
  for (const asset of assets.files) {
    app.get(asset.path, async (request, reply) => {
      const { headers, body } = answerOf(asset, request.headers['accept-encoding']);
      return reply.headers(headers).send(body);
    });
  }
}

/** A kind sentence for what the page itself does not show by its state. */
function sentence({ code, field }: Problem, offer: Offer, language: string): string | null {
  const { problems } = texts(language).pay;
  // else the page is about nothing but that it is closed, or too late for anything
  const somethingFits = offer.plans.some(({ unfit }) => unfit === null);
  if (code === 'DEVICE_CLOSED') return somethingFits ? problems.closing : null;
  if (code === 'VALIDATION_ERROR') return field === 'email' ? problems.email : problems.other;
  if (code === 'NOT_FOUND') return problems.program;
  if (code === 'STRIPE_ERROR' || code === 'UPSTREAM_TIMEOUT') return problems.payment;
  const shownByThePage: readonly ErrorCode[] = [
    'DEVICE_IN_USE',
    'DEVICE_HELD',
    'DEVICE_UNAVAILABLE',
    'PAYMENTS_NOT_CONFIGURED',
  ];
  return shownByThePage.includes(code) ? null : problems.other;
}
