/** One relay channel: what it is, and how time and commands change it. PURE: `now` in epoch milliseconds is a parameter. */
export type InitialState = 'off' | 'on' | 'restore_last' | 'match_input';
export type RelaySettings = {
  name: string | null;
  initialState: InitialState;
  autoOn: boolean;
  autoOnDelay: number; // seconds
  autoOff: boolean;
  autoOffDelay: number; // seconds
};
export type Relay = {
  channel: number;
  output: boolean;
  source: string;
  timerStartedAt: number | null; // epoch milliseconds
  timerDuration: number | null; // seconds
  energy: number; // watt hours up to `since`
  since: number; // epoch milliseconds of the last change of the output, or of `energy` being reset
  settings: RelaySettings;
};
export type Flip = { at: number; channel: number; on: boolean; source: string };

export function newRelay(channel: number, now: number): Relay {
  const settings: RelaySettings = {
    name: null,
    initialState: 'off',
    autoOn: false,
    autoOnDelay: 60,
    autoOff: false,
    autoOffDelay: 60,
  };
  const idle = { output: false, source: 'init', timerStartedAt: null, timerDuration: null, energy: 0 };
  return { channel, ...idle, since: now, settings };
}

export function wattHours(relay: Relay, watts: number, now: number): number {
  return relay.energy + (relay.output ? (watts * Math.max(0, now - relay.since)) / 3_600_000 : 0);
}

/** Lets a timer that has run out do its work, at the moment it ran out. */
export function settle(relay: Relay, watts: number, now: number): Flip[] {
  const flips: Flip[] = [];
  // auto_on and auto_off together make a blinker: after a long sleep only its last rounds matter
  for (let rounds = 0; rounds < 10_000; rounds++) {
    if (relay.timerStartedAt === null || relay.timerDuration === null) return flips;
    const due = relay.timerStartedAt + relay.timerDuration * 1000;
    if (due > now) return flips;
    flips.push(...turn(relay, { on: !relay.output, source: 'timer', toggleAfter: null }, watts, due));
  }
  return flips;
}

export type Turn = { on: boolean; source: string; toggleAfter: number | null };

/** A command, a button or a timer sets the output; every one of them replaces a running timer. */
export function turn(relay: Relay, wish: Turn, watts: number, now: number): Flip[] {
  const flips: Flip[] = [];
  relay.timerStartedAt = null;
  relay.timerDuration = null;
  relay.source = wish.source;
  if (relay.output !== wish.on) {
    relay.energy = wattHours(relay, watts, now);
    relay.since = now;
    relay.output = wish.on;
    flips.push({ at: now, channel: relay.channel, on: wish.on, source: wish.source });
  }
  const own = ownTimer(relay);
  const seconds = wish.toggleAfter !== null && wish.toggleAfter > 0 ? wish.toggleAfter : own;
  if (seconds !== null) {
    relay.timerStartedAt = now;
    relay.timerDuration = seconds;
  }
  return flips;
}

function ownTimer(relay: Relay): number | null {
  const { autoOn, autoOnDelay, autoOff, autoOffDelay } = relay.settings;
  if (relay.output) return autoOff ? autoOffDelay : null;
  return autoOn ? autoOnDelay : null;
}

/** Mains comes back: timers are lost and the output goes to its initial state. */
export function restart(relay: Relay, watts: number, now: number): Flip[] {
  const initial = relay.settings.initialState;
  const on = initial === 'on' || (initial === 'restore_last' && relay.output);
  return turn(relay, { on, source: 'init', toggleAfter: null }, watts, now);
}
