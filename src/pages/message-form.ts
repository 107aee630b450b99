/** "Something wrong? Tell the owner", on the page of a session: a link to the form, the form, and that it was passed on. */
import type { Instant } from '../rules/instant.ts';
import { longestMessage } from '../rules/messages/plain-text.ts';
import { attribute, type Html, html } from './html.ts';
import { alertIcon } from './icons.ts';
import type { Speech } from './page-context.ts';

export type MessageView = {
  may: boolean;
  /** When it will be offered, if it is not yet. */
  mayFrom?: Instant | null;
  /** How many more may be sent. */
  left: number;
  lastAt: Instant | null;
  /** The guest's own address, for the field. */
  email: string | null;
  /** The form is shown; else a link to it. */
  open: boolean;
  /** What a refused form brought, and why it was refused. */
  form?: { text: string; email: string; error: string | null; field?: 'text' | 'email' | null };
};

type Of = { token: string; message?: MessageView | null };

/** Near the top, where who just sent it looks. */
export function messagePassed({ message }: Of, say: Speech): Html | null {
  if (message === undefined || message === null || message.lastAt === null || message.open) return null;
  return html`<p class="passed" role="status" data-testid="passed-on">${say.session.message.passed(say.moment(message.lastAt))}</p>`;
}

export function messagePart({ token, message }: Of, say: Speech): Html | null {
  if (message === undefined || message === null) return null;
  const action = `/session/${token}/message`;
  if (message.open) return form(message, action, say);
  if (!message.may || message.left === 0) return null;
  const words = say.session.message;
  return html`<p class="tell-link"><a href="${`${action}#message`}">${message.lastAt === null ? words.offer : words.again}</a></p>`;
}

/** Seconds until it is offered, for the script: it asks for the page anew then. */
export function offeredIn({ message }: Of, now: Instant): number | null {
  const from = message?.left === 0 ? null : (message?.mayFrom ?? null);
  return from === null || from <= now ? null : Math.ceil((from - now) / 1000);
}

function form(message: MessageView, action: string, say: Speech): Html {
  const words = say.session.message;
  const error = message.form?.error ?? null;
  const wrong = message.form?.field ?? null;
  return html`<section class="tell" id="message">
<h2>${words.title}</h2>
<form method="post" action="${action}">
${error !== null && html`<p class="alert bad" role="alert" id="message-problem">${alertIcon()} <span>${error}</span></p>`}
<label for="message-text">${words.text}</label>
<textarea class="field" id="message-text" name="text" rows="5" maxlength="${longestMessage}" required ${attribute('aria-invalid', wrong === 'text' && 'true')} ${attribute('aria-describedby', wrong === 'text' && 'message-problem')} ${attribute('autofocus', error !== null && wrong !== 'email')}>
${message.form?.text ?? ''}</textarea>
<label for="message-email">${words.email}</label>
<input class="field" id="message-email" name="email" type="email" inputmode="email" autocomplete="email" autocapitalize="none" spellcheck="false" maxlength="254" value="${message.form?.email ?? message.email ?? ''}" ${attribute('aria-invalid', wrong === 'email' && 'true')} ${attribute('aria-describedby', wrong === 'email' && 'message-problem')} ${attribute('autofocus', wrong === 'email')}>
<button class="button" data-busy="${say.pay.busy}">${words.button}</button>
<p class="hint">${words.hint}</p>
</form>
</section>`;
}
