/** One simulated device: its relays, its power, its fault. Every change is on the disk before a caller hears of it. */
import type { SimulatorClock } from '../clock.ts';
import type { Store } from '../store.ts';
import type { TroubleKind } from '../trouble.ts';
import { newRelay, type Relay, restart, settle, type Turn, turn, wattHours } from './relay.ts';

export type ShellyFault = 'none' | 'offline' | 'answer-lost' | 'slow' | 'refuses' | 'dead-relay';
export const shellyFaults: readonly ShellyFault[] = ['none', 'offline', 'answer-lost', 'slow', 'refuses', 'dead-relay'];

/** `set`: a command that was accepted. `flip`: the contact really moved. */
export type HistoryEntry = {
  kind: 'set' | 'flip';
  at: number; // epoch milliseconds
  channel: number;
  on: boolean;
  source: string;
  toggleAfter: number | null; // seconds
};

export type DeviceRecord = {
  name: string;
  id: string;
  generation: 1 | 2;
  mode: 'relay' | 'roller';
  port: number | null;
  password: string | null;
  watts: number; // of each channel while it is on
  metered: boolean; // whether it measures them
  fault: ShellyFault;
  bootedAt: number;
  relays: Relay[];
};

export type Device = {
  record: DeviceRecord;
  now(): number;
  /** Lets timers that ran out do their work. */
  settle(): void;
  relay(channel: number): Relay | undefined;
  /** An accepted command from the wire; answers the output before it. */
  command(channel: number, wish: Turn): boolean;
  /** Somebody presses the button on the housing. */
  press(channel: number, on: boolean, toggleAfter?: number): void;
  /** What goes wrong with the command that comes next. */
  troubled(kind: TroubleKind | null): void;
  /** Answers as another device, and is one: what it is told moves no relay of this one. */
  pretend(another: boolean): void;
  setFault(fault: ShellyFault): void;
  powerCycle(): void;
  history(): HistoryEntry[];
  watts(channel: number): number;
  energy(channel: number): number;
  /** The counter begins anew. */
  resetEnergy(channel: number): void;
  save(): void;
};

const REMEMBERED = 5_000;

export function createRecord(name: string, id: string, channels: number, now: number): DeviceRecord {
  const relays = Array.from({ length: channels }, (_, channel) => newRelay(channel, now));
  const kind = { generation: 2, mode: 'relay' } as const;
  const still = { port: null, password: null, watts: 0, metered: true, fault: 'none' } as const;
  return { name, id, ...kind, ...still, bootedAt: now, relays };
}

export function createDevice(record: DeviceRecord, clock: SimulatorClock, store: Store): Device {
  const records = store.table<DeviceRecord>('devices');
  const past = store.table<HistoryEntry>(`history of ${record.name}`);
  const counter = store.table<number>('history counters');
  const { id } = record;
  let trouble: TroubleKind | null = null;

  function remember(entry: HistoryEntry): void {
    const number = (counter.get(record.name) ?? 0) + 1;
    counter.put(record.name, number);
    past.put(String(number), entry);
    if (number > REMEMBERED) past.drop(String(number - REMEMBERED));
  }
  function save(): void {
    records.put(record.name, record);
    store.commit();
  }
  function settleAll(now: number): boolean {
    const flips = record.relays.flatMap((relay) => settle(relay, record.watts, now));
    for (const flip of flips) remember({ kind: 'flip', ...flip, toggleAfter: null });
    return flips.length > 0;
  }
  function move(relay: Relay, wish: Turn, now: number): void {
    const stuck = record.fault === 'dead-relay' && wish.on;
    const possible = stuck ? { on: false, source: wish.source, toggleAfter: null } : wish;
    for (const flip of turn(relay, possible, record.watts, now)) {
      remember({ kind: 'flip', ...flip, toggleAfter: wish.toggleAfter });
    }
  }

  function ready(channel: number): { relay: Relay; now: number } {
    const now = clock.now();
    settleAll(now);
    const relay = record.relays[channel];
    if (relay === undefined) throw new Error(`${record.name} has no channel ${channel}`);
    return { relay, now };
  }

  return {
    record,
    now: () => clock.now(),
    settle() {
      if (settleAll(clock.now())) save();
    },
    relay: (channel) => record.relays[channel],
    command(channel, wish) {
      const { relay, now } = ready(channel);
      const before = relay.output;
      if (trouble === 'lying-ok' || trouble === 'another-device') return before;
      remember({ kind: 'set', at: now, channel, on: wish.on, source: wish.source, toggleAfter: wish.toggleAfter });
      move(relay, wish, now);
      if (trouble === 'outside-change') move(relay, { on: !wish.on, source: 'button', toggleAfter: null }, now);
      save();
      return before;
    },
    press(channel, on, toggleAfter) {
      const { relay, now } = ready(channel);
      move(relay, { on, source: 'button', toggleAfter: toggleAfter ?? null }, now);
      save();
    },
    troubled(kind) {
      trouble = kind;
    },
    pretend(another) {
      record.id = another ? `${id.slice(0, -4)}ffff` : id;
    },
    setFault(fault) {
      const now = clock.now();
      settleAll(now);
      record.fault = fault;
      if (fault === 'dead-relay') {
        for (const relay of record.relays) move(relay, { on: false, source: 'fault', toggleAfter: null }, now);
      }
      save();
    },
    powerCycle() {
      const now = clock.now();
      settleAll(now);
      record.bootedAt = now;
      for (const relay of record.relays) {
        const flips = restart(relay, record.watts, now);
        for (const flip of flips) remember({ kind: 'flip', ...flip, toggleAfter: null });
      }
      save();
    },
    history: () => past.all(),
    watts: (channel) => (record.relays[channel]?.output === true ? record.watts : 0),
    energy(channel) {
      const relay = record.relays[channel];
      return relay === undefined ? 0 : wattHours(relay, record.watts, clock.now());
    },
    resetEnergy(channel) {
      const { relay, now } = ready(channel);
      relay.energy = 0;
      relay.since = now;
      save();
    },
    save,
  };
}
