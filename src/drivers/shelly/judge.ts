import type { Instant } from '../../rules/instant.ts';
import {
  type Command,
  type Observation,
  type Outcome,
  type RefusalReason,
  type TroubleFacts,
  VendorFault,
} from '../port.ts';

/**
 * What an answer and a read-back prove, whichever way a Shelly was asked. It must never call done what was not seen, and
 * never undone what may still happen.
 */
export type Trouble = { kind: 'trouble'; reason: RefusalReason; detail: string } & TroubleFacts;

export type SetAnswer =
  /** Something took it. `named`: its answer said who it is, and it was the right device. */
  | { kind: 'taken'; named: boolean }
  | ({ kind: 'refused'; reason: RefusalReason; detail: string } & TroubleFacts)
  | ({ kind: 'lost'; detail: string } & TroubleFacts);

export type RelayReading = {
  kind: 'relay';
  on: boolean;
  /** A running timer; its end by the device's own clock. */
  timer: { seconds: number; endsAt: Instant } | null;
  powerWatts: number | null;
  /** Counted since it was made or reset, in watt-hours; left out or null: it does not tell. */
  energyWh?: number | null;
  source: string | null;
  at: Instant;
};

export type Reading =
  | RelayReading
  /** Somebody else answered where the device was. */
  | { kind: 'other-device'; detail: string }
  | Trouble;

/** How far the device's clock may be off before its timer is no proof that a command without an answer arrived. */
export const clockTolerance = 10_000;

/** Throws RangeError for an auto-off that no device could keep. */
export function checkCommand(command: Command): void {
  if (command.kind === 'switch-off') return;
  if (!Number.isSafeInteger(command.autoOffSeconds) || command.autoOffSeconds < 1) {
    throw new RangeError(`autoOffSeconds must be a whole number of at least 1, not ${command.autoOffSeconds}`);
  }
}

/**
 * What the read-back tells. After an answered command the device knows it: a relay that does not show it, and was
 * switched last over our own way (`ourWay`: how the device names that), refused.
 * After a lost answer a relay that shows it is proof; one that does not is none: the request may still lie in the network
 * or in the device's queue and take effect after our reading, so it stays unknown until a later observation.
 */
export function judge(
  command: Command,
  said: Exclude<SetAnswer, { kind: 'refused' }>,
  seen: Reading,
  ourWay: RegExp,
): Outcome {
  const turned = command.kind === 'switch-on' ? 'on' : 'off';
  if (seen.kind !== 'relay') return unseen(said, seen);
  if (seen.on === (turned === 'on')) {
    if (command.kind === 'switch-off' || hasOurTimer(seen, command.autoOffSeconds, said.kind === 'taken')) {
      return { kind: 'confirmed', observation: toObservation(seen) };
    }
    // Never call a relay "on" that may stay on: without its timer this was not what was asked for.
    return { kind: 'unknown', detail: 'the relay is on, but does not show the timer that would switch it off' };
  }
  if (said.kind === 'lost')
    return { ...said, kind: 'unknown', detail: `${said.detail}; the relay is not ${turned} yet` };
  if (ourWay.test(seen.source ?? '')) {
    return { kind: 'refused', reason: 'vendor', detail: `the relay did not go ${turned}` };
  }
  // It said yes, and somebody else switched last: either it did it and was turned back at once, or it never did it.
  return { kind: 'unknown', detail: `the relay is not ${turned}; ${seen.source ?? 'nobody'} switched last` };
}

function unseen(said: Exclude<SetAnswer, { kind: 'refused' }>, seen: Exclude<Reading, RelayReading>): Outcome {
  if (said.kind === 'lost') return { ...said, kind: 'unknown', detail: `${said.detail}; read-back: ${seen.detail}` };
  if (seen.kind === 'other-device' && !said.named) {
    // Say so: a person must look at what was switched.
    return { kind: 'unknown', detail: `${seen.detail}, and may have taken the command` };
  }
  return { kind: 'accepted' };
}

function hasOurTimer(seen: RelayReading, seconds: number, answered: boolean): boolean {
  // Another length is the timer of another command, whatever was answered.
  if (seen.timer === null || Math.abs(seen.timer.seconds - seconds) >= 1) return false;
  // Without an answer it must have begun just now, too.
  return answered || Math.abs(seen.timer.endsAt - (seen.at + seconds * 1000)) <= clockTolerance;
}

export function toObservation(seen: RelayReading): Observation {
  const { on, powerWatts, energyWh = null, source, at, timer } = seen;
  // The end by the device's clock, kept within what is possible: later than now, no later than the whole timer from now.
  const autoOffAt =
    !on || timer === null ? null : Math.min(Math.max(timer.endsAt, at), at + Math.ceil(timer.seconds * 1000));
  return { kind: 'relay', on, autoOffAt, powerWatts, energyWh, source, at };
}

/** A reading as an observation; another device in its place counts as not found. */
export function toldAs(seen: Reading, at: Instant): Observation {
  if (seen.kind === 'relay') return toObservation(seen);
  return seen.kind === 'trouble'
    ? unreachable(seen, at)
    : { kind: 'unreachable', why: seen.detail, reason: 'not-found', at };
}

export function unreachable({ detail, ...rest }: Trouble, at: Instant): Observation {
  return { ...rest, kind: 'unreachable', why: detail, at };
}

export const refusedBy = (trouble: Trouble): Extract<SetAnswer, { kind: 'refused' }> => ({
  ...trouble,
  kind: 'refused',
});

export function faultOf(trouble: Trouble): VendorFault {
  const { kind: _, reason, detail, ...facts } = trouble;
  return new VendorFault(reason, detail, facts);
}
