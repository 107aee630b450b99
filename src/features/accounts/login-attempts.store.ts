import { type Kysely, sql } from 'kysely';
import type { Tx } from '../../database/open.ts';
import type { DB } from '../../database/types.ts';
import { type Instant, minutes } from '../../rules/instant.ts';

const mostFailures = 5;
const lockedFor = minutes(15);

export type Attempt = { kind: 'allowed' } | { kind: 'locked'; until: Instant };

/**
 * Counts a try as failed before the password is looked at, in one statement: of any number of tries at once, on any number
 * of processes, no more than five get to see whether the password was right. A success takes the count away again. The
 * count outlives the lock, as in the original: after the quarter of an hour one more failure locks again.
 */
export async function countAttempt(tx: Tx, name: string, now: Instant): Promise<Attempt> {
  const at = new Date(now);
  const until = new Date(now + lockedFor);
  const counted = await sql<{ failed_count: number }>`
    insert into login_attempts as a (name, failed_count, locked_until, last_failed_at) values (${name}, 1, null, ${at})
    on conflict (name) do update set
      failed_count = least(a.failed_count + 1, 1000),
      last_failed_at = ${at},
      locked_until = case when a.failed_count + 1 >= ${mostFailures} then ${until}::timestamptz end
    where a.locked_until is null or a.locked_until <= ${at}
    returning failed_count`.execute(tx);
  if (counted.rows.length > 0) return { kind: 'allowed' };
  const row = await tx.selectFrom('login_attempts').select('locked_until').where('name', '=', name).executeTakeFirst();
  return { kind: 'locked', until: row?.locked_until ?? now };
}

/** For a try that came to no answer: it was no guess. */
export async function takeBackAttempt(tx: Tx, name: string): Promise<void> {
  await tx
    .updateTable('login_attempts')
    .set((eb) => ({ failed_count: eb('failed_count', '-', 1), locked_until: null }))
    .where('name', '=', name)
    .where('failed_count', '>', 0)
    .execute();
}

export async function forgetAttempts(db: Kysely<DB>, name: string): Promise<void> {
  await db.deleteFrom('login_attempts').where('name', '=', name).execute();
}

/** Housekeeping: names that nobody has tried for long, most of them never known. */
export async function forgetAttemptsBefore(db: Kysely<DB>, before: Instant): Promise<void> {
  await db
    .deleteFrom('login_attempts')
    .where('last_failed_at', '<', sql<number>`${new Date(before)}`)
    .execute();
}
