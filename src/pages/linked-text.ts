import { type Html, html } from './html.ts';

const targets = /(https?:\/\/[^\s<>"']*[^\s<>"'.,;:!?)]|[^\s@<>()]+@[^\s@<>()]+\.[a-z]{2,}|\+\d[\d\s()/-]{5,20}\d)/i;

/** An owner's own line: web and mail addresses and international telephone numbers in it can be tapped; all else is text. */
export function linkedText(text: string): Html {
  return html`${text.split(targets).map((part, i) => (i % 2 === 1 ? html`<a href="${addressOf(part)}">${part}</a>` : html`${part}`))}`;
}

function addressOf(part: string): string {
  if (part.startsWith('+')) return `tel:${part.replace(/[^\d+]/g, '')}`;
  return part.includes('@') && !/^https?:/i.test(part) ? `mailto:${part}` : part;
}
