import { type Kysely, type Selectable, sql } from 'kysely';
import { dueBy } from '../../database/due.ts';
import { at } from '../../database/instant-value.ts';
import { earlier } from '../../database/stretch.ts';
import { columns, type DB } from '../../database/types.ts';
import type { Scope } from '../../rules/accounts/actor.ts';
import type { DeviceId, DoorId, LocationId, OrganizationId, PassId, PaymentId, SessionId } from '../../rules/ids.ts';
import type { Instant } from '../../rules/instant.ts';
import { longestPause } from '../../rules/money/asking.ts';
import type { Stretch } from '../../rules/timeline/moments.ts';
import { isWaitedFor } from './provider-events.store.ts';

export type PaymentRow = Selectable<DB['payments']>;

const of = (db: Kysely<DB>, organizationId: OrganizationId) =>
  db.selectFrom('payments').select(columns.payments).where('organization_id', '=', organizationId);

export async function findPayment(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  by: { id?: string | null; checkoutId?: string | null; intentId?: string | null },
): Promise<PaymentRow | null> {
  for (const [column, value] of [
    ['id', by.id],
    ['provider_checkout_id', by.checkoutId],
    ['provider_intent_id', by.intentId],
  ] as const) {
    if (value === null || value === undefined) continue;
    const row = await of(db, organizationId)
      .where(column, '=', value as PaymentId)
      .executeTakeFirst();
    if (row !== undefined) return row;
  }
  return null;
}

export async function lockPayment(db: Kysely<DB>, organizationId: OrganizationId, id: PaymentId): Promise<PaymentRow> {
  return of(db, organizationId).where('id', '=', id).forNoKeyUpdate().executeTakeFirstOrThrow();
}

/** What is bought: a run of a device, or a way in. */
export type Purchase = { sessionId: SessionId } | { passId: PassId };

const ofPurchase = (db: Kysely<DB>, organizationId: OrganizationId, what: Purchase) =>
  ('passId' in what
    ? of(db, organizationId).where('pass_id', '=', what.passId)
    : of(db, organizationId).where('session_id', '=', what.sessionId)
  ).orderBy('id', 'desc');

/** Newest first, as refunds take them. */
export async function lockPaymentsOf(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  what: Purchase,
): Promise<PaymentRow[]> {
  return ofPurchase(db, organizationId, what).forNoKeyUpdate().execute();
}

export async function paymentsOf(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  what: Purchase,
): Promise<PaymentRow[]> {
  return ofPurchase(db, organizationId, what).execute();
}

/** Of many sessions at once, newest first. */
export async function paymentsOfAll(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  sessionIds: readonly SessionId[],
): Promise<PaymentRow[]> {
  if (sessionIds.length === 0) return [];
  return of(db, organizationId)
    .where('session_id', 'in', [...sessionIds])
    .orderBy('id', 'desc')
    .execute();
}

export type NewPayment = Pick<
  PaymentRow,
  | 'organization_id'
  | 'id'
  | 'module'
  | 'status'
  | 'amount'
  | 'currency'
  | 'session_id'
  | 'device_id'
  | 'plan_id'
  | 'location_id'
  | 'guest_email'
  | 'language'
  | 'check_at'
  | 'checkout_expires_at'
> &
  Partial<Pick<PaymentRow, 'extra_ms' | 'pass_id' | 'door_id'>> & { checkout_request: Record<string, unknown> | null };

export async function insertPayment(db: Kysely<DB>, row: NewPayment, now: Instant): Promise<void> {
  await db
    .insertInto('payments')
    .values({
      ...row,
      checkout_request: row.checkout_request === null ? null : JSON.stringify(row.checkout_request),
      check_at: row.check_at === null ? null : new Date(row.check_at),
      checkout_expires_at: row.checkout_expires_at === null ? null : new Date(row.checkout_expires_at),
      paid_at: row.status === 'SUCCEEDED' ? new Date(now) : null,
      created_at: new Date(now),
      updated_at: new Date(now),
    })
    .execute();
}

export type PaymentChange = Partial<
  Pick<
    PaymentRow,
    | 'status'
    | 'amount'
    | 'currency'
    | 'refunded'
    | 'refunded_outside'
    | 'guest_email'
    | 'language'
    | 'provider_checkout_id'
    | 'provider_checkout_url'
    | 'provider_intent_id'
    | 'abandoned'
    | 'taken'
    | 'checks'
    | 'told_back'
    | 'owed'
    | 'disputed'
    | 'books_checks'
    | 'declined_code'
  >
> & {
  check_at?: Instant | null;
  paid_at?: Instant;
  /** `ifWaitedFor`: at once, where an event waits for the payment that has this intent; else as it was. */
  books_check_at?: Instant | null | { ifWaitedFor: string };
  declined_at?: Instant;
};

export async function updatePayment(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  id: PaymentId,
  { check_at, paid_at, books_check_at, declined_at, ...change }: PaymentChange,
  now: Instant,
): Promise<void> {
  await db
    .updateTable('payments')
    .set({
      ...change,
      ...(check_at === undefined ? {} : { check_at: check_at === null ? null : new Date(check_at) }),
      ...(paid_at === undefined ? {} : { paid_at: new Date(paid_at) }),
      ...(books_check_at === undefined ? {} : { books_check_at: booksCheck(organizationId, books_check_at, now) }),
      ...(declined_at === undefined ? {} : { declined_at: new Date(declined_at) }),
      updated_at: new Date(now),
    })
    .where('organization_id', '=', organizationId)
    .where('id', '=', id)
    .execute();
}

function booksCheck(
  organizationId: OrganizationId,
  when: NonNullable<PaymentChange['books_check_at']> | null,
  now: Instant,
) {
  if (when === null) return null;
  if (typeof when === 'number') return new Date(when);
  const waited = isWaitedFor(organizationId, when.ifWaitedFor);
  return sql<Date>`case when ${waited} then ${at(now)} else books_check_at end`;
}

/**
 * Of those that are open, or were given up before their page was ended. Not of others: a question asked just while the
 * answer came may have left its time to be asked again.
 */
export async function duePayments(
  db: Kysely<DB>,
  now: Instant,
  limit: number,
): Promise<{ organizationId: OrganizationId; id: PaymentId }[]> {
  const rows = await db
    .selectFrom('payments')
    .select(['organization_id', 'id'])
    .where('status', 'in', ['PENDING', 'FAILED'])
    .where('check_at', 'is not', null)
    .where(dueBy('check_at', now, longestPause))
    .orderBy('check_at')
    .limit(limit)
    .execute();
  return rows.map((row) => ({ organizationId: row.organization_id, id: row.id }));
}

export type PaymentFilter = {
  status?: PaymentRow['status'];
  module?: PaymentRow['module'];
  deviceId?: string;
  doorId?: string;
  locationId?: string;
  from?: Instant;
  to?: Instant;
  limit: number;
  after: string | null;
};

export async function listPayments(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  scope: Scope,
  filter: PaymentFilter,
): Promise<PaymentRow[]> {
  let query = of(db, organizationId);
  if (scope !== 'all') query = query.where('location_id', 'in', scope.length === 0 ? ['' as LocationId] : [...scope]);
  if (filter.status !== undefined) query = query.where('status', '=', filter.status);
  if (filter.module !== undefined) query = query.where('module', '=', filter.module);
  if (filter.deviceId !== undefined) query = query.where('device_id', '=', filter.deviceId as DeviceId);
  if (filter.doorId !== undefined) query = query.where('door_id', '=', filter.doorId as DoorId);
  if (filter.locationId !== undefined) query = query.where('location_id', '=', filter.locationId as LocationId);
  if (filter.from !== undefined) query = query.where('created_at', '>=', at(filter.from));
  if (filter.to !== undefined) query = query.where('created_at', '<', at(filter.to));
  if (filter.after !== null) query = query.where('id', '<', filter.after as PaymentId);
  return query.orderBy('id', 'desc').limit(filter.limit).execute();
}

/** `for-more`: what was paid and made a run longer. */
export type PaymentsAlong = 'paid' | 'not-paid' | 'for-more';

/** Those for a device, newest first: what was paid by when it was, what was not by when it was begun. */
export async function paymentsAlong(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  deviceId: DeviceId,
  which: PaymentsAlong,
  stretch: Stretch,
): Promise<PaymentRow[]> {
  const moment = which === 'not-paid' ? 'created_at' : 'paid_at';
  let query = of(db, organizationId)
    .where('device_id', '=', deviceId)
    .where('paid_at', which === 'not-paid' ? 'is' : 'is not', null);
  if (which === 'for-more') query = query.where('extra_ms', '>', 0).where('taken', '=', true);
  return query
    .where(earlier({ at: moment, id: 'id' }, stretch))
    .orderBy(moment, 'desc')
    .orderBy('id', 'desc')
    .limit(stretch.limit)
    .execute();
}
