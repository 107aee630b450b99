import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { addJob } from '../../src/database/jobs.ts';
import { silent } from '../../src/database/log.ts';
import { type Database, openDatabase } from '../../src/database/open.ts';
import { startWorkers, type Task, type Workers } from '../../src/engine/workers.ts';
import { systemClock } from '../../src/host/clock.ts';
import { killChildren, startChild } from './child.ts';
import { type FreshDatabase, freshDatabase } from './fresh.ts';

let fresh: FreshDatabase;
let database: Database;
let running: Workers[] = [];

beforeEach(async () => {
  fresh = await freshDatabase();
  database = await openDatabase({ connection: fresh.connection, clock: systemClock, log: silent });
});

afterEach(async () => {
  await Promise.all(running.map((workers) => workers.stop()));
  running = [];
  killChildren();
  await database.close();
  await fresh.drop();
});

async function work(
  tasks: Record<string, Task>,
  o: { buryInterval?: number; concurrency?: number; pollInterval?: number } = {},
): Promise<Workers> {
  const workers = await startWorkers({
    connection: fresh.connection,
    tasks,
    concurrency: 4,
    log: silent,
    clock: systemClock,
    ...o,
  });
  running.push(workers);
  return workers;
}

const add = (payload: object, queue?: string) =>
  database.transaction('add', (tx) => addJob(tx, 'ring', payload, queue === undefined ? {} : { queue }));
const count = async (table: string) =>
  (await database.pool.query<{ n: number }>(`select count(*)::int as n from ${table}`)).rows[0]?.n;

it('a job runs as soon as the transaction that added it commits: the workers are told, and need not look', async () => {
  const seen: unknown[] = [];
  await work(
    {
      ring: async (payload) => {
        seen.push(payload);
      },
    },
    { pollInterval: 3_600_000 },
  );
  for (let n = 1; n <= 10; n++) {
    await add({ n });
    await vi.waitFor(() => expect(seen).toHaveLength(n), { interval: 2, timeout: 10_000 });
  }
  expect(seen).toEqual(Array.from({ length: 10 }, (_, index) => ({ n: index + 1 })));
  await vi.waitFor(async () => expect(await count('graphile_worker.jobs')).toBe(0), 10_000);
});

it('a job that fails is tried again and knows which attempt it is; jobs of a queue run one at a time', async () => {
  const attempts: number[] = [];
  let inside = 0;
  let most = 0;
  await work({
    ring: async (payload, { attempts: attempt }) => {
      inside += 1;
      most = Math.max(most, inside);
      await systemClock.sleep(20);
      inside -= 1;
      if ((payload as { fails?: boolean }).fails === true) attempts.push(attempt);
      if (attempts.length === 1) throw new Error('engaged');
    },
  });
  for (let n = 0; n < 5; n++) await add({}, 'gate');
  await vi.waitFor(async () => expect(await count('graphile_worker.jobs')).toBe(0), 10_000);
  expect(most).toBe(1);
  await add({ fails: true });
  await vi.waitFor(() => expect(attempts).toEqual([1, 2]), 10_000);
});

it('the job and the queue of a process that was killed are taken up by one that starts, at once', async () => {
  const killed = startChild('worker.ts', { arguments: [JSON.stringify(fresh.connection)] });
  await killed.says();
  await add({}, 'gate');
  expect(await killed.says()).toEqual({ began: 1 });
  await add({}, 'gate');
  await killed.kill();
  const seen: number[] = [];
  await work({ ring: async (_, { attempts }) => void seen.push(attempts) }, { buryInterval: 3_600_000 });
  await vi.waitFor(() => expect(seen).toEqual([2, 1]), 10_000);
  expect(await count('processes')).toBe(1);
});

it('they are taken up by one that runs already, and the jobs of the living are left alone', async () => {
  const seen: number[] = [];
  const killed = startChild('worker.ts', { arguments: [JSON.stringify(fresh.connection)] });
  const alive = startChild('worker.ts', { arguments: [JSON.stringify(fresh.connection)] });
  await killed.says();
  await alive.says();
  await Promise.all([add({}, 'left'), add({}, 'right')]);
  expect(await Promise.all([killed.says(), alive.says()])).toEqual([{ began: 1 }, { began: 1 }]);
  await work({ ring: async (_, { attempts }) => void seen.push(attempts) }, { buryInterval: 200 });
  await systemClock.sleep(600);
  expect(seen).toEqual([]);
  await killed.kill();
  await vi.waitFor(() => expect(seen).toEqual([2]), 10_000);
  await systemClock.sleep(500);
  expect(seen).toEqual([2]);
  expect(await count('processes')).toBe(2);
});

it('a process whose guarding connection was cut shows itself alive again', async () => {
  const guards =
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'keystead process' and datname = current_database()";
  await work({ ring: async () => undefined });
  await database.pool.query(guards);
  await vi.waitFor(async () => {
    const { rowCount } = await database.pool.query(
      "select from pg_locks l join pg_stat_activity a using (pid) where l.locktype = 'advisory' and a.application_name = 'keystead process' and a.datname = current_database()",
    );
    expect(rowCount).toBe(1);
  }, 10_000);
  expect(await count('processes')).toBe(1);
});

it('stopping waits for the running job, tells it, takes no other, and leaves no trace', async () => {
  const gate = Promise.withResolvers<void>();
  let begun = 0;
  let finished = 0;
  const workers = await work(
    {
      ring: async () => {
        begun += 1;
        await gate.promise;
        finished += 1;
      },
    },
    { concurrency: 1 },
  );
  await add({});
  await add({});
  await vi.waitFor(() => expect(begun).toBe(1), { timeout: 10_000 });
  const stopped = workers.stop();
  gate.resolve();
  await stopped;
  expect([begun, finished]).toEqual([1, 1]);
  expect(await count('processes')).toBe(0);
  expect(await count('graphile_worker.jobs where locked_at is null')).toBe(1);
});

it('a stop that was asked for is no loss: nobody is told that the workers have ended by themselves', async () => {
  const workers = await work({ ring: async () => undefined });
  const told: unknown[] = [];
  void workers.lost.then((error) => told.push(error));
  await workers.stop();
  expect(told).toEqual([]);
});

it('a job whose end cannot be written down ends the workers, which say so', async () => {
  await database.pool.query(`
    create function no_end() returns trigger language plpgsql as $$ begin raise exception 'the disk is full'; end $$;
    create trigger no_end before delete on graphile_worker._private_jobs for each statement execute function no_end()`);
  const workers = await work({ ring: async () => undefined });
  await add({});
  const { message, cause } = await workers.lost;
  expect([message, String(cause)]).toEqual(['The workers have ended by themselves.', 'error: the disk is full']);
});
