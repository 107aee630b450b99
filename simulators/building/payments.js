// Payments and webhooks of the simulated Stripe.
import { clockOf, keyed, live, make, say, send } from './elements.js';
import { bankActions } from './words.js';

function money(amount, currency) {
  const format = new Intl.NumberFormat([], { style: 'currency', currency: currency.toUpperCase() });
  return format.format(amount / 10 ** format.resolvedOptions().maximumFractionDigits);
}

export function makePayment({ id }) {
  const refund = (amountField) => {
    const { paymentIntentId } = live.state.stripe.checkouts.find((each) => each.id === id);
    const typed = Number(amountField.value.replace(',', '.'));
    const amount = amountField.value.trim() === '' ? {} : { amount: Math.round(typed * 100) };
    amountField.value = '';
    void send('/api/stripe/refund', { paymentIntent: paymentIntentId, ...amount });
  };
  const field = make('input', { inputmode: 'decimal', placeholder: 'all', 'aria-label': 'Amount to refund' });
  return make(
    'li',
    { 'data-testid': `payment-${id}` },
    make('div', { class: 'head' }, make('strong'), make('span', { class: 'amount' })),
    make('div', { class: 'line' }, make('span', { class: 'pill' }), make('span', { class: 'soft' }), make('a')),
    make(
      'div',
      { class: 'line refund' },
      field,
      make('button', { type: 'button', text: 'Refund in the dashboard', click: () => refund(field) }),
    ),
    make('div', { class: 'line bank' }),
  );
}

export function changePayment(element, checkout) {
  const [head, line, refund, bank] = element.children;
  const charge = live.state.stripe.charges.find((each) => each.paymentIntentId === checkout.paymentIntentId);
  const back = charge?.amountRefunded ?? 0;
  say(head.firstChild, checkout.name);
  say(head.lastChild, money(checkout.amount, checkout.currency));
  const [word, tone] = paymentState(checkout, charge);
  line.firstChild.className = `pill ${tone}`;
  say(line.firstChild, word);
  const times = (charge?.refunds.length ?? 0) > 1 ? ` in ${charge.refunds.length} refunds` : '';
  const refunded = back > 0 ? `${money(back, checkout.currency)} given back${times}` : '';
  say(line.children[1], refunded === '' ? (checkout.customerEmail ?? '') : refunded);
  const link = line.lastChild;
  link.hidden = checkout.url === null;
  say(link, 'Open the payment page');
  if (checkout.url !== null) link.href = checkout.url;
  refund.hidden = charge === undefined || charge.refunded;
  const intent = checkout.paymentIntentId ?? 'none';
  refund.firstChild.dataset.testid = `refund-amount-${intent}`;
  refund.lastChild.dataset.testid = `refund-${intent}`;
  refund.lastChild.setAttribute('aria-label', `Refund ${checkout.name} in the dashboard`);
  keyed(
    bank,
    bankActions(charge),
    ([label, path]) => label + path,
    ([label, path, body]) =>
      make('button', {
        type: 'button',
        text: label,
        'aria-label': `${label}: ${checkout.name}`,
        click: () => send(path, body),
      }),
    () => undefined,
  );
}

function paymentState(checkout, charge) {
  const dispute = charge?.disputes.at(-1);
  if (dispute !== undefined)
    return [`dispute: ${dispute.status.replaceAll('_', ' ')}`, dispute.status === 'won' ? 'good' : 'bad'];
  if (charge?.refunded) return ['refunded', 'warn'];
  if (charge !== undefined && charge.amountRefunded > 0) return ['partly refunded', 'warn'];
  if (checkout.paymentStatus === 'paid') return ['paid', 'good'];
  return checkout.status === 'open' ? ['open', ''] : ['expired', 'bad'];
}

export function makeEvent({ id, type }) {
  const again = (times, label) =>
    make('button', {
      type: 'button',
      text: label,
      'data-testid': times === 1 ? `deliver-${id}` : `deliver-twice-${id}`,
      'aria-label': `${label}: ${type}`,
      click: () => send(`/api/stripe/events/${id}/deliver`, { times }),
    });
  return make(
    'li',
    { 'data-testid': `event-${id}` },
    make('div', { class: 'head' }, make('code', { text: type }), make('span', { class: 'pill' })),
    make('div', { class: 'line' }, make('span', { class: 'soft' }), again(1, 'Deliver now'), again(2, 'Twice')),
  );
}

export function changeEvent(element, event) {
  const attempts = event.deliveries.flatMap((delivery) => delivery.attempts);
  const waiting = event.deliveries.filter((delivery) => !delivery.delivered);
  const statuses = attempts.map((attempt) => (attempt.status === 0 ? 'no answer' : attempt.status)).join(', ');
  const pill = element.firstChild.lastChild;
  const [word, tone] = deliveryState(event.deliveries, waiting, attempts);
  pill.className = `pill ${tone}`;
  pill.dataset.testid = `event-state-${event.id}`;
  say(pill, word);
  const next = waiting.map((delivery) => delivery.nextAt).find((at) => at !== null);
  const soon = next === undefined || live.state.stripe.webhooksHeld ? '' : ` · next at ${clockOf(next)}`;
  say(element.lastChild.firstChild, `${clockOf(event.created)}${statuses === '' ? '' : ` · ${statuses}`}${soon}`);
}

function deliveryState(deliveries, waiting, attempts) {
  if (deliveries.length === 0) return ['nobody listens', ''];
  if (waiting.length === 0) return ['delivered', 'good'];
  if (live.state.stripe.webhooksHeld) return ['held', 'warn'];
  return attempts.length === 0 ? ['under way', ''] : ['failing', 'bad'];
}
