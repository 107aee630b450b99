import { createHash } from 'node:crypto';
import pg from 'pg';
import type { Log } from '../database/log.ts';
import type { Clock } from '../host/clock.ts';
import { Problem } from '../rules/errors.ts';
import { seconds } from '../rules/instant.ts';
import type { Lanes } from './port.ts';

type Options = { connection: pg.ClientConfig; clock: Clock; log: Log; patienceMs?: number };

/**
 * One at a time on a thing, over all processes: within this process by a queue in memory, between processes by advisory
 * locks of one database session. The locks die with the process, so a crash leaves no lane blocked. When the session
 * itself breaks, the locks are lost with it: a new one is opened for the next comer.
 */
export function createLanes({ connection, clock, log, patienceMs = seconds(20) }: Options) {
  const queues = new Map<string, Promise<unknown>>();
  let session: Promise<pg.Client> | null = null;
  let talking: Promise<unknown> = Promise.resolve(); // one question at a time on one session

  const lanes: Lanes = {
    inLane: (key, work) => queued(key, work, patienceMs),
    async ifFree(key, work) {
      if (queues.has(key)) return null;
      try {
        return await queued(key, work, 0);
      } catch (error) {
        if (error instanceof Taken) return null;
        throw error;
      }
    },
  };

  async function queued<T>(key: string, work: () => Promise<T>, patience: number): Promise<T> {
    const before = queues.get(key) ?? Promise.resolve();
    const mine = before.then(() => locked(key, work, patience));
    const settled = mine.then(nothing, nothing);
    queues.set(key, settled);
    try {
      return await mine;
    } finally {
      if (queues.get(key) === settled) queues.delete(key);
    }
  }

  async function locked<T>(key: string, work: () => Promise<T>, patience: number): Promise<T> {
    const number = lockNumber(key);
    const client = await take(number, patience);
    try {
      return await work();
    } finally {
      await say(client, 'select pg_advisory_unlock($1) as mine', number).catch(nothing);
    }
  }

  async function take(number: string, patience: number): Promise<pg.Client> {
    const until = clock.now() + patience;
    for (let pause = 10; ; pause = Math.min(200, pause * 2)) {
      const client = await open();
      if (await say(client, 'select pg_try_advisory_lock($1) as mine', number)) return client;
      if (clock.now() >= until) throw new Taken();
      await clock.sleep(pause);
    }
  }

  function say(client: pg.Client, text: string, number: string): Promise<boolean> {
    const answer = talking.then(() => client.query<{ mine: boolean }>(text, [number]));
    talking = answer.then(nothing, () => giveUp(client));
    return answer.then(({ rows }) => rows[0]?.mine === true);
  }

  /** A session that failed to answer may still hold locks: only its end frees them for others. */
  async function giveUp(client: pg.Client): Promise<void> {
    if (session !== null && (await session.catch(() => null)) === client) session = null;
    await client.end().catch(nothing);
  }

  function open(): Promise<pg.Client> {
    session ??= connect().catch((error: unknown) => {
      session = null;
      throw error;
    });
    return session;
  }

  async function connect(): Promise<pg.Client> {
    const client = new pg.Client({
      ...connection,
      application_name: 'keystead lanes',
      keepAlive: true,
      connectionTimeoutMillis: seconds(10),
      query_timeout: seconds(10), // a line that went dead without a word must not stop every switch of this process
    });
    client.on('error', (error) => {
      log.warn({ err: error }, 'The session that holds the lanes broke; a new one is opened.');
      session = null;
    });
    client.on('end', () => {
      session = null;
    });
    await client.connect();
    return client;
  }

  async function close(): Promise<void> {
    await Promise.allSettled(queues.values());
    const open = session;
    session = null;
    if (open !== null) await (await open).end().catch(() => undefined);
  }

  return { ...lanes, close };
}

/** Another process is at it, and did not end in time. */
class Taken extends Problem {
  constructor() {
    super('UNAVAILABLE', 'The device is busy with other work', { retryAfterSeconds: 5 });
  }
}

const nothing = (): void => undefined;

/** Advisory locks are 64-bit numbers: the first 63 bits of a hash. */
function lockNumber(key: string): string {
  return (createHash('sha256').update(`lane:${key}`).digest().readBigUInt64BE() >> 1n).toString();
}
