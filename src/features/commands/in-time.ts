import type { Lanes, Turn } from '../../engine/port.ts';
import type { Clock } from '../../host/clock.ts';
import { Problem } from '../../rules/errors.ts';
import type { Instant } from '../../rules/instant.ts';

export const lockIsBusy = (): Problem =>
  new Problem('UNAVAILABLE', 'The lock is busy with other work', { retryAfterSeconds: 5 });

/** For people: waits for the turn until then; a 503 when it does not come, and nothing is begun later. */
export function createInTime({ clock, lanes }: { clock: Clock; lanes: Lanes }) {
  return async function inTime<T>(lane: string, until: Instant, begin: (turn: Turn) => Promise<T>): Promise<T> {
    let state: 'waiting' | 'begun' | 'given-up' = 'waiting';
    const over = new AbortController();
    const mine = lanes.inLane(lane, async (turn) => {
      if (state === 'given-up') throw lockIsBusy();
      state = 'begun';
      return begin(turn);
    });
    const late = clock.sleep(until - clock.now(), over.signal).then(() => 'late' as const);
    const ended = mine.then(
      () => null,
      () => null,
    );
    const first = await Promise.race([ended, late]);
    over.abort();
    // what was begun ends by itself in time
    if (first !== 'late' || isBegun()) return mine;
    state = 'given-up';
    throw lockIsBusy();

    function isBegun(): boolean {
      return state === 'begun';
    }
  };
}
