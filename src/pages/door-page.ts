/**
 * GET /pay/:uid of a door: what it is, what it costs, one button. Pure rendering: whether it is sold now comes in as
 * `notSold`. In every other state it says what is the matter, and looks again by itself.
 */
import type { Instant } from '../rules/instant.ts';
import type { PassState } from '../rules/passes/view.ts';
import type { NotSold } from '../rules/passes/ways.ts';
import { documentTitle, renderDocument } from './document.ts';
import { attribute, type Html, html } from './html.ts';
import { alertIcon, backIcon, placeIcon, shieldIcon } from './icons.ts';
import { type PageContext, type Speech, speechOf } from './page-context.ts';
import { type HoursView, openLine, weekTable } from './pay-hours.ts';
import { notice } from './pay-page.ts';

export type OwnPass = { url: string; state: PassState; validUntil: Instant | null };

export type DoorView = {
  uid: string;
  name: string;
  description: string | null;
  location: string | null;
  price: number;
  currency: string;
  durationMinutes: number;
  notSold: NotSold | 'payments-off' | null;
  opensAt: Instant | null;
  hours: HoursView | null;
  cancelled: boolean;
  /** The way in that this guest bought here last. */
  own: OwnPass | null;
  form?: { email?: string; error: string | null; field?: 'email' | null };
};

export function doorPage(view: DoorView, ctx: PageContext): string {
  const say = speechOf(ctx);
  const main = doorMain(view, ctx);
  return renderDocument(
    { title: view.name, main, refreshSeconds: refreshOf(view, ctx), noConnection: say.common.noConnectionToPay },
    ctx,
  );
}

/** Only the <main> element, for the script's `?fragment=1`. */
export const doorFragment = (view: DoorView, ctx: PageContext): string => doorMain(view, ctx).toString();

/** What it is called in the page; tests and the script know it by that. */
export type DoorState =
  | 'ready'
  | 'yours'
  | 'passage'
  | 'unavailable'
  | Exclude<NonNullable<DoorView['notSold']>, 'open-all' | 'lockdown' | 'no-way-in'>;

const stateOf = (view: DoorView): DoorState => {
  const { notSold } = view;
  if (notSold === null) return holdsOne(view) ? 'yours' : 'ready';
  if (notSold === 'open-all') return 'passage';
  return notSold === 'lockdown' || notSold === 'no-way-in' ? 'unavailable' : notSold;
};

/** This guest can get in already, or will in a moment. */
const holdsOne = ({ own }: DoorView): boolean => own?.state === 'ready' || own?.state === 'getting-ready';

function refreshOf(view: DoorView, ctx: PageContext): number | null {
  switch (stateOf(view)) {
    case 'ready':
      return null;
    case 'yours': {
      const until = view.own?.validUntil ?? null;
      return until === null ? 5 : Math.min(60, Math.max(2, Math.ceil((until - ctx.now) / 1000) + 1));
    }
    case 'unavailable':
      return 5;
    default:
      return 60;
  }
}

function doorMain(view: DoorView, ctx: PageContext): Html {
  const say = speechOf(ctx);
  const { hours, form } = view;
  const error = form?.error ?? null;
  return html`<main data-testid="pay" data-state="${stateOf(view)}" data-title="${documentTitle(view.name, ctx)}" ${attribute('data-refresh', refreshOf(view, ctx))} tabindex="-1">
<div class="subject">
<h1>${view.name}</h1>
${view.location !== null && html`<p class="place">${placeIcon()} <span>${view.location}</span></p>`}
${view.notSold === null && html`<p class="ready">${say.doors.pay.ready}</p>`}
${view.notSold === null && hours?.open === true && openLine(hours, ctx, say)}
${view.description !== null && html`<p class="description">${view.description}</p>`}
</div>
${error !== null && html`<p class="alert bad" role="alert" id="problem">${alertIcon()} ${form?.field === 'email' ? html`<a href="#email">${error}</a>` : html`<span>${error}</span>`}</p>`}
${view.cancelled && html`<p class="alert plain" role="status">${backIcon()} <span>${say.pay.cancelled}</span></p>`}
${body(view, say)}
${ownLink(view, say)}
${hours !== null && weekTable(hours, say)}
</main>`;
}

function body(view: DoorView, say: Speech): Html {
  const words = say.doors.pay;
  switch (view.notSold) {
    case null:
      return holdsOne(view) ? yours(view, say) : form(view, say);
    case 'passage':
    case 'open-all':
      return notice('check', 'brand', words.passage, words.passage.text);
    case 'maintenance':
      return html`${notice('tool', 'warn', words.maintenance, words.maintenance.text)}${price(view, say)}`;
    case 'closed': {
      const { closed } = say.pay;
      const text = view.opensAt === null ? closed.unknown : closed.opens(say.moment(view.opensAt));
      return html`${notice('wait', 'plain', { title: closed.title, hint: words.maintenance.hint }, text)}${price(view, say)}`;
    }
    case 'lockdown':
    case 'no-way-in':
      return html`${notice('signal', 'warn', words.unavailable, words.unavailable.text)}${price(view, say)}`;
    case 'payments-off':
      return html`${notice('stop', 'warn', say.pay.paymentsOff, words.paymentsOff)}${price(view, say)}`;
    default:
      return notice('question', 'plain', words.notSold, words.notSold.text);
  }
}

/** Who closed the page of what they bought finds it by the code on the door, and pays no second time unawares. */
function yours(view: DoorView, say: Speech): Html {
  const words = say.doors.pay.yours;
  const until = view.own?.validUntil ?? null;
  const text = until === null ? words.soon : say.doors.access.until(say.moment(until));
  return html`${notice('check', 'brand', words, text)}
<div class="pay-bar"><a class="button" href="${view.own?.url ?? ''}">${words.show}</a></div>
<details class="more others" ${attribute('open', view.form !== undefined)}><summary>${words.other}</summary>
${form(view, say)}
</details>`;
}

function ownLink(view: DoorView, say: Speech): Html | null {
  const { own, notSold } = view;
  if (own === null || own.state === 'payment-not-completed') return null;
  const live = holdsOne(view);
  if (live && notSold === null) return null;
  const words = say.doors.pay.yours;
  return html`<p class="last"><a href="${own.url}">${live ? words.show : words.last}</a></p>`;
}

function form(view: DoorView, say: Speech): Html {
  const words = say.doors.pay;
  const free = view.price === 0;
  return html`<form method="post" action="/pay/${encodeURIComponent(view.uid)}">
${price(view, say)}
${!free && receipt(view, say)}
<div class="pay-bar"><button class="button" data-busy="${say.pay.busy}">${free ? words.open : say.pay.pay(say.money(view.price, view.currency))}</button></div>
<p class="promise">${shieldIcon()} <span>${free ? words.promiseFree : html`<b>${words.promise}</b> ${say.pay.promiseDetail}`}</span></p>
</form>`;
}

const price = (view: DoorView, say: Speech): Html =>
  html`<div class="plan only"><p class="plan-main"><b class="plan-words">${say.doors.pay.what(say.duration(view.durationMinutes))}</b> <span class="price">${say.price(view.price, view.currency)}</span></p>
${view.notSold === null && html`<p class="plan-start">${view.price === 0 ? say.doors.pay.startsFree : say.doors.pay.starts}</p>`}</div>`;

function receipt(view: DoorView, say: Speech): Html {
  const email = view.form?.email ?? '';
  const wrong = view.form?.field === 'email';
  return html`<details class="more receipt" ${attribute('open', email !== '')}>
<summary>${say.pay.emailSummary}</summary>
<label for="email">${say.pay.email}</label>
<input class="field" id="email" name="email" type="email" inputmode="email" autocomplete="email" autocapitalize="none" spellcheck="false" maxlength="254" value="${email}" ${attribute('aria-invalid', wrong && 'true')} ${attribute('aria-describedby', wrong && 'problem')}>
</details>`;
}
