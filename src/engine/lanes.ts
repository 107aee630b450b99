import { createHash } from 'node:crypto';
import pg from 'pg';
import type { Log } from '../database/log.ts';
import type { Clock } from '../host/clock.ts';
import { Problem } from '../rules/errors.ts';
import { seconds } from '../rules/instant.ts';
import type { Lanes, Turn } from './port.ts';

type Session = { client: pg.Client; ready: Promise<pg.Client> };
type Options = { connection: pg.ClientConfig; clock: Clock; log: Log; patienceMs?: number };

/**
 * One at a time on a thing, over all processes: within this process by a queue in memory, between processes by advisory
 * locks of one database session. The locks die with the process, so a crash leaves no lane blocked.
 *
 * When the session itself breaks, its locks are lost with it while work is under way: every turn held by it is told so
 * (`lost`), and must begin nothing more. That is early notice, not proof: a process may be the last to hear of it. What
 * keeps two processes from being at one relay all the same is the command's row (features/commands): it is written under
 * the device's row lock before anything is sent, carries a lease longer than its sending may take, and whoever finds one
 * whose lease still runs waits.
 */
export function createLanes({ connection, clock, log, patienceMs = seconds(20) }: Options) {
  const queues = new Map<string, Promise<unknown>>();
  const turns = new Map<pg.Client, Set<AbortController>>();
  let session: Session | null = null;
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
    async takeIfFree(key) {
      const left = Promise.withResolvers<void>();
      const taken = Promise.withResolvers<Turn | null>();
      const work = (turn: Turn): Promise<void> => {
        taken.resolve(turn);
        return left.promise;
      };
      lanes.ifFree(key, work).then(() => taken.resolve(null), taken.reject);
      const turn = await taken.promise;
      return turn === null ? null : { turn, leave: left.resolve };
    },
  };

  async function queued<T>(key: string, work: (turn: Turn) => Promise<T>, patience: number): Promise<T> {
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

  async function locked<T>(key: string, work: (turn: Turn) => Promise<T>, patience: number): Promise<T> {
    const number = lockNumber(key);
    const client = await take(number, patience);
    const turn = new AbortController();
    const held = turns.get(client);
    if (held === undefined) turn.abort();
    else held.add(turn);
    try {
      return await work({ lost: turn.signal });
    } finally {
      held?.delete(turn);
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
    forget(client);
    await client.end().catch(nothing);
  }

  /** Its locks are gone, or will be: who holds one hears of it, and the next comer gets a new session. */
  function forget(client: pg.Client): void {
    if (session?.client === client) session = null;
    const held = turns.get(client);
    turns.delete(client);
    for (const turn of held ?? []) turn.abort();
  }

  function open(): Promise<pg.Client> {
    session ??= connect();
    return session.ready;
  }

  function connect(): Session {
    const client = new pg.Client({
      ...connection,
      application_name: 'keystead lanes',
      keepAlive: true,
      connectionTimeoutMillis: seconds(10),
      query_timeout: seconds(10), // a line that went dead without a word must not stop every switch of this process
    });
    client.on('error', (error) => {
      log.warn({ err: error }, 'The session that holds the lanes broke; a new one is opened.');
      forget(client);
    });
    client.on('end', () => forget(client));
    turns.set(client, new Set());
    const ready = client.connect().then(
      () => client,
      (error: unknown) => {
        forget(client);
        throw error;
      },
    );
    return { client, ready };
  }

  async function close(): Promise<void> {
    await Promise.allSettled(queues.values());
    const open = session;
    session = null;
    await open?.ready.then((client) => client.end()).catch(nothing);
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
