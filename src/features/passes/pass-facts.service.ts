import type { LockHardwarePort } from '../../engine/port.ts';
import type { Clock } from '../../host/clock.ts';
import { type PassState, passState } from '../../rules/passes/view.ts';
import { opensNow } from '../../rules/passes/ways.ts';
import type { DoorsService } from '../doors/doors.service.ts';
import type { LocationRow, LocationsService } from '../locations/locations.service.ts';
import type { LocksService } from '../locks/locks.service.ts';
import type { PaymentRow, PaymentsService, RefundRow } from '../payments/payments.service.ts';
import type { PinsService } from '../pins/pins.service.ts';
import type { Settings, SettingsService } from '../settings/settings.service.ts';
import { healthOf, lockForSale } from './lock-for-sale.ts';
import { passOf } from './pass-row.ts';
import type { PassesService, PassRow } from './passes.service.ts';

/** Everything that is shown of one pass, to its guest, gathered. Codes only while they open something. */
export type PassFacts = {
  row: PassRow;
  token: string;
  state: PassState;
  door: { id: string; uid: string | null; name: string };
  location: LocationRow | null;
  settings: Settings;
  payments: PaymentRow[];
  refunds: RefundRow[];
  ways: { code: string | null; qr: { content: string | null; link: string | null } | null; openNow: boolean };
};

type Deps = {
  clock: Clock;
  doors: DoorsService;
  locks: LocksService;
  lockHardware: Pick<LockHardwarePort, 'health'>;
  locations: LocationsService;
  settings: SettingsService;
  payments: PaymentsService;
  passes: PassesService;
  pins: Pick<PinsService, 'shown'>;
};

/** Only reads. */
export function createPassFacts(deps: Deps) {
  const { clock, doors, locks, lockHardware, locations, settings, payments, passes, pins } = deps;

  async function of(row: PassRow): Promise<PassFacts> {
    const organizationId = row.organization_id;
    const door = await doors.any(organizationId, row.door_id);
    const paid = await payments.of(organizationId, { passId: row.id });
    const state = passState(passOf(row), clock.now());
    return {
      row,
      token: passes.tokenOf(row),
      state,
      door: {
        id: row.door_id,
        uid: door === null || door.deleted_at !== null ? null : door.uid,
        name: door?.name ?? '',
      },
      location: await locations.find(organizationId, door?.location_id ?? null),
      settings: await settings.get(organizationId),
      payments: paid,
      refunds: await payments.refunds(
        organizationId,
        paid.map(({ id }) => id),
      ),
      ways: state === 'ready' ? await waysOf(row) : { code: null, qr: null, openNow: false },
    };
  }

  async function waysOf(row: PassRow): Promise<PassFacts['ways']> {
    const door = await doors.any(row.organization_id, row.door_id);
    const lock = door?.lock_id ? await locks.any(row.organization_id, door.lock_id) : null;
    const known = lock === null || lock.deleted_at !== null ? null : lockForSale(lock, healthOf(lockHardware, lock));
    const open = (text: string | null): string | null => (text === null ? null : passes.opened(text));
    const code = row.way.issued.find((way) => way.code !== null)?.code ?? null;
    const pinId = row.way.issued.find((way) => way.pinId !== null)?.pinId ?? null;
    const qr = row.way.issued.find((way) => way.kind === 'qr') ?? null;
    // where there is nothing but the button it stays, also while it may not work: a try that fails is what gives the money back
    const buttonAlone = row.way.issued.length === 0;
    return {
      code: pinId === null ? open(code) : await pins.shown(row.organization_id, pinId),
      qr: qr === null ? null : { content: open(qr.qr), link: open(qr.link) },
      openNow: known !== null && (opensNow(known) || (buttonAlone && known.unlock)),
    };
  }

  /** By the token of its page; null when there is no such pass. */
  async function byToken(token: string): Promise<PassFacts | null> {
    const row = await passes.byToken(token);
    return row === null ? null : of(row);
  }

  return { of, byToken };
}

export type PassFactsService = ReturnType<typeof createPassFacts>;
