import type { Kysely, Selectable } from 'kysely';
import { dueBy } from '../../database/due.ts';
import { earlier } from '../../database/stretch.ts';
import { columns, type DB } from '../../database/types.ts';
import type { DeviceId, OrganizationId, PaymentId, RefundId } from '../../rules/ids.ts';
import type { Instant } from '../../rules/instant.ts';
import { longestPause } from '../../rules/money/again.ts';
import type { Stretch } from '../../rules/timeline/moments.ts';

export type RefundRow = Selectable<DB['refunds']>;

export async function insertRefund(
  db: Kysely<DB>,
  row: Pick<RefundRow, 'organization_id' | 'id' | 'payment_id' | 'amount' | 'reason' | 'attempts'> & {
    try_at: Instant;
  },
  now: Instant,
): Promise<void> {
  await db
    .insertInto('refunds')
    .values((insert) => ({
      ...row,
      // as its payment has it: so that what became of a device can be read by time
      device_id: insert
        .selectFrom('payments')
        .select('device_id')
        .where('organization_id', '=', row.organization_id)
        .where('id', '=', row.payment_id),
      status: 'asked' as const,
      try_at: new Date(row.try_at),
      created_at: new Date(now),
    }))
    .execute();
}

export async function refundsOf(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  paymentIds: readonly PaymentId[],
): Promise<RefundRow[]> {
  if (paymentIds.length === 0) return [];
  return db
    .selectFrom('refunds')
    .select(columns.refunds)
    .where('organization_id', '=', organizationId)
    .where('payment_id', 'in', [...paymentIds])
    .orderBy('id')
    .execute();
}

export async function findRefund(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  id: RefundId,
): Promise<RefundRow | null> {
  const query = db.selectFrom('refunds').select(columns.refunds).where('organization_id', '=', organizationId);
  return (await query.where('id', '=', id).executeTakeFirst()) ?? null;
}

/** All of a payment's, oldest first. */
export async function lockRefundsOf(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  paymentId: PaymentId,
): Promise<RefundRow[]> {
  return db
    .selectFrom('refunds')
    .select(columns.refunds)
    .where('organization_id', '=', organizationId)
    .where('payment_id', '=', paymentId)
    .orderBy('id')
    .forNoKeyUpdate()
    .execute();
}

export async function lockRefund(db: Kysely<DB>, organizationId: OrganizationId, id: RefundId): Promise<RefundRow> {
  const query = db.selectFrom('refunds').select(columns.refunds).where('organization_id', '=', organizationId);
  return query.where('id', '=', id).forNoKeyUpdate().executeTakeFirstOrThrow();
}

export async function updateRefund(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  id: RefundId,
  change: {
    status?: RefundRow['status'];
    provider_refund_id?: string;
    attempts?: number;
    try_at?: Instant | null;
    done_at?: Instant;
    trouble?: string | null;
  },
): Promise<void> {
  const { try_at, done_at, ...rest } = change;
  await db
    .updateTable('refunds')
    .set({
      ...rest,
      ...(try_at === undefined ? {} : { try_at: try_at === null ? null : new Date(try_at) }),
      ...(done_at === undefined ? {} : { done_at: new Date(done_at) }),
    })
    .where('organization_id', '=', organizationId)
    .where('id', '=', id)
    .execute();
}

export async function dueRefunds(
  db: Kysely<DB>,
  now: Instant,
  limit: number,
): Promise<{ organizationId: OrganizationId; id: RefundId }[]> {
  const rows = await db
    .selectFrom('refunds')
    .select(['organization_id', 'id'])
    .where('try_at', 'is not', null)
    .where(dueBy('try_at', now, longestPause))
    .orderBy('try_at')
    .limit(limit)
    .execute();
  return rows.map((row) => ({ organizationId: row.organization_id, id: row.id }));
}

/** Those of payments for a device by when they were asked for, newest first; each with its payment's currency. */
export async function refundsAlong(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  deviceId: DeviceId,
  stretch: Stretch,
): Promise<(RefundRow & { currency: string })[]> {
  return db
    .selectFrom('refunds')
    .innerJoin('payments', (join) =>
      join
        .onRef('payments.organization_id', '=', 'refunds.organization_id')
        .onRef('payments.id', '=', 'refunds.payment_id'),
    )
    .selectAll('refunds')
    .select('payments.currency')
    .where('refunds.organization_id', '=', organizationId)
    .where('refunds.device_id', '=', deviceId)
    .where(earlier({ at: 'refunds.created_at', id: 'refunds.id' }, stretch))
    .orderBy('refunds.created_at', 'desc')
    .orderBy('refunds.id', 'desc')
    .limit(stretch.limit)
    .execute();
}
