import type { Instant } from '../instant.ts';

/**
 * The life of a pass, the right to open one door for a time, bought by a guest:
 *
 *   awaiting-payment ──paid──▶ issuing ──way-issued──▶ issued ──its time is over──▶ ended
 *          │                      │                       │
 *          └─ not paid            └─ two minutes over     └─ paid back from outside
 *                     ╲                  │                      ╱
 *                      ▶ cancelled ◀─────┴─────────────────────
 */
export type PassPhase = 'awaiting-payment' | 'issuing' | 'issued' | 'ended' | 'cancelled';

export type PassFailure =
  /** The checkout expired, or the guest chose something else. */
  | 'payment_not_completed'
  /** The door was deleted, or other money came than was asked for. */
  | 'door_unavailable'
  /** The money was heard of so late that nobody stands there any more. */
  | 'heard_too_late'
  /** No way in could be made in time. */
  | 'no_way_in'
  /** All attempts to open failed, and there was no other way in. */
  | 'never_opened'
  | 'payment_reversed';

export type WayKind = 'qr' | 'pin' | 'code' | 'open-now';

export type Window = { from: Instant; until: Instant };

/** One way in that was asked for at the vendor's and not heard of: it may be there, or not. */
export type Unheard = { kind: Exclude<WayKind, 'open-now'>; name: string; window: Window };

export type Pass = {
  phase: PassPhase;
  /** What was bought. */
  durationMs: number;
  paidAt: Instant | null;
  validFrom: Instant | null;
  validUntil: Instant | null;
  /** Without a way in by then the money goes back. */
  issueUntil: Instant | null;
  /** The ways in that there are. */
  ways: readonly WayKind[];
  /** Asked for, and neither heard of nor looked for yet. */
  unheard: Unheard | null;
  /** Something of it is on the lock, or may be, and has to go. */
  toClear: boolean;
  /** The price is earned: a way in was issued, or the door opened. */
  delivered: boolean;
  failedOpens: number;
  firstOpenedAt: Instant | null;
  tries: number;
  /** Nothing is tried before then. */
  nextTryAt: Instant | null;
  failure: PassFailure | null;
};

export type PassEvent =
  /** What is due now. Comes from whoever holds the lane of the pass, and will do what is asked. */
  | { kind: 'tick' }
  /** `doorThere` false: its door is gone, or the money does not fit. `paidAt` null: it cost nothing. */
  | { kind: 'paid'; doorThere: boolean; paidAt: Instant | null }
  | { kind: 'payment-failed' }
  /** The guest asked anew, for another price or time: money that still comes goes back. */
  | { kind: 'superseded' }
  | { kind: 'reversed' }
  /** Written down before the vendor is asked for a way in. */
  | { kind: 'asked'; unheard: Unheard }
  | { kind: 'way-issued'; way: WayKind; window: Window }
  /** Surely none was made. */
  | { kind: 'way-refused' }
  /** What was asked for and not heard of was looked for: it is not there, or was taken away. */
  | { kind: 'none-found' }
  /** What was asked for is there, and cannot be read: it has to go. */
  | { kind: 'cleared' }
  /** It could not be taken away yet. */
  | { kind: 'not-cleared' }
  /** `at`: as the lock's own book tells, which may be read later. */
  | { kind: 'opened'; at?: Instant }
  | { kind: 'open-failed' };

export type PassEffect =
  | { kind: 'issue' }
  /** Look whether what was asked for and not heard of is there. */
  | { kind: 'look' }
  /** Take away what of it is on the lock. */
  | { kind: 'clear' }
  /** The books: what was not earned goes back. */
  | { kind: 'settle' };

export type PassStep = { pass: Pass; effects: PassEffect[]; wakeAt: Instant | null };

export const freshPass = (durationMs: number): Pass => ({
  phase: 'awaiting-payment',
  durationMs,
  paidAt: null,
  validFrom: null,
  validUntil: null,
  issueUntil: null,
  ways: [],
  unheard: null,
  toClear: false,
  delivered: false,
  failedOpens: 0,
  firstOpenedAt: null,
  tries: 0,
  nextTryAt: null,
  failure: null,
});

export const isPassOver = (phase: PassPhase): boolean => phase === 'ended' || phase === 'cancelled';

/** What of the price is earned: all of it, or nothing. Known once it is over, or once it is delivered. */
export const earnedOfPass = (pass: Pass, price: number): number => (pass.delivered ? price : 0);
