import { type ShellySimulator, startShellySimulator } from '../../simulators/shelly/start.ts';
import type { Laundry } from './laundry.ts';

/** One channel of a relay with many, added as a device with one plan: a fresh machine for each of many purchases. */
export type Machine = { id: string; uid: string; plan: string; history(): { kind: string; on: boolean; at: number }[] };

const channels = 64;

/** Price in cents; runs at once, unless told otherwise. */
export async function addMachines(
  laundry: Laundry,
  count: number,
  plan: { minutes: number; price: number; delayMinutes?: number } = { minutes: 60, price: 250 },
): Promise<{ machines: Machine[]; shelly: ShellySimulator }> {
  const names = Array.from({ length: Math.ceil(count / channels) }, (_, n) => `Rack ${n + 1}`);
  const shelly = await startShellySimulator({
    stateDir: null,
    clock: laundry.clock,
    devices: names.map((name) => ({ name, channels, load: { watts: 100 } })),
  });
  const post = async (path: string, body: unknown) => {
    const answer = await laundry.call('POST', path, { token: laundry.tokens.admin, body });
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.text}`);
    return answer.body;
  };
  const devices = shelly.devices().map(({ address }) => ({ address }));
  const connection = await post('/api/connections', { vendor: 'shelly-lan', name: 'Racks', devices });
  const machines: Machine[] = [];
  for (let n = 0; n < count; n++) {
    const rack = names[Math.floor(n / channels)] ?? '';
    const channel = n % channels;
    const device = await post('/api/devices', {
      shellyDeviceId: shelly.device(rack).id,
      channel,
      connectionId: connection.id,
      locationId: laundry.locationId,
      name: `Machine ${n + 1}`,
    });
    const { id } = await post(`/api/devices/${device.id}/periods`, {
      name: 'Run',
      duration: plan.minutes,
      delayMinutes: plan.delayMinutes ?? 0,
      price: plan.price,
    });
    const history = () => shelly.history(rack).filter((entry) => entry.channel === channel);
    machines.push({ id: String(device.id), uid: String(device.uid), plan: String(id), history });
  }
  return { machines, shelly };
}
