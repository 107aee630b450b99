import type { Kysely, Selectable } from 'kysely';
import { at } from '../../database/instant-value.ts';
import { columns, type DB } from '../../database/types.ts';
import type { DeviceId, OrganizationId, WishId } from '../../rules/ids.ts';
import type { Instant } from '../../rules/instant.ts';

export type WishRow = Selectable<DB['wishes']>;

const of = (db: Kysely<DB>, organizationId: OrganizationId) =>
  db.selectFrom('wishes').select(columns.wishes).where('organization_id', '=', organizationId);

export async function insertWish(
  db: Kysely<DB>,
  row: Omit<WishRow, 'state' | 'look_at' | 'told_device_id' | 'created_at' | 'expires_at' | 'ended_at'>,
  times: { now: Instant; expiresAt: Instant },
): Promise<void> {
  const now = new Date(times.now);
  await db
    .insertInto('wishes')
    .values({ ...row, state: 'waiting', look_at: now, created_at: now, expires_at: new Date(times.expiresAt) })
    .execute();
}

/** Asked again: it keeps its place in the line. */
export async function renewWish(
  db: Kysely<DB>,
  { organization_id, id }: WishRow,
  change: Pick<WishRow, 'email' | 'address_hash' | 'any_alike' | 'language'>,
  expiresAt: Instant,
): Promise<void> {
  await db
    .updateTable('wishes')
    .set({ ...change, expires_at: new Date(expiresAt) })
    .where('organization_id', '=', organization_id)
    .where('id', '=', id)
    .execute();
}

/** The wish of this browser that waits for this machine. */
export async function waitingOfGuest(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  holderHash: Buffer,
  deviceId: DeviceId,
): Promise<WishRow | null> {
  const query = of(db, organizationId).where('holder_hash', '=', holderHash).where('device_id', '=', deviceId);
  return (await query.where('state', '=', 'waiting').executeTakeFirst()) ?? null;
}

export async function findWish(db: Kysely<DB>, organizationId: OrganizationId, id: WishId): Promise<WishRow | null> {
  return (await of(db, organizationId).where('id', '=', id).executeTakeFirst()) ?? null;
}

export async function findByToken(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  tokenHash: Buffer,
): Promise<WishRow | null> {
  return (await of(db, organizationId).where('token_hash', '=', tokenHash).executeTakeFirst()) ?? null;
}

/** How many there are, by what limits look at. */
export async function counted(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  by: { deviceId: DeviceId; holderHash: Buffer; ipHash: Buffer; since: Instant },
): Promise<{ atMachine: number; ofGuest: number; fromAddress: number }> {
  const waiting = db
    .selectFrom('wishes')
    .select(({ fn }) => fn.countAll<number>().as('n'))
    .where('organization_id', '=', organizationId)
    .where('state', '=', 'waiting');
  const recent = db
    .selectFrom('wishes')
    .select(({ fn }) => fn.countAll<number>().as('n'))
    .where('organization_id', '=', organizationId)
    .where('ip_hash', '=', by.ipHash)
    .where('created_at', '>', at(by.since));
  const [atMachine, ofGuest, fromAddress] = [
    await waiting.where('device_id', '=', by.deviceId).executeTakeFirstOrThrow(),
    await waiting.where('holder_hash', '=', by.holderHash).executeTakeFirstOrThrow(),
    await recent.executeTakeFirstOrThrow(),
  ];
  return { atMachine: atMachine.n, ofGuest: ofGuest.n, fromAddress: fromAddress.n };
}

/** Who waits for this machine, first come first: at it, or at one like it with either being welcome. */
export async function inLine(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  deviceId: DeviceId,
  alike: readonly DeviceId[],
  now: Instant,
): Promise<WishRow[]> {
  return of(db, organizationId)
    .where('state', '=', 'waiting')
    .where('expires_at', '>', at(now))
    .where(({ eb, or, and }) =>
      or([
        eb('device_id', '=', deviceId),
        ...(alike.length === 0 ? [] : [and([eb('any_alike', '=', true), eb('device_id', 'in', [...alike])])]),
      ]),
    )
    .orderBy('created_at')
    .orderBy('id')
    .execute();
}

/** When somebody was last told of this machine. */
export async function lastTold(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  deviceId: DeviceId,
): Promise<Instant | null> {
  const row = await db
    .selectFrom('wishes')
    .select(({ fn }) => fn.max('ended_at').as('at'))
    .where('organization_id', '=', organizationId)
    .where('told_device_id', '=', deviceId)
    .where('state', '=', 'told')
    .executeTakeFirst();
  return row?.at ?? null;
}

/** How often this address was told of something since then. */
export async function toldSince(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  addressHash: Buffer,
  since: Instant,
): Promise<number> {
  const row = await db
    .selectFrom('wishes')
    .select(({ fn }) => fn.count<number>('ended_at').distinct().as('n'))
    .where('organization_id', '=', organizationId)
    .where('address_hash', '=', addressHash)
    .where('state', '=', 'told')
    .where('ended_at', '>', at(since))
    .executeTakeFirst();
  return row?.n ?? 0;
}

export type WishEnd = { state: 'stopped' | 'expired' } | { state: 'told'; toldDeviceId: DeviceId };

/** Over: the address is forgotten with it. */
export async function endWishes(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  ids: readonly WishId[],
  end: WishEnd,
  now: Instant,
): Promise<void> {
  if (ids.length === 0) return;
  await db
    .updateTable('wishes')
    .set({
      state: end.state,
      told_device_id: end.state === 'told' ? end.toldDeviceId : null,
      email: null,
      look_at: null,
      ended_at: new Date(now),
    })
    .where('organization_id', '=', organizationId)
    .where('id', 'in', [...ids])
    .where('state', '=', 'waiting')
    .execute();
}

/** Those that wait: of an address, or at a machine. */
export async function waiting(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  by: { addressHash: Buffer } | { deviceId: DeviceId },
): Promise<WishRow[]> {
  const query = of(db, organizationId).where('state', '=', 'waiting');
  return 'addressHash' in by
    ? query.where('address_hash', '=', by.addressHash).execute()
    : query.where('device_id', '=', by.deviceId).execute();
}

export async function lookAgain(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  deviceId: DeviceId,
  when: Instant,
): Promise<void> {
  await db
    .updateTable('wishes')
    .set({ look_at: new Date(when) })
    .where('organization_id', '=', organizationId)
    .where('device_id', '=', deviceId)
    .where('state', '=', 'waiting')
    .execute();
}

/** Machines at which somebody waits, and which it is time to look at. */
export async function dueMachines(
  db: Kysely<DB>,
  now: Instant,
  limit: number,
): Promise<{ organizationId: OrganizationId; deviceId: DeviceId }[]> {
  const rows = await db
    .selectFrom('wishes')
    .select(['organization_id', 'device_id'])
    .distinct()
    .where('look_at', 'is not', null)
    .where('look_at', '<=', at(now))
    .limit(limit)
    .execute();
  return rows.map((row) => ({ organizationId: row.organization_id, deviceId: row.device_id }));
}

export async function saveRefusal(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  addressHash: Buffer,
  until: Instant,
): Promise<void> {
  const row = { organization_id: organizationId, address_hash: addressHash, until: new Date(until) };
  await db
    .insertInto('wish_refusals')
    .values(row)
    .onConflict((conflict) => conflict.columns(['organization_id', 'address_hash']).doUpdateSet({ until: row.until }))
    .execute();
}

export async function refuses(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  addressHash: Buffer,
  now: Instant,
): Promise<boolean> {
  const row = await db
    .selectFrom('wish_refusals')
    .select('until')
    .where('organization_id', '=', organizationId)
    .where('address_hash', '=', addressHash)
    .executeTakeFirst();
  return row !== undefined && row.until > now;
}

export async function forgetEnded(db: Kysely<DB>, before: Instant, now: Instant): Promise<void> {
  await db.deleteFrom('wishes').where('ended_at', '<', at(before)).execute();
  await db.deleteFrom('wish_refusals').where('until', '<', at(now)).execute();
}
