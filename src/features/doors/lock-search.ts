import type { Database, Tx } from '../../database/open.ts';
import type { LockListsPort } from '../../engine/port.ts';
import type { Actor } from '../../rules/accounts/actor.ts';
import { invalid, notFound, Problem } from '../../rules/errors.ts';
import type { ConnectionsService } from '../connections/connections.service.ts';
import type { LockRow, LocksService } from '../locks/locks.service.ts';

type Wish = { ttlockLockId?: string | number | null; lockId?: string | null; connectionId?: string };

/** The lock that is meant; `keep` writes it down, where it is new, in the transaction of the door. */
export type FoundLock = { keep(tx: Tx): Promise<LockRow> };
export type FindLock = (actor: Actor, wish: Wish) => Promise<FoundLock | null>;

type Deps = {
  database: Database;
  connections: Pick<ConnectionsService, 'reference' | 'all'>;
  lockLists: LockListsPort;
  locks: LocksService;
};

/** Finds the lock that somebody means by the vendor's number or by ours. Null: the door is to have none. */
export function createLockSearch({ database, connections, lockLists, locks }: Deps): FindLock {
  return async (actor, { ttlockLockId, lockId, connectionId }) => {
    const byVendor = ttlockLockId ?? null;
    if (byVendor !== null && (lockId ?? null) !== null) {
      throw invalid('lockId', 'Name the lock by ttlockLockId or by lockId, not by both');
    }
    if (connectionId !== undefined && byVendor === null) {
      throw invalid('connectionId', 'connectionId tells where ttlockLockId hangs, and stands with it alone');
    }
    if (lockId !== undefined && lockId !== null) {
      const id = lockId;
      const found = async (tx: Tx): Promise<LockRow> => {
        const row = await locks.get(actor, id, tx).catch(unlessUnknown);
        if (row === null) throw invalid('lockId', 'There is no such lock');
        return row;
      };
      return { keep: found };
    }
    if (byVendor === null) return null;
    const hardwareId = String(byVendor).trim();
    if (hardwareId === '') throw invalid('ttlockLockId', 'ttlockLockId must not be empty');
    const named = await connections.reference(actor, connectionId, database.read, 'locks');
    const accounts = named === null ? await connections.all(actor.organizationId, 'locks') : [named];
    if (accounts.length === 0) throw new Problem('NOT_CONFIGURED', 'TTLock is not set up');
    const looked = await Promise.allSettled(
      accounts.map(async (account) => ({ account, listed: await lockLists.list(actor.organizationId, account) })),
    );
    for (const one of looked) {
      if (one.status === 'rejected') continue;
      const hardware = one.value.listed.find(({ ref }) => ref.hardwareId === hardwareId);
      if (hardware === undefined) continue;
      const { account } = one.value;
      return { keep: (tx) => locks.add(tx, actor.organizationId, account, hardware) };
    }
    // whoever did not answer may know it
    for (const one of looked) {
      if (one.status === 'rejected') throw one.reason instanceof Error ? one.reason : new Problem('UPSTREAM_ERROR');
    }
    throw notFound('No TTLock account of ours knows this lock');
  };
}

function unlessUnknown(error: unknown): null {
  if (error instanceof Problem && error.code === 'NOT_FOUND') return null;
  throw error;
}
