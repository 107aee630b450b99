import type { Log } from '../database/log.ts';
import type { Observation, Outcome, RefusalReason, TroubleFacts } from '../drivers/port.ts';
import type { Clock } from '../host/clock.ts';
import type { ConnectionId } from '../rules/ids.ts';
import { type Instant, minutes, seconds } from '../rules/instant.ts';
import type { Trouble } from './port.ts';

/**
 * Stops calling what keeps failing, and tries again later. One for every thing, and one for the account behind each
 * connection: an unplugged relay does not stop its neighbours; a wrong key, a limit or a silent cloud stops all of it.
 * It only ever decides whether to call now. What was not called is said to be not sent, never to be off or done.
 *
 * It lives in memory: what it knows is what this process met. Another process learns the same by its own first failures,
 * and the background rounds of both share each reading through the database; so a second process costs a vendor in
 * trouble one more probe a pause, and people's few tries. After a restart everything is tried once.
 */
export type Breakers = ReturnType<typeof createBreakers>;

/** People, and paid runs, wait for it, but for `background`: a round can do without. */
export type Need = 'off' | 'on' | 'unlock' | 'lock' | 'look' | 'background';

/** How a call that was let through ended; `nothing`: it says nothing of whether the vendor works. */
export type Ended = 'worked' | 'nothing' | Failure;
export type Failure = { reason: RefusalReason; error: string } & TroubleFacts;

export type Permit =
  | { kind: 'go'; ended(how: Ended): void }
  | { kind: 'held'; reason: RefusalReason; error: string; retryAfterSeconds: number };

/** Failures in a row until it opens. */
const threshold = 3;
const pauses = { first: seconds(5), most: minutes(1), mostByVendor: minutes(60) } as const;
/** While it is open, what people wait for is tried once in so long, each need by itself: an off never waits for an on. */
const peopleEvery = { usually: seconds(1), whileVendorPauses: seconds(5) } as const;

type State = {
  failures: number;
  /** Since when it is open; null: closed. */
  since: Instant | null;
  nextTry: Instant;
  /** From its beginning to the next try. */
  length: number;
  pause: number;
  /** The vendor itself named the pause. */
  byVendor: boolean;
  probing: boolean;
  /** Counts its pauses: a call that began before the present one says nothing new by failing. */
  era: number;
  last: Failure | null;
  tried: Partial<Record<Need, Instant>>;
};

const fresh = (): State => ({
  failures: 0,
  since: null,
  nextTry: 0,
  length: 0,
  pause: 0,
  byVendor: false,
  probing: false,
  era: 0,
  last: null,
  tried: {},
});

/** `chance` gives numbers from 0 up to 1. */
export function createBreakers({ clock, log, chance }: { clock: Clock; log: Log; chance: () => number }) {
  /** By connection, then by hardware id; '' is the connection itself. */
  const states = new Map<ConnectionId, Map<string, State>>();

  function stateOf(connection: ConnectionId, hardwareId: string): State {
    const things = states.get(connection) ?? new Map<string, State>();
    states.set(connection, things);
    const state = things.get(hardwareId) ?? fresh();
    things.set(hardwareId, state);
    return state;
  }

  /** Whether to call now. Who gets a `go` must tell how it ended. */
  function ask(connection: ConnectionId, hardwareId: string, need: Need): Permit {
    const two = { account: stateOf(connection, ''), thing: stateOf(connection, hardwareId) };
    for (const state of [two.account, two.thing]) {
      const wait = waitOf(state, need);
      if (wait > 0) {
        const { reason = 'unreachable', error = '' } = state.last ?? {};
        return { kind: 'held', reason, error, retryAfterSeconds: Math.ceil(wait / 1000) };
      }
    }
    const account = begin(two.account, need);
    const thing = begin(two.thing, need);
    return {
      kind: 'go',
      ended: (how) => {
        const of = { connection, hardwareId };
        if (how === 'worked' || how === 'nothing') {
          settle(account, how, of, '');
          return settle(thing, how, of, hardwareId);
        }
        // whoever says that it is the thing's own trouble has been answered by the account
        settle(account, how.wholeConnection === true ? how : 'worked', of, '');
        settle(thing, how.wholeConnection === true ? 'nothing' : how, of, hardwareId);
      },
    };
  }

  /** Milliseconds until it may be tried for this need; 0: now. */
  function waitOf(state: State, need: Need): number {
    if (state.since === null) return 0;
    const now = clock.now();
    // further away than the pause was long: the clock was set back
    const due = state.nextTry - now > state.length ? 0 : state.nextTry - now;
    if (due <= 0 && !state.probing) return 0;
    if (need === 'background') return Math.max(due, 1);
    const every = state.byVendor ? peopleEvery.whileVendorPauses : peopleEvery.usually;
    const ago = now - (state.tried[need] ?? 0);
    return ago < 0 ? 0 : Math.max(0, every - ago);
  }

  type Begun = { state: State; era: number; probes: boolean };
  function begin(state: State, need: Need): Begun {
    if (state.since === null) return { state, era: state.era, probes: false };
    const probes = !state.probing && clock.now() >= state.nextTry;
    if (probes) state.probing = true;
    state.tried[need] = clock.now();
    return { state, era: state.era, probes };
  }

  type Of = { connection: ConnectionId; hardwareId: string };
  function settle({ state, era, probes }: Begun, how: Ended, of: Of, which: string): void {
    if (probes) state.probing = false;
    if (how === 'nothing') return;
    if (how === 'worked') {
      if (state.since !== null) log.info(named(of, which), 'It answers again.');
      Object.assign(state, fresh(), { era: state.era });
      return;
    }
    state.last = how;
    state.failures += 1;
    const vendorSeconds = how.retryAfterSeconds ?? null;
    const opens = state.since === null && (state.failures >= threshold || vendorSeconds !== null);
    if (opens) log.warn({ ...named(of, which), error: how.error }, 'It keeps failing; it is asked less often for now.');
    if (opens || (probes && era === state.era)) pauseFor(state, vendorSeconds);
    else if (state.since !== null && vendorSeconds !== null) pauseFor(state, vendorSeconds);
  }

  /** Longer each time, and never all at the same moment. A vendor that names a time is not asked before. */
  function pauseFor(state: State, vendorSeconds: number | null): void {
    const now = clock.now();
    state.since ??= now;
    state.era += 1;
    state.pause = state.pause === 0 ? pauses.first : Math.min(pauses.most, state.pause * 2);
    const own = state.pause * (0.8 + 0.4 * chance());
    const wanted = vendorSeconds === null ? 0 : Math.min(pauses.mostByVendor, seconds(vendorSeconds));
    state.byVendor = wanted > 0;
    state.length = Math.max(own, wanted * (1 + 0.1 * chance()));
    state.nextTry = now + state.length;
  }

  /** How it went lately, without taking part: `held`, a round may not ask now; `failing`, its last call failed. */
  function health(connection: ConnectionId, hardwareId: string): 'well' | 'failing' | 'held' {
    const both = ['', hardwareId].flatMap((which) => states.get(connection)?.get(which) ?? []);
    if (both.some((state) => waitOf(state, 'background') > 0)) return 'held';
    return both.some((state) => state.failures > 0) ? 'failing' : 'well';
  }

  /** What is held back on a connection now; `hardwareId` null: all of it. */
  function troubles(connection: ConnectionId): Trouble[] {
    return [...(states.get(connection) ?? [])].flatMap(([which, state]) => {
      if (state.since === null) return [];
      const { since, nextTry, last } = state;
      const hardwareId = which === '' ? null : which;
      return [{ hardwareId, since, error: last?.error ?? '', nextTryAt: Math.max(nextTry, clock.now()) }];
    });
  }

  /** It was heard of in another way; '': of the account. */
  function answered(connection: ConnectionId, hardwareId: string): void {
    const of = { connection, hardwareId };
    for (const which of new Set(['', hardwareId])) {
      const state = states.get(connection)?.get(which);
      if (state !== undefined) settle({ state, era: state.era, probes: false }, 'worked', of, which);
    }
  }

  /** The connection was changed: what was wrong with it may be right now. */
  function forget(connection: ConnectionId): void {
    states.delete(connection);
  }

  return { ask, answered, health, troubles, forget };
}

const named = (of: { connection: ConnectionId; hardwareId: string }, which: string) => ({
  connection: of.connection,
  ...(which === '' ? {} : { hardwareId: which }),
});

/** To have waited for a turn in vain is no trouble of the vendor's. */
export function endOfLook(seen: Observation): Ended {
  if (seen.kind === 'relay') return 'worked';
  return seen.noTurn === true ? 'nothing' : { ...seen, reason: seen.reason ?? 'unreachable', error: seen.why };
}

/** A plain no of the thing itself is an answer: the line to it works. */
export function endOf(outcome: Outcome): Ended {
  switch (outcome.kind) {
    case 'confirmed':
    case 'accepted':
      return 'worked';
    case 'unknown':
      return { ...outcome, reason: 'unreachable', error: outcome.detail };
    default: {
      if (outcome.noTurn === true) return 'nothing';
      const answered = outcome.reason === 'vendor' || outcome.reason === 'unsupported';
      return answered && outcome.wholeConnection !== true ? 'worked' : { ...outcome, error: outcome.detail };
    }
  }
}
