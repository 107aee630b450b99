import { createHash } from 'node:crypto';
import { Type } from 'typebox';
import type { LockRow } from '../../features/locks/locks.service.ts';
import { iso } from '../../rules/instant.ts';

export const BridgeShown = Type.Object({
  _id: Type.String(),
  mfgBridgeID: Type.String(),
  deviceModel: Type.String(),
  firmwareVersion: Type.String(),
  operative: Type.Boolean(),
  status: Type.Object({
    current: Type.Enum(['online', 'offline']),
    updated: Type.Optional(Type.String()),
    lastOnline: Type.Optional(Type.String()),
    lastOffline: Type.Optional(Type.String()),
  }),
  hyperBridge: Type.Boolean(),
});

/** What speaks to a lock from here: a gateway, or the lock's own Wi-Fi; null: it is reached by phones alone. */
export function bridgeOf(lock: LockRow): { id: string; online: boolean } | null {
  const { bridge_id, capabilities } = lock;
  if (bridge_id === null && !capabilities.unlock) return null;
  const name = bridge_id === null ? `of ${lock.wire_id}` : `${lock.organization_id} ${lock.connection_id} ${bridge_id}`;
  const id = createHash('sha256').update(`bridge ${name}`).digest('hex').slice(0, 24);
  const online = bridge_id === null ? lock.unreachable_since === null : lock.bridge_online !== false;
  return { id, online };
}

export function bridgeView(lock: LockRow) {
  const bridge = bridgeOf(lock);
  if (bridge === null) return null;
  const at = lock.bridge_seen_at ?? lock.observed_at;
  const seen =
    at === null ? {} : { updated: iso(at), ...(bridge.online ? { lastOnline: iso(at) } : { lastOffline: iso(at) }) };
  return {
    _id: bridge.id,
    mfgBridgeID: lock.bridge_id ?? lock.hardware_id,
    deviceModel: lock.bridge_id === null ? 'integrated' : 'gateway',
    firmwareVersion: lock.bridge_id === null ? (lock.firmware ?? 'unknown') : 'unknown',
    operative: true,
    status: { current: bridge.online ? ('online' as const) : ('offline' as const), ...seen },
    hyperBridge: true,
  };
}
