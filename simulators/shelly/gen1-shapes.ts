/** The answers of a Shelly of generation 1: https://shelly-api-docs.shelly.cloud/gen1/ (Plug S; 2.5 and 4Pro for more). */
import type { Device } from './device.ts';
import type { Relay } from './relay.ts';

const FIRMWARE = '20230913-112234/v1.14.0-gcb84623';

export function gen1Identity(device: Device): Record<string, unknown> {
  const { record } = device;
  const outputs = record.relays.length;
  return {
    type: gen1Type(outputs),
    mac: gen1Mac(device),
    auth: record.password !== null,
    fw: FIRMWARE,
    discoverable: false,
    longid: 1,
    num_outputs: outputs,
    num_meters: outputs,
  };
}

export function gen1Type(outputs: number): string {
  if (outputs === 1) return 'SHPLG-S';
  return outputs === 2 ? 'SHSW-25' : 'SHSW-44';
}

export function gen1Settings(device: Device): Record<string, unknown> {
  const { record } = device;
  const type = gen1Type(record.relays.length);
  return {
    device: {
      type,
      mac: gen1Mac(device),
      hostname: `${type.toLowerCase().replaceAll('-', '')}-${gen1Mac(device)}`,
      num_outputs: record.relays.length,
      num_meters: record.relays.length,
    },
    login: { enabled: record.password !== null, unprotected: false, username: 'admin' },
    name: record.name,
    fw: FIRMWARE,
    mode: record.mode,
    relays: record.relays.map((relay) => ({
      name: relay.settings.name,
      ison: relay.output,
      has_timer: relay.timerStartedAt !== null,
      default_state: relay.settings.initialState === 'restore_last' ? 'last' : 'off',
      auto_on: 0,
      auto_off: 0,
      schedule: false,
    })),
  };
}

export function gen1Status(device: Device): Record<string, unknown> {
  const { record } = device;
  const now = device.now();
  const outputs =
    record.mode === 'roller'
      ? { rollers: [{ state: 'stop', power: 0, is_valid: true, safety_switch: false, positioning: false }] }
      : { relays: record.relays.map((relay) => ({ ...gen1Output(device, relay), is_valid: true })) };
  return {
    wifi_sta: { connected: true, ssid: 'simulated', ip: '127.0.0.1', rssi: -52 },
    cloud: { enabled: true, connected: true },
    mqtt: { connected: false },
    time: new Date(now).toISOString().slice(11, 16),
    unixtime: Math.floor(now / 1000),
    serial: 1,
    has_update: false,
    mac: gen1Mac(device),
    ...outputs,
    meters: record.relays.map((relay) => ({
      power: device.watts(relay.channel),
      overpower: 0,
      is_valid: true,
      timestamp: Math.floor(now / 1000),
      counters: [0, 0, 0],
      total: Math.round(device.energy(relay.channel) * 60), // watt minutes
    })),
    uptime: Math.max(0, Math.floor((now - record.bootedAt) / 1000)),
  };
}

export function gen1Output(device: Device, relay: Relay): Record<string, unknown> {
  const { timerStartedAt: started, timerDuration: seconds } = relay;
  const timed = started !== null && seconds !== null;
  return {
    ison: relay.output,
    has_timer: timed,
    timer_started: timed ? Math.floor(started / 1000) : 0,
    timer_duration: timed ? seconds : 0,
    timer_remaining: timed ? Math.max(0, Math.ceil((started - device.now()) / 1000 + seconds)) : 0,
    overpower: device.record.fault === 'refuses',
    source: relay.source === 'HTTP_in' ? 'http' : relay.source,
  };
}

export function gen1Mac(device: Device): string {
  return device.record.id.toUpperCase();
}
