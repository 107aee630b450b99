/**
 * Shelly Gen2+ relays on the wire. Each device listens on a port of its own, as a real one has an address of its own;
 * beside them one control address for people and tests. It never speaks to anything and imports nothing of src/.
 */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { every, type SimulatorClock, systemClock } from '../clock.ts';
import { type Listening, LOOPBACK, listen } from '../loopback.ts';
import { openStore, type Store } from '../store.ts';
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
import type { FrameFault } from './frame-server.ts';
import { type BrokerSeat, joinBroker, type Wire } from './mqtt-wire.ts';

export type { HistoryEntry, ShellyFault } from './device.ts';
export type ShellySpec = {
  name: string;
  id?: string;
  channels?: number;
  password?: string;
  load?: { watts: number };
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
  setOutput(name: string, channel: number, on: boolean): void;
  powerCycle(name: string): void;
  /** From now on it sits on this broker. */
  joinBroker(name: string, seat: BrokerSeat): void;
  /** From now on it dials this server. */
  dial(name: string, url: string): void;
  /** It is told another server: when its socket breaks, it dials that one. */
  redial(name: string, url: string): void;
  /** A fault of what it says over brokers and sockets. */
  setFrameFault(name: string, fault: FrameFault): void;
  history(name: string): HistoryEntry[];
  close(): Promise<void>;
};

type Running = { device: Device; wire: Listening; others: Wire[]; dials: string };

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
      const wire = await serveDevice(device, device.record.port ?? lasting, slowMs);
      device.record.port = wire.port;
      running.set(spec.name, { device, wire, others: [], dials: '' });
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
    const { device, others } = named(name);
    others.push(joinBroker(device, seat, slowMs));
  }
  function dial(name: string, url: string): void {
    const one = named(name);
    one.dials = url;
    one.others.push(dialServer(one.device, () => one.dials, slowMs, systemClock.now));
  }
  function setFault(name: string, fault: ShellyFault): void {
    const { device, wire } = named(name);
    device.setFault(fault);
    if (fault === 'offline') wire.server.closeAllConnections();
  }
  const simulator: Omit<ShellySimulator, 'url' | 'close'> = {
    devices: () => [...running.values()].map(viewOf),
    device: (name) => viewOf(named(name)),
    setFault,
    setOutput: (name, channel, on) => named(name).device.press(channel, on),
    powerCycle: (name) => named(name).device.powerCycle(),
    joinBroker: join,
    dial,
    redial(name, url) {
      named(name).dials = url;
    },
    setFrameFault(name, fault) {
      for (const { frames } of named(name).others) frames.fault = fault;
    },
    history: (name) => {
      named(name).device.settle();
      return named(name).device.history();
    },
  };

  const startAll = async () => {
    await startDevices();
    return listen(createControl(simulator), options.port ?? ports.get('control') ?? lasting);
  };
  const control = await startAll().catch(async (error: unknown) => {
    await stopDevices(); // one port taken must not leave the others open
    throw error;
  });
  ports.put('control', control.port);
  for (const { device } of running.values()) device.save();
  const ticking = every(TICK_MS, () => {
    for (const { device, others } of running.values()) {
      device.settle();
      for (const other of others) other.tick();
    }
  });

  return {
    ...simulator,
    url: `http://${LOOPBACK}:${control.port}`,
    async close() {
      ticking.stop();
      await Promise.all([control.close(), stopDevices()]);
      store.close();
    },
  };
}

/** What was remembered of this device, or a new one; the name, the load and the password follow the given list. */
function recordOf(spec: ShellySpec, store: Store, now: number): DeviceRecord {
  const digits = createHash('sha256').update(spec.name).digest('hex').slice(0, 12);
  const channels = spec.channels ?? 1;
  const model = channels === 1 ? 'shellyplusplugs' : 'shellypro4pm';
  const fresh = createRecord(spec.name, spec.id ?? `${model}-${digits}`, channels, now);
  const record = store.table<DeviceRecord>('devices').get(spec.name) ?? fresh;
  if (spec.id !== undefined) record.id = spec.id;
  record.relays = [...record.relays, ...fresh.relays.slice(record.relays.length)].slice(0, channels);
  record.password = spec.password ?? null;
  record.watts = spec.load?.watts ?? 0;
  return record;
}

function viewOf({ device, wire }: Running): ShellyDeviceView {
  device.settle();
  const { name, id, password, fault, relays } = device.record;
  const channels = relays.map((relay): RelayView => {
    const { channel, output, timerStartedAt, timerDuration, source } = relay;
    return { channel, output, timerStartedAt, timerDuration, watts: device.watts(channel), source };
  });
  return { name, id, address: `${LOOPBACK}:${wire.port}`, password, fault, channels };
}
