import { hours, type Instant, minutes, seconds } from '../../instant.ts';
import { advance } from '../advance.ts';
import { isLive, isOver, type Session, type SessionEffect, type SessionEvent } from '../session.ts';
import { createWatch, must } from './invariants.ts';
import { createModelRelay, type RelayTraits } from './relay.ts';
import { origin, waitingForMoney } from './story.ts';

/** What goes wrong on the way to the relay, from when to when; in milliseconds since the story begins. */
export type Fault = { from: number; lastsMs: number; kind: FaultKind };
export type FaultKind = 'unreachable' | 'command-lost' | 'answer-lost' | 'mute' | 'refuses' | 'dead-relay';

export type Scenario = {
  durationMinutes: number;
  delayMinutes: number;
  superseded: boolean;
  relay: RelayTraits;
  faults: readonly Fault[];
  /** What happens besides the relay, sorted or not. */
  news: readonly { at: number; event: SessionEvent }[];
  /** The server dies at its n-th deed: before the command is sent, or after, before that is written down. */
  crashes: readonly { deed: number; sent: boolean; downMs: number }[];
  /** The server's clock is set: by this much, from then on. */
  clockSteps: readonly { at: number; byMs: number }[];
  seed: number;
};

type Deed = Extract<SessionEffect, { kind: 'switch-on' | 'switch-off' | 'read' }>;

/**
 * For tests: a run in a world of a relay, a network, a guest, staff and a server that may die, driven as the engine
 * drives it (engine/session-runner.ts): tick, do what is asked, tell what came of it; one at a time. Every step is
 * watched; the rest is told at the end.
 */
export function live(scenario: Scenario) {
  const shift = <T extends { at: number }>(list: readonly T[]): T[] =>
    list.map((one) => ({ ...one, at: origin + one.at })).sort((a, b) => a.at - b.at);
  const relay = createModelRelay({ ...scenario.relay, hands: shift(scenario.relay.hands) });
  const faults = scenario.faults.map((fault) => ({ ...fault, from: origin + fault.from }));
  const steps = shift(scenario.clockSteps);
  const news = shift(scenario.news);
  const crashes = [...scenario.crashes];
  const watch = createWatch();
  const random = numbers(scenario.seed);

  let session: Session = Object.freeze(waitingForMoney({ ...scenario, minutes: scenario.durationMinutes }));
  const bought = session.durationMs;
  let wakeAt: Instant | null = null;
  let time: Instant = origin;
  let sent: Deed['kind'] | null = null;
  let deeds = 0;
  let rounds = 0;
  let liveSince: Instant | null = null;
  let downMs = 0;
  /** More time that was taken and stands, oldest first: told by what the end did, not by what was asked. */
  let onTop: number[] = [];

  const clock = (): Instant => time + steps.reduce((sum, one) => sum + (one.at <= time ? one.byMs : 0), 0);
  const broken = (kind: FaultKind): boolean =>
    faults.some((fault) => fault.kind === kind && fault.from <= time && time < fault.from + fault.lastsMs);

  function step(event: SessionEvent): readonly SessionEffect[] {
    const before = session;
    const now = clock();
    const told = advance(before, event, now);
    watch.step({ before, event, now, after: told.session, effects: told.effects, wakeAt: told.wakeAt });
    Object.freeze(told.session.run);
    session = Object.freeze(told.session);
    wakeAt = told.wakeAt;
    if (isLive(session.phase)) liveSince ??= time;
    const longer = session.durationMs - before.durationMs;
    if (longer > 0) onTop.push(longer);
    if (longer < 0) onTop = onTop.toSpliced(onTop.lastIndexOf(-longer), 1);
    return told.effects;
  }

  /** Time goes by; what happens meanwhile, happens. The engine looks at every run when its clock was set back. */
  function pass(milliseconds: number): void {
    const until = time + milliseconds;
    const setBack = steps.some(({ at, byMs }) => byMs < 0 && time < at && at <= until);
    if (setBack && wakeAt !== null) wakeAt = -Infinity;
    for (let [next] = news; next !== undefined && next.at <= until; [next] = news) {
      news.shift();
      time = Math.max(time, next.at);
      // only what was bought on top and taken can be taken back
      if (next.event.kind === 'extension-reversed' && !onTop.includes(next.event.byMs)) continue;
      step(next.event);
    }
    time = until;
    relay.settle(time);
  }

  const moment = (): number => Math.floor(random() * 450);

  function observe(): SessionEvent {
    pass(moment());
    if (relay.isDark() || broken('unreachable') || broken('mute')) {
      pass(random() < 0.5 ? seconds(4) : 5);
      return { kind: 'reading', reading: { kind: 'unreachable', at: clock() } };
    }
    const later = moment();
    const at = clock() + later;
    const seen = relay.read(time, at);
    pass(later);
    return { kind: 'reading', reading: { kind: 'relay', ...seen, at } };
  }

  function perform(deed: Exclude<Deed, { kind: 'read' }>): SessionEvent {
    const ended = (certainlyNotDone: boolean, unreachable = false): SessionEvent => ({
      kind: 'command-ended',
      command: deed.kind,
      certainlyNotDone,
      unreachable,
    });
    pass(moment());
    if (relay.isDark() || broken('unreachable')) {
      pass(random() < 0.5 ? seconds(4) : 5);
      return ended(true, true);
    }
    if (broken('refuses')) return ended(true);
    if (broken('command-lost')) {
      pass(seconds(5));
      return ended(false);
    }
    if (deed.kind === 'switch-off') relay.switchOff(time);
    else if (!broken('dead-relay')) relay.switchOn(time, deed.autoOffSeconds);
    else return ended(true);
    if (broken('answer-lost') || broken('mute')) {
      pass(seconds(5));
      return ended(false);
    }
    const seen = observe();
    if (seen.kind === 'reading' && seen.reading.kind === 'relay' && seen.reading.on === (deed.kind === 'switch-on')) {
      // a driver calls a switch-on confirmed only with its timer, where the device tells of one
      const timerLost = scenario.relay.tellsTimer && seen.reading.autoOffAt === null;
      if (deed.kind === 'switch-on' && timerLost) return seen;
      return { ...seen, confirms: deed.kind };
    }
    return ended(false);
  }

  function die(lastsMs: number): void {
    downMs += lastsMs;
    time += lastsMs; // what happens meanwhile is told when the server is back
    relay.settle(time);
  }

  /** As in engine/session-runner.ts. */
  function carryOut(): void {
    for (let round = 0; round < 8; round++) {
      // a switch-off that was perhaps never sent does not count as tried
      if (sent === 'switch-on') {
        step({ kind: 'command-ended', command: sent, certainlyNotDone: false, unreachable: false });
      }
      sent = null;
      rounds += 1;
      const deed = step({ kind: 'tick' }).find((effect): effect is Deed => isDeed(effect));
      if (deed === undefined) return;
      deeds += 1;
      sent = deed.kind;
      const crash = crashes.find((one) => one.deed === deeds);
      if (crash !== undefined && !crash.sent) {
        die(crash.downMs);
        return;
      }
      const came = deed.kind === 'read' ? observe() : perform(deed);
      if (crash !== undefined) {
        die(crash.downMs);
        return;
      }
      sent = null;
      step(came);
    }
  }

  while (!isOver(session.phase) || news.length > 0) {
    const due = wakeAt === null ? Infinity : Math.max(time, time + wakeAt - clock()) + random() * 500;
    const nextStep = steps.find(({ at }) => at > time)?.at ?? Infinity;
    const next = Math.min(due, Math.max(time, news[0]?.at ?? Infinity), nextStep);
    if (next === Infinity) break;
    pass(Math.ceil(next - time));
    if (wakeAt !== null && wakeAt <= clock()) carryOut();
    const lived = time - (liveSince ?? time);
    must(rounds <= 60 + (2 * lived) / 1000 + 12 * scenario.news.length, 'it spins', { rounds, lived, session });
    must(lived <= patience(scenario) + downMs, 'it does not come to an end', { session, wakeAt });
  }
  for (const one of everyEvent) step(one);
  pass(minutes(scenario.durationMinutes) + hours(30));
  if (steps.length === 0) watch.calm(scenario.news.length + 2 * scenario.crashes.length);
  return { session, relay, deeds, rounds, downMs, lengths: [bought, ...onTop] };
}

const isDeed = (effect: SessionEffect): boolean =>
  effect.kind === 'switch-on' || effect.kind === 'switch-off' || effect.kind === 'read';

/** What was bought on top, taken or not. */
export const boughtOnTop = ({ news }: Scenario): number =>
  news.reduce((sum, { event }) => sum + (event.kind === 'extended' ? event.byMs : 0), 0);

/** Delay, start, run, a day of looking for it, and the time the clock was set back. */
const patience = (s: Scenario): number =>
  minutes(s.durationMinutes + s.delayMinutes) +
  hours(24) +
  minutes(2) +
  boughtOnTop(s) +
  s.clockSteps.reduce((sum, one) => sum + Math.abs(one.byMs), 0);

const everyEvent: readonly SessionEvent[] = [
  { kind: 'tick' },
  { kind: 'paid', deviceFree: true },
  { kind: 'payment-failed' },
  { kind: 'reading', reading: { kind: 'unreachable', at: origin } },
  { kind: 'reading', reading: { kind: 'relay', on: true, autoOffAt: null, powerWatts: 5, at: origin } },
  { kind: 'command-ended', command: 'switch-on', certainlyNotDone: false, unreachable: true },
  { kind: 'ended-by-staff', refund: true },
  { kind: 'failed-by-staff', reason: null },
  { kind: 'reversed' },
  { kind: 'extended', byMs: minutes(15) },
];

/** Mulberry32: the same numbers for the same seed. */
function numbers(seed: number): () => number {
  let a = seed | 0;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
