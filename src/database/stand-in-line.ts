import { type Kysely, sql } from 'kysely';
import type { DB } from './types.ts';

/**
 * Whoever names the same thing comes one after the other, until the transaction ends: for what has no row yet that could
 * be locked, and for reading, deciding and writing several rows as one.
 */
export async function standInLine(tx: Kysely<DB>, ...thing: readonly (string | number)[]): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${JSON.stringify(thing)}, 0))`.execute(tx);
}
