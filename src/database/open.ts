import { Kysely, PostgresDialect, type Transaction } from 'kysely';
import pg from 'pg';
import type { Clock } from '../host/clock.ts';
import { type KillPoints, killPoints } from '../host/kill-points.ts';
import { listen } from './listen.ts';
import type { Log } from './log.ts';
import type { Notification } from './notify.ts';
import { preparing } from './prepared.ts';
import type { DB } from './types.ts';
import { valueParsers } from './value-parsers.ts';

export type Tx = Transaction<DB>;

export type Database = {
  /** For what is written out in SQL: named statements. */
  pool: pg.Pool;
  /** Queries outside a transaction; prepared, as those within are. */
  read: Kysely<DB>;
  /**
   * One commit, under a name: a kill point. READ COMMITTED; an error rolls back and is thrown on; never retried here. When
   * the connection breaks during COMMIT the error leaves open whether it happened.
   */
  transaction<T>(name: string, work: (tx: Tx) => Promise<T>): Promise<T>;
  /** Called once this transaction is committed, in this process alone: a hint to hurry, never a duty. Must not throw. */
  afterCommit(tx: Tx, call: () => void): void;
  /** Called once this transaction is over, in this process alone: committed, or surely not, or nobody knows. Must not throw. */
  atEnd(tx: Tx, call: (committed: boolean) => void): void;
  /** Hears what other transactions announce; `{topic: '*resync'}` after a gap: read afresh. */
  listen(onMessage: (message: Notification) => void): Promise<{ close(): Promise<void> }>;
  close(): Promise<void>;
};

export type OpenDatabaseOptions = {
  connection: pg.ClientConfig;
  clock: Clock;
  log: Log;
  poolSize?: number;
  /** Tests hand in kill points; the process has those of its environment. */
  killPoints?: KillPoints | null;
};

/**
 * The way to the database for the whole process: one pool, commits with names, announcements. It never migrates, starts or
 * stops a server. Throws when the server cannot be reached.
 */
export async function openDatabase(o: OpenDatabaseOptions): Promise<Database> {
  const pool = new pg.Pool({
    ...o.connection,
    max: o.poolSize ?? 20,
    types: valueParsers(),
    application_name: 'keystead',
    statement_timeout: 30_000,
    idle_in_transaction_session_timeout: 60_000,
    connectionTimeoutMillis: 30_000,
    idleTimeoutMillis: 300_000,
    keepAlive: true,
  });
  const broken = (error: Error) => o.log.warn({ err: error }, 'A connection to the database broke.');
  pool.on('error', broken); // while it lies idle
  pool.on('connect', (client) => client.on('error', () => undefined)); // while in use: its query fails, and tells
  const read = new Kysely<DB>({ dialect: new PostgresDialect({ pool: preparing(pool) }) });
  const ends = new WeakMap<Tx, ((committed: boolean) => void)[]>();
  const kill = o.killPoints === undefined ? killPoints : o.killPoints;

  try {
    await pool.query('select 1');
  } catch (error) {
    await pool.end();
    throw error;
  }

  return {
    pool,
    read,
    async transaction(name, work) {
      const afterwards: ((committed: boolean) => void)[] = [];
      let committed = false;
      try {
        const result = await read
          .transaction()
          .setIsolationLevel('read committed')
          .execute(async (tx) => {
            ends.set(tx, afterwards);
            const worked = await work(tx);
            kill?.('before', name);
            return worked;
          });
        kill?.('after', name);
        committed = true;
        return result;
      } finally {
        for (const call of afterwards) call(committed);
      }
    },
    afterCommit: (tx, call) => void ends.get(tx)?.push((committed) => committed && call()),
    atEnd: (tx, call) => void ends.get(tx)?.push(call),
    listen: (onMessage) => listen({ connection: o.connection, clock: o.clock, log: o.log, onMessage }),
    close: () => read.destroy(),
  };
}
