import { type CloudSimulator, startShellySimulator } from '../simulators/shelly/start.ts';
import type { Place } from './place.ts';

/** An account at Shelly's cloud with machines of its own; it can be made to hang, or to answer 429. */
export type Account = {
  machines: { uid: string; plan: string }[];
  trouble(kind: 'timeout-before' | 'busy' | null): void;
  /** How many of its relays are on. */
  on(): number;
  close(): Promise<void>;
};

export async function openAccount(place: Place, locationId: string, name: string, count: number): Promise<Account> {
  const names = Array.from({ length: count }, (_, n) => `${name} ${n + 1}`);
  const shelly = await startShellySimulator({
    stateDir: null,
    devices: names.map((device) => ({ name: device, load: { watts: 2000 } })),
  });
  const cloud: CloudSimulator = shelly.cloud;
  const account = { vendor: 'shelly-cloud', name, server: cloud.url, authKey: cloud.authKey() };
  const connection = await place.call('POST', '/api/connections', account);
  const machines: Account['machines'] = [];
  for (const device of names) {
    const named = {
      shellyDeviceId: cloud.idOf(device),
      channel: 0,
      connectionId: connection.id,
      locationId,
      name: device,
    };
    const made = await place.call('POST', '/api/devices', named);
    const wash = { name: 'Wash', duration: 60, price: 250 };
    const plan = await place.call('POST', `/api/devices/${String(made.id)}/periods`, wash);
    machines.push({ uid: String(made.uid), plan: String(plan.id) });
  }
  return {
    machines,
    trouble: (kind) => cloud.setTrouble(kind === null ? null : { kind, where: 'everything' }),
    on: () => shelly.devices().filter(({ channels }) => channels[0]?.output === true).length,
    close: shelly.close,
  };
}
