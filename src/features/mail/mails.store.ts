import { type Kysely, type Selectable, sql } from 'kysely';
import { at } from '../../database/instant-value.ts';
import { columns, type DB } from '../../database/types.ts';
import type { MailId, OrganizationId } from '../../rules/ids.ts';
import type { Instant } from '../../rules/instant.ts';
import type { MailRow } from './letters.ts';

type Stored = Selectable<DB['mails']>;

const parsed = (row: Stored): MailRow => ({ ...row, facts: row.facts as MailRow['facts'] }); // written by `queue` alone

const of = (db: Kysely<DB>, organizationId: OrganizationId) =>
  db.selectFrom('mails').select(columns.mails).where('organization_id', '=', organizationId);

/** False when this fact was told before, or is about to be. */
export async function insertMail(
  db: Kysely<DB>,
  row: Pick<MailRow, 'organization_id' | 'id' | 'key' | 'about' | 'kind' | 'recipient' | 'language' | 'facts'>,
  times: { now: Instant; tryAt: Instant },
): Promise<boolean> {
  const result = await db
    .insertInto('mails')
    .values({
      ...row,
      facts: JSON.stringify(row.facts),
      state: 'waiting',
      try_at: new Date(times.tryAt),
      created_at: new Date(times.now),
    })
    .onConflict((conflict) => conflict.columns(['organization_id', 'key']).doNothing())
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

export async function findMail(db: Kysely<DB>, organizationId: OrganizationId, id: MailId): Promise<MailRow | null> {
  const row = await of(db, organizationId).where('id', '=', id).executeTakeFirst();
  return row === undefined ? null : parsed(row);
}

export async function lockMail(db: Kysely<DB>, organizationId: OrganizationId, id: MailId): Promise<MailRow | null> {
  const row = await of(db, organizationId).where('id', '=', id).forNoKeyUpdate().executeTakeFirst();
  return row === undefined ? null : parsed(row);
}

export type MailChange = Partial<Pick<MailRow, 'state' | 'attempts' | 'unsure' | 'detail'>> & {
  try_at?: Instant | null;
  finished_at?: Instant;
};

export async function updateMail(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  id: MailId,
  { try_at, finished_at, ...change }: MailChange,
): Promise<void> {
  await db
    .updateTable('mails')
    .set({
      ...change,
      ...(try_at === undefined ? {} : { try_at: try_at === null ? null : new Date(try_at) }),
      ...(finished_at === undefined ? {} : { finished_at: new Date(finished_at) }),
    })
    .where('organization_id', '=', organizationId)
    .where('id', '=', id)
    .execute();
}

/**
 * Mails about one thing to one reader that are yet to go out, or went out since then; newest first. They are locked: until
 * the caller's transaction is over none of them is written, so that each tells what that transaction has changed.
 */
export async function lockMailsAbout(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  about: string,
  since: Instant,
): Promise<MailRow[]> {
  const rows = await of(db, organizationId)
    .where('about', '=', about)
    .where('state', 'in', ['waiting', 'sending', 'sent', 'bundled'])
    .where(({ eb, or }) => or([eb('finished_at', 'is', null), eb('finished_at', '>', at(since))]))
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .forNoKeyUpdate()
    .execute();
  return rows.map(parsed);
}

/**
 * What else waits for the same reader goes with this mail: their rows end here. Not what is held back for later; and rows
 * that somebody else holds just now are left to go by themselves.
 */
export async function bundleNotices(
  db: Kysely<DB>,
  leader: MailRow,
  { now, collectFor }: { now: Instant; collectFor: number },
): Promise<void> {
  const others = await db
    .selectFrom('mails')
    .select('id')
    .where('organization_id', '=', leader.organization_id)
    .where('kind', '=', 'notice')
    .where('state', '=', 'waiting')
    .where('attempts', '=', 0)
    .where('recipient', '=', leader.recipient)
    .where('id', '<>', leader.id)
    .where(({ eb, or }) =>
      or([
        eb('try_at', '<=', at(now)),
        eb('try_at', '<=', sql<Instant>`created_at + ${collectFor} * interval '1 millisecond'`),
      ]),
    )
    .orderBy('id')
    .limit(200)
    .forNoKeyUpdate()
    .skipLocked()
    .execute();
  if (others.length === 0) return;
  await db
    .updateTable('mails')
    .set({ state: 'bundled', bundle: leader.id, try_at: null, finished_at: new Date(now) })
    .where('organization_id', '=', leader.organization_id)
    .where(
      'id',
      'in',
      others.map(({ id }) => id),
    )
    .execute();
}

/** What goes with a mail, and itself, oldest first. */
export async function bundleOf(db: Kysely<DB>, leader: MailRow): Promise<MailRow[]> {
  const rows = await of(db, leader.organization_id)
    .where(({ eb, or }) => or([eb('bundle', '=', leader.id), eb('id', '=', leader.id)]))
    .orderBy('id')
    .execute();
  return rows.map(parsed);
}

export async function dueMails(
  db: Kysely<DB>,
  now: Instant,
  limit: number,
): Promise<{ organizationId: OrganizationId; id: MailId }[]> {
  const rows = await db
    .selectFrom('mails')
    .select(['organization_id', 'id'])
    .where('try_at', 'is not', null)
    .where('try_at', '<=', at(now))
    .orderBy('try_at')
    .limit(limit)
    .execute();
  return rows.map((row) => ({ organizationId: row.organization_id, id: row.id }));
}

/** Addresses of mails that were over before then. */
export async function forgetFinished(db: Kysely<DB>, before: Instant): Promise<void> {
  await db
    .updateTable('mails')
    .set({ recipient: null, facts: null, detail: null })
    .where('finished_at', '<', at(before))
    .where('recipient', 'is not', null)
    .execute();
}
