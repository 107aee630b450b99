/** Pages that say one thing: nothing here, our fault, too many tries, back in a moment; and the console's placeholder. */
import { renderDocument } from './document.ts';
import { html } from './html.ts';
import { type Sign, signOf } from './icons.ts';
import { type PageContext, speechOf } from './page-context.ts';

export type MessageKind = 'not-found' | 'error' | 'too-many' | 'unavailable';

const signs: Record<MessageKind, Sign> = {
  'not-found': 'question',
  error: 'stop',
  'too-many': 'wait',
  unavailable: 'wait',
};

export function messagePage(kind: MessageKind, ctx: PageContext): string {
  const words = speechOf(ctx).messages[kind];
  const tone = kind === 'error' ? 'warn' : 'plain';
  return renderDocument(
    {
      title: words.title,
      main: html`<main data-testid="message" data-state="${kind}" class="message ${tone}" tabindex="-1">
${signOf(signs[kind])}
<h1>${words.title}</h1>
<p class="lead">${words.text}</p>
<p class="hint">${words.hint}</p>
${kind !== 'not-found' && ctx.path !== undefined && html`<p class="again"><a class="button quiet" href="${ctx.path}">${speechOf(ctx).common.tryAgain}</a></p>`}
</main>`,
      // Only where trying again by itself cannot repeat what the guest did: the browser asks for the address with GET.
      refreshSeconds: kind === 'unavailable' ? 5 : null,
      noConnection: null,
    },
    ctx,
  );
}

export function consolePlaceholderPage(ctx: PageContext): string {
  const words = speechOf(ctx).console;
  return renderDocument(
    {
      title: words.title,
      main: html`<main data-testid="console" data-state="placeholder" class="message plain" tabindex="-1">
${ctx.assets.icon !== undefined && html`<img class="mark" src="${ctx.assets.icon}" alt="" width="72" height="72">`}
<h1>${words.title}</h1>
<p class="lead">${words.text}</p>
<p class="again"><a class="button" href="/api/docs">${words.link}</a></p>
</main>`,
      refreshSeconds: null,
      noConnection: null,
    },
    ctx,
  );
}
