// Locks in Yale's cloud, each on a card with its door and keypad, and the bridges between.
import { button, clockOf, live, make, say, send } from './elements.js';
import { outcomeWords } from './lock-words.js';
import { drawDoor, list, makeKeypad } from './locks.js';

const LOW_BATTERY = 1; // the motor does not turn
const conditions = [
  ['silent', 'Silent', 'It hears nobody through the air.'],
  ['bluetooth-busy', 'Busy with a phone', 'A phone has it.'],
  ['jammed', 'Jammed', 'Its bolt does not move.'],
  ['uncalibrated', 'Not calibrated', 'It does not know where its bolt is.'],
  ['overheated', 'Too hot', 'Its motor rests.'],
  ['drops', 'Drops out', 'It acts, and does not say so.'],
];

const pathOf = ({ lockId }) => `/api/yale/locks/${lockId}`;
const now = ({ lockId }) => live.state.yale.locks.find((lock) => lock.lockId === lockId);

export function makeYaleLock(lock) {
  const { lockId, name } = lock;
  const outcome = make('p', { class: 'outcome', role: 'status', 'data-testid': `outcome-${lockId}` });
  const press = async (digits) => {
    const said = await send(`${pathOf(lock)}/press`, { digits });
    say(outcome, said === null ? '' : outcomeWords(said));
    outcome.className = `outcome ${said?.opened ? 'good' : 'bad'}`;
  };
  const toggles = conditions.map(([condition, label]) => {
    const flip = () => send(`${pathOf(lock)}/condition`, { condition, on: !now(lock).conditions.includes(condition) });
    const toggle = button(label, `${condition}-${lockId}`, `${name}: ${label}`, flip);
    toggle.dataset.condition = condition;
    return toggle;
  });
  const battery = button('Low battery', `battery-${lockId}`, `${name}: low or new battery`, () =>
    send(`${pathOf(lock)}/battery`, { percent: now(lock).battery > LOW_BATTERY ? LOW_BATTERY : 100 }),
  );
  const hand = button('Turn by hand', `hand-${lockId}`, `${name}: turn the knob inside`, () =>
    send(`${pathOf(lock)}/hand`, {}),
  );
  const leaf = button('Door', `leaf-${lockId}`, `${name}: open or close the door`, () =>
    send(`${pathOf(lock)}/door`, { on: !now(lock).doorOpen }),
  );
  return make(
    'article',
    { class: 'card lock', 'data-testid': `lock-${lockId}`, 'aria-label': name },
    make('div', { class: 'head' }, make('h4', { text: name }), make('span', { class: 'pill' })),
    make('span', { class: 'soft' }),
    make(
      'div',
      { class: 'face' },
      make('div', { class: 'doorway' }, drawDoor(`door-${lockId}`), hand, leaf),
      lock.hasKeypad
        ? makeKeypad(lock, (digits) => void press(digits))
        : make('p', { class: 'soft', text: 'no keypad' }),
    ),
    outcome,
    make('div', { class: 'choices', role: 'group', 'aria-label': `State of ${name}` }, ...toggles, battery),
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

export function changeYaleLock(element, lock) {
  const [head, about, face, , switches, wrong, past, codes] = element.children;
  const pill = head.lastChild;
  pill.className = `pill ${lock.locked ? '' : 'good'}`;
  say(pill, `${lock.locked ? 'locked' : 'unlocked'}${lock.doorOpen ? ', door open' : ''}`);
  const bridge = live.state.yale.bridges.find((each) => each.bridgeId === lock.bridgeId);
  const way =
    bridge === undefined ? 'reached by phones alone' : `by bridge ${bridge.name}${bridge.online ? '' : ' (unplugged)'}`;
  say(about, `${lock.lockId} · ${way} · battery ${Math.round(lock.battery)}\u00a0%`);
  const door = face.firstChild.firstChild;
  door.dataset.open = String(!lock.locked);
  door.setAttribute('aria-label', `The door ${lock.name} is ${lock.locked ? 'locked' : 'open'}`);
  for (const toggle of switches.children) {
    const { condition } = toggle.dataset;
    const on = condition === undefined ? lock.battery <= LOW_BATTERY : lock.conditions.includes(condition);
    toggle.setAttribute('aria-pressed', String(on));
  }
  element.classList.toggle('broken', lock.conditions.length > 0);
  const meanings = conditions.filter(([condition]) => lock.conditions.includes(condition));
  say(wrong, meanings.map(([, , meaning]) => meaning).join(' '));
  list(
    past.lastChild,
    lock.past.map(({ at, action }) => `${clockOf(at)}  ${action.replaceAll('_', ' ')}`),
  );
  const lying = lock.codes.map(
    ({ digits, slot, accessType, accessTimes, enabled }) =>
      `${digits} · slot ${slot} · ${accessTimes ?? accessType}${enabled ? '' : ' · disabled'}`,
  );
  list(codes.lastChild, lying.length === 0 ? ['nothing'] : lying);
}

export function makeBridge({ bridgeId, name }) {
  const flip = (what) => () => {
    const bridge = live.state.yale.bridges.find((each) => each.bridgeId === bridgeId);
    return send(`/api/yale/bridges/${bridgeId}`, { [what]: !bridge[what] });
  };
  return make(
    'div',
    { class: 'card gateway', role: 'group', 'aria-label': `Bridge ${name}` },
    make('strong', { text: `Bridge ${name}` }),
    button('Unplugged', `bridge-offline-${bridgeId}`, `Bridge ${name}: unplugged`, flip('online')),
    button('Busy', `bridge-busy-${bridgeId}`, `Bridge ${name}: busy`, flip('busy')),
  );
}

export function changeBridge(element, { online, busy }) {
  const [, unplugged, occupied] = element.children;
  unplugged.setAttribute('aria-pressed', String(!online));
  occupied.setAttribute('aria-pressed', String(busy));
  element.classList.toggle('broken', !online || busy);
}
