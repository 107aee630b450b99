import type { Clock } from '../../host/clock.ts';
import { hastyClock } from './patience.ts';
import type { Verdict } from './sweep.ts';

/** Starts a rig of its own, calls once under the fault, and then sees that the driver works again when it is over. */
export async function onRig<Rig extends { stop(): Promise<void> }>(o: {
  start: (clock: Clock) => Promise<Rig>;
  clock: Clock;
  /** Nothing comes that can be understood: only a deadline ends the waiting. */
  inVain: boolean;
  struck: (rig: Rig, strike: () => void) => Promise<Verdict>;
  recovers: (rig: Rig) => Promise<string[]>;
}): Promise<Verdict> {
  const hasty = hastyClock(o.clock, o.inVain);
  const rig = await o.start(hasty.clock);
  try {
    const { word, broken } = await o.struck(rig, hasty.strike);
    hasty.over();
    const after = await o.recovers(rig).catch((error: unknown) => [`throws when it is over: ${String(error)}`]);
    return { word, broken: [...broken, ...after] };
  } finally {
    await rig.stop();
  }
}
