import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { LockTold } from '../../drivers/lock-port.ts';
import type { LockCallback } from '../../features/connections/lock-callback.service.ts';
import type { LockRow, LocksService } from '../../features/locks/locks.service.ts';
import { defineRoute } from '../../http/route.ts';
import { notFound } from '../../rules/errors.ts';
import type { ConnectionId, OrganizationId } from '../../rules/ids.ts';

type Deps = {
  lockCallback: LockCallback;
  locks: LocksService;
  /** Reads the book of the lock soon. */
  hint: (lock: LockRow) => void;
  /** In the words of the vendor behind this connection; null: it is none of its callbacks. */
  read: (organizationId: OrganizationId, connectionId: ConnectionId, body: string) => Promise<LockTold[] | null>;
};

/**
 * TTLock tells what happened at a lock, and wants to hear `success`. Nobody signs it: the secret in the path says that it
 * is for us, not that it is true. So it proves nothing: the lock's own book is read at once, and tells. Reference: vendors.md 3.
 */
export function ttlockCallbackRoutes(app: FastifyInstance, { lockCallback, locks, hint, read }: Deps): void {
  defineRoute(app, {
    method: 'POST',
    url: '/api/inbound/ttlock/:organization/:connection/:secret',
    access: 'signed',
    family: 'keystead',
    tag: 'Locks',
    summary: 'Receives records of locks from TTLock',
    purpose: 'The address of a connection, as it tells it, is entered at the TTLock platform. Any number of times.',
    params: Type.Object({ organization: Type.String(), connection: Type.String(), secret: Type.String() }),
    success: Type.String({ description: '`success`' }),
    errors: ['NOT_FOUND'],
    source: import.meta.url,
    handler: async ({ params, rawBody, reply }) => {
      const { organization, connection, secret } = params;
      if (!lockCallback.isOurs(organization, connection, secret)) throw notFound();
      const whose = [organization as OrganizationId, connection as ConnectionId] as const;
      for (const { ref } of (await read(...whose, rawBody.toString('utf8'))) ?? []) {
        const lock = await locks.byHardware(...whose, ref.hardwareId);
        if (lock !== null) hint(lock);
      }
      return reply.type('text/plain; charset=utf-8').send('success');
    },
  });
}
