/** What the calls of the platform have in common. */
import type { SimulatorClock } from '../clock.ts';
import type { Doing, TroubleKind } from '../trouble.ts';
import type { Cloud } from './cloud.ts';
import { type ErrorCode, Refusal, saidOf } from './errors.ts';
import type { Form } from './form.ts';
import type { Lock } from './lock.ts';
import type { Radio } from './radio.ts';

export type Context = {
  cloud: Cloud;
  radio: Radio;
  clock: SimulatorClock;
  seed: string;
  username: string;
  url: string;
  /** What goes wrong with this very call on its way to the lock. */
  trouble: TroubleKind | null;
  /** `round`: what is not on the hour begins on the hour before, and ends so. `refuse`: -3. */
  hourRule: 'refuse' | 'round';
};
export type Answer = Record<string, unknown>;
export type Call = { does: Doing; run(form: Form, context: Context): Answer | Promise<Answer> };

export const done = (): Answer => saidOf(0);

/**
 * Sends a command through the air. `act` is what the lock does, `undo` what somebody else does right afterwards where
 * that is the trouble. A platform that lies says that it was done.
 */
export async function command(context: Context, lock: Lock, act: () => ErrorCode, undo: () => void): Promise<void> {
  const code = await context.radio.reach(lock, (): ErrorCode => {
    if (context.trouble === 'lying-ok') return 0;
    const said = act();
    if (context.trouble === 'outside-change' && said === 0) undo();
    return said;
  });
  if (code !== 0) throw new Refusal(code);
}

export function refuseFrozen(lock: Lock): void {
  if (lock.has('frozen')) throw new Refusal(-2025);
}
