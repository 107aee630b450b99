import type { Tx } from '../../database/open.ts';
import type { Instant } from '../../rules/instant.ts';
import type { DeviceRow, DevicesService } from '../devices/devices.service.ts';
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

/** Where it is, while it is locked. */
type At = { device: DeviceRow | null };
type Waiting = Awaited<ReturnType<SessionsService['lockToStart']>>;

/** What a payment is for: a run of a device, or a way in through a door. Both are told of their money in the same way. */
export function createBought({ devices, doors, sessions, passes }: Deps) {
  /** First of all: the device or the door. Null: it was deleted while its guest paid. */
  async function lockPlace(tx: Tx, { organization_id, device_id, door_id }: PaymentRow): Promise<At | null> {
    if (door_id !== null) {
      return (await doors.lock(tx, organization_id, door_id)) === null ? null : { device: null };
    }
    const device = device_id === null ? null : await devices.lock(tx, organization_id, device_id);
    return device === null ? null : { device };
  }

  /** Then the run or the pass; after it comes the payment. */
  async function lock(tx: Tx, { organization_id, session_id, pass_id }: PaymentRow): Promise<void> {
    if (session_id !== null) await sessions.lock(tx, organization_id, session_id);
    if (pass_id !== null) await passes.lock(tx, organization_id, pass_id);
  }

  /** The same, for `paid`. */
  async function lockToStart(tx: Tx, { organization_id, session_id, pass_id }: PaymentRow): Promise<Waiting> {
    if (pass_id !== null) await passes.lock(tx, organization_id, pass_id);
    return session_id === null ? null : sessions.lockToStart(tx, organization_id, session_id);
  }

  /** Its first money is there. `at` null: its place is gone, or the money does not fit. */
  async function paid(
    tx: Tx,
    { organization_id, pass_id }: PaymentRow,
    waiting: Waiting,
    { at, paidAt }: { at: At | null; paidAt: Instant | null },
  ): Promise<void> {
    if (waiting !== null) await sessions.paid(tx, waiting, { device: at?.device ?? null, paidAt });
    const event = { kind: 'paid', doorThere: at !== null, paidAt } as const;
    if (pass_id !== null) await passes.step(tx, organization_id, pass_id, event);
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

  return { lockPlace, lock, lockToStart, paid, notPaid, reversed, announce };
}

export type BoughtService = ReturnType<typeof createBought>;
