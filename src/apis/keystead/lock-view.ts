import { type Static, Type } from 'typebox';
import type { LockRow, LocksService } from '../../features/locks/locks.service.ts';
import { Instant, Nullable } from '../../http/shapes.ts';
import { type Instant as At, iso } from '../../rules/instant.ts';
import { type BatteryTrend, batteryLimits } from '../../rules/locks/battery.ts';
import { isStale } from '../../rules/locks/seen.ts';
import { LockCapabilitiesShown } from './lock-capabilities.ts';

export const Lock = Type.Object({
  id: Type.String(),
  name: Type.String(),
  connectionId: Type.String(),
  hardwareId: Type.String({ description: 'What its vendor calls it' }),
  door: Nullable(
    Type.Object(
      { id: Type.String(), name: Type.String(), locationId: Nullable(Type.String()) },
      {
        description: 'The door that it hangs on',
      },
    ),
  ),
  bolt: Type.Enum(['locked', 'unlocked', 'jammed', 'unknown'], {
    description: 'As last seen: see observedAt and stale',
  }),
  boltSince: Nullable(Instant),
  doorState: Nullable(Type.Enum(['open', 'closed'])),
  observedAt: Nullable(Instant),
  observedFrom: Nullable(Type.Enum(['command', 'poll', 'push', 'record'])),
  stale: Type.Boolean({ description: 'Nobody saw it for more than 15 minutes: it may be otherwise by now' }),
  online: Type.Boolean({ description: 'Whether it answered when last asked, and its gateway is not away' }),
  unreachableSince: Nullable(Instant),
  trouble: Nullable(Type.String({ description: 'What went wrong the last time' })),
  battery: Nullable(
    Type.Object({
      percent: Type.Integer(),
      readAt: Nullable(Instant),
      stale: Type.Boolean({ description: 'No fresh reading for 14 days' }),
      falling: Type.Boolean(),
      perWeek: Nullable(Type.Number({ description: 'Percent a week; null: not known yet' })),
    }),
  ),
  bridge: Nullable(
    Type.Object(
      { id: Type.String(), online: Nullable(Type.Boolean()), seenAt: Nullable(Instant) },
      {
        description: 'The gateway that speaks to it; null: there is none. One on the WiFi needs none: see capabilities',
      },
    ),
  ),
  codesReadAt: Nullable(
    Type.String({
      description: 'When the codes on it were read last, within half an hour; null: never, or it tells none',
    }),
  ),
  capabilities: LockCapabilitiesShown,
  unmanaged: Type.Enum(['report', 'restore', 'ignore'], {
    description: 'What becomes of codes on it that were not set from here',
  }),
  model: Nullable(Type.String()),
  firmware: Nullable(Type.String()),
  mac: Nullable(Type.String()),
  createdAt: Instant,
  updatedAt: Instant,
});

type Door = Awaited<ReturnType<LocksService['doorOf']>>;

export function lockView(row: LockRow, door: Door, trend: BatteryTrend, now: At): Static<typeof Lock> {
  return {
    id: row.id,
    name: row.name,
    connectionId: row.connection_id,
    hardwareId: row.hardware_id,
    door: door === null ? null : { id: door.id, name: door.name, locationId: door.location_id },
    bolt: row.bolt,
    boltSince: iso(row.bolt_since),
    doorState: row.door_state,
    observedAt: iso(row.observed_at),
    observedFrom: row.observed_from,
    stale: isStale(row.observed_at, now),
    online: row.tried_at !== null && row.unreachable_since === null && row.bridge_online !== false,
    unreachableSince: iso(row.unreachable_since),
    trouble: row.trouble,
    battery:
      row.battery === null
        ? null
        : {
            percent: row.battery,
            readAt: iso(row.battery_at),
            stale: row.battery_at === null || now - row.battery_at > batteryLimits.unknownAfter,
            ...trend,
          },
    bridge:
      row.bridge_id === null ? null : { id: row.bridge_id, online: row.bridge_online, seenAt: iso(row.bridge_seen_at) },
    codesReadAt: iso(row.codes_read_at),
    capabilities: row.capabilities,
    unmanaged: row.unmanaged,
    model: row.model,
    firmware: row.firmware,
    mac: row.mac,
    createdAt: iso(row.created_at),
    updatedAt: iso(row.updated_at),
  };
}
