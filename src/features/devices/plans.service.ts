import type { Database } from '../../database/open.ts';
import { standInLine } from '../../database/stand-in-line.ts';
import type { Clock } from '../../host/clock.ts';
import type { Random } from '../../host/random.ts';
import type { Actor } from '../../rules/accounts/actor.ts';
import { invalid, notFound } from '../../rules/errors.ts';
import type { DeviceId } from '../../rules/ids.ts';
import { chargeable } from '../../rules/money/minimum.ts';
import { optional, required } from '../../rules/text.ts';
import { programsKey } from '../../rules/wishes/wish.ts';
import type { Audit } from '../audit/audit.service.ts';
import type { SettingsService } from '../settings/settings.service.ts';
import { price } from '../settings/settings.ts';
import { type DeviceRow, findDevice, listDevices } from './devices.store.ts';
import {
  findPlan,
  insertPlan,
  listPlans,
  listPlansOf,
  markPlanDeleted,
  type PlanFacts,
  type PlanRow,
  updatePlan,
} from './plans.store.ts';

/** Minutes, and minor units of the organization's currency. */
export type PlanInput = {
  name?: string;
  description?: string | null;
  duration?: number;
  delayMinutes?: number;
  price?: number;
  sortOrder?: number;
  active?: boolean;
  /** Ends the run early once the machine, having worked, draws less than `belowWatts` for `afterMinutes`. */
  finish?: { belowWatts: number; afterMinutes: number } | null;
};

type Deps = { database: Database; clock: Clock; random: Random; audit: Audit; settings: SettingsService };

/** Devices of one location that are looked at for their likeness. */
const mostAlike = 200;

/** What a device sells. A run keeps the plan as it was bought: changing or deleting one does not touch it. */
export function createPlans({ database, clock, random, audit, settings }: Deps) {
  async function list(actor: Actor, deviceId: string): Promise<PlanRow[]> {
    const device = await deviceOf(actor, deviceId);
    return listPlans(database.read, actor.organizationId, device);
  }

  async function create(actor: Actor, deviceId: string, input: PlanInput): Promise<PlanRow> {
    const now = clock.now();
    const { currency } = await settings.get(actor.organizationId);
    return database.transaction('plan-create', async (tx) => {
      const device = await deviceOf(actor, deviceId, tx);
      const facts = checked(input, currency);
      const row: PlanRow = {
        organization_id: actor.organizationId,
        id: random.id('plan'),
        device_id: device,
        name: required('name', input.name, 120),
        description: facts.description ?? null,
        duration_minutes: present('duration', facts.duration_minutes),
        delay_minutes: facts.delay_minutes ?? 0,
        price: present('price', facts.price),
        sort_order: facts.sort_order ?? (await listPlans(tx, actor.organizationId, device)).length + 1,
        active: facts.active ?? true,
        finish_below_watts: facts.finish_below_watts ?? null,
        finish_after_minutes: facts.finish_after_minutes ?? null,
        created_at: now,
        updated_at: now,
        deleted_at: null,
      };
      await insertPlan(tx, row);
      await audit.append(tx, entry(actor, 'usage plan created', row, { after: told(row) }));
      return row;
    });
  }

  async function change(actor: Actor, deviceId: string, planId: string, input: PlanInput): Promise<PlanRow> {
    const now = clock.now();
    const { currency } = await settings.get(actor.organizationId);
    return database.transaction('plan-change', async (tx) => {
      await standInLine(tx, 'plan', actor.organizationId, planId);
      const before = await planOf(actor, deviceId, planId, tx);
      const facts = checked(input, currency);
      await updatePlan(tx, actor.organizationId, before.id, facts, now);
      const after = { ...before, ...facts, updated_at: now };
      await audit.append(tx, entry(actor, 'usage plan changed', after, { before: told(before), after: told(after) }));
      return after;
    });
  }

  async function remove(actor: Actor, deviceId: string, planId: string): Promise<void> {
    await database.transaction('plan-delete', async (tx) => {
      await standInLine(tx, 'plan', actor.organizationId, planId);
      const before = await planOf(actor, deviceId, planId, tx);
      await markPlanDeleted(tx, actor.organizationId, before.id, clock.now());
      await audit.append(tx, entry(actor, 'usage plan deleted', before, { before: told(before) }));
    });
  }

  /** What guests are offered, in its order. */
  async function forSale(device: DeviceRow): Promise<PlanRow[]> {
    const { currency } = await settings.get(device.organization_id);
    const rows = await listPlans(database.read, device.organization_id, device.id);
    return rows.filter((row) => row.active && chargeable(row.price, currency)); // the currency may have changed since
  }

  /** The other devices of the same location that sell programs of the same names. */
  async function alike(device: DeviceRow): Promise<DeviceRow[]> {
    const { organization_id: organizationId, location_id: locationId } = device;
    if (locationId === null) return [];
    const near = await listDevices(database.read, organizationId, 'all', { locationId, limit: mostAlike, after: null });
    const { currency } = await settings.get(organizationId);
    const ids = new Set([device.id, ...near.map(({ id }) => id)]);
    const sold = (await listPlansOf(database.read, organizationId, [...ids])).filter(
      (row) => row.active && chargeable(row.price, currency),
    );
    const keyOf = (id: DeviceId) => programsKey(sold.filter((row) => row.device_id === id).map(({ name }) => name));
    const own = keyOf(device.id);
    return own === null ? [] : near.filter(({ id }) => id !== device.id && keyOf(id) === own);
  }

  return { list, create, change, remove, forSale, alike };

  async function deviceOf(actor: Actor, id: string, db = database.read): Promise<DeviceId> {
    const device = await findDevice(db, actor.organizationId, id, actor.scope);
    if (device === null) throw notFound('Device not found');
    return device.id;
  }

  async function planOf(actor: Actor, deviceId: string, planId: string, db = database.read): Promise<PlanRow> {
    const plan = await findPlan(db, actor.organizationId, await deviceOf(actor, deviceId, db), planId);
    if (plan === null) throw notFound('Usage plan not found');
    return plan;
  }
}

export type PlansService = ReturnType<typeof createPlans>;
export type { PlanRow } from './plans.store.ts';

function checked(input: PlanInput, currency: string): Partial<PlanFacts> {
  if (input.price !== undefined) price('price', input.price, currency);
  return {
    ...(input.name === undefined ? {} : { name: required('name', input.name, 120) }),
    ...(input.description === undefined ? {} : { description: optional('description', input.description, 500) }),
    ...(input.duration === undefined ? {} : { duration_minutes: input.duration }),
    ...(input.delayMinutes === undefined ? {} : { delay_minutes: input.delayMinutes }),
    ...(input.price === undefined ? {} : { price: input.price }),
    ...(input.sortOrder === undefined ? {} : { sort_order: input.sortOrder }),
    ...(input.active === undefined ? {} : { active: input.active }),
    ...(input.finish === undefined
      ? {}
      : {
          finish_below_watts: input.finish?.belowWatts ?? null,
          finish_after_minutes: input.finish?.afterMinutes ?? null,
        }),
  };
}

function present(field: string, value: number | undefined): number {
  if (value === undefined) throw invalid(field, `${field} is required`);
  return value;
}

const told = (row: PlanRow) => ({
  name: row.name,
  duration: row.duration_minutes,
  delayMinutes: row.delay_minutes,
  price: row.price,
  active: row.active,
  finish: finishOf(row),
});

/** When the run of a plan ends early; null: never. */
export const finishOf = (row: PlanRow): { belowWatts: number; afterMinutes: number } | null =>
  row.finish_below_watts === null || row.finish_after_minutes === null
    ? null
    : { belowWatts: row.finish_below_watts, afterMinutes: row.finish_after_minutes };

const entry = (actor: Actor, action: string, row: PlanRow, details: Record<string, unknown>) => ({
  organizationId: actor.organizationId,
  category: 'devices' as const,
  action,
  actor,
  entity: 'UsagePlan',
  entityId: row.id,
  details: { deviceId: row.device_id, ...details },
});
