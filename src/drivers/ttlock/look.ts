import type { Clock } from '../../host/clock.ts';
import type { Bolt, LockObservation } from '../lock-port.ts';
import type { LookFor } from '../port.ts';
import { type Ask, send } from './ask.ts';
import type { Lost, Trouble, TtlockClient } from './client.ts';
import { Battery, OpenState, parsed } from './wire.ts';

/**
 * How the lock is now, asked of itself through the air: what the platform has stored of its battery may be months old, and
 * of its bolt it stores nothing. Somebody who waits hears of the bolt alone; a round also of the battery.
 */
export async function look(
  client: TtlockClient,
  lockId: number,
  { lookFor, signal, clock }: { lookFor: LookFor; signal: AbortSignal; clock: Clock },
): Promise<LockObservation> {
  const ask = { client, lockId, signal };
  const bolt = await boltOf(ask);
  if (typeof bolt !== 'string') return unreachable(bolt, clock);
  const battery = lookFor === 'people' ? null : await batteryOf(ask);
  return seen(bolt, clock, battery);
}

/** It was reached, and so was whatever stands between. */
export const seen = (bolt: Bolt, clock: Clock, battery: number | null = null): LockObservation => ({
  kind: 'lock',
  bolt,
  door: null,
  battery,
  bridgeOnline: true,
  at: clock.now(),
});

export async function boltOf(ask: Ask): Promise<Bolt | Trouble | Lost> {
  const answer = await send(ask, '/v3/lock/queryOpenState');
  if (answer.kind !== 'answer') return answer;
  const state = parsed(OpenState, answer.value)?.state;
  if (state === undefined) return { kind: 'lost', answered: true, detail: 'TTLock: the state cannot be understood' };
  return (['locked', 'unlocked', 'unknown'] as const)[state];
}

/** A look without it is better than none. */
async function batteryOf(ask: Ask): Promise<number | null> {
  const answer = await send(ask, '/v3/lock/queryElectricQuantity');
  return answer.kind === 'answer' ? (parsed(Battery, answer.value)?.electricQuantity ?? null) : null;
}

function unreachable(answer: Trouble | Lost, clock: Clock): LockObservation {
  const { detail: why, kind: _, code: __, ...facts } = answer;
  const at = clock.now();
  if (answer.kind === 'trouble') {
    const bridgeOnline = answer.reason === 'bridge-offline' ? false : null;
    return { ...facts, kind: 'unreachable', reason: answer.reason, why, bridgeOnline, at };
  }
  const { answered, retryAfterSeconds, wholeConnection } = answer;
  return {
    kind: 'unreachable',
    reason: answered ? 'vendor' : 'unreachable',
    why,
    bridgeOnline: null,
    at,
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    ...(wholeConnection === undefined ? {} : { wholeConnection }),
  };
}
