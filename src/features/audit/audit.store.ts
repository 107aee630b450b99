import type { Kysely } from 'kysely';
import type { Tx } from '../../database/open.ts';
import { columns, type DB } from '../../database/types.ts';
import type { Json } from '../../rules/audit/canonical.ts';
import { type ChainHead, type Commitments, type Entry, genesis, type PersonalField } from '../../rules/audit/chain.ts';
import type { OrganizationId } from '../../rules/ids.ts';

/** The end of the organization's chain, locked until the transaction ends: entries are made one after another. */
export async function lockHead(tx: Tx, organizationId: OrganizationId): Promise<ChainHead> {
  const head = await headForUpdate(tx, organizationId);
  if (head !== null) return head;
  // the first entry: whoever inserts waits for the other inserter, then both lock the same row
  await tx
    .insertInto('audit_heads')
    .values({ organization_id: organizationId, number: genesis.number, hash: genesis.hash })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return (await headForUpdate(tx, organizationId)) ?? genesis;
}

async function headForUpdate(tx: Tx, organizationId: OrganizationId): Promise<ChainHead | null> {
  const row = await tx
    .selectFrom('audit_heads')
    .select(['number', 'hash'])
    .where('organization_id', '=', organizationId)
    .forUpdate()
    .executeTakeFirst();
  return row ?? null;
}

export async function insertEntry(tx: Tx, entry: Entry, personal: readonly PersonalField[]): Promise<void> {
  const { organizationId: organization_id, number, hash } = entry;
  await tx
    .insertInto('audit_entries')
    .values({
      organization_id,
      number,
      at: new Date(entry.at),
      category: entry.category,
      action: entry.action,
      account_id: entry.accountId,
      entity: entry.entity,
      entity_id: entry.entityId,
      details: JSON.stringify(entry.details),
      commitments: entry.commitments,
      previous_hash: entry.previousHash,
      hash,
    })
    .execute();
  if (personal.length > 0) {
    const rows = personal.map((field) => ({ organization_id, number, ...field }));
    await tx.insertInto('audit_personal').values(rows).execute();
  }
  await tx.updateTable('audit_heads').set({ number, hash }).where('organization_id', '=', organization_id).execute();
}

/** Up to `limit` entries after `number`, in order, with what is left of their personal fields. */
export async function entriesAfter(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  number: number,
  limit: number,
): Promise<(Entry & { personal: PersonalField[] })[]> {
  const rows = await db
    .selectFrom('audit_entries')
    .select(columns.audit_entries)
    .where('organization_id', '=', organizationId)
    .where('number', '>', number)
    .orderBy('number')
    .limit(limit)
    .execute();
  const last = rows.at(-1);
  if (last === undefined) return [];
  const personal = await db
    .selectFrom('audit_personal')
    .select(['number', 'field', 'value', 'salt'])
    .where('organization_id', '=', organizationId)
    .where('number', '>', number)
    .where('number', '<=', last.number)
    .execute();
  const fields = Map.groupBy(personal, (field) => field.number);
  return rows.map((row) => ({
    organizationId: row.organization_id,
    number: row.number,
    at: row.at,
    category: row.category,
    action: row.action,
    accountId: row.account_id,
    entity: row.entity,
    entityId: row.entity_id,
    details: row.details as Json,
    commitments: row.commitments as Commitments,
    previousHash: row.previous_hash,
    hash: row.hash,
    personal: (fields.get(row.number) ?? []).map(({ field, value, salt }) => ({ field, value, salt })),
  }));
}

export async function readHead(db: Kysely<DB>, organizationId: OrganizationId): Promise<ChainHead> {
  const row = await db
    .selectFrom('audit_heads')
    .select(['number', 'hash'])
    .where('organization_id', '=', organizationId)
    .executeTakeFirst();
  return row ?? genesis;
}
