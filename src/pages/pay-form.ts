/** The choice of a plan and the button, as a plain form: it needs no script. Also the price list of a busy machine. */
import type { Instant } from '../rules/instant.ts';
import { attribute, type Html, html } from './html.ts';
import { clockIcon, shieldIcon } from './icons.ts';
import type { PageContext, Speech } from './page-context.ts';
import type { PayPlan, PayView } from './pay-page.ts';

/** `chosen`: the plan that is already decided; else that of the refused form, or the only one there is. */
export function payForm(view: PayView, chosen: string | null, ctx: PageContext, say: Speech): Html {
  const offered = view.plans.filter((plan) => !isLate(plan));
  const only = offered.length === 1 ? offered[0] : undefined;
  const planId = view.form?.planId ?? chosen ?? only?.id ?? null;
  const error = view.form?.error ?? null;
  const starts = new Set(offered.map((plan) => startWords(plan, say)));
  // Said once where it is the same for all.
  const shared = offered.length > 1 && starts.size === 1 ? ([...starts][0] ?? null) : null;
  const free = offered.every(({ price }) => price === 0);
  return html`<form method="post" action="/pay/${encodeURIComponent(view.uid)}">
<fieldset class="plans" ${attribute('aria-describedby', error !== null && 'problem')}>
<legend>${view.plans.length > 1 ? say.pay.chooseProgram : say.pay.program}</legend>
${shared !== null && html`<p class="plan-start">${shared}</p>`}
${view.plans.map((plan) => {
  if (isLate(plan)) return latePlan(plan, view, ctx, say);
  return planCard(plan, plan.id === planId, shared === null, view.currency, say);
})}
</fieldset>
${!free && receipt(view, say)}
<div class="pay-bar"><button class="button" data-busy="${say.pay.busy}">${buttonText(offered, only, view.currency, say)}</button></div>
<p class="promise">${shieldIcon()} <span>${free ? say.pay.promiseFree : html`<b>${say.pay.promise}</b> ${say.pay.promiseDetail}`}</span></p>
</form>`;
}

/** Without script the button cannot follow the choice, so it names a price only where there is nothing to choose. */
function buttonText(offered: readonly PayPlan[], only: PayPlan | undefined, currency: string, say: Speech): string {
  if (only !== undefined) return planLabel(only, currency, say);
  return offered.every(({ price }) => price === 0) ? say.pay.start : say.pay.continue;
}

const planLabel = (plan: PayPlan, currency: string, say: Speech): string =>
  plan.price === 0 ? say.pay.start : say.pay.pay(say.money(plan.price, currency));

function planCard(plan: PayPlan, chosen: boolean, tellsStart: boolean, currency: string, say: Speech): Html {
  return html`<label class="plan">
<input type="radio" name="planId" value="${plan.id}" required ${attribute('checked', chosen)} data-label="${planLabel(plan, currency, say)}">
${planWords(plan, currency, say)}
${tellsStart && html`<span class="plan-start">${startWords(plan, say)}</span>`}
</label>`;
}

const planWords = (plan: PayPlan, currency: string, say: Speech): Html =>
  html`<span class="plan-main"><span class="plan-words"><b>${plan.name}</b> ${plan.description !== null && html`<span class="plan-description">${plan.description}</span>`} <span class="plan-time">${clockIcon()} <span>${say.duration(plan.durationMinutes)}</span></span></span>
<span class="price">${say.price(plan.price, currency)}</span></span>`;

const isLate = ({ unfit }: PayPlan): boolean => unfit !== undefined && unfit !== null;

/** Not to be had before closing any more: it stays in sight, with why. */
function latePlan(plan: PayPlan, view: PayView, ctx: PageContext, say: Speech): Html {
  return html`<label class="plan late">
<input type="radio" name="planId" value="${plan.id}" disabled>
${planWords(plan, view.currency, say)}
<span class="plan-start">${lateWords(plan, view.hours?.closesAt ?? ctx.now, say)}</span>
</label>`;
}

function lateWords({ unfit, durationMinutes, delayMinutes }: PayPlan, closesAt: Instant, say: Speech): string {
  if (unfit === 'starts-after-closing') return say.pay.hours.startsTooLate(say.moment(closesAt));
  return say.pay.hours.endsTooLate(say.duration(durationMinutes + delayMinutes), say.moment(closesAt));
}

function startWords(plan: PayPlan, say: Speech): string {
  if (plan.delayMinutes <= 0) return plan.price === 0 ? say.pay.startsAtOnceFree : say.pay.startsAtOnce;
  const words = say.durationInWords(plan.delayMinutes);
  return plan.price === 0 ? say.pay.startsLaterFree(words) : say.pay.startsLater(words);
}

function receipt(view: PayView, say: Speech): Html {
  const email = view.form?.email ?? '';
  return html`<details class="more receipt" ${attribute('open', email !== '')}>
<summary>${say.pay.emailSummary}</summary>
<label for="email">${say.pay.email}</label>
<input class="field" id="email" name="email" type="email" inputmode="email" autocomplete="email" autocapitalize="none" spellcheck="false" maxlength="254" value="${email}" ${attribute('aria-invalid', view.form?.field === 'email' && 'true')} ${attribute('aria-describedby', view.form?.field === 'email' && 'problem')}>
${view.mailOn === true && whenDone(view.form?.mailWhenDone !== false, say)}
</details>`;
}

/** A box that is not ticked is not sent: the hidden field tells that it was there. */
const whenDone = (ticked: boolean, say: Speech): Html =>
  html`<input type="hidden" name="askedWhenDone" value="1"><label class="check"><input type="checkbox" name="mailWhenDone" value="1" ${attribute('checked', ticked)}> <span>${say.pay.mailWhenDone}</span></label>`;

/** What it would cost, for somebody who waits. */
export function priceList(view: PayView, say: Speech): Html | null {
  if (view.plans.length === 0) return null;
  return html`<section class="facts"><h2>${say.pay.programs}</h2>
<dl>${view.plans.map((plan) => html`<div><dt>${plan.name} <small>${say.duration(plan.durationMinutes)}</small></dt><dd>${say.price(plan.price, view.currency)}</dd></div>`)}</dl>
</section>`;
}
