import type { Database } from '../../database/open.ts';
import type { Actor } from '../../rules/accounts/actor.ts';
import { inScope } from '../../rules/accounts/actor.ts';
import { notFound, Problem } from '../../rules/errors.ts';
import type { OrganizationId, SessionId } from '../../rules/ids.ts';
import { isOver } from '../../rules/sessions/session.ts';
import type { Audit } from '../audit/audit.service.ts';
import type { DevicesService } from '../devices/devices.service.ts';
import type { PaymentsService } from '../payments/payments.service.ts';
import type { SessionRow } from './session-row.ts';
import type { SessionsService } from './sessions.service.ts';
import { listSessions, type SessionFilter } from './sessions.store.ts';

type Deps = {
  database: Database;
  audit: Audit;
  devices: DevicesService;
  sessions: SessionsService;
  payments: PaymentsService;
  /** Lets the engine do now what a session asks for; returns when it is done or has failed. */
  carryOut: (organizationId: OrganizationId, id: SessionId) => Promise<void>;
};

/** What staff sees of sessions and may do to them. Decided here, carried out by the engine before the answer is given. */
export function createStaffSessions({ database, audit, devices, sessions, payments, carryOut }: Deps) {
  const list = (actor: Actor, filter: SessionFilter): Promise<SessionRow[]> =>
    listSessions(database.read, actor.organizationId, actor.scope, filter);

  async function get(actor: Actor, token: string): Promise<SessionRow> {
    const row = await sessions.byToken(token);
    if (row === null || row.organization_id !== actor.organizationId) throw notFound('Session not found');
    const device = await devices.any(row.organization_id, row.device_id);
    if (!inScope(actor.scope, device?.location_id ?? null)) throw notFound('Session not found');
    return row;
  }

  /** `refund`: what was not delivered goes back (so unless staff says no). */
  const end = (actor: Actor, token: string, refund: boolean): Promise<SessionRow> =>
    stop(actor, token, { kind: 'ended-by-staff', refund }, 'session ended by staff', { refund });

  /** All of it goes back. */
  const fail = (actor: Actor, token: string, reason: string | null): Promise<SessionRow> =>
    stop(actor, token, { kind: 'failed-by-staff', reason }, 'session marked failed by staff', { reason });

  return { list, get, end, fail };

  async function stop(
    actor: Actor,
    token: string,
    event: Parameters<SessionsService['step']>[3],
    action: string,
    details: Record<string, unknown>,
  ): Promise<SessionRow> {
    const { organization_id, id, device_id } = await get(actor, token);
    await database.transaction('session-ended-by-staff', async (tx) => {
      const before = await sessions.lock(tx, organization_id, id);
      if (before === null) throw notFound('Session not found');
      if (isOver(before.phase)) throw new Problem('CONFLICT', 'The session is over already');
      await sessions.step(tx, organization_id, id, event);
      if (before.phase === 'awaiting-payment') await giveUpPayments(tx, before);
      await audit.append(tx, {
        organizationId: organization_id,
        category: 'sessions',
        action,
        actor,
        entity: 'Session',
        entityId: id,
        details: { deviceId: device_id, ...details },
      });
    });
    await carryOut(organization_id, id);
    return get(actor, token);
  }

  /** Nobody is to pay for it any more; who does all the same gets it back. */
  async function giveUpPayments(tx: Parameters<SessionsService['step']>[0], row: SessionRow): Promise<void> {
    for (const payment of await payments.of(row.organization_id, row.id, tx)) {
      if (payment.status === 'PENDING') await payments.abandon(tx, payment);
    }
  }
}

export type StaffSessionsService = ReturnType<typeof createStaffSessions>;
