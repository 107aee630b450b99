// The relays, each on a card.
import { clockOf, faultButton, keyed, live, make, say, send, showPressed } from './elements.js';
import { aboutFault, deviceFaults, relayWords, switchedBy } from './words.js';

export function makeDevice({ name }) {
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
    const on = live.state.shelly.devices.find((each) => each.name === name)?.channels[channel]?.output !== true;
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
  const left = timed ? relay.timerDuration - (Date.now() + live.ahead - relay.timerStartedAt) / 1000 : 0;
  say(about.lastChild, relayWords(relay, timed ? left : null));
  progress.hidden = !timed;
  progress.value = timed ? Math.max(0, Math.min(1, left / relay.timerDuration)) : 0;
}

export function changeDevice(element, device) {
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
