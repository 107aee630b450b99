// Fills the page from /api/live.
import { faultButton, find, keyed, live, make, say, send, showPressed } from './elements.js';
import { changeGateway, changeLock, makeGateway, makeLock } from './locks.js';
import { changeEvent, changePayment, makeEvent, makePayment } from './payments.js';
import { changeDevice, makeDevice } from './relays.js';
import { aboutFault, stripeFaults } from './words.js';
import { changeBridge, changeYaleLock, makeBridge, makeYaleLock } from './yale-locks.js';

function show() {
  if (live.state === null) return;
  const { shelly, stripe, ttlock, yale, links } = live.state;
  const addresses = [
    ...links,
    { label: 'Simulated Stripe', url: stripe.url },
    { label: 'Shelly devices', url: shelly.url },
    ...(ttlock.locks.length === 0 ? [] : [{ label: 'TTLock locks', url: ttlock.url }]),
    ...(yale.locks.length === 0 ? [] : [{ label: 'Yale locks', url: yale.url }]),
  ];
  keyed(
    find('links'),
    addresses,
    (link) => link.url + link.label,
    (link) => make('a', { href: link.url, text: link.label }),
    () => undefined,
  );
  keyed(find('devices'), shelly.devices, (device) => device.name, makeDevice, changeDevice);
  find('locks-room').hidden = ttlock.locks.length === 0;
  keyed(find('gateways'), ttlock.gateways, (gateway) => String(gateway.gatewayId), makeGateway, changeGateway);
  keyed(find('locks'), ttlock.locks, (lock) => String(lock.lockId), makeLock, changeLock);
  find('yale-room').hidden = yale.locks.length === 0;
  say(find('yale-code'), yale.mailedCode === null ? '' : `Mailed for signing in: ${yale.mailedCode}`);
  keyed(find('bridges'), yale.bridges, (bridge) => bridge.bridgeId, makeBridge, changeBridge);
  keyed(find('yale-locks'), yale.locks, (lock) => lock.lockId, makeYaleLock, changeYaleLock);
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
find('hold').addEventListener('click', () =>
  send('/api/stripe/hold-webhooks', { hold: !live.state?.stripe.webhooksHeld }),
);

const events = new EventSource('/api/live');
events.onmessage = (message) => {
  live.state = JSON.parse(message.data);
  live.ahead = live.state.now - Date.now();
  find('connection').className = 'pill good';
  say(find('connection'), 'live');
  show();
};
events.onerror = () => {
  find('connection').className = 'pill bad';
  say(find('connection'), 'the simulators are gone');
};
setInterval(show, 500);
