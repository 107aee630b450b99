import type { Database } from '../../database/open.ts';
import type { LockHardwarePort } from '../../engine/port.ts';
import type { Actor } from '../../rules/accounts/actor.ts';
import { invalid } from '../../rules/errors.ts';
import type { LockRow, LocksService } from '../locks/locks.service.ts';
import type { ConnectionsService } from './connections.service.ts';

type Deps = {
  database: Database;
  connections: ConnectionsService;
  locks: LocksService;
  lockHardware: LockHardwarePort;
};

/** Adds locks that hang on a connection, as their vendor lists them. */
export function createLockAdding({ database, connections, locks, lockHardware }: Deps) {
  async function add(
    actor: Actor,
    wish: { connectionId: string; hardwareId: string; name?: string },
  ): Promise<LockRow> {
    const connectionId = await connections.reference(actor, wish.connectionId, database.read, 'locks');
    if (connectionId === null) throw invalid('connectionId', 'There is no such connection');
    const found = await lockHardware.list(actor.organizationId, connectionId);
    const hardware = found.find(({ ref }) => ref.hardwareId === wish.hardwareId);
    if (hardware === undefined) throw invalid('hardwareId', 'There is no such lock on this connection');
    return locks.create(actor, connectionId, hardware, wish.name);
  }

  return { add };
}

export type LockAdding = ReturnType<typeof createLockAdding>;
