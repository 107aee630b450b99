import { type Instant, minutes } from '../instant.ts';

/** What an emergency, or its end, asks of the lock of one door. */
export type EmergencyStep = 'unlock' | 'lock' | 'hold-open' | 'passage-off' | 'passage-as-ever';

type DoorLock = {
  status: 'ACTIVE' | 'PASSAGE' | 'MAINTENANCE';
  canUnlock: boolean;
  canLock: boolean;
  hasPassage: boolean;
};

/**
 * Open at once, and held open where the lock can hold itself open: most fall shut again by themselves. In a lockdown a
 * door that was held open is not any more. As ever: doors of free passage are free again, all others locked.
 */
export function emergencySteps(mode: 'lockdown' | 'open-all' | 'normal', door: DoorLock): EmergencyStep[] {
  const passage = (step: EmergencyStep): EmergencyStep[] => (door.hasPassage ? [step] : []);
  const lock: EmergencyStep[] = door.canLock ? ['lock'] : [];
  switch (mode) {
    case 'open-all':
      return [...(door.canUnlock ? (['unlock'] as const) : []), ...passage('hold-open')];
    case 'lockdown':
      return [...passage('passage-off'), ...lock];
    default:
      return [...passage('passage-as-ever'), ...(door.status === 'PASSAGE' ? [] : lock)];
  }
}

/** What was asked of the lock for one order. `outcome` null: not heard of yet. */
export type Tried = { kind: string; outcome: string | null; reason: string | null; at: Instant };

export const kindOf = (step: EmergencyStep): 'unlock' | 'lock' | 'passage' =>
  step === 'unlock' || step === 'lock' ? step : 'passage';

/** A no that stays one, however often it is asked. */
const forGood: ReadonlySet<string | null> = new Set(['unsupported', 'not-permitted', 'no-bridge']);
const again = { first: minutes(1), most: minutes(15) } as const;

/**
 * What is still to be asked for, and may be asked now: nobody has, or it surely did not work, or, of what does no harm
 * twice, nothing was heard. An unlock that was perhaps done is not asked for again.
 */
export function stepsDue(steps: readonly EmergencyStep[], tried: readonly Tried[], now: Instant): EmergencyStep[] {
  return steps.filter((step) => {
    const own = tried.filter(({ kind }) => kind === kindOf(step));
    const last = lastOf(own);
    if (last === null) return true;
    if (isOver(step, last) || last.outcome === null) return false;
    const pause = Math.min(again.most, again.first * 2 ** (own.length - 1));
    return Math.abs(now - last.at) > pause;
  });
}

/** Nothing is left to be asked for. */
export const isCarriedOut = (steps: readonly EmergencyStep[], tried: readonly Tried[]): boolean =>
  steps.every((step) => {
    const last = lastOf(tried.filter(({ kind }) => kind === kindOf(step)));
    return last !== null && isOver(step, last);
  });

const lastOf = (tried: readonly Tried[]): Tried | null => tried.toSorted((a, b) => a.at - b.at).at(-1) ?? null;

function isOver(step: EmergencyStep, { outcome, reason }: Tried): boolean {
  if (outcome === 'confirmed' || outcome === 'accepted') return true;
  return outcome === 'unknown' ? step === 'unlock' : outcome === 'refused' && forGood.has(reason);
}
