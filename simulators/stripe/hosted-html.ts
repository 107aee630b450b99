/** The looks of the hosted payment page. Phone first; light and dark. */
import { escapeHtml } from '../loopback.ts';
import { formatMoney } from './money.ts';
import type { Checkout } from './types.ts';

export type Typed = { email: string; number: string; expiry: string; cvc: string };

const style = `
:root{color-scheme:light dark;--bg:#f6f8fb;--card:#fff;--text:#1a1f36;--soft:#5b6478;--line:#c9d0dd;--accent:#5145cd;
--accent-text:#fff;--bad:#b3093c;--bad-bg:#fdeef2;font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
@media(prefers-color-scheme:dark){:root{--bg:#0f1220;--card:#191d2e;--text:#eef0f8;--soft:#a4abc2;--line:#3d4560;
--accent:#8f86ff;--accent-text:#10121f;--bad:#ff9db5;--bad-bg:#3a1524}}
*{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--text)}
.note{margin:0;padding:.5rem 1rem;text-align:center;font-size:.85rem;background:#ffd166;color:#3b2a00}
main{max-width:27rem;margin:0 auto;padding:1.25rem 1rem 3rem}
.back{display:inline-block;color:var(--soft);text-decoration:none;padding:.6rem 0}.back:hover{text-decoration:underline}
h1{font-size:1rem;font-weight:600;color:var(--soft);margin:.75rem 0 0}
.amount{font-size:2.4rem;font-weight:700;letter-spacing:-.02em;margin:0 0 .75rem}
ul{list-style:none;margin:0 0 1.25rem;padding:0}li{display:flex;justify-content:space-between;gap:1rem;padding:.35rem 0}
form,.box{background:var(--card);border:1px solid var(--line);border-radius:.9rem;padding:1.1rem}
label{display:block;font-size:.9rem;font-weight:600;margin:0 0 .9rem}
input{display:block;width:100%;margin-top:.3rem;padding:.7rem .8rem;font:inherit;font-weight:400;color:inherit;background:var(--bg);
border:1px solid var(--line);border-radius:.55rem}
input:focus-visible,button:focus-visible,a:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
::placeholder{color:var(--soft);opacity:.75}input[readonly]{color:var(--soft)}.pair{display:grid;grid-template-columns:1fr 1fr;gap:.8rem}
button{width:100%;padding:.9rem;font:inherit;font-weight:700;border:0;border-radius:.6rem;background:var(--accent);
color:var(--accent-text);cursor:pointer}button:hover{filter:brightness(1.08)}
.bad{background:var(--bad-bg);color:var(--bad);border-radius:.55rem;padding:.7rem .8rem;margin:0 0 1rem}
details{margin-top:1.1rem;color:var(--soft);font-size:.9rem}code{white-space:nowrap}
.button{display:inline-block;margin-top:.5rem;color:var(--accent);font-weight:600;padding:.5rem 0}`;

export function page(title: string, content: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1"><title>${escapeHtml(title)} · simulated Stripe</title>
<style>${style}</style></head><body>
<p class="note"><strong>Simulated Stripe page.</strong> No money moves and no real card works here.</p>
<main>${content}</main></body></html>`;
}

export function checkoutHtml(checkout: Checkout, typed: Typed, mistake: string | null): string {
  const { session, items } = checkout;
  const total = escapeHtml(formatMoney(session.amount_total, session.currency));
  const rows = items.map((item) => {
    const many = item.quantity === 1 ? '' : ` × ${item.quantity}`;
    const about = item.description === null ? '' : `<br><small>${escapeHtml(item.description)}</small>`;
    const price = escapeHtml(formatMoney(item.amount, session.currency));
    return `<li><span>${escapeHtml(item.name)}${many}${about}</span><span>${price}</span></li>`;
  });
  const back =
    session.cancel_url === null
      ? ''
      : `<a class="back" id="cancel" href="${escapeHtml(session.cancel_url)}">← Back</a>`;
  const fixed = session.customer_email;
  const email = escapeHtml(fixed ?? typed.email);
  const alert = mistake === null ? '' : `<p class="bad" role="alert" id="error">${escapeHtml(mistake)}</p>`;
  return page(
    `Pay ${formatMoney(session.amount_total, session.currency)}`,
    `${back}<h1>Pay ${escapeHtml(items[0]?.name ?? '')}</h1><p class="amount">${total}</p><ul>${rows.join('')}</ul>
<form method="post" novalidate>${alert}
<label>E-mail<input id="email" name="email" type="email" autocomplete="email" required value="${email}"${fixed === null ? '' : ' readonly'}></label>
<label>Card number<input id="cardNumber" name="cardNumber" inputmode="numeric" autocomplete="cc-number" required placeholder="4242 4242 4242 4242" value="${escapeHtml(typed.number)}"></label>
<div class="pair"><label>Expiry<input id="expiry" name="expiry" inputmode="numeric" autocomplete="cc-exp" required placeholder="MM / YY" value="${escapeHtml(typed.expiry)}"></label>
<label>CVC<input id="cvc" name="cvc" inputmode="numeric" autocomplete="cc-csc" required placeholder="123" value="${escapeHtml(typed.cvc)}"></label></div>
<button id="pay" type="submit">Pay ${total}</button></form>
<details><summary>Test cards</summary><p><code>4242 4242 4242 4242</code> pays. <code>4000 0000 0000 0002</code> is declined.
<code>4000 0000 0000 9995</code> has no funds. <code>4000 0025 0000 3155</code> asks its bank first (3D Secure).
<code>4000 0000 0000 0259</code> is disputed as soon as it has paid. Refunds to <code>4000 0000 0000 7726</code> are pending
at first; to <code>4000 0000 0000 5126</code> they fail a little later. Any future expiry date and any CVC will do.</p></details>`,
  );
}

export function closedHtml(complete: boolean, next: string | null): string {
  const title = complete ? 'This payment is complete' : 'This page has expired';
  const why = complete
    ? 'It was paid once, and it will not be charged again.'
    : 'Nothing was charged. Please go back and start again.';
  const link =
    next === null
      ? ''
      : `<a class="button" id="next" href="${escapeHtml(next)}">${complete ? 'Continue' : 'Go back'}</a>`;
  return page(title, `<div class="box"><h1>${title}</h1><p>${why}</p>${link}</div>`);
}

export function unknownHtml(): string {
  return page('Not found', '<div class="box"><h1>Something went wrong</h1><p>There is no such payment.</p></div>');
}
