import type { Tx } from '../../database/open.ts';
import type { PaymentRow, PaymentsService } from '../payments/payments.service.ts';
import type { SessionsService } from '../sessions/sessions.service.ts';

type Deps = { sessions: SessionsService; payments: PaymentsService };

/** What money for more time does to the run, when it comes and when it goes back. Callers hold device, session and payment. */
export function createExtensionMoney({ sessions, payments }: Deps) {
  /** The run is longer now; or it came too late, or not as asked, and goes back whole. */
  async function came(tx: Tx, payment: PaymentRow, asAsked: boolean): Promise<void> {
    const { organization_id: organizationId, id, session_id: session, extra_ms: byMs } = payment;
    if (session === null) return;
    const bought = { byMs, paymentId: id };
    if (asAsked && (await sessions.extend(tx, { organizationId, id: session }, bought))) return;
    await payments.change(tx, organizationId, id, { taken: false });
    await payments.settle(tx, organizationId, session, null);
    await sessions.announce(tx, organizationId, session);
  }

  /** All of it went back by hand: the time goes with it, while the run is under way. */
  async function wentBack(tx: Tx, payment: PaymentRow): Promise<void> {
    const { organization_id: organizationId, id, session_id: session, extra_ms: byMs, taken } = payment;
    if (session === null || !taken) return;
    const before = await sessions.lock(tx, organizationId, session);
    const after = await sessions.step(tx, organizationId, session, { kind: 'extension-reversed', byMs });
    if (after?.row.duration_ms !== before?.duration_ms) await payments.change(tx, organizationId, id, { taken: false });
  }

  return { came, wentBack };
}

export type ExtensionMoney = ReturnType<typeof createExtensionMoney>;
