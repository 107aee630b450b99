/**
 * The document around every guest page: head, brand, header, footer, and the two lines that the script fills (what a
 * screen reader should say, and "no connection"). Complete without script: temporary states renew themselves by
 * meta refresh, which stands in <noscript> so that the script can do it without losing what the guest typed.
 */
import { languages, spokenLanguage } from '../texts/languages.ts';
import { brandRules } from './brand.ts';
import { attribute, type Html, html, styleElement } from './html.ts';
import { linkedText } from './linked-text.ts';
import { type PageContext, speechOf } from './page-context.ts';

export type DocumentParts = {
  /** For the tab: what is this, in three words. */
  title: string;
  /** The one <main> of the page. */
  main: Html;
  /** null: a lasting state, nothing to wait for. */
  refreshSeconds: number | null;
  /** Where it renews itself from without script, when that is not its own address. */
  refreshTo?: string;
  /** What to say when there is no connection. */
  noConnection: string | null;
};

export function renderDocument(parts: DocumentParts, ctx: PageContext): string {
  const refresh = parts.refreshSeconds;
  return html`<!doctype html>
<html lang="${spokenLanguage(ctx.language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="color-scheme" content="light dark">
<meta name="theme-color" content="#f5f5f2" media="(prefers-color-scheme: light)">
<meta name="theme-color" content="#101114" media="(prefers-color-scheme: dark)">
<meta name="robots" content="noindex">
<meta name="referrer" content="same-origin">
<meta name="format-detection" content="telephone=no">
<title>${documentTitle(parts.title, ctx)}</title>
${refresh !== null && html`<noscript><meta http-equiv="refresh" content="${Math.max(1, Math.ceil(refresh))}${parts.refreshTo === undefined ? '' : `;url=${parts.refreshTo}`}"></noscript>`}
<link rel="stylesheet" href="${ctx.assets.css}">
${styleElement(ctx.nonce, brandRules(ctx.branding.color))}
${ctx.assets.icon !== undefined && html`<link rel="icon" href="${ctx.assets.icon}" type="image/svg+xml">`}
<script type="module" src="${ctx.assets.js}"></script>
</head>
<body>
${languageSwitch(ctx)}
${header(ctx)}
<p id="connection" role="status" hidden>${parts.noConnection}</p>
${parts.main}
<p id="announcement" class="unseen" aria-live="polite"></p>
${footer(ctx)}
</body>
</html>
`.toString();
}

/** `Washer 3 · Sparkle Laundry`; the owner's own title, or the company's name, stands behind what the page is about. */
export function documentTitle(subject: string, ctx: PageContext): string {
  const place = ctx.title ?? ctx.companyName;
  return place === null || place === subject ? subject : `${subject} · ${place}`;
}

function header(ctx: PageContext): Html | null {
  const { logo } = ctx.branding;
  const name = ctx.companyName;
  const headerText = ctx.branding.headerText === name ? null : ctx.branding.headerText; // said once is enough
  if (logo === null && name === null && headerText === null) return null;
  return html`<header>
${logo !== null && html`<img class="logo" src="${logo}" alt="${name ?? ''}" height="44">`}
${logo === null && name !== null && html`<p class="company">${name}</p>`}
${headerText !== null && html`<p class="greeting">${headerText}</p>`}
</header>`;
}

function footer(ctx: PageContext): Html | null {
  const { footerText } = ctx.branding;
  return footerText === null ? null : html`<footer><p>${linkedText(footerText)}</p></footer>`;
}

/** Plain links to this same page: they need no script, and say their own language's name. */
function languageSwitch(ctx: PageContext): Html | null {
  const { path } = ctx;
  if (path === undefined) return null;
  const spoken = spokenLanguage(ctx.language).split('-')[0];
  return html`<nav class="languages" aria-label="${speechOf(ctx).common.language}">${languages.map(
    ({ tag, name }) =>
      html`<a href="${`${path}?lang=${tag}`}" lang="${tag}" hreflang="${tag}" ${attribute('aria-current', tag === spoken && 'true')}>${name}</a> `,
  )}</nav>`;
}
