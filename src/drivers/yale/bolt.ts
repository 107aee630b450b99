import type { Clock } from '../../host/clock.ts';
import type { LockOutcome } from '../lock-port.ts';
import { type Ask, notDone, send, strange } from './ask.ts';
import { type Sight, seen, sightByAir, sightOf, storedBolt } from './look.ts';
import { Operated, parsed } from './wire.ts';

/** Something is left, of the twelve seconds that the engine gives, to look afterwards. */
const turnMilliseconds = 8500;

/**
 * Unlocks or locks, and looks. The lock's own word for where its bolt is, and the cloud's, are proof together. After a
 * lost answer the lock itself is asked: what is stored may be old. Nothing is ever sent twice, and the cloud is told to
 * try once: what it repeats after a lost answer may lock behind somebody who has just gone in.
 */
export async function turnBolt(ask: Ask, kind: 'unlock' | 'lock', clock: Clock): Promise<LockOutcome> {
  const path = `/remoteoperate/${ask.lockId}/${kind}?type=sync&retryLimit=1`;
  const answer = await send(ask, { method: 'PUT', path, patience: turnMilliseconds });
  if (answer.kind === 'trouble') return notDone(answer);
  const wished = kind === 'unlock' ? 'unlocked' : 'locked';
  const told = answer.kind === 'answer' ? parsed(Operated, answer.value) : null;
  if (told === null) {
    const lost = answer.kind === 'lost' ? answer : strange(`the ${kind}`);
    const sight = await sightByAir(ask, clock);
    if ('bolt' in sight && sight.bolt === wished) return proof(sight);
    const after = 'bolt' in sight ? `the bolt is ${sight.bolt === 'unknown' ? 'in doubt' : sight.bolt}` : sight.detail;
    return notDone({ ...lost, detail: `${lost.detail}; looked at afterwards: ${after}` });
  }
  const said = sightOf(told);
  if (said.bolt !== wished) {
    return { kind: 'unknown', detail: `Yale says that the bolt is ${said.bolt} after the ${kind}` };
  }
  const stored = await storedBolt(ask);
  if (!('bolt' in stored)) return { kind: 'accepted' };
  if (stored.bolt === wished) return proof({ ...stored, door: said.door ?? stored.door });
  if (kind === 'lock' && stored.bolt === 'unlocked') {
    return { kind: 'unknown', detail: 'Yale says that it was locked, but the bolt is open' };
  }
  return { kind: 'accepted' }; // some lock again by themselves, and some are turned by hand

  function proof(sight: Sight): LockOutcome {
    return { kind: 'confirmed', observation: seen(sight, clock) };
  }
}
