/** The inbox on the web: a list, one mail with its text and its HTML in a frame that can do nothing, and the faults. */
import type http from 'node:http';
import { carriesJson, type Handler, namesLoopback, readBody, sendHtml, sendJson, sendText } from '../loopback.ts';
import { pageFiles } from '../page-files.ts';
import { listPage, mailPage } from './inbox-html.ts';
import { type MailFault, mailFaults } from './sink.ts';
import type { MailView } from './start.ts';

export type Inbox = { mails(): MailView[]; state(): { fault: MailFault }; setFault(fault: MailFault): void };

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'";
/** A mail may look as it likes and lead elsewhere, in a window of its own; it runs nothing and fetches nothing. */
const MAIL_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox";
const sendFile = pageFiles(import.meta.dirname, { 'inbox.css': 'text/css', 'inbox.js': 'text/javascript' });

export function inboxPages(inbox: Inbox): Handler {
  async function post(url: URL, request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    if (!carriesJson(request)) return sendJson(response, 415, { error: 'Send application/json.' });
    if (url.pathname !== '/api/fault') return sendJson(response, 404, { error: 'There is nothing here.' });
    const wanted = faultIn(await readBody(request, 1024));
    if (wanted === null) return sendJson(response, 400, { error: `fault is one of ${mailFaults.join(', ')}.` });
    inbox.setFault(wanted);
    sendJson(response, 200, { ok: true });
  }

  /** One mail, or a part of it. */
  function show(pathname: string, response: http.ServerResponse): void {
    const [room, id = '', part] = pathname.slice(1).split('/');
    const mail = room === 'mail' ? inbox.mails().find((each) => each.id === id) : undefined;
    if (mail === undefined) sendText(response, 404, 'There is nothing here.');
    else if (part === undefined) sendHtml(response, 200, mailPage(mail), POLICY);
    else if (part === 'html') sendHtml(response, 200, leadingOut(mail.html), MAIL_POLICY);
    else if (part === 'raw') sendText(response, 200, mail.raw);
    else sendText(response, 404, 'There is nothing here.');
  }

  return async (request, response) => {
    if (!namesLoopback(request)) return sendText(response, 403, 'Only for this machine.');
    const url = new URL(request.url ?? '/', 'http://inbox');
    if (request.method === 'POST') return post(url, request, response);
    if (request.method !== 'GET') return sendText(response, 405, 'Method Not Allowed');
    if (sendFile(url.pathname, response)) return;
    if (url.pathname === '/') sendHtml(response, 200, listPage(inbox.mails(), inbox.state().fault), POLICY);
    else if (url.pathname === '/api/mails') sendJson(response, 200, { ...inbox.state(), mails: inbox.mails() });
    else show(url.pathname, response);
  };
}

/** Links of a mail open in a window of their own: in the frame they could go nowhere. */
function leadingOut(html: string): string {
  const base = '<base target="_blank">';
  return /<head[^>]*>/i.test(html) ? html.replace(/<head[^>]*>/i, (head) => head + base) : base + html;
}

function faultIn(body: string | null): MailFault | null {
  try {
    const { fault } = JSON.parse(body ?? '') as { fault?: unknown };
    return mailFaults.find((each) => each === fault) ?? null;
  } catch {
    return null;
  }
}
