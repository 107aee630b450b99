import { EventEmitter } from 'node:events';
import { type Runner, run, type WorkerEvents } from 'graphile-worker';
import pg from 'pg';
import type { Log } from '../database/log.ts';
import { workerLogger } from '../database/worker-logger.ts';
import type { Clock } from '../host/clock.ts';
import { createLivingProcesses, type LivingProcesses } from './living-processes.ts';

/**
 * `signal` fires when the process is about to end. `attempts` counts this one; a try that a crash cut short counts too. A
 * task may run again although it has done its work, and after a network failure even beside its first run: it must be
 * idempotent.
 */
export type Task = (payload: unknown, helpers: { signal: AbortSignal; attempts: number }) => Promise<void>;

export type WorkersOptions = {
  connection: pg.ClientConfig;
  tasks: Readonly<Record<string, Task>>;
  /** How many jobs this process does at a time. */
  concurrency: number;
  /** Milliseconds between looks for jobs whose time has come; new jobs are heard of at once. */
  pollInterval?: number;
  /** Milliseconds between looks for dead processes. */
  buryInterval?: number;
  log: Log;
  clock: Clock;
};

export type Workers = {
  /** By which others know this process, and whether it lives. */
  id: string;
  /** Takes no new job and waits for the running ones; after 5 s their signals fire, after 15 s it waits no longer. */
  stop(): Promise<void>;
  /** Settles when the workers have ended by themselves: the process must end then. */
  lost: Promise<Error>;
};

/** Runs the jobs of the queue in this process. Jobs and queues that a killed process held are free within seconds. */
export async function startWorkers(o: WorkersOptions): Promise<Workers> {
  const processes = await createLivingProcesses(o);
  const pool = createPool(o);
  const events: WorkerEvents = new EventEmitter();
  const { runner, id } = await start(o, processes, pool, events).catch(async (error: unknown) => {
    await processes.leave({ clean: true });
    await pool.end();
    throw error;
  });
  const burials = o.clock.every(o.buryInterval ?? 10_000, () => void bury(o, processes));
  let stopping: Promise<void> | null = null;
  let asked = false; // before anything is stopped: the queue tells of its end at once
  const hopeless = new AbortController();
  const lost = new Promise<Error>((resolve) => {
    const ended = (cause?: unknown) => {
      if (!asked) resolve(new Error('The workers have ended by themselves.', { cause }));
    };
    runner.promise.then(() => ended(), ended);
    // the queue takes no more jobs from here on, and may never come to its end
    events.on('pool:fatalError', ({ error }) => {
      hopeless.abort();
      ended(error);
    });
    events.on('pool:gracefulShutdown', () => ended());
  });

  async function stop(): Promise<void> {
    asked = true;
    burials.stop();
    const waited = new AbortController();
    const ended = runner.stop().then(finished, finished);
    const clean = await Promise.race([ended, patience(waited.signal).then(unfinished)]);
    waited.abort();
    if (!clean) o.log.warn({}, 'Jobs were still running when this process ended; others will run them again.');
    await processes.leave({ clean });
    const closed = pool.end();
    if (clean) await closed;
  }

  async function patience(over: AbortSignal): Promise<void> {
    await o.clock.sleep(longestFarewell, AbortSignal.any([over, hopeless.signal]));
    if (hopeless.signal.aborted) await o.clock.sleep(farewellOfTheLost, over);
  }

  return { id, stop: () => (stopping ??= stop()), lost };
}

const longestFarewell = 15_000;
/** What was done cannot be written down: others will do it again. */
const farewellOfTheLost = 1000;

const finished = () => true;
const unfinished = () => false;

async function start(
  o: WorkersOptions,
  processes: LivingProcesses,
  pool: pg.Pool,
  events: WorkerEvents,
): Promise<{ runner: Runner; id: string }> {
  await processes.bury();
  const registered = Promise.withResolvers<string>();
  // Jobs are locked in the name of the pool of workers, and it makes up that name itself.
  events.once('pool:create', ({ workerPool }) => {
    processes.enter(workerPool.id).then(() => registered.resolve(workerPool.id), registered.reject);
  });
  const runner = await run({
    pgPool: pool,
    events,
    concurrency: o.concurrency,
    pollInterval: o.pollInterval ?? 1000,
    taskList: Object.fromEntries(Object.entries(o.tasks).map(([name, task]) => [name, adapt(task)])),
    parsedCronItems: [],
    noHandleSignals: true,
    logger: workerLogger(o.log),
    preset: {
      // No job is taken before others would notice this process's death. Must not throw: the queue would go on without.
      plugins: [{ name: 'keystead', worker: { hooks: { startWorker: () => settled(registered.promise) } } }],
      // In batches, be they of one, a job whose end cannot be written down ends the workers, and `lost` tells so. One by
      // one, the queue lets that go as an unhandled rejection, which ends the process without a word.
      worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 },
    },
  });
  try {
    return { runner, id: await registered.promise };
  } catch (error) {
    await runner.stop();
    throw error;
  }
}

function adapt(
  task: Task,
): (payload: unknown, helpers: { abortSignal: AbortSignal; job: { attempts: number } }) => Promise<void> {
  return (payload, { abortSignal, job }) => task(payload, { signal: abortSignal, attempts: job.attempts });
}

async function settled(promise: Promise<unknown>): Promise<void> {
  await promise.catch(() => undefined);
}

async function bury(o: WorkersOptions, processes: LivingProcesses): Promise<void> {
  try {
    await processes.bury();
  } catch (error) {
    o.log.warn({ err: error }, 'Could not look for dead processes; trying again soon.');
  }
}

function createPool(o: WorkersOptions): pg.Pool {
  const pool = new pg.Pool({
    ...o.connection,
    max: o.concurrency + 1, // one of them listens
    application_name: 'keystead workers',
    keepAlive: true,
  });
  pool.on('error', (error) => o.log.warn({ err: error }, 'A connection of the workers broke.'));
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}
