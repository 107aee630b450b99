/** How an operation from afar ended, in the numbers and words of this API (reference §7). */
import { type Static, Type } from 'typebox';
import type { Operated } from '../../features/remote-operate/remote-operate.service.ts';
import type { Denied } from '../../rules/access/decide.ts';
import { assertNever } from '../../rules/assert-never.ts';
import { Problem } from '../../rules/errors.ts';
import { iso } from '../../rules/instant.ts';
import { bridgeOf } from './bridge-view.ts';
import { longDoor, longStatus } from './words.ts';

export const OperationShown = Type.Object({
  status: Type.String({ description: 'What the lock was seen to be afterwards' }),
  doorState: Type.String(),
  info: Type.Object({
    action: Type.String(),
    startTime: Type.String(),
    context: Type.Object({
      transactionID: Type.String(),
      startTime: Type.String(),
      startDate: Type.String(),
      retryCount: Type.Integer(),
    }),
    lockType: Type.String(),
    serialNumber: Type.String(),
    serial: Type.String(),
    lockID: Type.String(),
    bridgeID: Type.String(),
    duration: Type.Integer({ description: 'Milliseconds' }),
    lockStatusChanged: Type.Boolean(),
  }),
  retryCount: Type.Integer(),
  totalTime: Type.Integer({ description: 'Milliseconds' }),
  resultsFromOperationCache: Type.Boolean(),
  lockStatusChanged: Type.Boolean(),
});

/** What was done is shown; everything else is thrown, with its status. */
export function operationView(operated: Operated, now: number): Static<typeof OperationShown> {
  if (operated.kind !== 'done') throw problemOf(operated);
  const { after, before, command, startedAt, transactionId, retries } = operated;
  const start = iso(startedAt);
  const duration = Math.max(0, now - startedAt);
  const lockStatusChanged = after.bolt !== before.bolt;
  return {
    status: longStatus(after),
    doorState: longDoor(after),
    info: {
      action: command,
      startTime: start,
      context: { transactionID: transactionId, startTime: start, startDate: start, retryCount: retries },
      lockType: 'lock_version_2',
      serialNumber: after.hardware_id,
      serial: after.hardware_id,
      lockID: after.wire_id,
      bridgeID: bridgeOf(after)?.id ?? '',
      duration,
      lockStatusChanged,
    },
    retryCount: retries,
    totalTime: duration,
    resultsFromOperationCache: false,
    lockStatusChanged,
  };
}

type Failed = Exclude<Operated, { kind: 'done' }>;

function problemOf(failed: Failed): Problem {
  switch (failed.kind) {
    case 'denied':
      return new Problem('FORBIDDEN', denials[failed.reason] ?? 'This may not be opened now', {
        facts: { reason: failed.reason },
      });
    case 'no-turn':
      return busy();
    case 'unseen':
      return noted(failed, failed.seen.reason ?? 'unreachable', failed.seen);
    case 'refused':
      return noted(failed, failed.outcome.reason, failed.outcome);
    case 'unheard':
      return unheard(failed);
    default:
      return assertNever(failed);
  }
}

/** It may have been done, and was not seen done: told as such, so that nobody takes it for a no. */
function unheard({ seen, command }: Extract<Failed, { kind: 'unheard' }>): Problem {
  if (seen.kind === 'unreachable') {
    return seen.bridgeOnline === false
      ? bridgeOffline()
      : silent(`Nothing was heard of ${command}, and nothing is seen`);
  }
  if (seen.bolt === 'jammed') return jammed();
  if (seen.bolt === 'unknown') return answer(531, 'UnknownPosition', 'The position of the bolt is not known');
  return silent(`Nothing was heard of ${command}, and the bolt was seen ${seen.bolt}`);
}

type Reason = Extract<Failed, { kind: 'refused' }>['outcome']['reason'];

function noted(
  { after }: Failed,
  reason: Reason,
  more: { wholeConnection?: boolean; retryAfterSeconds?: number },
): Problem {
  switch (reason) {
    case 'unreachable':
      return silent('The lock did not answer in time');
    case 'asleep':
      return silent('The lock saves power and does not listen: wake it at its keypad');
    case 'bridge-offline':
      return bridgeOffline();
    case 'no-bridge':
      return new Problem('PRECONDITION_FAILED', 'No bridge is near the lock');
    case 'busy':
      if (more.wholeConnection === true || more.retryAfterSeconds !== undefined) {
        return new Problem('RATE_LIMITED', 'The vendor takes no more requests now', {
          retryAfterSeconds: more.retryAfterSeconds ?? 5,
        });
      }
      // its own Wi-Fi: there is no bridge that could be busy
      return after.bridge_id === null ? answer(460, 'LockBusy', 'The lock is busy') : busy();
    case 'jammed':
      return jammed();
    case 'low-battery':
      return answer(550, 'LowBattery', 'The batteries of the lock are too low');
    case 'frozen':
      return new Problem('FORBIDDEN', 'The lock is frozen in its vendor’s app');
    case 'not-permitted':
      return new Problem('FORBIDDEN', 'Operating from afar is switched off for this lock in its vendor’s app');
    case 'unsupported':
      return new Problem('NOT_IMPLEMENTED', 'This lock cannot do that');
    case 'credentials':
      return new Problem('UPSTREAM_ERROR', 'The vendor of this lock does not take our credentials');
    case 'not-found':
      return new Problem('UPSTREAM_ERROR', 'The vendor does not know this lock any more');
    case 'vendor':
    case 'code-taken':
    case 'code-full':
    case 'code-refused':
    case 'code-missing':
      return new Problem('UPSTREAM_ERROR', 'The vendor of this lock did not do it');
    default:
      return assertNever(reason);
  }
}

/** A status that is this API's alone. */
const answer = (status: number, code: string | number, text: string): Problem =>
  new Problem('UPSTREAM_ERROR', text, { facts: { status, code } });
const silent = (text: string): Problem =>
  new Problem('UPSTREAM_TIMEOUT', text, { facts: { status: 408, code: 'RequestTimeout' } });
const bridgeOffline = (): Problem => answer(422, 98, 'Bridge is offline');
const jammed = (): Problem => answer(530, 'MechanicalTimeout', 'The bolt could not move: look whether it is free');
const busy = (): Problem =>
  new Problem('LOCK_BUSY', 'The lock is in use by another operation', { retryAfterSeconds: 5 });

const denials: Partial<Record<Denied, string>> = {
  lockdown: 'The place is locked down: nothing opens but for those who are named',
  'wrong-place': 'User may not operate this lock from afar',
  'unknown-credential': 'User is not on this lock',
  maintenance: 'The door is in maintenance',
};
