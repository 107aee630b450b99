import { createHash } from 'node:crypto';
import type { Kysely } from 'kysely';
import pg from 'pg';
import type { Log } from '../database/log.ts';
import type { DB } from '../database/types.ts';
import type { Clock } from '../host/clock.ts';

/**
 * Which processes live. Each holds a session lock on a connection of its own, which the server releases when the process
 * ends, however it ends; the table `processes` says which locks there should be. A row without a holder is a dead process:
 * whoever finds it sets its jobs and queues free, which the job queue by itself would do after four hours.
 */
export type LivingProcesses = {
  /** Once this returns, others will notice when this process dies. Waits for as long as the server is away. */
  enter(workerId: string): Promise<void>;
  /** Frees what dead processes held; returns how many there were. */
  bury(): Promise<number>;
  /** `clean: false` leaves the row: this process still holds jobs, and others shall free them. */
  leave(o: { clean: boolean }): Promise<void>;
};

/** Whether this is the eldest process that lives, the one that speaks for all. A dead one counts until it is buried. */
export async function isEldest(db: Kysely<DB>, id: string): Promise<boolean> {
  const eldest = await db
    .selectFrom('processes')
    .select('id')
    .orderBy('started_at')
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();
  return eldest?.id === id;
}

type Row = { id: string; lock_key: string };

const longestPause = 5000;

/** Throws when the server cannot be reached at first; later it reconnects by itself. */
export async function createLivingProcesses(o: {
  connection: pg.ClientConfig;
  clock: Clock;
  log: Log;
}): Promise<LivingProcesses> {
  const ending = new AbortController();
  let own: string | null = null;
  let client = await connect();

  async function connect(): Promise<pg.Client> {
    const next = new pg.Client({ ...o.connection, application_name: 'keystead process', keepAlive: true });
    next.on('error', () => undefined); // an 'end' always follows
    await next.connect();
    next.once('end', () => void reconnect());
    return next;
  }

  async function reconnect(): Promise<void> {
    for (let pause = 50; !ending.signal.aborted; pause = Math.min(pause * 2, longestPause)) {
      await o.clock.sleep(pause, ending.signal);
      try {
        if (ending.signal.aborted) return;
        const next = await connect();
        if (own !== null) await register(next, own);
        client = next;
        return;
      } catch (error) {
        o.log.warn({ err: error }, 'The connection that shows this process to be alive was lost; connecting again.');
      }
    }
  }

  return {
    async enter(workerId) {
      own = workerId;
      await register(client, workerId);
    },

    async bury() {
      const at = client;
      const { rows } = await at.query<Row>('select id, lock_key from processes where id is distinct from $1', [own]);
      let buried = 0;
      for (const row of rows) if (await buryOne(at, row)) buried += 1;
      if (buried > 0) o.log.warn({ processes: buried }, 'Took over the jobs of processes that had died.');
      return buried;
    },

    async leave({ clean }) {
      ending.abort();
      if (clean && own !== null)
        await client.query('delete from processes where id = $1', [own]).catch(() => undefined);
      await client.end().catch(() => undefined);
    },
  };
}

/** The lock first: a row is never seen without its holder while the holder lives. */
async function register(client: pg.Client, id: string): Promise<void> {
  const key = lockKey(id);
  await client.query('select pg_advisory_lock($1)', [key]);
  await client.query(
    'insert into processes (id, lock_key, worker_ids) values ($1, $2, $3) on conflict (id) do nothing',
    [id, key, [id]],
  );
}

/** One statement, so one commit: the row goes exactly when its jobs are free. Then wakes the workers that wait. */
const free = `
  with dead as (delete from processes where id = $1 returning worker_ids)
  select graphile_worker.force_unlock_workers(worker_ids), pg_notify('jobs:insert', '{"count":100}') from dead`;

async function buryOne(client: pg.Client, { id, lock_key }: Row): Promise<boolean> {
  const { rows } = await client.query<{ dead: boolean }>('select pg_try_advisory_lock($1) as dead', [lock_key]);
  if (rows[0]?.dead !== true) return false;
  try {
    await client.query(free, [id]);
    return true;
  } finally {
    await client.query('select pg_advisory_unlock($1)', [lock_key]);
  }
}

function lockKey(id: string): string {
  return createHash('sha256').update(id).digest().readBigInt64BE().toString();
}
