// The locks, each on a card with its door, keypad and reader; and the gateways between them and the platform.
import { button, clockOf, keyed, live, make, say, send } from './elements.js';
import { aboutLock, boltWords, codesOn, conditionsOf, eventWords, pathOf, reachWords } from './lock-words.js';
import { attempt, makeReader } from './reader.js';

const LOW_BATTERY = 8;
const LONGEST = 9;

function draw(tag, attributes, ...children) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

export function drawDoor(testid) {
  return draw(
    'svg',
    { viewBox: '0 0 72 104', class: 'door', role: 'img', 'data-testid': testid },
    draw('rect', { class: 'frame', x: 2, y: 2, width: 68, height: 100, rx: 3 }),
    draw('rect', { class: 'beyond', x: 8, y: 8, width: 56, height: 94 }),
    draw(
      'g',
      { class: 'leaf' },
      draw('rect', { class: 'wood', x: 8, y: 8, width: 56, height: 94 }),
      draw('rect', { class: 'panel', x: 16, y: 16, width: 40, height: 32, rx: 2 }),
      draw('rect', { class: 'panel', x: 16, y: 62, width: 40, height: 32, rx: 2 }),
      draw('circle', { class: 'knob', cx: 57, cy: 55, r: 3.5 }),
    ),
  );
}

const now = ({ lockId }) => live.state.ttlock.locks.find((lock) => lock.lockId === lockId);

/** `press`: what becomes of the digits. */
export function makeKeypad({ lockId, name }, press) {
  const display = make('input', {
    inputmode: 'none', // a phone's own keyboard would hide the keypad
    autocomplete: 'off',
    maxlength: String(LONGEST),
    'aria-label': `Digits at ${name}`,
    'data-testid': `digits-${lockId}`,
  });
  const enter = () => {
    const digits = display.value;
    display.value = '';
    if (digits !== '') press(digits);
  };
  display.addEventListener('input', () => {
    display.value = display.value.replaceAll(/\D/g, '');
  });
  display.addEventListener('keydown', ({ key }) => {
    if (key === 'Enter') enter();
    if (key === 'Escape') display.value = '';
  });
  const digit = (value) =>
    button(value, `key-${lockId}-${value}`, `${name}: ${value}`, () => {
      display.value = (display.value + value).slice(0, LONGEST);
    });
  const clear = button('C', `clear-${lockId}`, `${name}: clear the digits`, () => {
    display.value = '';
  });
  const go = button('#', `enter-${lockId}`, `${name}: enter the digits`, enter);
  const keys = '123456789'.split('').map(digit);
  return make(
    'div',
    { class: 'keypad', role: 'group', 'aria-label': `Keypad of ${name}` },
    display,
    ...keys,
    clear,
    digit('0'),
    go,
  );
}

function makeSwitches(lock) {
  const { lockId, name } = lock;
  const toggles = conditionsOf(lock.reach).map(([condition, label]) => {
    const toggle = button(label, `${condition}-${lockId}`, `${name}: ${label}`, () => {
      void send(`${pathOf(lock)}/condition`, { condition, on: !now(lock).conditions.includes(condition) });
    });
    toggle.dataset.condition = condition;
    return toggle;
  });
  const battery = button('Low battery', `battery-${lockId}`, `${name}: low or new battery`, () => {
    void send(`${pathOf(lock)}/battery`, { percent: now(lock).battery > 20 ? LOW_BATTERY : 100 });
  });
  battery.dataset.battery = '';
  return make('div', { class: 'choices', role: 'group', 'aria-label': `State of ${name}` }, ...toggles, battery);
}

export function makeLock(lock) {
  const { lockId, name } = lock;
  const outcome = make('p', { class: 'outcome', role: 'status', 'data-testid': `outcome-${lockId}` });
  const hand = button('Turn by hand', `hand-${lockId}`, `${name}: turn the knob inside`, () =>
    send(`${pathOf(lock)}/hand`, {}),
  );
  return make(
    'article',
    { class: 'card lock', 'data-testid': `lock-${lockId}`, 'aria-label': name },
    make('div', { class: 'head' }, make('h4', { text: name }), make('span', { class: 'pill' })),
    make('span', { class: 'soft' }),
    make(
      'div',
      { class: 'face' },
      make('div', { class: 'doorway' }, drawDoor(`door-${lockId}`), hand),
      lock.hasKeypad
        ? makeKeypad(lock, (digits) => void attempt(lock, outcome, 'press', { digits }))
        : make('p', { class: 'soft', text: 'no keypad' }),
    ),
    lock.hasCamera ? makeReader(lock, outcome) : make('p', { class: 'soft reader', text: 'no QR reader' }),
    outcome,
    makeSwitches(lock),
    make('p', { class: 'soft about' }),
    make('details', {}, make('summary', { text: 'Last events' }), make('ul', { class: 'past' })),
    make(
      'details',
      {},
      make('summary', { text: 'What is on this lock (for developers)' }),
      make('ul', { class: 'past', 'data-testid': `codes-${lockId}` }),
    ),
  );
}

export function changeLock(element, lock) {
  const [head, about, face, , , switches, wrong, past, codes] = element.children;
  const left = lock.autoLockAt === null ? null : lock.autoLockAt - (Date.now() + live.ahead);
  const pill = head.lastChild;
  pill.className = `pill ${lock.locked ? '' : 'good'}`;
  say(pill, boltWords(lock, left));
  const gateway = live.state.ttlock.gateways.find((each) => each.gatewayId === lock.gatewayId);
  const waiting = lock.unsent === 0 ? '' : ` · ${lock.unsent} not told yet`;
  say(
    about,
    `${lock.lockId} · ${reachWords(lock.reach, gateway)} · battery ${Math.round(lock.battery)}\u00a0%${waiting}`,
  );
  const door = face.firstChild.firstChild;
  door.dataset.open = String(!lock.locked);
  door.setAttribute('aria-label', `The door ${lock.name} is ${lock.locked ? 'locked' : 'open'}`);
  for (const toggle of switches.children) {
    const { condition } = toggle.dataset;
    const on = condition === undefined ? lock.battery <= 20 : lock.conditions.includes(condition);
    toggle.setAttribute('aria-pressed', String(on));
  }
  element.classList.toggle('broken', lock.conditions.length > 0);
  say(wrong, aboutLock(lock));
  list(
    past.lastChild,
    lock.past.map((event) => `${clockOf(event.at)}  ${eventWords(event)}`),
  );
  const lying = codesOn(lock.onLock);
  list(codes.lastChild, lying.length === 0 ? ['nothing'] : lying);
}

export function list(parent, lines) {
  const items = lines.map((text, index) => ({ text, key: `${index} ${text}` }));
  keyed(
    parent,
    items,
    ({ key }) => key,
    ({ text }) => make('li', { text }),
    () => undefined,
  );
}

export function makeGateway({ gatewayId, name }) {
  const flip = (what) => () => {
    const gateway = live.state.ttlock.gateways.find((each) => each.gatewayId === gatewayId);
    return send(`/api/ttlock/gateways/${gatewayId}`, { [what]: !gateway[what] });
  };
  return make(
    'div',
    { class: 'card gateway', role: 'group', 'aria-label': `Gateway ${name}` },
    make('strong', { text: `Gateway ${name}` }),
    button('Unplugged', `gateway-offline-${gatewayId}`, `Gateway ${name}: unplugged`, flip('online')),
    button('Busy', `gateway-busy-${gatewayId}`, `Gateway ${name}: busy`, flip('busy')),
  );
}

export function changeGateway(element, { online, busy }) {
  const [, unplugged, occupied] = element.children;
  unplugged.setAttribute('aria-pressed', String(!online));
  occupied.setAttribute('aria-pressed', String(busy));
  element.classList.toggle('broken', !online || busy);
}
