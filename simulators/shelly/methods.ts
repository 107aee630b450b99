/** The RPC methods of a device. Errors: https://shelly-api-docs.shelly.cloud/gen2/General/CommonErrors */
import { after } from '../clock.ts';
import type { Device } from './device.ts';
import type { InitialState, Relay, Turn } from './relay.ts';
import { deviceInfo, fullConfig, fullStatus, switchConfig, switchStatus } from './shapes.ts';

export type Params = Record<string, unknown>;
export type Answer =
  | { kind: 'result'; result: unknown; changed: boolean }
  | { kind: 'error'; code: number; message: string };
type Method = (device: Device, params: Params, via: string) => Answer;

const INVALID = -103;
const NOT_FOUND = -105;
const FAILED_PRECONDITION = -109;
const REBOOT_MS = 1000;

const methods: Record<string, Method> = {
  'Shelly.GetDeviceInfo': (device) => read(deviceInfo(device)),
  'Shelly.GetStatus': (device) => read(fullStatus(device)),
  'Shelly.GetConfig': (device) => read(fullConfig(device)),
  'Shelly.ListMethods': () => read({ methods: Object.keys(methods) }),
  'Shelly.Reboot': reboot,
  'Switch.GetStatus': (device, params) => withRelay(device, params, (relay) => read(switchStatus(device, relay))),
  'Switch.GetConfig': (device, params) => withRelay(device, params, (relay) => read(switchConfig(relay))),
  'Switch.SetConfig': (device, params) => withRelay(device, params, (relay) => setConfig(device, relay, params)),
  'Switch.ResetCounters': (device, params) => withRelay(device, params, (relay) => resetCounters(device, relay)),
  'Switch.Set': (device, params, via) => withRelay(device, params, (relay) => set(device, relay, params, via)),
  'Switch.Toggle': (device, params, via) =>
    withRelay(device, params, (relay) => move(device, relay, { on: !relay.output, toggleAfter: null, source: via })),
};

export const openMethod = 'Shelly.GetDeviceInfo'; // the only one without authentication

/** `via`: how the device names the way that a command came by. */
export function call(device: Device, method: string, params: Params, via: string): Answer {
  device.settle();
  const found = Object.hasOwn(methods, method) ? methods[method] : undefined;
  return found === undefined ? failure(404, `No handler for ${method}`) : found(device, params, via);
}

export const switches = (method: string): boolean => method === 'Switch.Set' || method === 'Switch.Toggle';

function withRelay(device: Device, params: Params, then: (relay: Relay) => Answer): Answer {
  const id = params.id;
  if (id === undefined) return failure(INVALID, "Missing required argument 'id'!");
  if (typeof id !== 'number' || !Number.isInteger(id)) {
    return failure(INVALID, `Argument 'id', value ${JSON.stringify(id)} not a number!`);
  }
  const relay = device.relay(id);
  return relay === undefined ? failure(NOT_FOUND, `Argument 'id', value ${id} not found!`) : then(relay);
}

function set(device: Device, relay: Relay, params: Params, source: string): Answer {
  const { on, toggle_after: toggleAfter } = params;
  if (on === undefined) return failure(INVALID, "Missing required argument 'on'!");
  if (typeof on !== 'boolean') return failure(INVALID, `Argument 'on', value ${JSON.stringify(on)} not a boolean!`);
  if (toggleAfter === undefined || toggleAfter === null) return move(device, relay, { on, toggleAfter: null, source });
  if (typeof toggleAfter !== 'number' || !Number.isFinite(toggleAfter) || toggleAfter < 0) {
    return failure(INVALID, `Argument 'toggle_after', value ${JSON.stringify(toggleAfter)} is invalid!`);
  }
  return move(device, relay, { on, toggleAfter, source });
}

function move(device: Device, relay: Relay, wish: Turn): Answer {
  if (device.record.fault === 'refuses') return failure(FAILED_PRECONDITION, 'Overpower condition, output is locked!');
  const before = device.command(relay.channel, wish);
  return { kind: 'result', result: { was_on: before }, changed: true };
}

function resetCounters(device: Device, relay: Relay): Answer {
  const total = Number(device.energy(relay.channel).toFixed(3));
  device.resetEnergy(relay.channel);
  return { kind: 'result', result: { aenergy: { total } }, changed: true };
}

const initialStates: readonly InitialState[] = ['off', 'on', 'restore_last', 'match_input'];

function setConfig(device: Device, relay: Relay, params: Params): Answer {
  const config = params.config;
  if (typeof config !== 'object' || config === null || Array.isArray(config)) {
    return failure(INVALID, "Missing required argument 'config'!");
  }
  const next = { ...relay.settings };
  for (const [key, value] of Object.entries(config)) {
    const initial = initialStates.find((state) => state === value);
    if (key === 'initial_state' && initial !== undefined) next.initialState = initial;
    else if (key === 'auto_on' && typeof value === 'boolean') next.autoOn = value;
    else if (key === 'auto_off' && typeof value === 'boolean') next.autoOff = value;
    else if (key === 'auto_on_delay' && isDelay(value)) next.autoOnDelay = value;
    else if (key === 'auto_off_delay' && isDelay(value)) next.autoOffDelay = value;
    else if (key === 'name' && (value === null || typeof value === 'string')) next.name = value;
    else if (configured.has(key)) return failure(INVALID, `Invalid value for '${key}'!`);
  }
  relay.settings = next;
  device.save();
  return { kind: 'result', result: { restart_required: false }, changed: true };
}

const configured = new Set(['initial_state', 'auto_on', 'auto_off', 'auto_on_delay', 'auto_off_delay', 'name']);

function isDelay(value: unknown): value is number {
  return typeof value === 'number' && value >= 0.1 && value <= 86_400;
}

function reboot(device: Device, params: Params): Answer {
  const delay = params.delay_ms;
  after(typeof delay === 'number' && delay >= 500 ? delay : REBOOT_MS, () => device.powerCycle());
  return read(null);
}

function read(result: unknown): Answer {
  return { kind: 'result', result, changed: false };
}

function failure(code: number, message: string): Answer {
  return { kind: 'error', code, message };
}
