/** Where the link in a mail about a free machine leads: one button, and no account. A look at the page alone stops nothing. */
import { renderDocument } from './document.ts';
import { html } from './html.ts';
import { signOf } from './icons.ts';
import { type PageContext, speechOf } from './page-context.ts';

export function wishStopPage(view: { action: string; stopped: boolean }, ctx: PageContext): string {
  const words = speechOf(ctx).pay.wishStop;
  const { action, stopped } = view;
  const title = stopped ? words.doneTitle : words.title;
  return renderDocument(
    {
      title,
      main: html`<main data-testid="wish-stop" data-state="${stopped ? 'stopped' : 'asked'}" class="message ${stopped ? 'good' : 'plain'}" tabindex="-1">
${signOf(stopped ? 'check' : 'question')}
<h1>${title}</h1>
<p class="lead">${stopped ? words.done : words.text}</p>
<p class="hint">${stopped ? words.doneHint : words.hint}</p>
${!stopped && html`<form class="again" method="post" action="${action}"><button class="button">${words.button}</button></form>`}
</main>`,
      refreshSeconds: null,
      noConnection: null,
    },
    ctx,
  );
}
