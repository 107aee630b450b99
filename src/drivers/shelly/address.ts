import type { Clock } from '../../host/clock.ts';
import { assertNever } from '../../rules/assert-never.ts';
import type { Instant } from '../../rules/instant.ts';
import type { Command, HardwareRef, RefusalReason } from '../port.ts';
import type { RpcAnswer, ShellyClient } from './client.ts';
import {
  type DeviceInfo,
  isSwitchSetResult,
  parseChannels,
  parseDeviceInfo,
  parseSwitchStatus,
  type SwitchStatus,
} from './wire.ts';

/**
 * One address (on the network, on a broker, or a socket) and what was last seen behind it. Addresses change owners (DHCP, a swapped relay), so what is
 * known here is only a memory: whoever switches asks first whether it is fresh, and every answer is compared with it.
 */
export type ShellyAddress = {
  readonly text: string;
  /** The device last seen here, if any. */
  hardwareId(): string | null;
  /** Whether the device here has told its id within the last seconds. */
  isFresh(): boolean;
  /** When it last did; 0: not to be relied on. */
  seenAt(): Instant;
  /** Asks who is here (needs no password). */
  identify(signal: AbortSignal): Promise<Identity>;
  set(ref: HardwareRef, command: Command, signal: AbortSignal): Promise<SetAnswer>;
  read(ref: HardwareRef, signal: AbortSignal): Promise<Reading>;
  /** The relay channels of the device here; remembers them. */
  channels(signal: AbortSignal): Promise<{ kind: 'channels'; channels: number[] } | Trouble>;
  /** What was last known: for showing a device that does not answer now. */
  remembered(): { info: DeviceInfo; channels: number[] } | null;
};

export type Trouble = { kind: 'trouble'; reason: RefusalReason; detail: string };
export type Identity = { kind: 'device'; info: DeviceInfo } | Trouble;

export type SetAnswer =
  /** The right device took it. */
  { kind: 'taken' } | { kind: 'refused'; reason: RefusalReason; detail: string } | { kind: 'lost'; detail: string };

export type Reading =
  | {
      kind: 'relay';
      on: boolean;
      /** A running timer; its end by the device's own clock. */
      timer: { seconds: number; endsAt: Instant } | null;
      powerWatts: number | null;
      source: string | null;
      at: Instant;
    }
  /** Somebody else answered at this address. */
  | { kind: 'other-device'; detail: string }
  | Trouble;

const freshMilliseconds = 5000;

export function createShellyAddress(o: { address: string; client: ShellyClient; clock: Clock }): ShellyAddress {
  const { client } = o;
  let id: string | null = null;
  let seenAt: Instant = 0;
  let info: DeviceInfo | null = null;
  let channels: number[] | null = null;

  /** Every good answer is also a sign of who lives here. */
  function saw(device: string): void {
    if (device !== id) {
      info = null;
      channels = null;
    }
    id = device;
    seenAt = o.clock.now();
  }

  return {
    text: o.address,
    hardwareId: () => id,
    isFresh: () => {
      const age = o.clock.now() - seenAt;
      return id !== null && age >= 0 && age < freshMilliseconds;
    },
    seenAt: () => seenAt,
    remembered: () => (info === null ? null : { info, channels: channels ?? [0] }),

    identify: async (signal) => {
      const answer = await client.call('Shelly.GetDeviceInfo', {}, signal);
      if (answer.kind !== 'result') return trouble(answer);
      const found = parseDeviceInfo(answer.result);
      if (found === null || found.id !== answer.src) return strange();
      saw(found.id);
      info = found;
      return { kind: 'device', info: found };
    },

    set: async (ref, command, signal) => {
      const wish = command.kind === 'switch-on' ? { on: true, toggle_after: command.autoOffSeconds } : { on: false };
      const answer = await client.call('Switch.Set', { id: ref.channel, ...wish }, signal);
      if (answer.kind === 'lost') return answer;
      if (answer.kind === 'error' && answer.code === deadlineExceeded) return { kind: 'lost', detail: answer.message };
      if (answer.kind !== 'result') {
        seenAt = 0;
        const { reason, detail } = trouble(answer);
        return { kind: 'refused', reason, detail };
      }
      saw(answer.src);
      if (answer.src !== ref.hardwareId) {
        // The address changed its owner within the last seconds. Say so: a person must look at what was switched.
        const detail = `${o.address} is now ${answer.src}, which took the command meant for ${ref.hardwareId}`;
        return { kind: 'refused', reason: 'not-found', detail };
      }
      if (!isSwitchSetResult(answer.result)) return { kind: 'lost', detail: strange().detail };
      return { kind: 'taken' };
    },

    read: async (ref, signal) => {
      const answer = await client.call('Switch.GetStatus', { id: ref.channel }, signal);
      if (answer.kind !== 'result') return trouble(answer);
      saw(answer.src);
      if (answer.src !== ref.hardwareId) {
        return { kind: 'other-device', detail: `${o.address} is ${answer.src}, not ${ref.hardwareId}` };
      }
      const status = parseSwitchStatus(answer.result);
      if (status === null || status.id !== ref.channel) return strange();
      return readingOf(status, o.clock.now());
    },

    channels: async (signal) => {
      const answer = await client.call('Shelly.GetStatus', {}, signal);
      if (answer.kind !== 'result') return trouble(answer);
      const found = parseChannels(answer.result);
      if (found === null) return strange();
      saw(answer.src);
      channels = found;
      return { kind: 'channels', channels: found };
    },
  };

  function strange(): Trouble {
    return { kind: 'trouble', reason: 'vendor', detail: `${o.address} gave an answer that cannot be understood` };
  }

  function trouble(answer: Exclude<RpcAnswer, { kind: 'result' }>): Trouble {
    switch (answer.kind) {
      case 'not-sent':
      case 'lost':
        return { kind: 'trouble', reason: 'unreachable', detail: answer.detail };
      case 'credentials':
        return { kind: 'trouble', reason: 'credentials', detail: answer.detail };
      case 'declined':
        return declined(o.address, answer.status);
      case 'error':
        return { kind: 'trouble', reason: reasonOf(answer.code), detail: `${answer.message} (${answer.code})`.trim() };
      default:
        return assertNever(answer);
    }
  }
}

/** A status in our words; `at`: when it was heard. */
export function readingOf(status: SwitchStatus, at: Instant): Extract<Reading, { kind: 'relay' }> {
  const { timer_started_at: started, timer_duration: seconds } = status;
  return {
    kind: 'relay',
    on: status.output,
    timer:
      started === undefined || seconds === undefined
        ? null
        : { seconds, endsAt: Math.round((started + seconds) * 1000) },
    powerWatts: status.apower ?? null,
    source: status.source ?? null,
    at,
  };
}

function declined(address: string, status: number): Trouble {
  const detail = `${address} answered with status ${status}`;
  return { kind: 'trouble', reason: status === 429 ? 'busy' : status === 404 ? 'unsupported' : 'vendor', detail };
}

/** https://shelly-api-docs.shelly.cloud/gen2/General/CommonErrors */
const deadlineExceeded = -104;

function reasonOf(code: number): RefusalReason {
  if (code === -105) return 'not-found'; // no such channel
  if (code === 404) return 'unsupported'; // no such method: not a relay
  if (code === 401) return 'credentials';
  if (code === 429) return 'busy';
  return 'vendor';
}
