/** The bank’s question (3D Secure): two buttons of one form, so that it works without JavaScript. */
import { escapeHtml } from '../loopback.ts';
import { page } from './hosted-html.ts';
import { formatMoney } from './money.ts';
import type { Checkout } from './types.ts';

export function challengeHtml({ session, items }: Checkout): string {
  const total = escapeHtml(formatMoney(session.amount_total, session.currency));
  return page(
    'Authenticate your payment',
    `<h1>3D Secure 2 Test Page</h1><p class="amount">${total}</p>
<form method="post"><p>Your bank asks: are you paying ${total} for ${escapeHtml(items[0]?.name ?? '')}?</p>
<p><button id="test-source-authorize-3ds" name="challenge" value="complete" type="submit">Complete authentication</button></p>
<p><button id="test-source-fail-3ds" name="challenge" value="fail" type="submit">Fail authentication</button></p></form>`,
  );
}
