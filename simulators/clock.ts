/**
 * The one place of the simulators that knows real time. Everything else asks a SimulatorClock, so that a test can jump
 * an hour; the intervals here only decide how soon a jump is noticed.
 */
export type SimulatorClock = { now(): number }; // epoch milliseconds

export const systemClock: SimulatorClock = { now: () => Date.now() };

export type Ticking = { stop(): void };

/** Calls `work` every `ms` of real time; never keeps the process alive. */
export function every(ms: number, work: () => void): Ticking {
  const timer = setInterval(work, ms);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

/** Calls `work` once after `ms` of real time; never keeps the process alive. */
export function after(ms: number, work: () => void): Ticking {
  const timer = setTimeout(work, ms);
  timer.unref();
  return { stop: () => clearTimeout(timer) };
}

/** Waits `ms` of real time. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

/** Aborts after `ms` of real time. */
export function deadline(ms: number): AbortSignal {
  return AbortSignal.timeout(ms);
}

/** Milliseconds of a clock that never jumps: for the time between two things. */
export function elapsed(): number {
  return performance.now();
}
