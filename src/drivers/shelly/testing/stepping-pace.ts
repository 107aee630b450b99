import type { Clock } from '../../../host/clock.ts';
import { type LookFor, NoTurn, type Pace } from '../../port.ts';

/** Turns that are never waited for: a second and a bit goes by with each, on the clock beside it. */
export function steppingPace(real: Clock) {
  const clock: Clock & { ahead: number } = { ...real, ahead: 0, now: () => real.now() + clock.ahead };
  const asked: LookFor[] = [];
  const holds: number[] = [];
  let last: Promise<unknown> = Promise.resolve();
  const pace: Pace = (_, lookFor, signal, work) => {
    const mine = last.then(async () => {
      if (signal.aborted) throw new NoTurn();
      clock.ahead += 1100;
      asked.push(lookFor);
      return work({ holdOff: (milliseconds) => void holds.push(milliseconds) });
    });
    last = mine.catch(() => undefined);
    return mine;
  };
  return { clock, pace, asked, holds };
}
