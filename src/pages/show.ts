import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Offer } from '../features/checkout/offer.service.ts';
import type { GuestMessagesService } from '../features/guest-messages/guest-messages.service.ts';
import type { SessionFacts } from '../features/sessions/public-view.ts';
import type { SessionFactsService } from '../features/sessions/session-facts.service.ts';
import type { Settings } from '../features/settings/settings.service.ts';
import type { WishesService } from '../features/wishes/wishes.service.ts';
import type { Clock } from '../host/clock.ts';
import type { Random } from '../host/random.ts';
import { askedFor, languageOf, rememberLanguage } from '../http/language.ts';
import { styleNonce } from '../http/security-headers.ts';
import type { Assets } from './assets.ts';
import { payView, sessionView } from './guest-views.ts';
import type { MessageView } from './message-form.ts';
import type { PageContext } from './page-context.ts';
import { type PayView, payFragment, payPage } from './pay-page.ts';
import { rememberedRun, rememberRun } from './run-cookie.ts';
import { sessionFragment, sessionPage } from './session-page.ts';
import type { WishView } from './wish-form.ts';

export type ShowDeps = {
  facts: SessionFactsService;
  wishes: WishesService;
  guestMessages: GuestMessagesService;
  /** We mail receipts ourselves. */
  mailOn: boolean;
  assets: Assets;
  clock: Clock;
  random: Random;
  publicUrl: string;
  secure: boolean;
};

type OfferShown = {
  holder: string;
  part?: boolean;
  cancelled?: boolean;
  form?: NonNullable<PayView['form']>;
  /** The form of who waits is open; with what it brought, when it was refused. */
  wish?: Pick<WishView, 'form'>;
};

type SessionShown = {
  part?: boolean;
  extendProblem?: string;
  paidForMore?: boolean;
  /** The form for a message is open; with what it brought, when it was refused. */
  message?: Pick<MessageView, 'form'>;
};

/** The two pages of a guest, as answers: what routes of both show in the end. */
export function createShow(deps: ShowDeps) {
  const { facts, wishes, guestMessages, mailOn, clock, publicUrl, secure } = deps;

  /** The session that this guest began on this machine, if they have looked at its page. */
  async function ownRun(request: FastifyRequest, offer: Offer): Promise<SessionFacts | null> {
    const token = rememberedRun(request);
    const own = token === null ? null : await facts.byToken(token);
    return own !== null && own.device.uid === offer.device.uid ? own : null;
  }

  async function showOffer(
    request: FastifyRequest,
    reply: FastifyReply,
    offer: Offer,
    { holder, part, cancelled, form, wish }: OfferShown,
  ): Promise<FastifyReply> {
    const waits = await wishes.around(offer, holder);
    const view = payView(offer, {
      own: await ownRun(request, offer),
      mailOn,
      cancelled: cancelled === true,
      wish: waits === null ? null : { ...waits, open: wish !== undefined, ...wish },
      ...(form === undefined ? {} : { form }),
    });
    const ctx = context(request, reply, offer.settings, offer.location?.timeZone);
    return html(reply, part === true ? payFragment(view, ctx) : payPage(view, ctx));
  }

  async function showSession(
    request: FastifyRequest,
    reply: FastifyReply,
    found: SessionFacts,
    { part, message, ...o }: SessionShown,
  ): Promise<FastifyReply> {
    const written = await guestMessages.around(found);
    const open = message !== undefined && written.may;
    const view = sessionView(found, publicUrl, clock.now(), { ...o, message: { ...written, ...message, open } });
    const { uid } = found.device;
    if (uid !== null) rememberRun(reply, { uid, token: found.token }, secure);
    const ctx = context(request, reply, found.settings, found.location?.time_zone);
    return html(reply, part === true ? sessionFragment(view, ctx) : sessionPage(view, ctx));
  }

  function context(
    request: FastifyRequest,
    reply: FastifyReply,
    settings: Settings | null,
    timeZone?: string,
  ): PageContext {
    const chosen = askedFor(request);
    if (chosen !== null) rememberLanguage(reply, chosen, secure);
    return pageContext(deps, request, reply, settings, timeZone);
  }

  return { showOffer, showSession, context };
}

/** What every page needs; without settings (unknown address, error) it is unbranded. */
export function pageContext(
  { assets, clock, random }: Pick<ShowDeps, 'assets' | 'clock' | 'random'>,
  request: FastifyRequest,
  reply: FastifyReply,
  settings: Settings | null,
  timeZone?: string,
): PageContext {
  return {
    language: languageOf(request),
    path: (request.url.split('?', 1)[0] ?? '/').replace(/\/tell-me\/back$/, ''), // where nothing can be looked at
    nonce: styleNonce(reply, random),
    companyName: settings?.companyName ?? null,
    title: settings?.paymentPageTitle ?? null,
    branding: settings?.branding ?? { logo: null, color: null, headerText: null, footerText: null },
    timeZone: timeZone ?? settings?.timeZone ?? 'UTC',
    now: clock.now(),
    assets: { css: assets.css, js: assets.js, icon: assets.icon },
  };
}

export const html = (reply: FastifyReply, page: string): FastifyReply =>
  reply.header('cache-control', 'no-store').type('text/html; charset=utf-8').send(page);
