import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import type { AddressesService } from '../../features/addresses/addresses.service.ts';
import { type DoorRow, type DoorsService, doorTarget } from '../../features/doors/doors.service.ts';
import { shownPassage } from '../../features/doors/passage.ts';
import type { LockRow } from '../../features/locks/locks.service.ts';
import { listQuery, pageOf, sendPage } from '../../http/lists.ts';
import { QrPicture, qrQuery, sendQr } from '../../http/qr-answer.ts';
import { queryText } from '../../http/query.ts';
import { defineRoute } from '../../http/route.ts';
import { Instant, Money, Nullable, Ok, ok } from '../../http/shapes.ts';
import type { LockId, OrganizationId } from '../../rules/ids.ts';
import { iso } from '../../rules/instant.ts';
import { OpeningHoursBody, OpeningHoursShown, shownHours } from './opening-hours.schemas.ts';

const Status = Type.Union([Type.Literal('ACTIVE'), Type.Literal('PASSAGE'), Type.Literal('MAINTENANCE')]);
const time = (pattern: string, example: string) => Type.String({ pattern, examples: [example] });
const passage = {
  weekdays: Type.Array(Type.Integer({ minimum: 1, maximum: 7 }), { maxItems: 7, description: '1 is Monday' }),
  allDay: Type.Boolean(),
  from: time('^([01]\\d|2[0-3]):[0-5]\\d$', '08:00'),
  until: time('^(([01]\\d|2[0-3]):[0-5]\\d|24:00)$', '18:00'),
};
const Passage = Type.Object(passage, { description: 'By the clock on the wall; while the status is PASSAGE' });
const Door = Type.Object({
  id: Type.String(),
  uid: Type.String({ description: 'Names the door on public pages: /pay/:uid' }),
  code: Type.String({ description: 'What a card reader calls it' }),
  ttlockLockId: Nullable(Type.Union([Type.Integer(), Type.String()])),
  lockId: Nullable(Type.String()),
  locationId: Nullable(Type.String()),
  name: Type.String(),
  description: Nullable(Type.String()),
  notes: Nullable(Type.String({ description: 'For staff alone' })),
  price: Money,
  duration: Type.Integer({ description: 'Minutes' }),
  status: Status,
  openingHours: OpeningHoursShown,
  passage: Nullable(Passage),
  passageConfigured: Type.Boolean({ description: 'The lock has taken that it is free to pass' }),
  passageTrouble: Nullable(Type.String()),
  lockState: Type.Union([Type.Literal('LOCKED'), Type.Literal('UNLOCKED'), Type.Literal('UNKNOWN')]),
  gatewayType: Nullable(Type.Union([Type.Literal('Bluetooth'), Type.Literal('Gateway')])),
  gatewayOnline: Nullable(Type.Boolean()),
  batteryLevel: Nullable(Type.Integer({ description: 'Percent' })),
  batteryAt: Nullable(Instant),
  firmwareVersion: Nullable(Type.String()),
  lastSyncAt: Nullable(Instant),
  payUrl: Type.String(),
  shortUrl: Nullable(Type.String({ description: 'For people whose camera fails' })),
  createdAt: Instant,
  updatedAt: Instant,
});
const fields = {
  ttlockLockId: Nullable(Type.Union([Type.Integer({ minimum: 1 }), Type.String({ minLength: 1, maxLength: 64 })])),
  lockId: Nullable(Type.String({ maxLength: 64 })),
  connectionId: Type.String({
    maxLength: 64,
    description: 'Where ttlockLockId hangs; else every TTLock account is asked',
  }),
  locationId: Nullable(Type.String({ maxLength: 64 })),
  name: Type.String({ maxLength: 200 }),
  description: Nullable(Type.String({ maxLength: 1000 })),
  notes: Nullable(Type.String({ maxLength: 4000 })),
  price: Money,
  duration: Type.Integer({ minimum: 1, maximum: 527_040, description: 'Minutes' }),
  openingHours: OpeningHoursBody,
  passage: Nullable(Type.Partial(Type.Object(passage))),
};
const Change = Type.Partial(Type.Object(fields));
const Create = Type.Object({ ...Change.properties, locationId: Type.String({ maxLength: 64 }) });
const Named = Type.Object({ id: Type.String() });
const shared = { family: 'hygate', tag: 'Doors', source: import.meta.url } as const;
/** Where a door is given its lock, which its account may be asked for. */
const lockErrors = [
  'VALIDATION_ERROR',
  'UNAUTHORIZED',
  'FORBIDDEN',
  'NOT_FOUND',
  'CONFLICT',
  'NOT_CONFIGURED',
  'UPSTREAM_ERROR',
  'UPSTREAM_TIMEOUT',
] as const;

type Lock = LockRow & { vendor: string | null };
type Deps = {
  doors: DoorsService;
  addresses: AddressesService;
  /** Of these locks, those that there are. */
  locksOf(organizationId: OrganizationId, ids: readonly LockId[]): Promise<Map<LockId, Lock>>;
  /** Tells the lock of a door what its status asks for; waits for that, but not for long. */
  passageNow(door: DoorRow): Promise<void>;
  publicUrl: string;
};

/** Reference: seeds/hygate-api-reference.txt, Doors; reference/hygate.md 3. */
export function doorRoutes(app: FastifyInstance, deps: Deps): void {
  const { doors, addresses, locksOf, passageNow, publicUrl } = deps;

  defineRoute(app, {
    ...shared,
    method: 'GET',
    url: '/api/doors',
    access: 'staff',
    summary: 'List all doors',
    purpose: 'Doors with the last seen state of their locks, oldest first.',
    query: Type.Object({ ...listQuery, locationId: queryText('Only at this location') }),
    success: Type.Array(Door),
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED'],
    handler: async ({ query, actor, request, reply }) => {
      const page = pageOf(query);
      const where = query.locationId ? { locationId: query.locationId } : {};
      const rows = await doors.list(actor, { ...where, limit: page.fetch, after: page.after ?? null });
      return views(sendPage({ request, reply, publicUrl, page, rows, keyOf: (row) => row.id }));
    },
  });
  defineRoute(app, {
    ...shared,
    method: 'POST',
    url: '/api/doors',
    access: 'admin',
    summary: 'Create a door',
    purpose:
      'Adds a door, with a lock of a TTLock account (ttlockLockId), with one that is known (lockId), or without: then a card reader opens it. Price and duration are copied from the settings where they are not given.',
    body: Create,
    example: { locationId: 'loc_01kq…', name: 'Main Entrance', price: 250, duration: 60 },
    success: Door,
    errors: lockErrors,
    handler: async ({ body, actor }) => view(await doors.create(actor, body)),
  });
  defineRoute(app, {
    ...shared,
    method: 'GET',
    url: '/api/doors/:id',
    access: 'staff',
    summary: 'Get door details',
    purpose: 'One door with the last seen state of its lock.',
    params: Named,
    success: Door,
    errors: ['UNAUTHORIZED', 'NOT_FOUND'],
    handler: async ({ params, actor }) => view(await doors.get(actor, params.id)),
  });
  defineRoute(app, {
    ...shared,
    method: 'PATCH',
    url: '/api/doors/:id',
    access: 'staff',
    summary: 'Update a door',
    purpose:
      'What guests have bought is not touched. Its location, its lock and its opening hours are changed by administrators; openingHours null: those of its location; passage null: all day, every day.',
    params: Named,
    body: Change,
    example: { name: 'Main Entrance', price: 300 },
    success: Door,
    errors: lockErrors,
    handler: async ({ params, body, actor }) => view(await told(await doors.change(actor, params.id, body))),
  });
  defineRoute(app, {
    ...shared,
    method: 'DELETE',
    url: '/api/doors/:id',
    access: 'admin',
    summary: 'Delete a door',
    purpose: 'Refused while a guest has a way in, or pays for one. Its lock stays.',
    params: Named,
    success: Ok,
    errors: ['UNAUTHORIZED', 'FORBIDDEN', 'NOT_FOUND', 'CONFLICT'],
    handler: async ({ params, actor }) => {
      await doors.remove(actor, params.id);
      return ok;
    },
  });
  defineRoute(app, {
    ...shared,
    method: 'POST',
    url: '/api/doors/:id/status',
    access: 'staff',
    summary: 'Change door status',
    purpose:
      'ACTIVE sells, PASSAGE is free to pass (the lock is told; passageConfigured once it has taken it), MAINTENANCE sells nothing. A way in that was bought stays.',
    params: Named,
    body: Type.Object({ status: Status }),
    example: { status: 'MAINTENANCE' },
    success: Door,
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED', 'NOT_FOUND'],
    handler: async ({ params, body, actor }) => view(await told(await doors.setStatus(actor, params.id, body.status))),
  });
  defineRoute(app, {
    ...shared,
    family: 'keystead',
    method: 'GET',
    url: '/api/doors/:id/qr',
    access: 'staff',
    summary: 'QR code of a door',
    purpose: 'A picture of the address of its payment page, to be hung on the door.',
    params: Named,
    query: qrQuery,
    success: QrPicture,
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED', 'NOT_FOUND'],
    handler: async ({ params, query, actor, reply }) => {
      const door = await doors.get(actor, params.id);
      return sendQr(reply, `${publicUrl}/pay/${door.uid}`, door.uid, query);
    },
  });
  defineRoute(app, {
    ...shared,
    family: 'keystead',
    method: 'POST',
    url: '/api/doors/:id/qr/regenerate',
    access: 'admin',
    summary: 'Make the QR code of a door anew',
    purpose: 'Another uid and another short code: the picture that hangs there leads nowhere from now on.',
    params: Named,
    success: Door,
    errors: ['UNAUTHORIZED', 'FORBIDDEN', 'NOT_FOUND'],
    handler: async ({ params, actor }) => view(await doors.renewAddress(actor, params.id)),
  });

  async function told(row: DoorRow): Promise<DoorRow> {
    if (row.passage_due_at === null) return row;
    await passageNow(row);
    return doors.again(row);
  }

  async function view(row: DoorRow): Promise<Static<typeof Door>> {
    const [shown] = await views([row]);
    if (shown === undefined) throw new Error('A door is shown as it is');
    return shown;
  }

  async function views(rows: readonly DoorRow[]): Promise<Static<typeof Door>[]> {
    const organizationId = rows[0]?.organization_id;
    if (organizationId === undefined) return [];
    const [locks, codes] = await Promise.all([
      locksOf(
        organizationId,
        rows.map((row) => row.lock_id).filter((id) => id !== null),
      ),
      addresses.codes(
        organizationId,
        rows.map((row) => doorTarget(row.id)),
      ),
    ]);
    return rows.map((row) => {
      const lock = row.lock_id === null ? null : (locks.get(row.lock_id) ?? null);
      const code = codes.get(doorTarget(row.id));
      return shape(row, lock, code === undefined ? null : `${publicUrl}/p/${code}`);
    });
  }

  function shape(row: DoorRow, lock: Lock | null, shortUrl: string | null): Static<typeof Door> {
    return {
      id: row.id,
      uid: row.uid,
      code: row.code,
      ttlockLockId: lock?.vendor === 'ttlock' ? numbered(lock.hardware_id) : null,
      lockId: row.lock_id,
      locationId: row.location_id,
      name: row.name,
      description: row.description,
      notes: row.notes,
      price: row.price,
      duration: row.duration_minutes,
      status: row.status,
      openingHours: shownHours(row.opening_hours),
      passage: shownPassage(row.passage),
      passageConfigured: row.status === 'PASSAGE' && row.passage_set_at !== null && row.passage_due_at === null,
      passageTrouble: row.passage_trouble,
      lockState: lock?.bolt === 'locked' ? 'LOCKED' : lock?.bolt === 'unlocked' ? 'UNLOCKED' : 'UNKNOWN',
      gatewayType: lock === null ? null : reachedFromAfar(lock) ? 'Gateway' : 'Bluetooth',
      gatewayOnline: lock?.bridge_online ?? null,
      batteryLevel: lock?.battery ?? null,
      batteryAt: iso(lock?.battery_at ?? null),
      firmwareVersion: lock?.firmware ?? null,
      lastSyncAt: iso(lock?.observed_at ?? null),
      payUrl: `${publicUrl}/pay/${row.uid}`,
      shortUrl,
      createdAt: iso(row.created_at),
      updatedAt: iso(row.updated_at),
    };
  }
}

/** The published word for a lock on the WiFi is that of one behind a gateway. */
const reachedFromAfar = ({ bridge_id, capabilities: { unlock, lock, tellsBolt } }: LockRow): boolean =>
  bridge_id !== null || unlock || lock || tellsBolt;

/** TTLock counts its locks. */
const numbered = (hardwareId: string): number | string =>
  /^[1-9]\d{0,14}$/.test(hardwareId) ? Number(hardwareId) : hardwareId;
