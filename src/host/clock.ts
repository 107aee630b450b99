import { readFileSync } from 'node:fs';
import type { Instant } from '../rules/instant.ts';

/**
 * The only place that reads the time or sets a timer. `now` may be moved by tests (a clock that jumps); waits are real.
 */
export type Clock = {
  now(): Instant;
  /** Waits; ends early, without throwing, when the signal fires. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** Calls back again and again until stopped; does not keep the process alive. */
  every(milliseconds: number, call: () => void): { stop(): void };
  /** A signal that fires after the deadline or when the parent does. */
  deadline(milliseconds: number, parent?: AbortSignal): AbortSignal;
};

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) return resolve();
      const timer = setTimeout(done, milliseconds);
      signal?.addEventListener('abort', done, { once: true });
      function done(): void {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      }
    }),
  every: (milliseconds, call) => {
    const timer = setInterval(call, milliseconds);
    timer.unref();
    return { stop: () => clearInterval(timer) };
  },
  deadline: (milliseconds, parent) =>
    parent === undefined
      ? AbortSignal.timeout(milliseconds)
      : AbortSignal.any([AbortSignal.timeout(milliseconds), parent]),
};

/**
 * The clock of a real process, which tests can move: `KEYSTEAD_CLOCK_AHEAD` names a file that holds how many milliseconds
 * it is ahead, and may change while the process runs. Waits stay real. This file alone reads the variable.
 */
export const processClock: Clock = movedBy(process.env.KEYSTEAD_CLOCK_AHEAD);

export function movedBy(file: string | undefined): Clock {
  if (file === undefined || file === '') return systemClock;
  let ahead = 0;
  let read = 0;
  return {
    ...systemClock,
    now: () => {
      const now = Date.now();
      if (Math.abs(now - read) > 10) {
        ahead = aheadIn(file) ?? ahead;
        read = now;
      }
      return now + ahead;
    },
  };
}

/** Null while it is being written. */
function aheadIn(file: string): number | null {
  const text = readFileSync(file, 'utf8');
  return /^\d+\n$/.test(text) ? Number(text) : null;
}
