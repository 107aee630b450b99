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
