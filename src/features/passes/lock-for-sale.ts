import type { LockHardwarePort } from '../../engine/port.ts';
import type { LockForSale } from '../../rules/passes/ways.ts';
import type { LockRow } from '../locks/locks.service.ts';

/** What rules ask of a lock, from what is known of it. */
export function lockForSale(lock: LockRow, health: ReturnType<LockHardwarePort['health']>): LockForSale {
  const { unlock, keypad, issuesCodes, issuesQr } = lock.capabilities;
  return {
    unlock,
    keypadKeepsWindows: keypad?.keepsWindows === true,
    issuesCodes,
    issuesQr,
    bridgeOnline: lock.bridge_online,
    vendor: health,
  };
}

export const healthOf = (hardware: Pick<LockHardwarePort, 'health'>, lock: LockRow) =>
  hardware.health({
    organizationId: lock.organization_id,
    connectionId: lock.connection_id,
    hardwareId: lock.hardware_id,
  });
