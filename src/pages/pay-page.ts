/**
 * GET /pay/:uid of a device: what it is, what it costs, one button. Pure rendering: whether the machine may be sold now
 * is decided elsewhere and comes in as `state`. In every other state it says what is the matter, what to do, and looks
 * again by itself.
 */
import { assertNever } from '../rules/assert-never.ts';
import type { Instant } from '../rules/instant.ts';
import type { Unfit } from '../rules/time/last-start.ts';
import { clockText } from '../texts/format.ts';
import { documentTitle, renderDocument } from './document.ts';
import { attribute, type Html, html } from './html.ts';
import { alertIcon, backIcon, placeIcon, type Sign, signOf } from './icons.ts';
import { type PageContext, type Speech, speechOf } from './page-context.ts';
import { payForm, priceList } from './pay-form.ts';
import { type HoursView, openLine, weekTable } from './pay-hours.ts';
import { type WishView, wishPart } from './wish-form.ts';

export type PayPlan = {
  id: string;
  name: string;
  description: string | null;
  durationMinutes: number;
  delayMinutes: number;
  price: number;
  /** Why the hours forbid to begin it now; null or left out: they do not. */
  unfit?: Unfit | null;
};

export type PayState =
  | { kind: 'ready' }
  | { kind: 'maintenance' }
  | { kind: 'offline' }
  | { kind: 'closed'; opensAt: Instant | null }
  /** Open still, but nothing fits before closing. */
  | { kind: 'too-late'; closesAt: Instant; opensAt: Instant | null }
  | { kind: 'in-use'; freeAt: Instant | null }
  | { kind: 'yours'; freeAt: Instant | null; sessionUrl: string }
  | { kind: 'held'; until: Instant }
  | { kind: 'held-by-you'; planId: string; until: Instant; continueUrl: string | null }
  | { kind: 'no-plans' }
  | { kind: 'payments-off' };

export type PayView = {
  uid: string;
  deviceName: string;
  description: string | null;
  location: string | null;
  currency: string;
  plans: PayPlan[];
  state: PayState;
  /** null or left out: always open. */
  hours?: HoursView | null;
  /** This guest's last session on this machine, when it is over: where its refund is told. */
  lastSessionUrl: string | null;
  /** What a refused POST brought, and why it was refused, in a sentence for the guest. */
  form?: { planId?: string; email?: string; mailWhenDone?: boolean; error: string | null; field?: 'email' | null };
  /** We mail receipts and "it is done" ourselves. */
  mailOn?: boolean;
  /** What who waits may ask for; null or left out: nothing. */
  wish?: WishView | null;
  /** Came back from the checkout without paying. */
  cancelled: boolean;
};

export function payPage(view: PayView, ctx: PageContext): string {
  const say = speechOf(ctx);
  return renderDocument(
    {
      title: view.deviceName,
      main: payMain(view, ctx),
      // where an address is being typed nothing renews itself; the script knows better
      refreshSeconds: view.wish?.open === true ? null : refreshSeconds(view, ctx),
      noConnection: say.common.noConnectionToPay,
    },
    ctx,
  );
}

/** Only the <main> element, for the script's `?fragment=1`. */
export const payFragment = (view: PayView, ctx: PageContext): string => payMain(view, ctx).toString();

/** Where it matters until when: it is for sale, or will be soon. */
const sold: readonly PayState['kind'][] = ['ready', 'held', 'held-by-you', 'in-use', 'yours'];

function payMain(view: PayView, ctx: PageContext): Html {
  const say = speechOf(ctx);
  const hours = view.hours ?? null;
  return html`<main data-testid="pay" data-state="${view.state.kind}" data-title="${documentTitle(view.deviceName, ctx)}" ${attribute('data-refresh', refreshSeconds(view, ctx))} tabindex="-1">
<div class="subject">
<h1>${view.deviceName}</h1>
${view.location !== null && html`<p class="place">${placeIcon()} <span>${view.location}</span></p>`}
${view.state.kind === 'ready' && html`<p class="ready">${say.pay.ready}</p>`}
${hours?.open === true && sold.includes(view.state.kind) && openLine(hours, ctx, say)}
${view.description !== null && html`<p class="description">${view.description}</p>`}
</div>
${view.form?.error !== undefined && view.form.error !== null && html`<p class="alert bad" role="alert" id="problem">${alertIcon()} ${view.form.field === 'email' ? html`<a href="#email">${view.form.error}</a>` : html`<span>${view.form.error}</span>`}</p>`}
${view.cancelled && html`<p class="alert plain" role="status">${backIcon()} <span>${say.pay.cancelled}</span></p>`}
${body(view, ctx, say)}
${hours !== null && weekTable(hours, say)}
${view.lastSessionUrl !== null && html`<p class="last"><a href="${view.lastSessionUrl}">${say.pay.lastSession}</a></p>`}
</main>`;
}

function body(view: PayView, ctx: PageContext, say: Speech): Html {
  const { state } = view;
  const prices = priceList(view, say);
  switch (state.kind) {
    case 'ready':
      return payForm(view, null, ctx, say);
    case 'held-by-you':
      return heldByYou(view, state, ctx, say);
    case 'held':
      return html`${notice('wait', 'plain', say.pay.held, say.pay.held.text, clock(state.until, ctx))}${wishPart(view, say)}${prices}`;
    case 'in-use': {
      const text = state.freeAt === null ? say.pay.inUse.openEnd : say.pay.inUse.until(say.moment(state.freeAt));
      return html`${notice('wait', 'plain', say.pay.inUse, text, untilFree(state.freeAt, say.pay.inUse.left, ctx))}${wishPart(view, say)}${prices}`;
    }
    case 'yours':
      return html`${notice('wait', 'brand', say.pay.yours, say.pay.yours.text, untilFree(state.freeAt, say.session.left, ctx))}
<div class="pay-bar"><a class="button" href="${state.sessionUrl}">${say.pay.yours.open}</a></div>`;
    case 'maintenance':
      return html`${notice('tool', 'warn', say.pay.maintenance, say.pay.maintenance.text)}${prices}`;
    case 'offline':
      return html`${notice('signal', 'warn', say.pay.offline, say.pay.offline.text)}${wishPart(view, say)}${prices}`;
    case 'closed':
      return html`${closed(view, state.opensAt, say)}${prices}`;
    case 'too-late':
      return html`${notice('wait', 'plain', say.pay.tooLate, say.pay.tooLate.text(say.moment(state.closesAt)), opens(state.opensAt, say))}${prices}`;
    case 'no-plans':
      return notice('question', 'plain', say.pay.noPlans, say.pay.noPlans.text);
    case 'payments-off':
      return html`${notice('stop', 'warn', say.pay.paymentsOff, say.pay.paymentsOff.text)}${prices}`;
    default:
      return assertNever(state);
  }
}

function closed(view: PayView, opensAt: Instant | null, say: Speech): Html {
  const holiday = view.hours?.days[0]?.holiday ?? null;
  const why = holiday === null ? null : html`<p class="under">${say.pay.closed.holiday(holiday)}</p>`;
  const text = opensAt === null ? say.pay.closed.unknown : say.pay.closed.opens(say.moment(opensAt));
  return notice('wait', 'plain', say.pay.closed, text, why);
}

const opens = (opensAt: Instant | null, say: Speech): Html | null =>
  opensAt === null ? null : html`<p>${say.pay.closed.opens(say.moment(opensAt))}</p>`;

function heldByYou(view: PayView, state: PayState & { kind: 'held-by-you' }, ctx: PageContext, say: Speech): Html {
  const plan = view.plans.find(({ id }) => id === state.planId);
  const words = { title: say.pay.heldByYou.title, hint: say.pay.heldByYou.hint };
  const card = notice('wait', 'brand', words, say.pay.heldByYou.text, clock(state.until, ctx));
  if (state.continueUrl === null) return html`${card}${payForm(view, state.planId, ctx, say)}`;
  const label =
    plan === undefined ? say.pay.continue : say.pay.heldByYou.continue(say.money(plan.price, view.currency));
  return html`${card}
${plan !== undefined && html`<p class="chosen"><span>${plan.name}</span> <b>${say.price(plan.price, view.currency)}</b></p>`}
<div class="pay-bar"><a class="button" href="${state.continueUrl}">${label}</a></div>
${others(view, state.planId, ctx, say)}`;
}

/** For who has changed their mind: the other programs, out of the way. */
function others(view: PayView, planId: string, ctx: PageContext, say: Speech): Html | null {
  const plans = view.plans.filter(({ id, unfit }) => id !== planId && (unfit ?? null) === null);
  if (plans.length === 0) return null;
  return html`<details class="more others"><summary>${say.pay.heldByYou.other}</summary>
${payForm({ ...view, plans }, null, ctx, say)}
</details>`;
}

export function notice(
  sign: Sign,
  tone: 'plain' | 'warn' | 'brand',
  words: { title: string; hint: string },
  text: string,
  extra: Html | null = null,
): Html {
  return html`<section class="notice ${tone}">
${signOf(sign)}
<h2>${words.title}</h2>
<p>${text}</p>
${extra}
<p class="hint">${words.hint}</p>
</section>`;
}

function untilFree(freeAt: Instant | null, words: string, ctx: PageContext): Html | null {
  if (freeAt === null || freeAt <= ctx.now) return null;
  return html`${clock(freeAt, ctx)}<p class="under">${words}</p>`;
}

function clock(until: Instant, ctx: PageContext): Html {
  const seconds = secondsTo(until, ctx);
  return html`<p class="clock" role="timer" data-left="${seconds}">${clockText(seconds)}</p>`;
}

const secondsTo = (until: Instant, ctx: PageContext): number => Math.max(0, Math.ceil((until - ctx.now) / 1000));

/** When to look again: soon where it may change any moment, never while somebody fills in the form. */
function refreshSeconds(view: PayView, ctx: PageContext): number | null {
  const { state } = view;
  switch (state.kind) {
    case 'ready':
      return null;
    case 'held':
      return Math.min(5, secondsTo(state.until, ctx) + 1);
    case 'held-by-you':
      return secondsTo(state.until, ctx) + 1;
    case 'in-use':
    case 'yours':
      return state.freeAt === null ? 20 : Math.min(20, secondsTo(state.freeAt, ctx) + 2);
    case 'offline':
      return 5;
    case 'closed':
      return state.opensAt === null ? 300 : Math.min(300, secondsTo(state.opensAt, ctx) + 1);
    case 'too-late':
      return Math.min(60, secondsTo(state.closesAt, ctx) + 1);
    case 'maintenance':
    case 'no-plans':
    case 'payments-off':
      return 60;
    default:
      return assertNever(state);
  }
}
