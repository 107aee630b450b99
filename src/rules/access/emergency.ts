import { ageOf, type Instant, minutes } from '../instant.ts';

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

/** What was asked of a lock by one order. */
export type AskedInOrder = {
  kind: string;
  outcome: 'confirmed' | 'accepted' | 'refused' | 'unknown' | null;
  reason: string | null;
  finishedAt: Instant | null;
};

/** An unlock is tried again so often as long as everything is to be open; what takes away access, ever more seldom. */
const again = { first: minutes(1), most: minutes(30) } as const;

/**
 * Whether a step is to be asked for now, after all that this order asked of the lock, newest first. What was surely not done
 * is tried again; what nobody heard of, too, but for an unlock: to lock twice harms nobody.
 */
export function isStepDue(step: EmergencyStep, asked: readonly AskedInOrder[], now: Instant): boolean {
  const own = asked.filter(isOf(step));
  const [last] = own;
  if (last === undefined) return true;
  if (last.outcome === null || isStepOver(step, asked)) return false;
  const pause = step === 'unlock' ? again.first : Math.min(again.most, again.first * 2 ** (own.length - 1));
  const age = ageOf(last.finishedAt ?? now, now);
  return age === null || age > pause;
}

/** Whether nothing more will be asked for. */
export function isStepOver(step: EmergencyStep, asked: readonly AskedInOrder[]): boolean {
  const last = asked.find(isOf(step));
  switch (last?.outcome) {
    case 'confirmed':
    case 'accepted':
      return true;
    case 'refused':
      return last.reason === 'unsupported';
    case 'unknown':
      return step === 'unlock';
    default:
      return false;
  }
}

const isOf =
  (step: EmergencyStep) =>
  ({ kind }: AskedInOrder): boolean =>
    kind === (step === 'unlock' || step === 'lock' ? step : 'passage');
