// Fills the page from /api/live. Elements are made once and then changed, so that focus and clicks survive updates.
import { aboutFault, bankActions, deviceFaults, relayWords, stripeFaults, switchedBy } from './words.js';

const find = (id) => document.getElementById(id);
let state = null;
let ahead = 0; // how far the simulators' clock is ahead of this browser's

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'text') element.textContent = value;
    else if (name === 'click') element.addEventListener('click', value);
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** One child a key, in the order given. */
function keyed(parent, items, keyOf, create, change) {
  const old = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  items.forEach((item, index) => {
    const key = keyOf(item);
    let child = old.get(key);
    if (child === undefined) {
      child = create(item);
      child.dataset.key = key;
    }
    old.delete(key);
    if (parent.children[index] !== child) parent.insertBefore(child, parent.children[index] ?? null);
    change(child, item);
  });
  for (const child of old.values()) child.remove();
}

async function send(path, body) {
  const trouble = find('trouble');
  try {
    const answer = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const said = await answer.json();
    trouble.hidden = answer.ok;
    say(trouble, answer.ok ? '' : said.error);
  } catch {
    trouble.hidden = false;
    say(trouble, 'The simulators did not answer.');
  }
}

const clockOf = (at) => new Date(at).toLocaleTimeString([], { hour12: false });
function money(amount, currency) {
  const format = new Intl.NumberFormat([], { style: 'currency', currency: currency.toUpperCase() });
  return format.format(amount / 10 ** format.resolvedOptions().maximumFractionDigits);
}
function faultButton(label, fault, about, testid, click) {
  const button = make('button', {
    type: 'button',
    text: label,
    'data-fault': fault,
    'data-testid': testid,
    'aria-label': `${about}: ${label}`,
    click,
  });
  if (fault === 'none') button.className = 'normal';
  return button;
}

function showPressed(group, fault) {
  for (const button of group.children) button.setAttribute('aria-pressed', String(button.dataset.fault === fault));
}

function makeDevice({ name }) {
  const path = `/api/shelly/${encodeURIComponent(name)}`;
  const faults = deviceFaults.map(([fault, label]) =>
    faultButton(label, fault, name, `fault-${fault}-${name}`, () => send(`${path}/fault`, { fault })),
  );
  const cut = make('button', {
    type: 'button',
    text: 'Power cut',
    'data-testid': `power-${name}`,
    'aria-label': `${name}: power cut`,
    click: () => send(`${path}/power-cycle`, {}),
  });
  return make(
    'article',
    { class: 'card', 'data-testid': `device-${name}`, 'aria-label': name },
    make(
      'div',
      { class: 'head' },
      make('h4', { text: name }),
      make('span', { class: 'pill', 'data-testid': `state-${name}` }),
    ),
    make('span', { class: 'soft' }),
    make('div', { class: 'channels' }),
    make('div', { class: 'choices', role: 'group', 'aria-label': `State of ${name}` }, ...faults),
    make('p', { class: 'soft about' }),
    make(
      'div',
      { class: 'foot' },
      make('details', {}, make('summary', { text: 'Last commands' }), make('ul', { class: 'past' })),
      cut,
    ),
  );
}

function makeChannel(name, { channel }) {
  const press = () => {
    const on = state.shelly.devices.find((each) => each.name === name)?.channels[channel]?.output !== true;
    void send(`/api/shelly/${encodeURIComponent(name)}/button`, { channel, on });
  };
  return make(
    'div',
    { class: 'channel' },
    make('span', { class: 'lamp', role: 'img', 'data-testid': `lamp-${name}-${channel}` }),
    make('div', {}, make('strong', { 'data-testid': `output-${name}-${channel}` }), make('span', { class: 'soft' })),
    make('button', {
      type: 'button',
      text: 'Press',
      'data-testid': `button-${name}-${channel}`,
      'aria-label': `Press the button on ${name}, channel ${channel}`,
      click: press,
    }),
    make('progress', { max: '1', value: '0', 'aria-label': `Timer of ${name}` }),
  );
}

function changeChannel(element, name, relay) {
  const [lamp, about, , progress] = element.children;
  lamp.dataset.on = String(relay.output);
  lamp.setAttribute('aria-label', `${name} is ${relay.output ? 'on' : 'off'}`);
  say(about.firstChild, `${relay.output ? 'On' : 'Off'} · ${relay.watts.toFixed(0)} W`);
  const timed = relay.timerStartedAt !== null;
  const left = timed ? relay.timerDuration - (Date.now() + ahead - relay.timerStartedAt) / 1000 : 0;
  say(about.lastChild, relayWords(relay, timed ? left : null));
  progress.hidden = !timed;
  progress.value = timed ? Math.max(0, Math.min(1, left / relay.timerDuration)) : 0;
}

function changeDevice(element, device) {
  const [head, address, channels, faults, about, foot] = element.children;
  const bad = device.fault !== 'none';
  element.classList.toggle('broken', bad);
  say(address, `${device.address}${device.password === null ? '' : ' · password'}`);
  const pill = head.lastChild;
  pill.className = `pill ${bad ? 'bad' : 'good'}`;
  say(pill, deviceFaults.find(([fault]) => fault === device.fault)?.[1] ?? device.fault);
  say(about, aboutFault(deviceFaults, device.fault));
  keyed(
    channels,
    device.channels,
    (relay) => String(relay.channel),
    (relay) => makeChannel(device.name, relay),
    (child, relay) => changeChannel(child, device.name, relay),
  );
  showPressed(faults, device.fault);
  keyed(
    foot.firstChild.lastChild,
    device.history,
    (entry) => JSON.stringify(entry),
    () => make('li'),
    (child, { at, kind, channel, on, source, toggleAfter }) => {
      const where = device.channels.length > 1 ? `channel ${channel} ` : '';
      const timer = toggleAfter === null ? '' : `, timer ${toggleAfter} s`;
      const what = kind === 'set' ? `told ${on ? 'on' : 'off'}${timer}` : `went ${on ? 'on' : 'off'}`;
      say(child, `${clockOf(at)}  ${where}${what} ${switchedBy(source)}`);
    },
  );
}

function makePayment({ id }) {
  const refund = (amountField) => {
    const { paymentIntentId } = state.stripe.checkouts.find((each) => each.id === id);
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

function changePayment(element, checkout) {
  const [head, line, refund, bank] = element.children;
  const charge = state.stripe.charges.find((each) => each.paymentIntentId === checkout.paymentIntentId);
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

function makeEvent({ id, type }) {
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

function changeEvent(element, event) {
  const attempts = event.deliveries.flatMap((delivery) => delivery.attempts);
  const waiting = event.deliveries.filter((delivery) => !delivery.delivered);
  const statuses = attempts.map((attempt) => (attempt.status === 0 ? 'no answer' : attempt.status)).join(', ');
  const pill = element.firstChild.lastChild;
  const [word, tone] = deliveryState(event.deliveries, waiting, attempts);
  pill.className = `pill ${tone}`;
  pill.dataset.testid = `event-state-${event.id}`;
  say(pill, word);
  const next = waiting.map((delivery) => delivery.nextAt).find((at) => at !== null);
  const soon = next === undefined || state.stripe.webhooksHeld ? '' : ` · next at ${clockOf(next)}`;
  say(element.lastChild.firstChild, `${clockOf(event.created)}${statuses === '' ? '' : ` · ${statuses}`}${soon}`);
}

function deliveryState(deliveries, waiting, attempts) {
  if (deliveries.length === 0) return ['nobody listens', ''];
  if (waiting.length === 0) return ['delivered', 'good'];
  if (state.stripe.webhooksHeld) return ['held', 'warn'];
  return attempts.length === 0 ? ['under way', ''] : ['failing', 'bad'];
}

function show() {
  if (state === null) return;
  const { shelly, stripe, links } = state;
  const addresses = [
    ...links,
    { label: 'Simulated Stripe', url: stripe.url },
    { label: 'Shelly devices', url: shelly.url },
  ];
  keyed(
    find('links'),
    addresses,
    (link) => link.url + link.label,
    (link) => make('a', { href: link.url, text: link.label }),
    () => undefined,
  );
  keyed(find('devices'), shelly.devices, (device) => device.name, makeDevice, changeDevice);
  showPressed(find('stripe-faults'), stripe.fault);
  say(find('stripe-about'), aboutFault(stripeFaults, stripe.fault));
  find('hold').setAttribute('aria-pressed', String(stripe.webhooksHeld));
  say(find('hold'), stripe.webhooksHeld ? 'Webhooks are held: let them go' : 'Hold webhooks');
  say(
    find('webhook-url'),
    stripe.webhookUrl === null ? 'Nobody listens for webhooks.' : `sent to ${stripe.webhookUrl}`,
  );
  keyed(find('payments'), stripe.checkouts, (checkout) => checkout.id, makePayment, changePayment);
  keyed(find('events'), stripe.events, (event) => event.id, makeEvent, changeEvent);
  find('no-payments').hidden = stripe.checkouts.length > 0;
  find('no-events').hidden = stripe.events.length > 0;
}

find('stripe-faults').append(
  ...stripeFaults.map(([fault, label]) =>
    faultButton(label, fault, 'Stripe', `stripe-fault-${fault}`, () => send('/api/stripe/fault', { fault })),
  ),
);
find('hold').addEventListener('click', () => send('/api/stripe/hold-webhooks', { hold: !state?.stripe.webhooksHeld }));

const live = new EventSource('/api/live');
live.onmessage = (message) => {
  state = JSON.parse(message.data);
  ahead = state.now - Date.now();
  find('connection').className = 'pill good';
  say(find('connection'), 'live');
  show();
};
live.onerror = () => {
  find('connection').className = 'pill bad';
  say(find('connection'), 'the simulators are gone');
};
setInterval(show, 500);
