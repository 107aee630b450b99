import { type Broker, startBroker } from '../../simulators/mqtt/start.ts';
import { type ShellySimulator, type ShellySpec, startShellySimulator } from '../../simulators/shelly/start.ts';
import type { Laundry } from './laundry.ts';

/** Machines whose relays are not on our network: on a broker, or dialling us. */
export type FarMachine = { id: string; uid: string; plan: string; hardwareId: string };
export type FarPlace = {
  shelly: ShellySimulator;
  connectionId: string;
  /** What devices dial. */
  dialUrl: string;
  /** Adds the device as a machine with a plan of one hour for 250 cents that starts at once. */
  add(name: string): Promise<FarMachine>;
  close(): Promise<void>;
};

const devices: ShellySpec[] = [
  { name: 'Far washer', load: { watts: 2000 }, password: 'far-password' },
  { name: 'Far dryer', load: { watts: 2400 } },
];

export async function openBrokerPlace(
  laundry: Laundry,
  o: { devices?: ShellySpec[]; login?: { username: string; password: string } } = {},
): Promise<FarPlace & { broker: Broker }> {
  const login = o.login ?? { username: 'keystead', password: 'broker-password' };
  const broker = await startBroker({ login });
  const shelly = await startShellySimulator({ stateDir: null, clock: laundry.clock, devices: o.devices ?? devices });
  for (const { name } of shelly.devices()) {
    shelly.joinBroker(name, { url: broker.url, ...login, gen: name.startsWith('Old') ? 1 : 2 });
  }
  const place = await furnish(laundry, shelly, { vendor: 'shelly-mqtt', url: broker.url, ...login });
  const close = async () => {
    await place.close();
    await broker.close();
  };
  return { ...place, broker, close };
}

export async function openDialPlace(laundry: Laundry, o: { devices?: ShellySpec[] } = {}): Promise<FarPlace> {
  const shelly = await startShellySimulator({ stateDir: null, clock: laundry.clock, devices: o.devices ?? devices });
  const place = await furnish(laundry, shelly, { vendor: 'shelly-websocket' });
  for (const { name } of shelly.devices()) shelly.dial(name, place.dialUrl);
  return place;
}

async function furnish(laundry: Laundry, shelly: ShellySimulator, config: object): Promise<FarPlace> {
  const post = async (path: string, body: unknown) => {
    const answer = await laundry.call('POST', path, { token: laundry.tokens.admin, body });
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.text}`);
    return answer.body;
  };
  const connection = await post('/api/connections', {
    ...config,
    name: 'Far away',
    devicePasswords: shelly
      .devices()
      .flatMap(({ id, password }) => (password === null ? [] : [{ deviceId: id, password }])),
  });
  return {
    shelly,
    connectionId: connection.id,
    dialUrl: connection.dialUrl ?? '',
    async add(name) {
      const { id: shellyDeviceId } = shelly.device(name);
      await laundry.until(`${name} in sight`, async () => {
        const list = await laundry.call('GET', `/api/connections/${connection.id}/hardware`, {
          token: laundry.tokens.admin,
        });
        return list.status === 200 && list.body.some((one: Row) => one.shellyDeviceId === shellyDeviceId && one.online);
      });
      const { locationId } = laundry;
      const device = await post('/api/devices', { shellyDeviceId, connectionId: connection.id, locationId, name });
      const plan = { name: 'Wash', duration: 60, delayMinutes: 0, price: 250 };
      const { id } = await post(`/api/devices/${device.id}/periods`, plan);
      return { id: device.id, uid: device.uid, plan: id, hardwareId: shellyDeviceId };
    },
    close: () => shelly.close(),
  };
}

type Row = { shellyDeviceId: string; online: boolean };
