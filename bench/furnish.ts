import type { OrganizationId } from '../src/rules/ids.ts';
import type { Place } from './place.ts';
import { openRack } from './rack.ts';

export type Furnished = { token: string; uid: string; device: string; close(): Promise<void> };

/** A device, and one session to ask for. */
export async function furnish({ app, call }: Place): Promise<Furnished> {
  const rack = await openRack('history', 1);
  const location = await call('POST', '/api/locations', { name: 'Bench' });
  const connection = await call('POST', '/api/connections', {
    vendor: 'shelly-lan',
    devices: [{ address: rack.address }],
  });
  const named = { shellyDeviceId: rack.id, connectionId: connection.id, locationId: location.id, name: 'Bench washer' };
  const device = await call('POST', '/api/devices', named);
  const plan = await call('POST', `/api/devices/${String(device.id)}/periods`, {
    name: 'Wash',
    duration: 60,
    price: 250,
  });
  await call('POST', `/api/public/device/${String(device.uid)}/intent`, { planId: plan.id });
  const organization = await app.services.organizations.first();
  const { rows } = await app.database.pool.query<{ token_sealed: Buffer }>(
    'select token_sealed from sessions where organization_id = $1 and device_id = $2',
    [organization?.id as OrganizationId, device.id],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('There is no session');
  return {
    token: app.services.sessions.tokenOf(row),
    uid: String(device.uid),
    device: String(device.id),
    close: rack.close,
  };
}
