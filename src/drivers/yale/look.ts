import type { Clock } from '../../host/clock.ts';
import { hours, type Instant } from '../../rules/instant.ts';
import type { Bolt, LockObservation, LockRefusal } from '../lock-port.ts';
import type { LookFor } from '../port.ts';
import { type Ask, bridgeOf, detailOf, send, strange } from './ask.ts';
import type { Lost, Trouble } from './client.ts';
import { type LockDetail, Operated, parsed, StoredStatus } from './wire.ts';

/** The cloud hears of turns by hand by itself, where the bridge is there: what it stored so lately stands for a look. */
const storedIsGood = hours(6);
/** A status through the air takes some five seconds, and the engine gives a look ten. */
const airMilliseconds = 9000;

export type Sight = { bolt: Bolt; door: 'open' | 'closed' | null };
type Seen = Extract<LockObservation, { kind: 'lock' }>;
type Told = { status: string; doorState?: string | null | undefined };

/**
 * Somebody who waits hears of the lock itself, through the air. A round takes what the cloud has stored, battery and all,
 * and asks the lock only where that is old: each answer costs it power, and others their turn at the bridge.
 */
export async function look(ask: Ask, { lookFor, clock }: { lookFor: LookFor; clock: Clock }): Promise<LockObservation> {
  if (lookFor === 'people') {
    const sight = await sightByAir(ask, clock);
    return 'bolt' in sight ? seen(sight, clock) : unreachable(sight, clock);
  }
  const detail = await detailOf(ask);
  if ('kind' in detail) return unreachable(detail, clock);
  const bridge = bridgeOf(detail);
  if (bridge === null) return away('no-bridge', 'Yale: the lock has no bridge', null, clock);
  if (bridge.online === false) return away('bridge-offline', 'Yale: the bridge is offline', false, clock);
  const battery = percentOf(detail);
  const stored = storedSight(detail, clock.now());
  if (stored !== null) return { ...seen(stored, clock), battery, at: stored.at };
  const sight = await sightByAir(ask, clock);
  return 'bolt' in sight ? { ...seen(sight, clock), battery } : unreachable(sight, clock);
}

/** It was reached, and so was the bridge between. */
export const seen = ({ bolt, door }: Sight, clock: Clock): Seen => ({
  kind: 'lock',
  bolt,
  door,
  battery: null,
  bridgeOnline: true,
  at: clock.now(),
});

/** Asks the lock itself, and renews what the cloud has stored. */
export async function sightByAir(ask: Ask, clock: Clock): Promise<Sight | Trouble | Lost> {
  const path = `/remoteoperate/${ask.lockId}/status?type=sync&retryLimit=1`;
  const signal = clock.deadline(airMilliseconds, ask.signal);
  const answer = await send({ ...ask, signal }, { method: 'PUT', path, patience: airMilliseconds });
  if (answer.kind !== 'answer') return answer;
  const told = parsed(Operated, answer.value);
  return told === null ? strange('the bolt') : sightOf(told);
}

/** What the cloud believes, without reaching the lock. */
export async function storedBolt(ask: Ask): Promise<Sight | Trouble | Lost> {
  const answer = await send(ask, { method: 'GET', path: `/locks/${ask.lockId}/status` });
  if (answer.kind !== 'answer') return answer;
  const told = parsed(StoredStatus, answer.value);
  return told === null ? strange('the bolt') : sightOf(told);
}

function storedSight({ LockStatus }: LockDetail, now: Instant): (Sight & { at: Instant }) | null {
  const at = Date.parse(LockStatus?.dateTime ?? '');
  if (LockStatus === undefined || LockStatus === null || Number.isNaN(at) || at < now - storedIsGood) return null;
  const sight = sightOf(LockStatus);
  return sight.bolt === 'unknown' ? null : { ...sight, at: Math.min(at, now) };
}

/** In both spellings: short where it is stored, long where the lock has just said so. */
export function sightOf({ status, doorState }: Told): Sight {
  const bolt = bolts[plain(status, /^kAugLockState_/)] ?? 'unknown';
  const door = doors[plain(doorState ?? '', /^kAug(Lock)?DoorState_/)] ?? null;
  return { bolt, door };
}

const plain = (text: string, prefix: RegExp): string => text.replace(prefix, '').toLowerCase();
const bolts: Readonly<Record<string, Bolt>> = {
  locked: 'locked',
  secure: 'locked', // and its inside button is off
  securemode: 'locked',
  unlocked: 'unlocked',
  unlatched: 'unlocked',
  unlatching: 'unlocked',
  unknownstaticposition: 'jammed', // it stands still, and not where it should
  failed_bridge_error_lock_jammed: 'jammed',
};
const doors: Readonly<Record<string, 'open' | 'closed'>> = { open: 'open', ajar: 'open', closed: 'closed' };

/** null: never heard. */
export const percentOf = ({ battery }: LockDetail): number | null =>
  battery === undefined || battery === null || battery < 0 ? null : Math.round(battery * 100);

function away(reason: LockRefusal, why: string, bridgeOnline: boolean | null, clock: Clock): LockObservation {
  return { kind: 'unreachable', reason, why, bridgeOnline, at: clock.now() };
}

function unreachable(answer: Trouble | Lost, clock: Clock): LockObservation {
  const { detail: why, retryAfterSeconds, wholeConnection, noTurn } = answer;
  const reason =
    answer.kind === 'trouble' ? answer.reason : (answer.seen ?? (answer.answered ? 'vendor' : 'unreachable'));
  return {
    kind: 'unreachable',
    reason,
    why,
    bridgeOnline: reason === 'bridge-offline' ? false : null,
    at: clock.now(),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    ...(wholeConnection === undefined ? {} : { wholeConnection }),
    ...(noTurn === undefined ? {} : { noTurn }),
  };
}
