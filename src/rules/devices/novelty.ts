import { type Instant, minutes } from '../instant.ts';

/** What was told last of a relay. */
export type Told = { output: 'on' | 'off' | null; watts: number | null; wattsAt: Instant | null };

/** A draw below this is none (the same as for a machine that rests, sessions/limits). */
const rest = 3;
/** A step of the draw is told when it is this large, and this much of what it was; */
const step = { watts: 50, share: 0.25 } as const;
/** and at most so often: a machine that heats in bursts would fill the history. */
const stepsApart = minutes(1);

/** What a reading tells that was not known: the contact, or else a step of the draw. Null: nothing new. */
export function novelty(
  told: Told,
  seen: { on: boolean; powerWatts: number | null; at: Instant },
): 'on' | 'off' | 'power' | null {
  const output = seen.on ? 'on' : 'off';
  if (output !== told.output) return output;
  if (seen.powerWatts === null) return null;
  if (told.watts === null || told.wattsAt === null) return 'power';
  if (seen.at - told.wattsAt < stepsApart) return null;
  return isStep(told.watts, seen.powerWatts) ? 'power' : null;
}

function isStep(from: number, to: number): boolean {
  const [less, more] = from < to ? [from, to] : [to, from];
  if (less < rest && more >= rest) return true;
  return more - less >= Math.max(step.watts, Math.abs(from) * step.share);
}
