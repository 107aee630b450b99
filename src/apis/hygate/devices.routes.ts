import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import type { AddressesService } from '../../features/addresses/addresses.service.ts';
import type { SwitchingService } from '../../features/commands/switching.service.ts';
import { type DeviceRow, type DevicesService, deviceTarget } from '../../features/devices/devices.service.ts';
import type { RelayRow, RelaysService } from '../../features/relays/relays.service.ts';
import type { SessionsService } from '../../features/sessions/sessions.service.ts';
import { listQuery, pageOf, sendPage } from '../../http/lists.ts';
import { QrPicture, qrQuery, sendQr } from '../../http/qr-answer.ts';
import { queryText } from '../../http/query.ts';
import { defineRoute } from '../../http/route.ts';
import { Instant, Nullable, Ok, ok } from '../../http/shapes.ts';
import { iso } from '../../rules/instant.ts';
import { OpeningHoursBody, OpeningHoursShown, shownHours } from './opening-hours.schemas.ts';

const Status = Type.Union([Type.Literal('ACTIVE'), Type.Literal('MAINTENANCE')]);
const Device = Type.Object({
  id: Type.String(),
  uid: Type.String({ description: 'Names the device on public pages: /pay/:uid' }),
  shellyDeviceId: Type.String(),
  channel: Type.Integer(),
  connectionId: Type.String(),
  locationId: Nullable(Type.String()),
  name: Type.String(),
  description: Nullable(Type.String()),
  status: Status,
  openingHours: OpeningHoursShown,
  online: Type.Boolean({ description: 'Whether it answered when last asked' }),
  relay: Nullable(Type.Union([Type.Literal('on'), Type.Literal('off')])),
  relaySeenAt: Nullable(Instant),
  powerWatts: Nullable(Type.Number()),
  inUse: Type.Boolean(),
  deviceType: Nullable(Type.String()),
  channelCount: Nullable(Type.Integer()),
  payUrl: Type.String(),
  shortUrl: Nullable(Type.String({ description: 'For people whose camera fails' })),
  model: Nullable(Type.String({ description: 'As the hardware says of itself' })),
  firmware: Nullable(Type.String()),
  onlineSince: Nullable(Instant),
  lastReadingAt: Nullable(Instant),
  lastReadingAgeSeconds: Nullable(Type.Integer()),
  createdAt: Instant,
  updatedAt: Instant,
});
const fields = {
  shellyDeviceId: Type.String({ minLength: 1, maxLength: 120 }),
  channel: Type.Integer({ minimum: 0, maximum: 63 }),
  connectionId: Type.String({ maxLength: 64 }),
  locationId: Type.String({ maxLength: 64 }),
  name: Type.String({ maxLength: 200 }),
  description: Nullable(Type.String({ maxLength: 1000 })),
  status: Status,
  openingHours: OpeningHoursBody,
};
const Create = Type.Object({
  ...Type.Partial(Type.Object(fields)).properties,
  shellyDeviceId: fields.shellyDeviceId,
  locationId: fields.locationId,
});
const Change = Type.Object({
  ...Type.Partial(Type.Object(fields)).properties,
  locationId: Type.Optional(Nullable(fields.locationId)),
});
const Named = Type.Object({ id: Type.String() });
const example = { shellyDeviceId: 'shellyplus1pm-a8032ab1c2d3', channel: 0, locationId: 'loc_01kq…', name: 'Washer 1' };
const shared = { family: 'hygate', tag: 'Devices', source: import.meta.url } as const;

type Deps = {
  devices: DevicesService;
  relays: RelaysService;
  sessions: SessionsService;
  switching: SwitchingService;
  addresses: AddressesService;
  publicUrl: string;
  clock: { now(): number };
};

/** Reference: seeds/hygate-api-reference.txt, Devices. */
export function deviceRoutes(app: FastifyInstance, deps: Deps): void {
  const { devices, relays, sessions, switching, addresses, publicUrl, clock } = deps;

  defineRoute(app, {
    ...shared,
    method: 'GET',
    url: '/api/devices',
    access: 'staff',
    summary: 'List all devices',
    purpose: 'Appliances with their last seen state, oldest first.',
    query: Type.Object({ ...listQuery, locationId: queryText('Only at this location') }),
    success: Type.Array(Device),
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED'],
    handler: async ({ query, actor, request, reply }) => {
      const page = pageOf(query);
      const where = query.locationId ? { locationId: query.locationId } : {};
      const rows = await devices.list(actor, { ...where, limit: page.fetch, after: page.after ?? null });
      const shown = sendPage({ request, reply, publicUrl, page, rows, keyOf: (row) => row.id });
      return views(shown);
    },
  });
  defineRoute(app, {
    ...shared,
    method: 'POST',
    url: '/api/devices',
    access: 'admin',
    summary: 'Create a device',
    purpose: 'Adds one relay channel as an appliance. connectionId may be left out when one connection alone knows it.',
    body: Create,
    example,
    success: Device,
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED', 'FORBIDDEN', 'CONFLICT'],
    handler: async ({ body, actor }) => view(await devices.create(actor, body)),
  });
  defineRoute(app, {
    ...shared,
    method: 'GET',
    url: '/api/devices/:id',
    access: 'staff',
    summary: 'Get device details',
    purpose: 'One device with its last seen state.',
    params: Named,
    success: Device,
    errors: ['UNAUTHORIZED', 'NOT_FOUND'],
    handler: async ({ params, actor }) => view(await devices.get(actor, params.id)),
  });
  defineRoute(app, {
    ...shared,
    method: 'PATCH',
    url: '/api/devices/:id',
    access: 'staff',
    summary: 'Update a device',
    purpose:
      'Maintenance blocks new payments; a running session goes on. Its hardware cannot change during a session; its location and its opening hours are changed by administrators; openingHours null: those of its location.',
    params: Named,
    body: Change,
    example: { status: 'MAINTENANCE' },
    success: Device,
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED', 'FORBIDDEN', 'NOT_FOUND', 'CONFLICT', 'DEVICE_IN_USE'],
    handler: async ({ params, body, actor }) => view(await devices.change(actor, params.id, body)),
  });
  defineRoute(app, {
    ...shared,
    method: 'DELETE',
    url: '/api/devices/:id',
    access: 'admin',
    summary: 'Delete a device',
    purpose: 'Its sessions and payments stay readable. Refused while a session runs.',
    params: Named,
    success: Ok,
    errors: ['UNAUTHORIZED', 'FORBIDDEN', 'NOT_FOUND', 'DEVICE_IN_USE'],
    handler: async ({ params, actor }) => {
      await devices.remove(actor, params.id);
      return ok;
    },
  });
  defineRoute(app, {
    ...shared,
    family: 'keystead',
    method: 'GET',
    url: '/api/devices/:id/qr',
    access: 'staff',
    summary: 'QR code of a device',
    purpose: 'A picture of the address of its payment page, to be hung on the machine.',
    params: Named,
    query: qrQuery,
    success: QrPicture,
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED', 'NOT_FOUND'],
    handler: async ({ params, query, actor, reply }) => {
      const { uid, id } = await devices.get(actor, params.id);
      await addresses.codeOf({ organizationId: actor.organizationId, target: deviceTarget(id) }); // what stands beside it
      return sendQr(reply, `${publicUrl}/pay/${uid}`, uid, query);
    },
  });
  defineRoute(app, {
    ...shared,
    family: 'keystead',
    method: 'POST',
    url: '/api/devices/:id/qr/regenerate',
    access: 'admin',
    summary: 'Make the QR code of a device anew',
    purpose: 'Another uid and another short code: the picture that hangs there leads nowhere from now on.',
    params: Named,
    success: Device,
    errors: ['UNAUTHORIZED', 'FORBIDDEN', 'NOT_FOUND'],
    handler: async ({ params, actor }) => view(await devices.renewAddress(actor, params.id)),
  });
  defineRoute(app, {
    ...shared,
    method: 'POST',
    url: '/api/devices/:id/switch',
    access: 'staff',
    summary: 'Toggle relay ON/OFF',
    purpose:
      'Switches by hand; on ends by itself after `minutes` (15, at most 240). Without `on`: the other way round.',
    params: Named,
    body: Type.Object({
      on: Type.Optional(Type.Boolean()),
      minutes: Type.Optional(Type.Integer({ minimum: 1, maximum: 240 })),
    }),
    optionalBody: true,
    example: { on: true, minutes: 15 },
    success: Type.Object({ on: Type.Boolean() }),
    errors: [
      'VALIDATION_ERROR',
      'UNAUTHORIZED',
      'NOT_FOUND',
      'DEVICE_IN_USE',
      'DEVICE_HELD',
      'UPSTREAM_ERROR',
      'UPSTREAM_TIMEOUT',
      'UNAVAILABLE',
    ],
    handler: ({ params, body, actor }) => switching.switchDevice(actor, params.id, body?.on, body?.minutes),
  });
  defineRoute(app, {
    ...shared,
    method: 'POST',
    url: '/api/devices/:id/force-off',
    access: 'admin',
    summary: 'Force relay OFF (admin)',
    purpose: 'Always switches off; a running session ends as ended by staff, and what was not delivered goes back.',
    params: Named,
    success: Type.Object({ on: Type.Literal(false) }),
    errors: ['UNAUTHORIZED', 'FORBIDDEN', 'NOT_FOUND', 'UPSTREAM_ERROR', 'UPSTREAM_TIMEOUT', 'UNAVAILABLE'],
    handler: ({ params, actor }) => switching.forceOff(actor, params.id),
  });

  async function view(row: DeviceRow): Promise<Static<typeof Device>> {
    const relay = await relays.find(row.organization_id, row.id);
    const inUse = (await sessions.liveOn(row.organization_id, row.id)) !== null;
    const codes = await addresses.codes(row.organization_id, [deviceTarget(row.id)]);
    return shape(row, relay, inUse, codes.get(deviceTarget(row.id)));
  }

  /** Many at once, by three questions. */
  async function views(rows: readonly DeviceRow[]): Promise<Static<typeof Device>[]> {
    const organizationId = rows[0]?.organization_id;
    if (organizationId === undefined) return [];
    const ids = rows.map((row) => row.id);
    const [seen, used, codes] = await Promise.all([
      relays.findAll(organizationId, ids),
      sessions.inUse(organizationId, ids),
      addresses.codes(organizationId, ids.map(deviceTarget)),
    ]);
    return rows.map((row) => shape(row, seen.get(row.id) ?? null, used.has(row.id), codes.get(deviceTarget(row.id))));
  }

  function shape(row: DeviceRow, relay: RelayRow | null, inUse: boolean, code?: string): Static<typeof Device> {
    return {
      id: row.id,
      uid: row.uid,
      shellyDeviceId: row.hardware_id,
      channel: row.channel,
      connectionId: row.connection_id,
      locationId: row.location_id,
      name: row.name,
      description: row.description,
      status: row.status,
      openingHours: shownHours(row.opening_hours),
      online: relay !== null && relay.seen_at !== null && relay.unreachable_since === null,
      relay: relay?.output ?? null,
      relaySeenAt: iso(relay?.seen_at ?? null),
      powerWatts: relay?.power_watts ?? null,
      inUse,
      deviceType: row.device_type,
      channelCount: row.channel_count,
      payUrl: `${publicUrl}/pay/${row.uid}`,
      shortUrl: code === undefined ? null : `${publicUrl}/p/${code}`,
      model: relay?.model ?? null,
      firmware: relay?.firmware ?? null,
      onlineSince: iso(relay?.online_since ?? null),
      lastReadingAt: iso(relay?.seen_at ?? null),
      lastReadingAgeSeconds:
        relay?.seen_at == null ? null : Math.max(0, Math.floor((clock.now() - relay.seen_at) / 1000)),
      createdAt: iso(row.created_at),
      updatedAt: iso(row.updated_at),
    };
  }
}
