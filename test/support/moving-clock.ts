import { type Clock, systemClock } from '../../src/host/clock.ts';

/** Real time that can be moved ahead: waits stay real, `now` jumps. */
export type MovingClock = Clock & { ahead(milliseconds: number): void };

export function movingClock(): MovingClock {
  let moved = 0;
  return {
    ...systemClock,
    now: () => systemClock.now() + moved,
    ahead: (milliseconds) => {
      moved += milliseconds;
    },
  };
}
