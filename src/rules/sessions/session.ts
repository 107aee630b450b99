import type { Instant } from '../instant.ts';

/**
 * A paid run of a device.
 *
 *   awaiting-payment ──paid──► delayed ──its time──► starting ──relay seen on──► running ──its end──► stopping ──seen off──► completed
 *          │                      │                     │                          │                     │
 *          │ not paid             │ ended by staff      │ 20 s without relay       │ cut short, ended,   │ any other ending:
 *          ▼                      ▼                     ▼                          ▼ failed, reversed    ▼ one switch-off was tried
 *      cancelled              cancelled             stopping ───────────────► stopping ────────────► cancelled
 *
 * On the wire: awaiting-payment is PENDING; delayed to stopping are ACTIVE; completed COMPLETED; cancelled CANCELLED.
 */
export type Phase = 'awaiting-payment' | 'delayed' | 'starting' | 'running' | 'stopping' | 'completed' | 'cancelled';

export type FailureReason =
  | 'payment_not_completed'
  | 'device_in_use'
  /** The money was heard of so late that nobody stands at the machine any more. */
  | 'heard_too_late'
  | 'relay_on_failed'
  | 'device_offline'
  | 'relay_off_prematurely'
  | 'reconciliation_timeout'
  | 'force_ended_by_admin'
  | 'failed_by_admin'
  | 'payment_reversed';

/** How a run is to end, decided when it goes into stopping. */
export type Ending = {
  reason: FailureReason | null;
  /** full: the whole price. on-time: by the seconds the relay was on. nothing: all goes back. */
  delivered: 'full' | 'on-time' | 'nothing';
};

/** What the life cycle remembers besides its times; lengths in milliseconds. */
export type Run = {
  /** Relay time of closed stretches, and the beginning of the open one. */
  onMs: number;
  onSince: Instant | null;
  /** The last reading that said on. */
  seenOnAt: Instant | null;
  /** Proved off before its end: since when, and the sum of closed gaps. */
  offSince: Instant | null;
  /** When that was first seen: patience counts from here, money from the last reading that said on. */
  offSeenAt: Instant | null;
  gapMs: number;
  unreachableSince: Instant | null;
  /** Looks and commands in a row that nobody answered. */
  misses: number;
  /** A switch-on was sent whose effect is not known: it must be read before it may be sent again. */
  askedOnAt: Instant | null;
  mustRead: boolean;
  /** The end that the last switch-on asked the device's own timer for; null at the first, which makes the end. */
  askedFor: Instant | null;
  /** The end that the timer was seen set for; tries without that; whether this device ever told of a timer. */
  armedFor: Instant | null;
  armTries: number;
  tellsTimer: boolean;
  /** Nothing is tried before this. */
  retryAt: Instant | null;
  tries: number;
  /** The machine drew power once, and since when it has drawn none: it finished early of itself. */
  worked: boolean;
  idleSince: Instant | null;
  /** Its end has come, and the relay was looked at once more before: the clock might have been set. */
  lookedAtEnd: boolean;
  ending: Ending | null;
};

export type Session = {
  phase: Phase;
  /** What was bought, extensions included. */
  durationMs: number;
  delayMs: number;
  /** The plan lets the run end early, once the machine, having worked, draws less than this for so long. */
  finish: { belowWatts: number; afterMs: number } | null;
  /** Its hold ran out and another guest took the device. */
  superseded: boolean;
  paidAt: Instant | null;
  startsAt: Instant | null;
  startedAt: Instant | null;
  endsAt: Instant | null;
  endedAt: Instant | null;
  failureReason: string | null;
  run: Run;
};

export type Reading =
  | { kind: 'relay'; on: boolean; autoOffAt: Instant | null; powerWatts: number | null; at: Instant }
  | { kind: 'unreachable'; at: Instant };

export type SessionEvent =
  | { kind: 'tick' }
  /** The money is there. `deviceFree`: no other run of the device is under way. `paidAt`: when, if it is known. */
  | { kind: 'paid'; deviceFree: boolean; paidAt?: Instant | null }
  | { kind: 'payment-failed' }
  /** `confirms`: it is the evidence that this command was done. */
  | { kind: 'reading'; reading: Reading; confirms?: 'switch-on' | 'switch-off' }
  /** A command ended without evidence: surely not done, or perhaps done. */
  | {
      kind: 'command-ended';
      command: 'switch-on' | 'switch-off';
      certainlyNotDone: boolean;
      unreachable: boolean | null;
    }
  | { kind: 'ended-by-staff'; refund: boolean }
  | { kind: 'failed-by-staff'; reason: string | null }
  | { kind: 'reversed' }
  /** More time was bought. Taken while it runs, told by the effect `extended`; else the money for it has to go back. */
  | { kind: 'extended'; byMs: number; paidAt?: Instant | null }
  /** The money for such time went back by hand: so does the time. */
  | { kind: 'extension-reversed'; byMs: number };

export type SessionEffect =
  | { kind: 'switch-on'; autoOffSeconds: number }
  | { kind: 'switch-off' }
  | { kind: 'read' }
  /** The run is over: what of the money was earned is now known. */
  | { kind: 'settle' }
  /** A relay that had gone off is on again. */
  | { kind: 'recovered' }
  | { kind: 'extended' }
  /** The clock was set: the times of the run have moved with it. */
  | { kind: 'moved'; byMs: number }
  | { kind: 'lost-sight' };

/** The session after the event, what to do now (at most one of switch-on, switch-off, read), and when to look again. */
export type Step = { session: Session; effects: SessionEffect[]; wakeAt: Instant | null };

export const freshRun: Run = {
  onMs: 0,
  onSince: null,
  seenOnAt: null,
  offSince: null,
  offSeenAt: null,
  gapMs: 0,
  unreachableSince: null,
  misses: 0,
  askedOnAt: null,
  mustRead: false,
  askedFor: null,
  armedFor: null,
  armTries: 0,
  tellsTimer: false,
  retryAt: null,
  tries: 0,
  worked: false,
  idleSince: null,
  lookedAtEnd: false,
  ending: null,
};

export const isLive = (phase: Phase): boolean =>
  phase === 'delayed' || phase === 'starting' || phase === 'running' || phase === 'stopping';
export const isOver = (phase: Phase): boolean => phase === 'completed' || phase === 'cancelled';

/** So long before its start a run has the relay for itself: no look at it may be under way when it is to go on. */
const aloneBefore = 10_000;

/**
 * Whether this run sees to the device's relay. One that waits for its start does not: until then a relay that is on is
 * on for nobody, as without any run.
 */
export const seesToRelay = ({ phase, startsAt }: Pick<Session, 'phase' | 'startsAt'>, now: Instant): boolean =>
  isLive(phase) && !(phase === 'delayed' && startsAt !== null && now < startsAt - aloneBefore);
