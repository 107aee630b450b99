import type { DeviceRow, DevicesService } from '../devices/devices.service.ts';
import type { PlanRow } from '../devices/plans.service.ts';
import type { LocationsService } from '../locations/locations.service.ts';
import type { PaymentsService } from '../payments/payments.service.ts';
import type { SettingsService } from '../settings/settings.service.ts';
import type { SessionFacts } from './public-view.ts';
import type { SessionRow, SessionsService } from './sessions.service.ts';

type Deps = {
  devices: DevicesService;
  locations: LocationsService;
  payments: PaymentsService;
  settings: SettingsService;
  sessions: SessionsService;
  /** What may be bought on top of a run now. */
  onTop: (row: SessionRow) => Promise<PlanRow[]>;
};

/** Gathers what is shown of a session. Only reads. */
export function createSessionFacts({ devices, locations, payments, settings, sessions, onTop }: Deps) {
  async function of(row: SessionRow): Promise<SessionFacts> {
    const organizationId = row.organization_id;
    const device = await devices.any(organizationId, row.device_id);
    const paid = await payments.of(organizationId, row.id);
    return {
      row,
      token: sessions.tokenOf(row),
      device: deviceFacts(row, device),
      location: await locations.find(organizationId, device?.location_id ?? null),
      payments: paid,
      refunds: await payments.refunds(
        organizationId,
        paid.map((payment) => payment.id),
      ),
      settings: await settings.get(organizationId),
      onTop: await onTop(row),
    };
  }

  /** What a list shows of each, gathered for all rows at once; they are of one organization. */
  async function listed(rows: readonly SessionRow[]): Promise<ListedSession[]> {
    const organizationId = rows[0]?.organization_id;
    if (organizationId === undefined) return [];
    const [machines, paid] = await Promise.all([
      devices.anyOf(
        organizationId,
        rows.map((row) => row.device_id),
      ),
      payments.ofAll(
        organizationId,
        rows.map((row) => row.id),
      ),
    ]);
    return rows.map((row) => ({
      row,
      token: sessions.tokenOf(row),
      device: deviceFacts(row, machines.get(row.device_id) ?? null),
      payments: paid.filter((payment) => payment.session_id === row.id),
    }));
  }

  /** By the token of its page; null when there is no such session. */
  async function byToken(token: string): Promise<SessionFacts | null> {
    const row = await sessions.byToken(token);
    return row === null ? null : of(row);
  }

  return { of, listed, byToken };
}

export type ListedSession = Pick<SessionFacts, 'row' | 'token' | 'device' | 'payments'>;

const deviceFacts = (row: SessionRow, device: DeviceRow | null): SessionFacts['device'] => ({
  id: row.device_id,
  uid: device === null || device.deleted_at !== null ? null : device.uid,
  name: device?.name ?? '',
  locationId: device?.location_id ?? null,
});

export type SessionFactsService = ReturnType<typeof createSessionFacts>;
