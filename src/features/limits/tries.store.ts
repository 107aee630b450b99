import { type Kysely, sql } from 'kysely';
import type { DB } from '../../database/types.ts';
import type { Instant } from '../../rules/instant.ts';

export type Tried = { count: number; until: Instant };

/** One more, in one statement: of any number at once, on any number of processes, each is counted. */
export async function countTry(db: Kysely<DB>, key: Buffer, within: number, now: Instant): Promise<Tried> {
  const at = new Date(now);
  const until = new Date(now + within);
  // further ahead than a stretch is long: the clock was set back
  const { rows } = await sql<Tried>`
    insert into tries as t (key, count, until) values (${key}, 1, ${until})
    on conflict (key) do update set
      count = case when t.until <= ${at} or t.until > ${until} then 1 else t.count + 1 end,
      until = case when t.until <= ${at} or t.until > ${until} then ${until} else t.until end
    returning count, until`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error('a try was not counted');
  return row;
}

export async function findTries(db: Kysely<DB>, key: Buffer): Promise<Tried | null> {
  const row = await db.selectFrom('tries').select(['count', 'until']).where('key', '=', key).executeTakeFirst();
  return row ?? null;
}

export async function forgetTriesBefore(db: Kysely<DB>, now: Instant): Promise<void> {
  await db
    .deleteFrom('tries')
    .where('until', '<=', sql<number>`${new Date(now)}`)
    .execute();
}
