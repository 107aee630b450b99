/**
 * GET /access/:token: the way in that a guest has bought, large and plain; or where it is, and where their money is. Pure
 * rendering; works without script: the button is a form, and what changes renews itself.
 */
import { qrPath, qrSquares, quietBorder } from '../http/qr-picture.ts';
import type { Instant } from '../rules/instant.ts';
import type { PassFailure } from '../rules/passes/pass.ts';
import type { PassState } from '../rules/passes/view.ts';
import { documentTitle, renderDocument } from './document.ts';
import { attribute, type Html, html } from './html.ts';
import { placeIcon, type Sign, signOf } from './icons.ts';
import { type PageContext, type Speech, speechOf } from './page-context.ts';
import { type Refund, refundWords } from './session-words.ts';

export type OpenedWords = 'confirmed' | 'accepted' | 'unknown' | 'failed' | 'denied' | 'too-many';

export type AccessView = {
  token: string;
  doorName: string;
  location: string | null;
  payUrl: string | null;
  state: PassState;
  validFrom: Instant | null;
  validUntil: Instant | null;
  price: number;
  currency: string;
  code: string | null;
  qr: { content: string | null; link: string | null } | null;
  openNow: boolean;
  /** Why there is no way in. */
  failure: PassFailure | null;
  refund: Refund | null;
  /** What came of the button that was just pressed. */
  opened: OpenedWords | null;
};

const tones: Record<PassState, string> = {
  'waiting-for-payment': 'brand',
  'getting-ready': 'brand',
  ready: 'good',
  ended: 'plain',
  'could-not-make': 'bad',
  refunded: 'warn',
  'payment-not-completed': 'plain',
};
const signs: Record<PassState, Sign | null> = {
  'waiting-for-payment': 'wait',
  'getting-ready': 'wait',
  ready: null,
  ended: 'check',
  'could-not-make': 'cross',
  refunded: 'stop',
  'payment-not-completed': 'stop',
};

const openedTones: Record<OpenedWords, string> = {
  confirmed: 'good',
  accepted: 'good',
  unknown: 'plain',
  failed: 'bad',
  denied: 'bad',
  'too-many': 'plain',
};

export function accessPage(view: AccessView, ctx: PageContext): string {
  const say = speechOf(ctx);
  const title = `${say.doors.access.titles[view.state]} · ${view.doorName}`;
  return renderDocument(
    {
      title,
      main: accessMain(view, ctx),
      refreshSeconds: refreshOf(view, ctx),
      refreshTo: `/access/${view.token}`, // what came of the button is told once
      noConnection: say.doors.access.noConnection,
    },
    ctx,
  );
}

/** Only the <main> element, for the script's `?fragment=1`. */
export const accessFragment = (view: AccessView, ctx: PageContext): string => accessMain(view, ctx).toString();

/** Soon while the guest waits, and after the button; when the time is over; and while money is on its way. */
function refreshOf({ state, validUntil, refund, opened }: AccessView, ctx: PageContext): number | null {
  if (state === 'waiting-for-payment' || state === 'getting-ready') return 2;
  if (state === 'ready' && validUntil !== null) {
    return Math.min(opened === null ? 60 : 20, Math.max(2, (validUntil - ctx.now) / 1000 + 1));
  }
  return refund?.state === 'pending' || state === 'could-not-make' ? 15 : null;
}

function accessMain(view: AccessView, ctx: PageContext): Html {
  const say = speechOf(ctx);
  const words = say.doors.access;
  const { state } = view;
  const sign = signs[state];
  const title = `${words.titles[state]} · ${view.doorName}`;
  const refresh = refreshOf(view, ctx);
  return html`<main data-testid="access" data-state="${state}" data-refund="${view.refund?.state ?? ''}" data-title="${documentTitle(title, ctx)}" ${attribute('data-refresh', refresh === null ? null : Math.ceil(refresh))} class="session access ${tones[state]}" tabindex="-1">
<p class="machine"><b>${view.doorName}</b>${view.location !== null && html` <span class="place">${placeIcon()} <span>${view.location}</span></span>`}</p>
${sign !== null && signOf(sign)}
<h1>${words.titles[state]}</h1>
${state === 'ready' && view.validUntil !== null && html`<p class="strong">${words.until(say.moment(view.validUntil))}</p>`}
<p class="lead">${leadOf(view, say)}</p>
${state === 'getting-ready' && view.price > 0 && html`<p class="hint">${words.promise}</p>`}
${view.opened !== null && html`<p class="alert ${openedTones[view.opened]}" role="status" data-testid="opened" data-outcome="${view.opened}">${words.opened[view.opened]}</p>`}
${state === 'ready' && ways(view, say)}
${money(view, say)}
${facts(view, say)}
${again(view, say)}
</main>`;
}

function leadOf({ state, failure, price }: AccessView, say: Speech): string {
  const { leads, reasons } = say.doors.access;
  if (state === 'getting-ready' && price === 0) return reasons.freeSoon;
  if (state !== 'could-not-make') return leads[state];
  if (failure === 'never_opened') return reasons.neverOpened;
  return failure === 'heard_too_late' ? reasons.tooLate : leads[state];
}

function ways(view: AccessView, say: Speech): Html {
  const words = say.doors.access;
  const buttonAlone = view.code === null && view.qr === null;
  if (buttonAlone && !view.openNow) return html`<p class="alert bad" role="status">${words.noWay}</p>`;
  return html`${
    view.code !== null &&
    html`<section class="way" aria-label="${words.code}"><h2>${words.code}</h2>
<p class="code" data-testid="code" translate="no">${view.code}</p>
<button class="button quiet" type="button" data-copy="${view.code}" data-copied="${words.copied}" hidden>${words.copy}</button>
<p class="hint">${words.codeHint}</p></section>`
  }
${view.qr !== null && qr(view.qr, say)}
${
  view.openNow &&
  html`<form method="post" action="/access/${view.token}/open" class="way"><button class="button" data-busy="${words.opening}">${words.openNow}</button><p class="hint">${words.openHint}</p>${buttonAlone && view.price > 0 && html`<p class="hint">${words.buttonPromise}</p>`}</form>`
}`;
}

function qr({ content, link }: NonNullable<AccessView['qr']>, say: Speech): Html | null {
  const words = say.doors.access;
  if (content === null) {
    return link === null
      ? null
      : html`<section class="way"><h2>${words.qr}</h2><p><a class="button quiet" href="${link}" rel="noreferrer">${words.qrLink}</a></p><p class="hint">${words.qrHint}</p></section>`;
  }
  const squares = qrSquares(content);
  const side = squares.length + 2 * quietBorder;
  return html`<section class="way" aria-label="${words.qr}"><h2>${words.qr}</h2>
<svg class="qr" data-testid="qr" role="img" aria-label="${words.qr}" viewBox="0 0 ${side} ${side}" shape-rendering="crispEdges"><path class="ground" d="M0 0h${side}v${side}H0z"/><path d="${qrPath(squares)}"/></svg>
<p class="hint">${words.qrHint}</p></section>`;
}

function money(view: AccessView, say: Speech): Html | null {
  if (view.refund === null) {
    if (view.state !== 'could-not-make' || view.price === 0) return null;
    const due = say.session.refund.due(say.money(view.price, view.currency));
    return html`<div class="money back"><p><b>${due}</b></p></div>`;
  }
  const words = refundWords(view.refund, view.currency, say);
  return html`<div class="money ${words.tone}" data-testid="refund" data-refund="${view.refund.state}"><p><b>${words.text}</b></p><p>${words.hint}</p></div>`;
}

function facts(view: AccessView, say: Speech): Html {
  const words = say.doors.access.facts;
  const row = (name: string, value: string | null): Html | null =>
    value === null ? null : html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
  const moment = (at: Instant | null): string | null => (at === null ? null : say.moment(at));
  return html`<section class="facts"><dl>
${row(words.from, moment(view.validFrom))}
${row(words.until, moment(view.validUntil))}
${row(words.price, say.price(view.price, view.currency))}
</dl></section>`;
}

function again(view: AccessView, say: Speech): Html | null {
  if (view.payUrl === null) return null;
  if (view.state === 'waiting-for-payment') {
    return html`<p class="tell-link"><a href="${view.payUrl}">${say.session.notPaidYet}</a></p>`;
  }
  if (view.state === 'ready' || view.state === 'getting-ready') return null;
  const text = view.state === 'ended' ? say.doors.access.again : say.common.tryAgain;
  return html`<p class="again"><a class="button quiet" href="${view.payUrl}">${text}</a></p>`;
}
