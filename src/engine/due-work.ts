import type { Log } from '../database/log.ts';
import type { Clock } from '../host/clock.ts';
import { type Instant, minutes, seconds } from '../rules/instant.ts';

type Options = { clock: Clock; log: Log; atOnce: number };

/**
 * Work of this process that came due, each piece under its key: never the same piece twice at once, never more than
 * `atOnce`, and a piece that fails by a fault of ours waits longer each time instead of failing twice a second. One slow
 * vendor holds back nobody else's work.
 */
export function createDueWork({ clock, log, atOnce }: Options) {
  const under = new Map<string, Promise<void>>();
  const failed = new Map<string, { until: Instant; pause: number }>();
  let ending = false;

  /** Begins it, unless it is under way, waits, or too much is; null then. Settles when it is over, failed or not. */
  function begin(key: string, work: () => Promise<unknown>): Promise<void> | null {
    if (ending || under.has(key) || under.size >= atOnce || (failed.get(key)?.until ?? 0) > clock.now()) return null;
    const one = done(key, work).finally(() => under.delete(key));
    under.set(key, one);
    return one;
  }

  /** The same, and once more after the piece that is under way: what is new may have come too late for that one. */
  function hurry(key: string, work: () => Promise<unknown>): void {
    const before = under.get(key);
    if (before === undefined) void begin(key, work);
    else void before.then(() => begin(key, work));
  }

  async function done(key: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
      failed.delete(key);
    } catch (error) {
      const pause = Math.min(minutes(5), (failed.get(key)?.pause ?? seconds(1)) * 2);
      failed.set(key, { until: clock.now() + pause, pause });
      log.error({ err: error, key }, 'A piece of work failed; it is tried again.');
    }
  }

  /** Begins nothing more and waits for what is under way. */
  async function stop(): Promise<void> {
    ending = true;
    await Promise.allSettled(under.values());
  }

  return { begin, hurry, stop };
}
