import type { Gave, LockOutcome } from '../lock-port.ts';
import { VendorFault } from '../port.ts';
import type { Answer, Fields, Lost, Trouble, TtlockClient } from './client.ts';
import { plainReason } from './errors.ts';

/** One command on its way to one lock. */
export type Ask = { client: TtlockClient; lockId: number; signal: AbortSignal };

export const send = ({ client, lockId, signal }: Ask, path: string, fields: Fields = {}): Promise<Answer> =>
  client.call(path, { lockId, ...fields }, signal);

/** What a trouble, or an answer that was lost, comes to for a command. */
export function notDone(answer: Trouble | Lost): LockOutcome {
  const { code: _, ...said } = answer;
  if (said.kind === 'trouble') return { ...said, kind: 'refused' };
  const { answered: __, ...lost } = said;
  return { ...lost, kind: 'unknown' };
}

/** Of a write, the platform's word is all that there is: it says so once the lock has answered its gateway. */
export const written = (gave?: Gave): LockOutcome => ({
  kind: 'confirmed',
  observation: null,
  ...(gave === undefined ? {} : { gave }),
});

/** Said yes, in words that do not tell what was asked for. */
export const strange = (what: string): LockOutcome => ({
  kind: 'unknown',
  detail: `TTLock: the answer about ${what} cannot be understood`,
});

/** For a command that answers nothing but that it was done. */
export const receipt = (answer: Answer, what: string): LockOutcome =>
  answer.kind !== 'answer' ? notDone(answer) : answer.done ? written() : strange(what);

/** What could not be listed. */
export function faultOf(answer: Trouble | Lost): VendorFault {
  const { retryAfterSeconds, wholeConnection, noTurn } = answer;
  const facts = {
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    ...(wholeConnection === undefined ? {} : { wholeConnection }),
    ...(noTurn === undefined ? {} : { noTurn }),
  };
  if (answer.kind === 'trouble') return new VendorFault(plainReason(answer.reason), answer.detail, facts);
  return new VendorFault(answer.answered ? 'vendor' : 'unreachable', answer.detail, facts);
}
