/** "Mail me when it is free", below the notice of a machine that is taken: a link to the form, the form, or that it is noted. */
import type { Instant } from '../rules/instant.ts';
import { attribute, type Html, html } from './html.ts';
import { alertIcon } from './icons.ts';
import type { Speech } from './page-context.ts';

export type WishView = {
  /** How many other machines here are like this one. */
  alike: number;
  /** Until when a wish would wait. */
  until: Instant;
  mine: { any: boolean; expiresAt: Instant } | null;
  /** The form is shown; else a link to it. */
  open: boolean;
  /** What a refused form brought, and why it was refused. */
  form?: { email: string; any: boolean; error: string | null; field?: 'email' | null };
};

type Of = { uid: string; deviceName: string; wish?: WishView | null };

export function wishPart({ uid, deviceName, wish }: Of, say: Speech): Html | null {
  if (wish === undefined || wish === null) return null;
  const action = `/pay/${encodeURIComponent(uid)}/tell-me`;
  if (wish.open) return form(wish, action, say);
  if (wish.mine !== null) return noted(wish.mine, deviceName, action, say);
  return html`<p class="wish"><a class="button quiet" href="${`${action}#wish`}">${say.pay.wish.offer}</a></p>`;
}

function form(wish: WishView, action: string, say: Speech): Html {
  const words = say.pay.wish;
  const error = wish.form?.error ?? null;
  return html`<section class="wish" id="wish">
<h2>${words.title}</h2>
<form method="post" action="${action}">
${error !== null && html`<p class="alert bad" role="alert" id="wish-problem">${alertIcon()} <span>${error}</span></p>`}
<label for="wish-email">${words.email}</label>
<input class="field" id="wish-email" name="email" type="email" inputmode="email" autocomplete="email" autocapitalize="none" spellcheck="false" maxlength="254" required value="${wish.form?.email ?? ''}" ${attribute('aria-invalid', wish.form?.field === 'email' && 'true')} ${attribute('aria-describedby', wish.form?.field === 'email' && 'wish-problem')} ${attribute('autofocus', error !== null)}>
${wish.alike > 0 && anyBox(wish, say)}
<button class="button" data-busy="${say.pay.busy}">${words.button}</button>
<p class="hint">${words.hint(say.moment(wish.until))}</p>
</form>
</section>`;
}

/** A box that is not ticked is not sent: the hidden field tells that it was there. */
const anyBox = (wish: WishView, say: Speech): Html =>
  html`<input type="hidden" name="askedAny" value="1"><label class="check"><input type="checkbox" name="any" value="1" ${attribute('checked', wish.form?.any !== false)}> <span>${say.pay.wish.any(wish.alike)}</span></label>`;

function noted(mine: NonNullable<WishView['mine']>, deviceName: string, action: string, say: Speech): Html {
  const words = say.pay.wish;
  const moment = say.moment(mine.expiresAt);
  return html`<section class="wish noted" data-testid="wish-noted">
<h2>${words.noted}</h2>
<p role="status">${mine.any ? words.notedAny(deviceName, moment) : words.notedThis(deviceName, moment)}</p>
<p class="hint">${words.notedHint}</p>
<form method="post" action="${`${action}/back`}"><button class="button quiet">${words.takeBack}</button></form>
</section>`;
}
