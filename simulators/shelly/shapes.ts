/** The answers of a Shelly Gen2+ device: https://shelly-api-docs.shelly.cloud/gen2/ (Plus Plug S; Pro 4PM for more). */
import type { Device } from './device.ts';
import type { Relay } from './relay.ts';

const FIRMWARE = '1.4.4';
const VOLTAGE = 230.1;

export function deviceInfo(device: Device): Record<string, unknown> {
  const { record } = device;
  const plug = record.relays.length === 1;
  return {
    name: record.name,
    id: record.id,
    mac: mac(record.id),
    slot: 0,
    model: plug ? 'SNPL-00112EU' : 'SPSW-104PE16EU',
    gen: 2,
    fw_id: `20241011-114449/${FIRMWARE}-g6d2a586`,
    ver: FIRMWARE,
    app: plug ? 'PlusPlugS' : 'Pro4PM',
    auth_en: record.password !== null,
    auth_domain: record.password === null ? null : record.id,
  };
}

export function switchStatus(device: Device, relay: Relay): Record<string, unknown> {
  const watts = device.watts(relay.channel);
  const minute = Math.floor(device.now() / 60_000) * 60;
  const timer =
    relay.timerStartedAt === null
      ? {}
      : { timer_started_at: round(relay.timerStartedAt / 1000, 2), timer_duration: relay.timerDuration };
  const warm = relay.output ? 38.6 : 31.2;
  return {
    id: relay.channel,
    source: relay.source,
    output: relay.output,
    ...timer,
    ...(device.record.metered ? measured() : {}),
    temperature: { tC: warm, tF: round(warm * 1.8 + 32, 1) },
  };

  function measured(): Record<string, unknown> {
    return {
      apower: round(watts, 1),
      voltage: VOLTAGE,
      current: round(watts / VOLTAGE, 3),
      aenergy: {
        total: round(device.energy(relay.channel), 3),
        by_minute: [0, 0, 0].map(() => round((watts * 1000) / 60, 3)),
        minute_ts: minute,
      },
    };
  }
}

export function switchConfig(relay: Relay): Record<string, unknown> {
  const { name, initialState, autoOn, autoOnDelay, autoOff, autoOffDelay } = relay.settings;
  return {
    id: relay.channel,
    name,
    in_mode: 'momentary',
    initial_state: initialState,
    auto_on: autoOn,
    auto_on_delay: autoOnDelay,
    auto_off: autoOff,
    auto_off_delay: autoOffDelay,
    power_limit: 2500,
    voltage_limit: 280,
    autorecover_voltage_errors: false,
    current_limit: 12,
  };
}

export function fullStatus(device: Device): Record<string, unknown> {
  const { record } = device;
  const now = device.now();
  const switches = record.relays.map((relay) => [`switch:${relay.channel}`, switchStatus(device, relay)] as const);
  return {
    ble: {},
    cloud: { connected: false },
    mqtt: { connected: false },
    ...Object.fromEntries(switches),
    sys: {
      mac: mac(record.id),
      restart_required: false,
      time: new Date(now).toISOString().slice(11, 16),
      unixtime: Math.floor(now / 1000),
      uptime: Math.max(0, Math.floor((now - record.bootedAt) / 1000)),
      ram_size: 260_976,
      ram_free: 141_032,
      fs_size: 458_752,
      fs_free: 139_264,
      cfg_rev: 14,
      kvs_rev: 0,
      schedule_rev: 0,
      webhook_rev: 0,
      available_updates: {},
      reset_reason: 3,
    },
    wifi: { sta_ip: '127.0.0.1', status: 'got ip', ssid: 'simulated', rssi: -52 },
    ws: { connected: false },
  };
}

export function fullConfig(device: Device): Record<string, unknown> {
  const { record } = device;
  const switches = record.relays.map((relay) => [`switch:${relay.channel}`, switchConfig(relay)] as const);
  return {
    ble: { enable: false },
    cloud: { enable: false, server: null },
    mqtt: { enable: false, server: null, client_id: record.id, topic_prefix: record.id },
    ...Object.fromEntries(switches),
    sys: {
      device: { name: record.name, mac: mac(record.id), fw_id: FIRMWARE, eco_mode: false, discoverable: true },
      location: { tz: 'Etc/UTC', lat: null, lon: null },
      cfg_rev: 14,
    },
    wifi: { sta: { ssid: 'simulated', is_open: false, enable: true, ipv4mode: 'dhcp' } },
    ws: { enable: false, server: null, ssl_ca: 'ca.pem' },
  };
}

/** The Gen1 address that Gen2 devices keep for compatibility. */
export function gen1Relay(device: Device, relay: Relay): Record<string, unknown> {
  const { timerStartedAt: started, timerDuration: seconds } = relay;
  const timed = started !== null && seconds !== null;
  return {
    ison: relay.output,
    has_timer: timed,
    timer_started_at: timed ? Math.floor(started / 1000) : 0,
    timer_duration: timed ? seconds : 0,
    timer_remaining: timed ? round(Math.max(0, (started - device.now()) / 1000 + seconds), 2) : 0,
    overpower: false,
    source: relay.source,
  };
}

function mac(id: string): string {
  return (id.split('-').at(-1) ?? id).toUpperCase();
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
