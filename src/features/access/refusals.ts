import type { LockOutcome, LockRefusal } from '../../drivers/lock-port.ts';
import { type ErrorCode, Problem } from '../../rules/errors.ts';
import type { CommandId } from '../../rules/ids.ts';

/** Why a lock surely did not do it, in words that a person can act on. Vendors' own words stay in the command's row. */
const answers: Record<LockRefusal, { code: ErrorCode; text: string }> = {
  unreachable: { code: 'UPSTREAM_TIMEOUT', text: 'The lock cannot be reached' },
  asleep: { code: 'UPSTREAM_TIMEOUT', text: 'The lock saves power and does not listen now; wake it at its keypad' },
  'bridge-offline': { code: 'UPSTREAM_ERROR', text: 'The gateway of the lock is offline; look whether it has power' },
  'no-bridge': { code: 'NOT_SUPPORTED', text: 'No gateway is near this lock: only a phone beside it can open it' },
  'not-permitted': {
    code: 'NOT_SUPPORTED',
    text: 'Opening from afar is switched off for this lock in its vendor’s app',
  },
  unsupported: { code: 'NOT_SUPPORTED', text: 'This lock cannot do that' },
  credentials: { code: 'NOT_CONFIGURED', text: 'The vendor does not take our credentials; enter them anew' },
  'not-found': { code: 'UPSTREAM_ERROR', text: 'The vendor does not know this lock any more' },
  busy: { code: 'UNAVAILABLE', text: 'The lock is busy with other work; try again' },
  frozen: { code: 'UPSTREAM_ERROR', text: 'The lock is frozen in its vendor’s app' },
  jammed: { code: 'UPSTREAM_ERROR', text: 'The bolt could not move: look whether it is free' },
  'low-battery': { code: 'UPSTREAM_ERROR', text: 'The batteries of the lock are too low' },
  vendor: { code: 'UPSTREAM_ERROR', text: 'The vendor did not do it' },
  'code-taken': { code: 'CONFLICT', text: 'These digits are on the lock already' },
  'code-full': { code: 'CONFLICT', text: 'There is no room for another code on the lock' },
  'code-refused': { code: 'CONFLICT', text: 'The lock does not take this code' },
  'code-missing': { code: 'CONFLICT', text: 'This code is not on the lock' },
};

/** The refusal as an error, with its reason for programs; `facts`: what else is told. */
export function refusal(outcome: Extract<LockOutcome, { kind: 'refused' }>, facts: { commandId: CommandId }): Problem {
  const { code, text } = answers[outcome.reason];
  const after = outcome.retryAfterSeconds ?? (outcome.reason === 'busy' ? 5 : undefined);
  return new Problem(code, text, {
    facts: { reason: outcome.reason, commandId: facts.commandId, url: commandUrl(facts.commandId) },
    ...(after === undefined ? {} : { retryAfterSeconds: after }),
  });
}

export const commandUrl = (id: CommandId): string => `/api/commands/${id}`;
