import type { Database } from '../../database/open.ts';
import type { LockId, OrganizationId } from '../../rules/ids.ts';
import type { ConnectionsService } from '../connections/connections.service.ts';
import type { LockRow, LocksService } from '../locks/locks.service.ts';

type Deps = { database: Database; connections: ConnectionsService; locks: LocksService };

/** Locks of doors, many at once, with the vendor of each. */
export function createDoorLocks({ database, connections, locks }: Deps) {
  return async function of(
    organizationId: OrganizationId,
    ids: readonly LockId[],
  ): Promise<Map<LockId, LockRow & { vendor: string | null }>> {
    const rows = await locks.anyOf(organizationId, ids);
    const accounts = [...new Set(rows.map((row) => row.connection_id))];
    const vendors = new Map(
      await Promise.all(
        accounts.map(async (id) => [id, await connections.vendorOf(database.read, organizationId, id)] as const),
      ),
    );
    return new Map(rows.map((row) => [row.id, { ...row, vendor: vendors.get(row.connection_id) ?? null }]));
  };
}
