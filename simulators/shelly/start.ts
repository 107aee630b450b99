/**
 * Shelly relays on the wire, of generation 1 and 2. Each device listens on a port of its own, as a real one has an address
 * of its own; a Shelly Cloud shows the same devices; beside them one control address for people and tests. It never speaks
 * to anything and imports nothing of src/.
 */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { every, type SimulatorClock, systemClock } from '../clock.ts';
import { type Heard, nothingHeard } from '../heard.ts';
import { type Listening, LOOPBACK, listen } from '../loopback.ts';
import { openStore, type Store } from '../store.ts';
import { createTroubles, type Trouble, type Troubles } from '../trouble.ts';
import { type CloudOptions, type CloudSimulator, serveCloud } from './cloud-server.ts';
import { createControl } from './control.ts';
import {
  createDevice,
  createRecord,
  type Device,
  type DeviceRecord,
  type HistoryEntry,
  type ShellyFault,
} from './device.ts';
import { serveDevice } from './device-server.ts';
import { dialServer } from './dial-wire.ts';
import { serveGen1 } from './gen1-server.ts';
import { type BrokerSeat, joinBroker, type Wire } from './mqtt-wire.ts';

export type { Trouble, TroubleKind } from '../trouble.ts';
export type { CloudRequest, CloudSimulator } from './cloud-server.ts';
export type { HistoryEntry, ShellyFault } from './device.ts';
export type ShellySpec = {
  name: string;
  id?: string;
  /** 1: the plain HTTP of the older devices; 2 when absent. */
  generation?: 1 | 2;
  /** A roller shutter's motor is on its outputs: generation 1 alone. */
  mode?: 'relay' | 'roller';
  channels?: number;
  port?: number;
  /** Of generation 1 also `user:password`. */
  password?: string;
  load?: { watts: number };
  metered?: boolean; // whether the relay measures its load; default true
  /** Also sits on this broker. */
  broker?: BrokerSeat;
  /** Also dials this server. */
  dials?: string;
};
export type ShellySimulatorOptions = {
  stateDir: string | null; // null: remembers nothing after close
  port?: number;
  clock?: SimulatorClock;
  devices: ShellySpec[];
  slowMs?: number; // how late a slow device answers; default 6000
  cloud?: CloudOptions;
};
export type RelayView = {
  channel: number;
  output: boolean;
  timerStartedAt: number | null; // epoch milliseconds
  timerDuration: number | null; // seconds
  watts: number;
  source: string;
};
export type ShellyDeviceView = {
  name: string;
  id: string;
  generation: 1 | 2;
  address: string; // 127.0.0.1:PORT
  password: string | null;
  fault: ShellyFault;
  channels: RelayView[];
};
export type ShellySimulator = {
  url: string;
  devices(): ShellyDeviceView[];
  device(name: string): ShellyDeviceView;
  setFault(name: string, fault: ShellyFault): void;
  /** For tests of drivers: what happens to requests from now on. Not remembered, not on the building's page. */
  setTrouble(name: string, trouble: Trouble | null): void;
  heard(name: string): Heard;
  setOutput(name: string, channel: number, on: boolean, toggleAfter?: number): void;
  powerCycle(name: string): void;
  /** What the machine behind the relay draws while it is on. */
  setLoad(name: string, watts: number): void;
  /** From now on it sits on this broker. */
  joinBroker(name: string, seat: BrokerSeat): void;
  /** From now on it dials this server. */
  dial(name: string, url: string): void;
  /** It is told another server: when its socket breaks, it dials that one. */
  redial(name: string, url: string): void;
  history(name: string): HistoryEntry[];
  cloud: CloudSimulator;
  close(): Promise<void>;
};

type Running = { device: Device; wire: Listening; others: Wire[]; dials: string; troubles: Troubles; heard: Heard };

const TICK_MS = 50;
const SLOW_MS = 6000;

export async function startShellySimulator(options: ShellySimulatorOptions): Promise<ShellySimulator> {
  const clock = options.clock ?? systemClock;
  const store = openStore(options.stateDir === null ? null : path.join(options.stateDir, 'shelly.journal'));
  const lasting = options.stateDir === null ? null : 'lasting';
  const ports = store.table<number>('ports');
  const running = new Map<string, Running>();
  const slowMs = options.slowMs ?? SLOW_MS;
  const stopDevices = () =>
    Promise.all([...running.values()].flatMap(({ wire, others }) => [wire, ...others]).map((one) => one.close()));

  async function startDevices(): Promise<void> {
    for (const spec of options.devices) {
      if (running.has(spec.name)) throw new Error(`two simulated Shelly devices are called ${spec.name}`);
      const device = createDevice(recordOf(spec, store, clock.now()), clock, store);
      const [troubles, heard] = [createTroubles(), nothingHeard()];
      const serve = device.record.generation === 1 ? serveGen1 : serveDevice;
      const wire = await serve(device, spec.port ?? device.record.port ?? lasting, { slowMs, troubles, heard });
      device.record.port = wire.port;
      running.set(spec.name, { device, wire, others: [], dials: '', troubles, heard });
      if (spec.broker !== undefined) join(spec.name, spec.broker);
      if (spec.dials !== undefined) dial(spec.name, spec.dials);
    }
  }

  function named(name: string): Running {
    const found = running.get(name);
    if (found === undefined) throw new Error(`there is no simulated Shelly device called ${name}`);
    return found;
  }
  function join(name: string, seat: BrokerSeat): void {
    const { device, others, troubles, heard } = named(name);
    others.push(joinBroker(device, seat, { slowMs, troubles, heard }));
  }
  function dial(name: string, url: string): void {
    const one = named(name);
    one.dials = url;
    const { device, troubles, heard } = one;
    one.others.push(dialServer(device, () => one.dials, systemClock.now, { slowMs, troubles, heard }));
  }
  function setFault(name: string, fault: ShellyFault): void {
    const { device, wire } = named(name);
    device.setFault(fault);
    if (fault === 'offline') wire.server.closeAllConnections();
  }
  const simulator: Omit<ShellySimulator, 'url' | 'close' | 'cloud'> = {
    devices: () => [...running.values()].map(viewOf),
    device: (name) => viewOf(named(name)),
    setFault,
    setTrouble(name, trouble) {
      const { device, troubles } = named(name);
      troubles.set(trouble);
      device.pretend(trouble?.kind === 'another-device');
    },
    heard: (name) => ({ ...named(name).heard }),
    setOutput: (name, channel, on, toggleAfter) => named(name).device.press(channel, on, toggleAfter),
    powerCycle: (name) => named(name).device.powerCycle(),
    setLoad: (name, watts) => {
      named(name).device.settle();
      named(name).device.record.watts = watts;
    },
    joinBroker: join,
    dial,
    redial(name, url) {
      named(name).dials = url;
    },
    history: (name) => {
      named(name).device.settle();
      return named(name).device.history();
    },
  };

  const started: Listening[] = [];
  const startAll = async () => {
    await startDevices();
    const sky = await serveCloud({
      ...options.cloud,
      devices: () => [...running.values()].map(({ device }) => device),
      clock,
      port: ports.get('cloud') ?? lasting,
      slowMs,
    });
    started.push(sky.listening);
    const control = await listen(
      createControl({ ...simulator, cloud: sky.cloud }),
      options.port ?? ports.get('control') ?? lasting,
    );
    started.push(control);
    ports.put('cloud', sky.listening.port);
    ports.put('control', control.port);
    return { control, cloud: sky.cloud };
  };
  const { control, cloud } = await startAll().catch(async (error: unknown) => {
    await stopDevices(); // one port taken must not leave the others open
    for (const one of started) await one.close();
    throw error;
  });
  for (const { device } of running.values()) device.save();
  const ticking = every(TICK_MS, () => {
    for (const { device, others } of running.values()) {
      device.settle();
      for (const other of others) other.tick();
    }
  });

  return {
    ...simulator,
    cloud,
    url: `http://${LOOPBACK}:${control.port}`,
    async close() {
      ticking.stop();
      await Promise.all([...started.map((one) => one.close()), stopDevices()]);
      store.close();
    },
  };
}

/** What was remembered of this device, or a new one; the name, the load and the password follow the given list. */
function recordOf(spec: ShellySpec, store: Store, now: number): DeviceRecord {
  const digits = createHash('sha256').update(spec.name).digest('hex').slice(0, 12);
  const channels = spec.channels ?? 1;
  const generation = spec.generation ?? 2;
  const model = channels === 1 ? 'shellyplusplugs' : 'shellypro4pm';
  const id = generation === 1 ? digits : `${model}-${digits}`;
  const fresh = createRecord(spec.name, spec.id ?? id, channels, now);
  const record = store.table<DeviceRecord>('devices').get(spec.name) ?? fresh;
  if (spec.id !== undefined) record.id = spec.id;
  record.generation = generation;
  record.mode = spec.mode ?? 'relay';
  record.relays = [...record.relays, ...fresh.relays.slice(record.relays.length)].slice(0, channels);
  record.password = spec.password ?? null;
  record.watts = spec.load?.watts ?? 0;
  record.metered = spec.metered ?? true;
  return record;
}

function viewOf({ device, wire }: Running): ShellyDeviceView {
  device.settle();
  const { name, id, generation, password, fault, relays } = device.record;
  const channels = relays.map((relay): RelayView => {
    const { channel, output, timerStartedAt, timerDuration, source } = relay;
    return {
      channel,
      output,
      timerStartedAt,
      timerDuration,
      watts: device.watts(channel),
      source,
    };
  });
  return { name, id, generation, address: `${LOOPBACK}:${wire.port}`, password, fault, channels };
}
