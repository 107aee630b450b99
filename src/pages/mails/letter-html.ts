/**
 * A mail as HTML: small, no pictures, nothing fetched, readable where a mail program drops the style element, light and
 * dark. The owner's logo is left out: mail programs hide remote pictures, and a picture tells when a mail was read.
 */
import { spokenLanguage } from '../../texts/languages.ts';
import { brandColors } from '../brand.ts';
import { type Html, html, styleElement } from '../html.ts';
import { linkedText } from '../linked-text.ts';
import type { LetterFrame, LetterWords } from './letter.ts';

export function letterHtml(words: LetterWords, frame: LetterFrame): string {
  const { headerText, footerText, color } = frame.branding;
  return html`<!doctype html>
<html lang="${spokenLanguage(frame.language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no">
<title>${words.subject}</title>
${styleElement('', styles(color))}
</head>
<body>
<div class="mail">
${frame.companyName !== null && html`<p class="company">${frame.companyName}</p>`}
${headerText !== null && headerText !== frame.companyName && html`<p class="soft">${headerText}</p>`}
<h1>${words.title}</h1>
${words.strong !== null && html`<p><b>${words.strong}</b></p>`}
${words.paragraphs.map((paragraph) => html`<p>${lines(paragraph)}</p>`)}
${words.facts.length > 0 && table(words.facts)}
${words.button !== null && html`<p><a class="button" href="${words.button.url}">${words.button.label}</a></p>`}
${footerText !== null && html`<p class="soft footer">${lines(footerText, linkedText)}</p>`}
<p class="soft">${words.why}${words.stop !== null && html` <a href="${words.stop.url}">${words.stop.label}</a>`}</p>
</div>
</body>
</html>
`.toString();
}

const table = (facts: LetterWords['facts']): Html =>
  html`<table role="presentation">${facts.map(([name, value]) => html`<tr><td class="soft">${name}</td><td><b>${value}</b></td></tr>`)}</table>`;

/** `each`: an owner's own text may be linked, a stranger's never. */
const lines = (text: string, each = (line: string): Html => html`${line}`): Html[] =>
  text.split('\n').map((line, i) => html`${i > 0 && html`<br>`}${each(line)}`);

/** No custom properties: many mail programs do not know them. */
function styles(color: string | null): string {
  const { light, dark } = brandColors(color);
  return `:root{color-scheme:light dark;supported-color-schemes:light dark}
body{margin:0;padding:0;background:#f5f5f2;color:#17181c;font:16px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
.mail{max-width:456px;margin:0 auto;padding:24px 20px;overflow-wrap:anywhere}
h1{font-size:26px;line-height:1.15;margin:20px 0 12px}
p{margin:0 0 12px}
.company{font-weight:650;margin:0}
.soft{color:#5a5d66;font-size:14px}
.soft a{color:inherit}
.footer{border-top:1px solid #dedfd9;padding-top:16px;margin-top:24px}
table{width:100%;border-collapse:collapse;margin:16px 0}
td{padding:8px 0;border-top:1px solid #dedfd9;vertical-align:top;overflow-wrap:break-word}
td+td{text-align:right;padding-left:16px;overflow-wrap:anywhere}
.button{display:inline-block;margin:8px 0;padding:14px 22px;border-radius:14px;background:${light.fill};color:${light.onFill};font-weight:650;text-decoration:none}
@media(prefers-color-scheme:dark){
body{background:#101114;color:#f1f2f4}
.soft{color:#a6a9b3}
.footer,td{border-color:#2f323a}
.button{background:${dark.fill};color:${dark.onFill}}
}`;
}
