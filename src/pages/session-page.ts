/**
 * GET /session/:token: what the machine is doing for this guest and where their money is. Pure rendering: the state is
 * derived elsewhere. The <main> element alone is what the script swaps in when something changed.
 */
import type { PageState } from '../rules/sessions/view.ts';
import { clockText } from '../texts/format.ts';
import { documentTitle, renderDocument } from './document.ts';
import { attribute, type Html, html } from './html.ts';
import { alertIcon, placeIcon, type Sign, signOf } from './icons.ts';
import { messagePart, messagePassed, offeredIn } from './message-form.ts';
import { type PageContext, type Speech, speechOf } from './page-context.ts';
import { countdownOf, rhythmOf, type SessionView, sessionRefreshSeconds, wasLost } from './session-view.ts';
import { leadOf, type Refund, refundWords, unsettledWords } from './session-words.ts';

type Tone = 'brand' | 'good' | 'warn' | 'bad' | 'plain';

const tones: Record<PageState, Tone> = {
  'waiting-for-payment': 'brand',
  'waiting-to-start': 'brand',
  starting: 'brand',
  running: 'brand',
  finishing: 'brand',
  complete: 'good',
  interrupted: 'warn',
  'failed-to-start': 'bad',
  'payment-not-completed': 'plain',
  unavailable: 'warn', // nothing has failed yet
};

const signs: Partial<Record<PageState, Sign>> = {
  complete: 'check',
  interrupted: 'stop',
  'failed-to-start': 'cross',
  'payment-not-completed': 'stop',
  unavailable: 'signal',
};

export function sessionPage(view: SessionView, ctx: PageContext): string {
  const say = speechOf(ctx);
  return renderDocument(
    {
      title: subject(view, say),
      main: sessionMain(view, ctx),
      // where a message is being typed nothing renews itself; the script knows better
      refreshSeconds: view.message?.open === true ? null : sessionRefreshSeconds(view, ctx.now),
      noConnection: say.common.noConnection,
    },
    ctx,
  );
}

/** Only the <main> element, for the script's `?fragment=1`. */
export const sessionFragment = (view: SessionView, ctx: PageContext): string => sessionMain(view, ctx).toString();

const subject = (view: SessionView, say: Speech): string => `${say.session.titles[view.state]} · ${view.deviceName}`;

function sessionMain(view: SessionView, ctx: PageContext): Html {
  const say = speechOf(ctx);
  const lead = leadOf(view, ctx.now, say);
  return html`<main data-testid="session" data-state="${view.state}" data-token="${view.token}" data-live="${rhythmOf(view)}" data-refund="${view.refund?.state ?? ''}" data-title="${documentTitle(subject(view, say), ctx)}" ${attribute('data-offer-in', offeredIn(view, ctx.now))} class="session ${tones[view.state]}" tabindex="-1">
<p class="machine"><b>${view.deviceName}</b>${view.location !== null && html` <span class="place">${placeIcon()} <span>${view.location}</span></span>`}</p>
${picture(view, ctx, say)}
<h1>${say.session.titles[view.state]}</h1>
${lead.strong !== null && html`<p class="strong">${lead.strong}</p>`}
${lead.text !== null && html`<p class="lead">${lead.text}</p>`}
${lead.hint !== null && html`<p class="hint">${lead.hint}</p>`}
${messagePassed(view, say)}
${money(view, say)}
${moreTime(view, say)}
${view.message?.open === true && messagePart(view, say)}
${facts(view, say)}
${again(view, say)}
${view.message?.open !== true && messagePart(view, say)}
</main>`;
}

/** A ring while time runs, a turning arc while we wait, a sign when it is over. */
function picture(view: SessionView, ctx: PageContext, say: Speech): Html {
  const sign = signs[view.state];
  const count = countdownOf(view, ctx.now);
  if (sign !== undefined && count === null) return signOf(sign);
  if (count === null) return ring(null, null);
  const label = view.state === 'waiting-to-start' ? say.session.startsIn : say.session.left;
  const before = view.state === 'waiting-to-start';
  const words = html`<span class="ring-label">${label}</span>`;
  return ring(
    count,
    html`${before && words}<span class="ring-time ${count.left >= 3600 ? 'long' : ''}" role="timer" data-left="${count.left}">${clockText(count.left)}</span>${!before && view.state !== 'finishing' && words}`,
  );
}

function ring(count: { left: number; total: number | null } | null, inside: Html | null): Html {
  const share = count === null ? 0.22 : count.total === null ? 1 : Math.min(1, count.left / Math.max(1, count.total));
  return html`<div class="ring ${count === null ? 'turning' : ''}">
<svg viewBox="0 0 120 120" aria-hidden="true"><circle class="track" cx="60" cy="60" r="54"/><circle class="arc" cx="60" cy="60" r="54" pathLength="1000" transform="rotate(-90 60 60)" stroke-dasharray="${Math.round(share * 1000)} 1000" ${attribute('visibility', share === 0 && 'hidden')} ${attribute('data-total', count?.total)}/></svg>
<div class="ring-inside">${inside}</div>
</div>`;
}

function money(view: SessionView, say: Speech): Html | null {
  const refund: Refund | null = view.refund;
  const words = refund === null ? unsettledWords(view, say) : refundWords(refund, view.currency, say);
  if (words === null) return null;
  return html`<div class="money ${words.tone}" data-testid="refund" ${attribute('data-refund', refund?.state)}><p><b>${words.text}</b></p>${words.hint !== null && html`<p>${words.hint}</p>`}</div>`;
}

/** What was bought on top, and what may be. A form for each choice: works without script, one tap from the checkout. */
function moreTime(view: SessionView, say: Speech): Html | null {
  const words = say.session.more;
  const notes = view.added.map(({ minutes, paid }) => {
    const time = say.duration(minutes);
    return html`<p class="added" data-paid="${paid ? 'yes' : 'no'}">${paid ? words.added(time) : words.waiting(time)}</p>`;
  });
  if (notes.length === 0 && view.onTop.length === 0 && view.extendProblem === null) return null;
  return html`<section class="more" data-testid="more-time">
${notes}
${view.extendProblem !== null && html`<p class="alert bad" role="alert">${alertIcon()} <span>${view.extendProblem}</span></p>`}
${
  view.onTop.length > 0 &&
  html`<h2>${words.title}</h2>
<ul>${view.onTop.map(
    (plan) =>
      html`<li><form method="post" action="/session/${view.token}/extend"><input type="hidden" name="planId" value="${plan.id}"><button class="button quiet" type="submit">${words.button(say.duration(plan.durationMinutes), say.price(plan.price, view.currency))}</button></form></li>`,
  )}</ul>
<p class="hint">${words.hint}</p>`
}
</section>`;
}

function facts(view: SessionView, say: Speech): Html {
  const words = say.session.facts;
  const row = (name: string, value: string | null): Html | null =>
    value === null ? null : html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
  const over = view.endedAt !== null;
  // What the title already says is not said again.
  const endKnown = over || view.state === 'running' || view.state === 'finishing';
  const moment = (at: number | null): string | null => (at === null ? null : say.moment(at));
  return html`<section class="facts"><dl>
${row(words.program, `${view.planName} · ${say.duration(view.durationSeconds / 60)}`)}
${row(words.started, moment(view.startedAt))}
${row(words.finishes, endKnown ? null : moment(view.endsAt))}
${row(words.ended, view.startedAt === null || wasLost(view) ? null : moment(view.endedAt))}
${row(words.price, say.price(view.price, view.currency))}
</dl></section>`;
}

function again(view: SessionView, say: Speech): Html | null {
  const over: PageState[] = ['complete', 'interrupted', 'failed-to-start', 'payment-not-completed'];
  if (view.payUrl === null) return null;
  if (view.state === 'waiting-for-payment') {
    return html`<p class="tell-link"><a href="${view.payUrl}">${say.session.notPaidYet}</a></p>`;
  }
  if (!over.includes(view.state)) return null;
  const text = view.state === 'complete' ? say.session.startAgain : say.common.tryAgain;
  const tone = view.state === 'payment-not-completed' ? 'button' : 'button quiet';
  return html`<p class="again"><a class="${tone}" href="${view.payUrl}">${text}</a></p>`;
}
