import type { Kysely, Selectable } from 'kysely';
import { columns, type DB } from '../../database/types.ts';
import type { DeviceId, OrganizationId, PlanId } from '../../rules/ids.ts';
import type { Instant } from '../../rules/instant.ts';

export type PlanRow = Selectable<DB['usage_plans']>;

export async function listPlans(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  deviceId: DeviceId,
): Promise<PlanRow[]> {
  return db
    .selectFrom('usage_plans')
    .select(columns.usage_plans)
    .where('organization_id', '=', organizationId)
    .where('device_id', '=', deviceId)
    .where('deleted_at', 'is', null)
    .orderBy('sort_order')
    .orderBy('id')
    .execute();
}

/** Of several devices at once. */
export async function listPlansOf(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  deviceIds: readonly DeviceId[],
): Promise<PlanRow[]> {
  if (deviceIds.length === 0) return [];
  const query = db.selectFrom('usage_plans').select(columns.usage_plans).where('organization_id', '=', organizationId);
  return query
    .where('device_id', 'in', [...deviceIds])
    .where('deleted_at', 'is', null)
    .execute();
}

export async function findPlan(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  deviceId: DeviceId,
  id: string,
): Promise<PlanRow | null> {
  const row = await db
    .selectFrom('usage_plans')
    .select(columns.usage_plans)
    .where('organization_id', '=', organizationId)
    .where('device_id', '=', deviceId)
    .where('id', '=', id as PlanId)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  return row ?? null;
}

export async function insertPlan(db: Kysely<DB>, row: PlanRow): Promise<void> {
  await db
    .insertInto('usage_plans')
    .values({ ...row, created_at: new Date(row.created_at), updated_at: new Date(row.updated_at), deleted_at: null })
    .execute();
}

export type PlanFacts = Pick<
  PlanRow,
  | 'name'
  | 'description'
  | 'duration_minutes'
  | 'delay_minutes'
  | 'price'
  | 'sort_order'
  | 'active'
  | 'finish_below_watts'
  | 'finish_after_minutes'
>;

export async function updatePlan(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  id: PlanId,
  change: Partial<PlanFacts>,
  now: Instant,
): Promise<void> {
  await db
    .updateTable('usage_plans')
    .set({ ...change, updated_at: new Date(now) })
    .where('organization_id', '=', organizationId)
    .where('id', '=', id)
    .execute();
}

/** Sessions and payments still name a deleted plan: its row stays. */
export async function markPlanDeleted(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  id: PlanId,
  now: Instant,
): Promise<void> {
  await db
    .updateTable('usage_plans')
    .set({ deleted_at: new Date(now), active: false })
    .where('organization_id', '=', organizationId)
    .where('id', '=', id)
    .execute();
}
