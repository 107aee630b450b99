import type { Clock } from '../../host/clock.ts';
import { type FaultClass, faultFacts } from './faults.ts';

/** Long for what answers, so that a slow machine changes no result; short for what never does. */
export const patience = { answers: 10_000, hangs: 500, hangsOnSwitching: 1000 } as const;
/** The driver's own deadlines are shorter where it waits in vain, and longer where a slow machine is to change nothing. */
const haste = { inVain: 3, else: 1 / 4 } as const;
/** A call that is not back this long after its time was over never comes back. */
const grace = 5000;
export const recoveryMilliseconds = 10_000;

/** The clock of a driver on trial: its own deadlines are short only while a fault strikes that leaves it waiting. */
export function hastyClock(clock: Clock, inVain: boolean) {
  let by: number = haste.else;
  return {
    clock: {
      ...clock,
      deadline: (milliseconds: number, signal?: AbortSignal) => clock.deadline(Math.ceil(milliseconds / by), signal),
    },
    strike: (): void => {
      if (inVain) by = haste.inVain;
    },
    over: (): void => {
      by = haste.else;
    },
  };
}

export const hangs = (fault: FaultClass): boolean => faultFacts[fault].hangs === true;

export function timeFor(where: string, inVain: boolean): number {
  if (!inVain) return patience.answers;
  return where === 'switching' ? patience.hangsOnSwitching : patience.hangs;
}

/** Calls with so much time; null: it did not come back when its time was over. */
export async function inTime<Result>(
  clock: Clock,
  fault: FaultClass,
  time: number,
  call: (signal: AbortSignal) => Promise<Result>,
): Promise<Result | null> {
  const running = call(fault === 'given-up-before' ? AbortSignal.abort() : clock.deadline(time));
  const waited = new AbortController();
  const result = await Promise.race([running, clock.sleep(time + grace, waited.signal).then(() => null)]);
  waited.abort();
  return result;
}

export const neverBack = { kind: 'threw', error: 'nothing: it never came back' } as const;
