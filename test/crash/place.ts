import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type Broker, startBroker } from '../../simulators/mqtt/start.ts';
import { type Simulators, startSimulators } from '../../simulators/start.ts';
import { systemClock } from '../../src/host/clock.ts';
import { type MovingClock, movingClock } from '../support/moving-clock.ts';

/** A laundry whose server is another process: it comes and goes, the vendors stay. */
export type Place = {
  environment: Record<string, string>;
  simulators: Simulators;
  /** Signs in, and makes the location, the relays and the machines; to be called once, when the server listens. */
  furnish(): Promise<Machine[]>;
  /** From now on it hangs on a broker, and tells by itself what becomes of its relay. */
  moveToBroker(machine: Machine): Promise<void>;
  call(method: string, path: string, o?: CallOptions): Promise<Answer>;
  /** Moves time, for the vendors and for the server: see KEYSTEAD_CLOCK_AHEAD. */
  ahead(milliseconds: number): void;
  close(): Promise<void>;
};
export type Machine = { name: string; id: string; uid: string; hour: string; minute: string };
type CallOptions = { body?: unknown; cookie?: string; url?: string; staff?: boolean };
// biome-ignore lint/suspicious/noExplicitAny: tests look into answers whose shape is what they test
export type Answer = { status: number; body: any; cookie: string };

const password = 'correct horse battery';

/** An hour costs 250 cents, a minute (or so many) 100. */
export async function openPlace(o: {
  port: number;
  names: string[];
  clock?: MovingClock;
  minutes?: number;
}): Promise<Place> {
  const clock = o.clock ?? movingClock();
  const folder = mkdtempSync(path.join(os.tmpdir(), 'keystead-clock-'));
  const aheadFile = path.join(folder, 'ahead');
  let ahead = 0;
  writeFileSync(aheadFile, '0\n');
  const url = `http://127.0.0.1:${o.port}`;
  const simulators = await startSimulators({
    dir: null,
    clock,
    devices: o.names.map((name) => ({ name, load: { watts: 2000 } })),
    gateways: [{ name: 'Hall' }],
    locks: [
      { name: 'Front', gateway: 'Hall' },
      { name: 'Back', gateway: 'Hall', camera: false },
    ],
    webhookUrl: `${url}/api/stripe/webhook`,
  });
  let token = '';

  const call: Place['call'] = async (method, path, { body, cookie, url: other = url, staff = true } = {}) => {
    const response = await fetch(other + path, {
      method,
      redirect: 'manual',
      signal: systemClock.deadline(20_000),
      headers: {
        connection: 'close', // servers die here: no connection is used twice
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(cookie === undefined ? {} : { cookie }),
        ...(staff && token !== '' ? { authorization: `Bearer ${token}` } : {}),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const json = response.headers.get('content-type')?.includes('json') === true;
    const set = (response.headers.getSetCookie()[0] ?? '').split(';')[0] ?? '';
    return { status: response.status, body: json ? JSON.parse(text) : text, cookie: set };
  };

  async function made(method: string, path: string, body: unknown) {
    const answer = await call(method, path, { body });
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  async function furnish(): Promise<Machine[]> {
    ({ token } = await made('POST', '/api/auth/login', { email: 'admin', password }));
    const { publishableKey, secretKey, webhookSecret } = simulators.stripe;
    await made('PATCH', '/api/configs/stripe', { publishableKey, secretKey, webhookSecret });
    const location = await made('POST', '/api/locations', { name: 'Harbour Street', timeZone: 'Europe/Berlin' });
    const devices = simulators.shelly.devices().map(({ address }) => ({ address }));
    await made('POST', '/api/connections', { vendor: 'shelly-lan', name: 'Relays', devices });
    const machines: Machine[] = [];
    for (const { name, id: shellyDeviceId } of simulators.shelly.devices()) {
      const { id, uid } = await made('POST', '/api/devices', { shellyDeviceId, locationId: location.id, name });
      const plan = async (duration: number, price: number): Promise<string> =>
        (await made('POST', `/api/devices/${id}/periods`, { name: 'Wash', duration, delayMinutes: 0, price })).id;
      machines.push({ name, id, uid, hour: await plan(60, 250), minute: await plan(o.minutes ?? 1, 100) });
    }
    return machines;
  }

  let far: { broker: Broker; connectionId: string } | null = null;
  async function moveToBroker({ name, id }: Machine): Promise<void> {
    if (far === null) {
      const broker = await startBroker();
      const wish = { vendor: 'shelly-mqtt', name: 'Broker', url: broker.url };
      far = { broker, connectionId: (await made('POST', '/api/connections', wish)).id };
    }
    const { broker, connectionId } = far;
    simulators.shelly.joinBroker(name, { url: broker.url });
    const shellyDeviceId = simulators.shelly.device(name).id;
    await until(`${name} on the broker`, async () => {
      const { status, body } = await call('GET', `/api/connections/${connectionId}/hardware`);
      return status === 200 && body.some((one: Answer['body']) => one.shellyDeviceId === shellyDeviceId && one.online);
    });
    await made('PATCH', `/api/devices/${id}`, { connectionId });
  }

  return {
    environment: {
      PORT: String(o.port),
      ADMIN_PASSWORD: password,
      STRIPE_BASE_URL: simulators.stripe.url,
      KEYSTEAD_CLOCK_AHEAD: aheadFile,
    },
    simulators,
    furnish,
    moveToBroker,
    call,
    ahead(milliseconds) {
      clock.ahead(milliseconds);
      ahead += milliseconds;
      writeFileSync(aheadFile, `${ahead}\n`);
    },
    async close() {
      await simulators.close();
      await far?.broker.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Waits, in real time, until it is so; a server that is not there counts as not yet. */
export async function until<T>(
  what: string,
  look: () => Promise<T | null | undefined | false> | T | null | undefined | false,
  seconds = 20,
): Promise<T> {
  const patience = systemClock.now() + seconds * 1000;
  while (systemClock.now() < patience) {
    try {
      const found = await look();
      if (found) return found;
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // fetch: nobody answers
    }
    await systemClock.sleep(50);
  }
  throw new Error(`It never came to this: ${what}`);
}
