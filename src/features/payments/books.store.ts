import { type Kysely, type Selectable, sql } from 'kysely';
import { at } from '../../database/instant-value.ts';
import { columns, type DB } from '../../database/types.ts';
import type { ProviderDispute, ProviderRefund } from '../../providers/payment-port.ts';
import type { OrganizationId, PaymentId, RefundId } from '../../rules/ids.ts';
import type { Instant } from '../../rules/instant.ts';
import { isClosed, isLater } from '../../rules/money/dispute.ts';

export type HeldRefund = Selectable<DB['provider_refunds']>;
export type DisputeRow = Selectable<DB['disputes']>;
type Of = { organizationId: OrganizationId; paymentId: PaymentId };

/** True when this is news: states only move on, pending to succeeded to failed. Callers hold the payment's lock. */
export async function noteRefund(db: Kysely<DB>, of: Of, refund: ProviderRefund, now: Instant): Promise<boolean> {
  const rank = (of: string) => sql`array_position(array['pending', 'succeeded', 'failed'], ${sql.ref(of)})`;
  const result = await db
    .insertInto('provider_refunds')
    .values({
      organization_id: of.organizationId,
      id: refund.id,
      payment_id: of.paymentId,
      refund_id: refund.refundId as RefundId | null,
      amount: refund.amount,
      state: refund.status,
      failure: refund.failure,
      heard_at: new Date(now),
    })
    .onConflict((conflict) =>
      conflict
        .columns(['organization_id', 'id'])
        .doUpdateSet({ state: refund.status, failure: refund.failure })
        .where(sql<boolean>`${rank('excluded.state')} > ${rank('provider_refunds.state')}`),
    )
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

export async function heldRefunds(db: Kysely<DB>, { organizationId, paymentId }: Of): Promise<HeldRefund[]> {
  return db
    .selectFrom('provider_refunds')
    .select(columns.provider_refunds)
    .where('organization_id', '=', organizationId)
    .where('payment_id', '=', paymentId)
    .orderBy('id')
    .execute();
}

/**
 * True when this is news: a later telling than the one that is kept, or (where it is not said when: the provider was asked)
 * a state that comes later. Callers hold the payment's lock.
 */
export async function noteDispute(
  db: Kysely<DB>,
  of: Of,
  dispute: ProviderDispute,
  told: Instant | null,
): Promise<boolean> {
  const before = (await disputesOf(db, of.organizationId, [of.paymentId])).find(({ id }) => id === dispute.id);
  const toldAt = told ?? before?.told_at ?? dispute.openedAt;
  if (
    before !== undefined &&
    !isLater({ state: dispute.state, at: toldAt }, { state: before.state, at: before.told_at })
  )
    return false;
  const values = {
    state: dispute.state,
    amount: dispute.amount,
    currency: dispute.currency,
    reason: dispute.reason,
    due_at: dispute.dueAt === null ? null : new Date(dispute.dueAt),
    opened_at: new Date(dispute.openedAt),
    closed_at: isClosed(dispute.state) ? new Date(before?.closed_at ?? toldAt) : null,
    told_at: new Date(toldAt),
  };
  await db
    .insertInto('disputes')
    .values({ organization_id: of.organizationId, id: dispute.id, payment_id: of.paymentId, ...values })
    .onConflict((conflict) => conflict.columns(['organization_id', 'id']).doUpdateSet(values))
    .execute();
  return true;
}

export async function disputesOf(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  paymentIds: readonly PaymentId[],
): Promise<DisputeRow[]> {
  if (paymentIds.length === 0) return [];
  return db
    .selectFrom('disputes')
    .select(columns.disputes)
    .where('organization_id', '=', organizationId)
    .where('payment_id', 'in', [...paymentIds])
    .orderBy('opened_at')
    .orderBy('id')
    .execute();
}

/** Payments of which it is time to ask what became of their money. */
export async function dueBooks(
  db: Kysely<DB>,
  now: Instant,
  limit: number,
): Promise<{ organizationId: OrganizationId; id: PaymentId }[]> {
  const rows = await db
    .selectFrom('payments')
    .select(['organization_id', 'id'])
    .where('books_check_at', 'is not', null)
    .where('books_check_at', '<=', at(now))
    .orderBy('books_check_at')
    .limit(limit)
    .execute();
  return rows.map((row) => ({ organizationId: row.organization_id, id: row.id }));
}
