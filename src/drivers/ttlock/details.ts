import { type Ask, send } from './ask.ts';
import type { Lost, Trouble, TtlockClient } from './client.ts';
import { LockDetail, parsed } from './wire.ts';

/** What never changes of a lock and stands in no list; asked once, and remembered as long as the driver is open. */
export function createDetails(client: TtlockClient) {
  const known = new Map<number, LockDetail>();

  async function learn(ask: Ask): Promise<LockDetail | Trouble | Lost> {
    const before = known.get(ask.lockId);
    if (before !== undefined) return before;
    const answer = await send(ask, '/v3/lock/detail');
    if (answer.kind !== 'answer') return answer;
    const detail = parsed(LockDetail, answer.value);
    if (detail === null || detail.lockId !== ask.lockId) {
      return { kind: 'lost', answered: true, detail: 'TTLock: what it tells of the lock cannot be understood' };
    }
    known.set(ask.lockId, detail);
    return detail;
  }

  /** Of the lock's own clock before UTC, in milliseconds. */
  async function zoneOffset(ask: Ask): Promise<number | Trouble | Lost> {
    const detail = await learn(ask);
    return 'kind' in detail ? detail : (detail.timezoneRawOffset ?? 0);
  }

  /** A list without models is better than none: asked for some locks at most, and no further once one fails. */
  async function learnSome(lockIds: readonly number[], signal: AbortSignal): Promise<void> {
    const left = lockIds.filter((lockId) => !known.has(lockId)).slice(0, mostAtOnce.locks);
    let failed = false;
    const work = async (): Promise<void> => {
      for (let lockId = left.shift(); lockId !== undefined && !failed; lockId = left.shift()) {
        failed ||= 'kind' in (await learn({ client, lockId, signal }));
      }
    };
    await Promise.all(Array.from({ length: mostAtOnce.requests }, work));
  }

  return { zoneOffset, learnSome, of: (lockId: number): LockDetail | null => known.get(lockId) ?? null };
}

export type Details = ReturnType<typeof createDetails>;

/** The platform counts requests by the month. */
const mostAtOnce = { locks: 40, requests: 4 } as const;
