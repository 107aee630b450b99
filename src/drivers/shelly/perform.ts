import type { Clock } from '../../host/clock.ts';
import { assertNever } from '../../rules/assert-never.ts';
import type { Command, HardwareRef, Observation, Outcome } from '../port.ts';
import type { Reading, ShellyAddress } from './address.ts';

/**
 * One switch of a Gen2+ relay, whatever way leads to it (HTTP, broker, socket): sent once, with the device's own timer,
 * and read back. It must never report as done what was not seen, and never as not done what may still happen.
 */

/** How far the device's clock may be off before its timer is no proof that a command without an answer arrived. */
const clockTolerance = 10_000;

/** Throws RangeError for a switch-on without an end. */
export function demandTimer(command: Command): void {
  if (command.kind !== 'switch-on') return;
  if (Number.isSafeInteger(command.autoOffSeconds) && command.autoOffSeconds >= 1) return;
  throw new RangeError(`autoOffSeconds must be a whole number of at least 1, not ${command.autoOffSeconds}`);
}

/** Callers have made sure that the device behind the address is the one that is meant. */
export async function performAt(
  address: ShellyAddress,
  ref: HardwareRef,
  command: Command,
  signal: AbortSignal,
): Promise<Outcome> {
  const said = await address.set(ref, command, signal);
  switch (said.kind) {
    case 'refused':
      return said;
    case 'taken':
      return judge(command, true, await address.read(ref, signal), null);
    case 'lost':
      return judge(command, false, await address.read(ref, signal), said.detail);
    default:
      return assertNever(said);
  }
}

/**
 * What the read-back tells. After an answered Set the device knows the command: a relay that does not show it refused.
 * After a lost answer a relay that shows it is proof; one that does not is none: the request may still lie in the
 * network or in the device's queue and take effect after our reading, so it stays unknown until a later observation.
 */
function judge(command: Command, answered: boolean, seen: Reading, lost: string | null): Outcome {
  const turned = command.kind === 'switch-on' ? 'on' : 'off';
  if (seen.kind !== 'relay') {
    return answered ? { kind: 'accepted' } : { kind: 'unknown', detail: `${lost ?? ''}; read-back: ${seen.detail}` };
  }
  if (seen.on === (turned === 'on')) {
    if (command.kind === 'switch-off' || hasOurTimer(seen, command.autoOffSeconds, answered)) {
      return { kind: 'confirmed', observation: toObservation(seen) };
    }
    // Never call a relay "on" that may stay on: without its timer this was not what was asked for.
    return { kind: 'unknown', detail: 'the relay is on, but does not show the timer that would switch it off' };
  }
  if (answered) return { kind: 'refused', reason: 'vendor', detail: `the relay did not go ${turned}` };
  return { kind: 'unknown', detail: `${lost ?? ''}; the relay is not ${turned} yet` };
}

function hasOurTimer(seen: Extract<Reading, { kind: 'relay' }>, seconds: number, answered: boolean): boolean {
  if (seen.timer === null) return false;
  if (answered) return true;
  // It may be the timer of an earlier command: it must be as long as ours and must have begun just now.
  return (
    Math.abs(seen.timer.seconds - seconds) < 1 &&
    Math.abs(seen.timer.endsAt - (seen.at + seconds * 1000)) <= clockTolerance
  );
}

export function toObservation(seen: Extract<Reading, { kind: 'relay' }>): Observation {
  const { on, powerWatts, source, at, timer } = seen;
  // The end by the device's clock, kept within what is possible: later than now, no later than the whole timer from now.
  const autoOffAt =
    !on || timer === null ? null : Math.min(Math.max(timer.endsAt, at), at + Math.ceil(timer.seconds * 1000));
  return { kind: 'relay', on, autoOffAt, powerWatts, source, at };
}

/** The same for the case that nobody answered, or something else than a relay did. */
export function toldAs(seen: Exclude<Reading, { kind: 'other-device' }>, clock: Clock): Observation {
  return seen.kind === 'relay' ? toObservation(seen) : { kind: 'unreachable', why: seen.detail, at: clock.now() };
}
