/** The hosted payment page, at the address a Checkout Session names. Works without JavaScript. */
import type http from 'node:http';
import { readBody, sendHtml } from '../loopback.ts';
import { challengeHtml } from './challenge-html.ts';
import { answerChallenge, type Payment, paySession, successUrl } from './checkout.ts';
import { checkoutHtml, closedHtml, type Typed, unknownHtml } from './hosted-html.ts';
import type { Ledger } from './ledger.ts';
import { isEmail } from './open-checkout.ts';
import type { Checkout } from './types.ts';

// no form-action: browsers apply it to the redirect to the merchant as well
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";

const nothing: Typed = { email: '', number: '', expiry: '', cvc: '' };

export function pageId(url: string | undefined): string | undefined {
  return /^\/c\/pay\/([^/?#]+)/.exec(url ?? '')?.[1];
}

export async function servePage(
  ledger: Ledger,
  id: string,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): Promise<void> {
  const checkout = ledger.checkouts.get(id);
  const show = (status: number, html: string) => sendHtml(response, status, html, POLICY);
  if (checkout === undefined) return show(404, unknownHtml());
  if (request.method !== 'POST') {
    const asked = checkout.challenge === undefined || checkout.challenge === null ? null : challengeHtml(checkout);
    return show(200, closed(checkout) ?? asked ?? checkoutHtml(checkout, nothing, null));
  }
  const form = new URLSearchParams((await readBody(request, 16 * 1024)) ?? '');
  const answered = form.get('challenge');
  if (answered === 'complete' || answered === 'fail') {
    return answer(answerChallenge(ledger, checkout, answered === 'complete'), checkout, nothing, response, show);
  }
  const typed: Typed = {
    email: checkout.session.customer_email ?? (form.get('email') ?? '').trim(),
    number: form.get('cardNumber') ?? '',
    expiry: form.get('expiry') ?? '',
    cvc: form.get('cvc') ?? '',
  };
  const mistake = checkout.session.status === 'open' ? mistakeIn(typed, ledger.now()) : null;
  if (mistake !== null) return show(400, checkoutHtml(checkout, typed, mistake));
  const payment = paySession(ledger, checkout, typed.number, typed.email);
  answer(payment, checkout, typed, response, show);
}

function answer(
  payment: Payment,
  checkout: Checkout,
  typed: Typed,
  response: http.ServerResponse,
  show: (status: number, html: string) => void,
): void {
  switch (payment.kind) {
    case 'paid':
      response.writeHead(303, { location: payment.redirect, 'cache-control': 'no-store' }).end();
      break;
    case 'declined':
      show(402, checkoutHtml(checkout, typed, payment.message));
      break;
    case 'challenge':
      // elsewhere than the form, so that reloading asks again and charges nothing
      response.writeHead(303, { location: `/c/pay/${checkout.session.id}`, 'cache-control': 'no-store' }).end();
      break;
    case 'wrong-number':
      show(400, checkoutHtml(checkout, typed, payment.message));
      break;
    case 'closed':
      show(200, closed(checkout) ?? unknownHtml());
      break;
  }
}

function closed(checkout: Checkout): string | null {
  const { session } = checkout;
  if (session.status === 'open') return null;
  const complete = session.status === 'complete';
  return closedHtml(complete, complete ? successUrl(session) : session.cancel_url);
}

/** The year and month of the card are the person's: any future one, and any three or four digits. */
function mistakeIn(typed: Typed, now: number): string | null {
  if (!isEmail(typed.email)) return 'Please give your e-mail address.';
  const [, month, year] = /^\s*(\d{1,2})\s*\/?\s*(?:20)?(\d{2})\s*$/.exec(typed.expiry) ?? [];
  if (month === undefined || year === undefined || Number(month) < 1 || Number(month) > 12) {
    return 'Your card’s expiry date is incomplete: month / year.';
  }
  const today = new Date(now);
  const past = (2000 + Number(year)) * 12 + Number(month) < today.getUTCFullYear() * 12 + today.getUTCMonth() + 1;
  if (past) return 'Your card’s expiry date is in the past.';
  return /^\d{3,4}$/.test(typed.cvc.trim()) ? null : 'Your card’s security code is incomplete.';
}
