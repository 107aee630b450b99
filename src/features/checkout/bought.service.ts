import type { Tx } from '../../database/open.ts';
import type { Instant } from '../../rules/instant.ts';
import type { DevicesService } from '../devices/devices.service.ts';
import type { DoorsService } from '../doors/doors.service.ts';
import type { PassesService } from '../passes/passes.service.ts';
import type { PaymentRow } from '../payments/payments.service.ts';
import type { SessionsService } from '../sessions/sessions.service.ts';

type Deps = {
  devices: Pick<DevicesService, 'lock'>;
  doors: Pick<DoorsService, 'lock'>;
  sessions: SessionsService;
  passes: PassesService;
};

/** What a payment is for: a run of a device, or a way in through a door. Both are told of their money in the same way. */
export function createBought({ devices, doors, sessions, passes }: Deps) {
  /** First of all: the device or the door. False: it was deleted while its guest paid. */
  async function lockPlace(tx: Tx, { organization_id, device_id, door_id }: PaymentRow): Promise<boolean> {
    if (door_id !== null) return (await doors.lock(tx, organization_id, door_id)) !== null;
    return device_id !== null && (await devices.lock(tx, organization_id, device_id)) !== null;
  }

  /** Then the run or the pass; after it comes the payment. */
  async function lock(tx: Tx, { organization_id, session_id, pass_id }: PaymentRow): Promise<void> {
    if (session_id !== null) await sessions.lock(tx, organization_id, session_id);
    if (pass_id !== null) await passes.lock(tx, organization_id, pass_id);
  }

  /** Its first money is there. */
  async function paid(tx: Tx, payment: PaymentRow, came: { there: boolean; paidAt: Instant | null }): Promise<void> {
    const { organization_id, session_id, pass_id } = payment;
    const { there, paidAt } = came;
    if (session_id !== null) await sessions.paid(tx, organization_id, session_id, { deviceThere: there, paidAt });
    if (pass_id !== null) await passes.step(tx, organization_id, pass_id, { kind: 'paid', doorThere: there, paidAt });
  }

  async function notPaid(tx: Tx, { organization_id, session_id, pass_id }: PaymentRow): Promise<void> {
    if (session_id !== null) await sessions.step(tx, organization_id, session_id, { kind: 'payment-failed' });
    if (pass_id !== null) await passes.step(tx, organization_id, pass_id, { kind: 'payment-failed' });
  }

  /** All of its money was given back from outside. */
  async function reversed(tx: Tx, { organization_id, session_id, pass_id }: PaymentRow): Promise<void> {
    if (session_id !== null) await sessions.step(tx, organization_id, session_id, { kind: 'reversed' });
    if (pass_id !== null) await passes.step(tx, organization_id, pass_id, { kind: 'reversed' });
  }

  /** Whoever looks at its page learns of it; a page of a pass looks by itself. */
  async function announce(tx: Tx, { organization_id, session_id }: PaymentRow): Promise<void> {
    if (session_id !== null) await sessions.announce(tx, organization_id, session_id);
  }

  return { lockPlace, lock, paid, notPaid, reversed, announce };
}

export type BoughtService = ReturnType<typeof createBought>;
