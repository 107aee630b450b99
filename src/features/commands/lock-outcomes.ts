import type { LockCommand, LockObservation, LockOutcome } from '../../drivers/lock-port.ts';
import type { Instant } from '../../rules/instant.ts';

/** What is kept of a command besides its kind; never its digits. */
export function factsOf(command: LockCommand): Record<string, unknown> {
  switch (command.kind) {
    case 'set-pin':
      return { slot: command.slot, window: command.window };
    case 'change-pin':
      return { reference: command.reference, window: command.window, digits: command.pin !== null };
    case 'clear-pin':
      return { reference: command.reference, slot: command.slot };
    case 'issue-code':
      return { window: command.window, once: command.once };
    case 'issue-qr':
      return { window: command.window };
    case 'revoke-qr':
      return { reference: command.reference };
    case 'passage':
      return { schedule: command.schedule };
    default:
      return {};
  }
}

/** How a command ended, for its row. */
export function endedBy(outcome: LockOutcome) {
  return {
    outcome: outcome.kind,
    reason: outcome.kind === 'refused' ? outcome.reason : null,
    detail: outcome.kind === 'refused' || outcome.kind === 'unknown' ? outcome.detail : null,
  };
}

/** What an outcome tells of the lock itself. Where a bolt may have moved unseen, nobody knows where it is. */
export function seenBy(
  command: LockCommand,
  outcome: LockOutcome & { notSent?: true },
  at: Instant,
): LockObservation | null {
  const lock = (bolt: 'jammed' | 'unknown', bridgeOnline: boolean | null): LockObservation => ({
    kind: 'lock',
    bolt,
    door: null,
    battery: null,
    bridgeOnline,
    at,
  });
  const moves = command.kind === 'unlock' || command.kind === 'lock';
  if (outcome.kind === 'confirmed') return outcome.observation;
  if (outcome.kind === 'accepted') return moves ? lock('unknown', null) : null;
  if (outcome.kind === 'unknown' || outcome.notSent === true) return null;
  switch (outcome.reason) {
    case 'jammed':
      return lock('jammed', true);
    case 'bridge-offline':
      return { kind: 'unreachable', why: outcome.detail, reason: outcome.reason, bridgeOnline: false, at };
    case 'unreachable':
    case 'asleep':
      return { kind: 'unreachable', why: outcome.detail, reason: outcome.reason, bridgeOnline: null, at };
    default:
      return null;
  }
}
