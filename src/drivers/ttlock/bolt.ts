import type { Clock } from '../../host/clock.ts';
import type { LockOutcome } from '../lock-port.ts';
import { type Ask, notDone, send, strange } from './ask.ts';
import { boltOf, seen } from './look.ts';

/**
 * Unlocks or locks, and looks. A bolt seen as it was wished is proof, also where the answer was lost. One that is not:
 * a lock closes by itself after a few seconds, so an unlock that was taken stays taken; a bolt that is open although it
 * was said to be locked is in doubt. After a lost answer nothing that is not seen is known: it may still happen.
 */
export async function turnBolt(ask: Ask, kind: 'unlock' | 'lock', clock: Clock): Promise<LockOutcome> {
  const answer = await send(ask, `/v3/lock/${kind}`);
  if (answer.kind === 'trouble') return notDone(answer);
  const said = answer.kind === 'answer' && !answer.done ? strange(`the ${kind}`) : answer;
  const bolt = await boltOf(ask);
  const wished = kind === 'unlock' ? 'unlocked' : 'locked';
  if (bolt === wished) return { kind: 'confirmed', observation: seen(bolt, clock) };
  if (said.kind === 'lost') {
    const sight = typeof bolt === 'string' ? `the bolt is ${bolt === 'unknown' ? 'in doubt' : bolt}` : bolt.detail;
    return notDone({ ...said, detail: `${said.detail}; looked at afterwards: ${sight}` });
  }
  if (said.kind !== 'answer') return said;
  if (kind === 'lock' && bolt === 'unlocked') {
    return { kind: 'unknown', detail: 'TTLock says that it was locked, but the bolt is open' };
  }
  return { kind: 'accepted' };
}
