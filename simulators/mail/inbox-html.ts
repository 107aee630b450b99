import { escapeHtml } from '../loopback.ts';
import type { MailFault } from './sink.ts';
import type { MailView } from './start.ts';

/** What a fault is called, and what the mail server then does. */
const faults: [fault: MailFault, label: string, about: string][] = [
  ['none', 'Normal', 'Takes every mail, and says so.'],
  ['greylist', 'Greylisting', 'Turns each recipient away once: try again later (451).'],
  ['refuse', 'Refuses', 'Knows no mailbox (550).'],
  ['hang', 'Hangs', 'Takes the mail, and never answers.'],
  ['drop', 'Drops', 'Takes the mail, and hangs up instead of answering.'],
  ['slow', 'Slow', 'Answers, but only after seconds.'],
  ['down', 'Down', 'Hangs up at once.'],
];

const page = (title: string, body: string): string => `<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1"><title>${escapeHtml(title)}</title>
<link rel="stylesheet" href="/looks.css"><link rel="stylesheet" href="/inbox.css"><script src="/inbox.js" type="module"></script>
</head><body>${body}</body></html>`;

const clockOf = (at: number): string => `${new Date(at).toISOString().replace('T', ' ').slice(0, 19)} UTC`;

export function listPage(mails: readonly MailView[], fault: MailFault): string {
  const rows = mails.toReversed().map(
    (mail) =>
      `<li><a href="/mail/${encodeURIComponent(mail.id)}" data-testid="mail"><b>${escapeHtml(mail.subject)}</b>
<span>to ${escapeHtml(mail.to.join(', '))}</span> <time>${clockOf(mail.at)}</time></a></li>`,
  );
  const buttons = faults.map(
    ([name, label]) =>
      `<button type="button" data-fault="${name}" data-testid="mail-fault-${name}" aria-pressed="${name === fault}">${label}</button>`,
  );
  const about = faults.find(([name]) => name === fault)?.[2] ?? '';
  return page(
    'Mail inbox',
    `<header><h1>Mail inbox</h1><p>Everything that Keystead has mailed in this simulation. None of it left this machine.</p></header>
<main data-count="${mails.length}" data-newest="${escapeHtml(mails.at(-1)?.id ?? '')}" data-now="${fault}">
<div role="group" aria-label="State of the mail server" class="choices">${buttons.join('')}</div><p class="soft">${about}</p>
${rows.length === 0 ? '<p class="soft" data-testid="empty">No mail yet. Give an address when you pay.</p>' : `<ul>${rows.join('')}</ul>`}
</main>`,
  );
}

export function mailPage(mail: MailView): string {
  const id = encodeURIComponent(mail.id);
  const fact = (name: string, value: string): string => `<div><dt>${name}</dt><dd>${escapeHtml(value)}</dd></div>`;
  return page(
    mail.subject,
    `<nav><a href="/">Inbox</a></nav><main class="mail"><h1>${escapeHtml(mail.subject)}</h1>
<dl>${fact('From', `${mail.sender.name} <${mail.sender.address}>`)}${fact('To', mail.to.join(', '))}${fact('At', clockOf(mail.at))}${fact('Message-ID', mail.messageId)}</dl>
${mail.html === '' ? '' : `<h2>As HTML</h2><iframe title="The mail" sandbox="allow-popups allow-popups-to-escape-sandbox" src="/mail/${id}/html"></iframe>`}
<h2>As text</h2><pre>${linked(mail.text)}</pre>
<p><a href="/mail/${id}/raw">As it came</a></p></main>`,
  );
}

/** Web addresses in plain text become links; all else stays text. */
function linked(text: string): string {
  return text
    .split(/(https?:\/\/[^\s<>"']+)/)
    .map((part, i) => {
      const safe = escapeHtml(part);
      return i % 2 === 1 ? `<a href="${safe}" target="_blank" rel="noreferrer">${safe}</a>` : safe;
    })
    .join('');
}
