import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { silent } from '../../src/database/log.ts';
import { createLanes } from '../../src/engine/lanes.ts';
import { systemClock } from '../../src/host/clock.ts';
import { type FreshDatabase, freshDatabase } from './fresh.ts';

let fresh: FreshDatabase;
let one: ReturnType<typeof createLanes>;
let two: ReturnType<typeof createLanes>;
beforeEach(async () => {
  fresh = await freshDatabase({ from: 'template0' });
  const options = { connection: fresh.connection, clock: systemClock, log: silent };
  one = createLanes(options);
  two = createLanes(options);
});
afterEach(async () => {
  await Promise.all([one.close(), two.close()]);
  await fresh.drop();
});

/** Ends the session of whoever holds a lane, as a broken network or a restarted server would. */
async function breakSessions(): Promise<void> {
  const client = new pg.Client(fresh.connection);
  await client.connect();
  await client.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where application_name = 'keystead lanes' and datname = current_database()`,
  );
  await client.end();
}

/** Work in a lane of `one` that ends when it is told to. */
function atWork(key: string) {
  const begun = Promise.withResolvers<AbortSignal>();
  const end = Promise.withResolvers<string>();
  const done = one.inLane(key, ({ lost }) => {
    begun.resolve(lost);
    return end.promise;
  });
  return { lost: () => begun.promise, end: () => end.resolve('done'), done };
}

const fired = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

describe('a lane', () => {
  test('is taken where it is free, and kept until it is left', async () => {
    const mine = await one.takeIfFree('a');
    expect(mine?.turn.lost.aborted).toBe(false);
    expect(await one.takeIfFree('a')).toBeNull();
    expect(await two.takeIfFree('a')).toBeNull();
    const next = one.inLane('a', async () => 'next');
    mine?.leave();
    expect(await next).toBe('next');
    const others = await two.takeIfFree('a');
    expect(others).not.toBeNull();
    others?.leave();
  });

  test('is held by one process at a time, and free when its work is over', async () => {
    const work = atWork('a');
    const lost = await work.lost();
    expect(await two.ifFree('a', async () => 'taken')).toBeNull();
    expect(await two.ifFree('b', async () => 'taken')).toBe('taken');
    work.end();
    expect(await work.done).toBe('done');
    expect(await two.ifFree('a', async () => 'taken')).toBe('taken');
    expect(lost.aborted).toBe(false);
  });

  test('whose session breaks tells the work under way in it, in every lane of that session', async () => {
    const [a, b] = [atWork('a'), atWork('b')];
    const signals = [await a.lost(), await b.lost()];
    await breakSessions();
    await Promise.all(signals.map(fired));
    expect(await two.inLane('a', async ({ lost }) => lost.aborted)).toBe(false);
    a.end();
    b.end();
    expect(await Promise.all([a.done, b.done])).toEqual(['done', 'done']);
  });

  test('is there again for its own process after its session broke, one at a time as ever', async () => {
    const work = atWork('a');
    const lost = await work.lost();
    await breakSessions();
    await fired(lost);
    const seen: string[] = [];
    const next = one.inLane('a', async (turn) => {
      seen.push(`next, lost: ${turn.lost.aborted}`);
    });
    expect(await one.ifFree('a', async () => 'taken')).toBeNull();
    seen.push('first ends');
    work.end();
    await next;
    expect(seen).toEqual(['first ends', 'next, lost: false']);
  });
});
