import type { Tx } from '../../database/open.ts';
import type { Instant } from '../../rules/instant.ts';
import { type DevicesService, deviceOpen } from '../devices/devices.service.ts';
import type { PaymentRow, PaymentsService } from '../payments/payments.service.ts';
import type { SessionRow, SessionsService } from '../sessions/sessions.service.ts';
import type { Fitting } from './extension-fit.ts';

type Deps = { devices: DevicesService; fitting: Fitting; sessions: SessionsService; payments: PaymentsService };

/** What money for more time does to the run, when it comes and when it goes back. Callers hold device, session and payment. */
export function createExtensionMoney({ devices, fitting, sessions, payments }: Deps) {
  /** The run is longer now; or it came too late, or not as asked, or does not fit any more, and goes back whole. */
  async function came(tx: Tx, payment: PaymentRow, news: { asAsked: boolean; paidAt: Instant }): Promise<void> {
    const { organization_id: organizationId, id, session_id: session, extra_ms: byMs } = payment;
    const row = session === null ? null : await sessions.find(organizationId, session, tx);
    if (row === null) return;
    const bought = { byMs, paymentId: id, paidAt: news.paidAt };
    const taken =
      news.asAsked &&
      (await stillFits(tx, payment, row)) &&
      (await sessions.extend(tx, { organizationId, id: row.id }, bought));
    if (taken) return;
    await payments.change(tx, organizationId, id, { taken: false });
    await payments.settle(tx, organizationId, row.id, null);
    await sessions.announce(tx, organizationId, row.id);
  }

  /**
   * What was offered is kept: it is asked as of the moment of the offer. It fits no more when the hours were changed or the
   * device was taken out of service meanwhile, or when a second one that was offered beside it was paid first. Then the
   * guest gets the money back: better than a machine that runs behind closed doors.
   */
  async function stillFits(tx: Tx, payment: PaymentRow, row: SessionRow): Promise<boolean> {
    const device = await devices.any(payment.organization_id, row.device_id, tx);
    if (device === null || !deviceOpen(device)) return false;
    return (await fitting(device, row, payment.created_at, tx))(payment.extra_ms);
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
