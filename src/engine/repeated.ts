import type { Log } from '../database/log.ts';
import type { Clock } from '../host/clock.ts';

type Options = { clock: Clock; log: Log; ending: AbortSignal; under: Set<Promise<unknown>> };

/** Starts a round again and again, never two of a kind at once; what is under way stands in `under`. */
export const createRepeat =
  ({ clock, log, ending, under }: Options) =>
  (name: string, milliseconds: number, round: () => Promise<unknown>): { stop(): void } => {
    let running = false;
    return clock.every(milliseconds, () => {
      if (running || ending.aborted) return;
      running = true;
      const one = round()
        .catch((error: unknown) => log.error({ err: error, round: name }, 'A round failed; the next one follows.'))
        .finally(() => {
          running = false;
          under.delete(one);
        });
      under.add(one);
    });
  };
