import type { Gave, LockOutcome, LockRef } from '../lock-port.ts';
import { VendorFault } from '../port.ts';
import type { Answer, Lost, Question, Trouble, YaleClient } from './client.ts';
import { plainReason } from './errors.ts';
import { LockDetail, parsed } from './wire.ts';

/** One command on its way to one lock. */
export type Ask = { client: YaleClient; lockId: string; signal: AbortSignal };

export const send = ({ client, signal }: Ask, question: Question): Promise<Answer> => client.call(question, signal);

/** The cloud writes its locks so; null: this names none. */
export const lockId = ({ hardwareId }: LockRef): string | null =>
  /^[\dA-F]{32}$/.test(hardwareId) ? hardwareId : null;

export function lockIdOrFault(ref: LockRef): string {
  const id = lockId(ref);
  if (id === null) throw new VendorFault('not-found', 'Yale has no such lock');
  return id;
}

/** What a trouble, or an answer that was lost, comes to for a command. */
export function notDone(answer: Trouble | Lost): LockOutcome {
  if (answer.kind === 'trouble') {
    const { kind: _, status: __, said: ___, wantsCode: ____, ...said } = answer;
    return { kind: 'refused', ...said };
  }
  const { kind: _, answered: __, seen: ___, ...said } = answer;
  return { kind: 'unknown', ...said };
}

/** What came before the command was only a question: nothing was done. */
export function notAsked(answer: Trouble | Lost): LockOutcome {
  const outcome = notDone(answer);
  if (outcome.kind !== 'unknown') return outcome;
  const answered = answer.kind === 'lost' && answer.answered;
  return { ...outcome, kind: 'refused', reason: answered ? 'vendor' : 'unreachable' };
}

export const confirmed = (gave?: Gave): LockOutcome => ({
  kind: 'confirmed',
  observation: null,
  ...(gave === undefined ? {} : { gave }),
});
export const refusedAs = (
  reason: Extract<LockOutcome, { kind: 'refused' }>['reason'],
  detail: string,
): Extract<LockOutcome, { kind: 'refused' }> => ({ kind: 'refused', reason, detail });

export const strange = (what: string): Lost => ({
  kind: 'lost',
  answered: true,
  detail: `Yale: what is told of ${what} cannot be understood`,
});

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

/** All that the cloud has stored of one lock. */
export async function detailOf(ask: Ask): Promise<LockDetail | Trouble | Lost> {
  const answer = await send(ask, { method: 'GET', path: `/locks/${ask.lockId}` });
  if (answer.kind !== 'answer') return answer;
  const detail = parsed(LockDetail, answer.value);
  return detail === null || detail.LockID !== ask.lockId ? strange('the lock') : detail;
}

/** null: none; `online` null: the cloud does not say. */
export function bridgeOf({ Bridge }: LockDetail): { id: string; online: boolean | null } | null {
  if (Bridge === undefined || Bridge === null) return null;
  const { _id: id, status } = Bridge;
  const current = typeof status === 'string' ? status : status?.current;
  return { id, online: current === 'online' ? true : current === 'offline' ? false : null };
}

/** Why a command would not reach the lock; null: nothing is known to be in its way. The cloud would keep it for later. */
export function obstacle(detail: LockDetail): LockOutcome | null {
  const bridge = bridgeOf(detail);
  if (bridge === null) return refusedAs('no-bridge', 'Yale: the lock has no bridge');
  return bridge.online === false ? refusedAs('bridge-offline', 'Yale: the bridge is offline') : null;
}
