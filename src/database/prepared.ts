import type { PostgresCursor, PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import type pg from 'pg';

/** Each stays in the memory of every connection. What is composed anew each time (long lists) comes after these, and goes unnamed. */
const most = 200;

/**
 * The pool for Kysely, whose statements are named: the server parses and plans one once for a connection, which is half of
 * the time that a short one takes. Not those with a `*`: what it means changes while another version migrates, and the
 * server then refuses what was prepared.
 */
export function preparing(pool: pg.Pool): PostgresPool {
  const names = new Map<string, string>();
  const known = new WeakMap<pg.PoolClient, PostgresPoolClient>();

  function nameOf(text: string): string | undefined {
    const name = names.get(text);
    if (name !== undefined || names.size >= most || text.includes('*')) return name;
    const given = `keystead-${names.size + 1}`;
    names.set(text, given);
    return given;
  }

  function preparingOn(client: pg.PoolClient): PostgresPoolClient {
    function query<R>(text: string, values: readonly unknown[]): Promise<PostgresQueryResult<R>>;
    function query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>;
    function query(text: unknown, values: readonly unknown[] = []): unknown {
      if (typeof text !== 'string') throw new TypeError('Nothing is read by cursor');
      const name = values.length === 0 ? undefined : nameOf(text);
      return client.query({ text, values: [...values], ...(name === undefined ? {} : { name }) });
    }
    return { query, release: (destroy) => client.release(destroy) };
  }

  return {
    options: pool.options,
    async connect() {
      const client = await pool.connect();
      const own = known.get(client) ?? preparingOn(client);
      known.set(client, own);
      return own;
    },
    end: () => pool.end(),
  };
}
