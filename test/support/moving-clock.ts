import { type Clock, systemClock } from '../../src/host/clock.ts';

/** Real time that can be moved ahead, or stopped: waits stay real, `now` jumps, or stands. */
export type MovingClock = Clock & {
  ahead(milliseconds: number): void;
  /** Stops at an instant; `ahead` still moves it. */
  standAt(instant: number): void;
};

/** `at`: where it begins; now, if it is left out. */
export function movingClock(at?: number): MovingClock {
  let moved = at === undefined ? 0 : at - systemClock.now();
  let standing: number | null = null;
  return {
    ...systemClock,
    now: () => standing ?? systemClock.now() + moved,
    ahead: (milliseconds) => {
      moved += milliseconds;
      if (standing !== null) standing += milliseconds;
    },
    standAt: (instant) => {
      standing = instant;
    },
  };
}
