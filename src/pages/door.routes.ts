import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { DoorCheckoutService } from '../features/checkout/door-checkout.service.ts';
import type { DoorOffer, DoorOffersService } from '../features/checkout/door-offer.service.ts';
import type { IntakeService } from '../features/checkout/intake.service.ts';
import type { PassFacts, PassFactsService } from '../features/passes/pass-facts.service.ts';
import type { PassOpening } from '../features/passes/pass-opening.service.ts';
import { passOf } from '../features/passes/pass-row.ts';
import type { PassesService } from '../features/passes/passes.service.ts';
import { refundView } from '../features/sessions/public-view.ts';
import { askedFor, languageOf } from '../http/language.ts';
import { queryText } from '../http/query.ts';
import { defineRoute } from '../http/route.ts';
import { notFound, Problem } from '../rules/errors.ts';
import { daysFrom, hasHours } from '../rules/time/opening-hours.ts';
import { texts } from '../texts/languages.ts';
import { type AccessView, accessFragment, accessPage, type OpenedWords } from './access-page.ts';
import { type DoorView, doorFragment, doorPage, type OwnPass } from './door-page.ts';
import { rememberedRun, rememberRun } from './run-cookie.ts';
import { createShow, html, type ShowDeps } from './show.ts';

type Deps = ShowDeps & {
  doorOffers: DoorOffersService;
  doorCheckout: DoorCheckoutService;
  passes: PassesService;
  passFacts: PassFactsService;
  passOpening: PassOpening;
  intake: IntakeService;
};

const shared = {
  access: 'public',
  family: 'keystead',
  tag: 'Guest pages',
  source: import.meta.url,
  success: Type.Unknown({ description: 'text/html' }),
} as const;
const lang = queryText('de or en: the language from now on, kept in a cookie');
const fragment = queryText('1: only the <main> element, for the page’s own script');
const openedWords: readonly OpenedWords[] = ['confirmed', 'accepted', 'unknown', 'failed', 'denied', 'too-many'];

/** The payment page of a door; /pay/:uid asks it where the uid is a door's. */
export function createDoorPages(deps: Deps) {
  const { doorOffers, doorCheckout, passFacts, publicUrl } = deps;
  const { context } = createShow(deps);

  /** The way in that this guest bought at this door, if they have looked at its page. */
  async function ownPass(request: FastifyRequest, uid: string): Promise<OwnPass | null> {
    const token = rememberedRun(request);
    const own = token === null ? null : await passFacts.byToken(token);
    if (own === null || own.door.uid !== uid) return null;
    return { url: accessUrl(publicUrl, own), state: own.state, validUntil: own.row.valid_until };
  }

  async function show(
    request: FastifyRequest,
    reply: FastifyReply,
    uid: string,
    o: { cancelled?: boolean; part?: boolean; form?: NonNullable<DoorView['form']> },
  ): Promise<FastifyReply> {
    const offer = await doorOffers.find(uid);
    const view = doorView(offer, { ...o, own: await ownPass(request, uid) });
    const ctx = context(request, reply, offer.settings, offer.location?.timeZone);
    return html(reply, o.part === true ? doorFragment(view, ctx) : doorPage(view, ctx));
  }

  /** Leads to the checkout, or shows the page again with what is the matter. */
  async function begin(
    request: FastifyRequest,
    reply: FastifyReply,
    uid: string,
    { email, holder }: { email: string | undefined; holder: string },
  ): Promise<FastifyReply> {
    const language = languageOf(request);
    try {
      const begun = await doorCheckout.begin(uid, { email, language }, holder);
      return await reply.redirect(begun.url, 303);
    } catch (error) {
      if (!(error instanceof Problem) || error.code === 'NOT_FOUND') throw error;
      reply.code(error.status);
      const form = {
        ...(email === undefined ? {} : { email }),
        error: sentence(error, language),
        field: error.field === 'email' ? ('email' as const) : null,
      };
      return show(request, reply, uid, { form });
    }
  }

  return { show, begin };
}

export type DoorPages = ReturnType<typeof createDoorPages>;

/** /access/:token: what was bought, and the button that opens the door. */
export function accessRoutes(app: FastifyInstance, deps: Deps): void {
  const { passes, passFacts, passOpening, intake, publicUrl, clock, secure } = deps;
  const { context } = createShow(deps);

  defineRoute(app, {
    ...shared,
    method: 'GET',
    url: '/access/:token',
    summary: 'Page of a way in',
    purpose: 'Code, QR code and button, or where it is. Where the payment is not confirmed yet, Stripe is asked.',
    params: Type.Object({ token: Type.String() }),
    query: Type.Object({ lang, fragment, opened: queryText('What came of the button') }),
    errors: ['NOT_FOUND'],
    handler: async ({ params, query, request, reply }) => {
      const before = await passFacts.byToken(params.token);
      if (before === null) throw notFound();
      await intake.checkPassOnReturn(before.row);
      const found = before.state === 'waiting-for-payment' ? await passFacts.byToken(params.token) : before;
      if (found === null) throw notFound();
      const chosen = askedFor(request);
      const part = query.fragment === '1';
      if (chosen !== null && !part) await passes.speak(found.row, chosen);
      const opened = openedWords.find((one) => one === query.opened) ?? null;
      const { uid } = found.door;
      if (uid !== null && (found.state === 'ready' || found.state === 'getting-ready')) {
        const until = found.row.valid_until ?? clock.now();
        rememberRun(reply, { uid, token: found.token, seconds: Math.ceil((until - clock.now()) / 1000) }, secure);
      }
      const view = accessView(found, publicUrl, opened);
      const ctx = context(request, reply, found.settings, found.location?.time_zone);
      return html(reply, part ? accessFragment(view, ctx) : accessPage(view, ctx));
    },
  });
  defineRoute(app, {
    ...shared,
    method: 'POST',
    url: '/access/:token/open',
    summary: 'Open the door now (button of the page)',
    purpose: 'Leads back to the page, which tells what came of it.',
    params: Type.Object({ token: Type.String() }),
    form: true,
    errors: ['NOT_FOUND'],
    handler: async ({ params, reply }) => {
      const opened = await passOpening.open(params.token).catch(told);
      return reply.redirect(`/access/${encodeURIComponent(params.token)}?opened=${opened}`, 303);
    },
  });
}

/** What the page says of a button that did not open the door; who has no pass is told nothing. */
function told(error: unknown): OpenedWords {
  if (!(error instanceof Problem) || error.code === 'NOT_FOUND') throw error;
  if (error.code === 'RATE_LIMITED') return 'too-many';
  return error.code === 'ACCESS_DENIED' ? 'denied' : 'failed';
}

export function doorView(
  offer: DoorOffer,
  o: { cancelled?: boolean; own?: OwnPass | null; form?: NonNullable<DoorView['form']> } = {},
): DoorView {
  const { door, hours, settings } = offer;
  return {
    uid: door.uid,
    name: door.name,
    description: door.description,
    location: offer.location?.name ?? null,
    price: door.price,
    currency: settings.currency,
    durationMinutes: door.duration_minutes,
    notSold: offer.notSold ?? (door.price === 0 || offer.paymentsReady ? null : 'payments-off'),
    opensAt: hours.opening.opensNext,
    hours: hasHours(hours.hours)
      ? { open: hours.opening.open, closesAt: hours.opening.closesAt, days: daysFrom(hours.hours, hours.now, 7) }
      : null,
    cancelled: o.cancelled === true,
    own: o.own ?? null,
    ...(o.form === undefined ? {} : { form: o.form }),
  };
}

export function accessView(facts: PassFacts, publicUrl: string, opened: OpenedWords | null): AccessView {
  const { row, door, ways, payments } = facts;
  const [payment] = payments;
  return {
    token: facts.token,
    doorName: door.name,
    location: facts.location?.name ?? null,
    payUrl: door.uid === null ? null : `${publicUrl}/pay/${door.uid}`,
    state: facts.state,
    validFrom: row.valid_from,
    validUntil: row.valid_until,
    price: payment?.amount ?? 0,
    currency: payment?.currency ?? facts.settings.currency,
    code: ways.code,
    qr: ways.qr,
    openNow: ways.openNow,
    failure: passOf(row).failure,
    refund: refundView(facts),
    opened: facts.state === 'ready' ? opened : null,
  };
}

const accessUrl = (publicUrl: string, { token }: PassFacts): string => `${publicUrl}/access/${token}`;

/** A kind sentence for what the page itself does not show by its state. */
function sentence({ code, field }: Problem, language: string): string | null {
  const { pay, doors } = texts(language);
  if (code === 'DOOR_UNAVAILABLE' || code === 'PAYMENTS_NOT_CONFIGURED') return null;
  if (code === 'VALIDATION_ERROR' && field === 'email') return pay.problems.email;
  if (code === 'STRIPE_ERROR' || code === 'UPSTREAM_TIMEOUT') return pay.problems.payment;
  return code === 'CONFLICT' ? doors.pay.changed : doors.pay.problem;
}
