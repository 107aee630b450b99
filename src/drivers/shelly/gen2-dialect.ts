import type { Clock } from '../../host/clock.ts';
import { assertNever } from '../../rules/assert-never.ts';
import type { Instant } from '../../rules/instant.ts';
import type { RefusalReason } from '../port.ts';
import type { RpcAnswer, ShellyClient } from './client.ts';
import type { Dialect, Saw } from './dialect.ts';
import { type RelayReading, refusedBy, type Trouble } from './judge.ts';
import {
  isSwitchSetResult,
  parseChannels,
  parseDeviceInfo,
  parseEnergy,
  parsePower,
  parseSwitchStatus,
  type SwitchStatus,
} from './wire.ts';

/** Generation 2 and later, over HTTP, a broker or a socket: JSON-RPC, every result names the device that gave it. */
export function createGen2Dialect(o: { address: string; client: ShellyClient; clock: Clock; saw: Saw }): Dialect {
  const { client } = o;

  return {
    identify: async (signal) => {
      const answer = await client.call('Shelly.GetDeviceInfo', {}, signal);
      if (answer.kind === 'declined' && answer.status === 429) return trouble(answer);
      // This method is open and known to every device with RPC: a no comes from something else.
      if (answer.kind === 'declined' || answer.kind === 'credentials' || answer.kind === 'error') {
        return { kind: 'other-generation', trouble: trouble(answer) };
      }
      if (answer.kind !== 'result') return trouble(answer);
      const found = parseDeviceInfo(answer.result);
      if (found === null || found.id !== answer.src) return strange();
      o.saw(found.id);
      const { id, name, app, model, ver } = found;
      return { kind: 'device', info: { id, name: name ?? null, model: app ?? model ?? null, firmware: ver ?? null } };
    },

    set: async (ref, command, signal) => {
      const wish = command.kind === 'switch-on' ? { on: true, toggle_after: command.autoOffSeconds } : { on: false };
      const answer = await client.call('Switch.Set', { id: ref.channel, ...wish }, signal);
      if (answer.kind === 'lost') return answer;
      if (answer.kind === 'error' && !surelyNotDone.has(answer.code)) return { kind: 'lost', detail: answer.message };
      if (answer.kind !== 'result') return refusedBy(trouble(answer));
      o.saw(answer.src);
      if (answer.src !== ref.hardwareId) {
        // The address changed its owner within the last seconds. Say so: a person must look at what was switched.
        const detail = `${o.address} is now ${answer.src}, which took the command meant for ${ref.hardwareId}`;
        return { kind: 'refused', reason: 'not-found', detail };
      }
      if (!isSwitchSetResult(answer.result)) return { kind: 'lost', detail: strange().detail };
      return { kind: 'taken', named: true };
    },

    read: async (ref, signal) => {
      const answer = await client.call('Switch.GetStatus', { id: ref.channel }, signal);
      if (answer.kind !== 'result') return trouble(answer);
      o.saw(answer.src);
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
      const channels = parseChannels(answer.result);
      if (channels === null) return strange();
      o.saw(answer.src);
      return { kind: 'channels', channels, name: null };
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
        return declined(o.address, answer);
      case 'error':
        return { kind: 'trouble', reason: reasonOf(answer.code), detail: `${answer.message} (${answer.code})`.trim() };
      default:
        return assertNever(answer);
    }
  }
}

/** A status in our words; `at`: when it was heard. */
export function readingOf(status: SwitchStatus, at: Instant): RelayReading {
  const { timer_started_at: started, timer_duration: seconds } = status;
  const timed = started !== undefined && seconds !== undefined;
  return {
    kind: 'relay',
    on: status.output,
    timer: timed ? { seconds, endsAt: Math.round((started + seconds) * 1000) } : null,
    powerWatts: parsePower(status.apower),
    energyWh: parseEnergy(status.aenergy),
    source: status.source ?? null,
    at,
  };
}

/** A status of HTTP that says no. */
export function declined(address: string, o: { status: number; retryAfterSeconds: number | null }): Trouble {
  const reason = o.status === 429 ? 'busy' : o.status === 404 ? 'unsupported' : 'vendor';
  const detail = `${address} answered with status ${o.status}`;
  const again = o.retryAfterSeconds === null ? {} : { retryAfterSeconds: o.retryAfterSeconds };
  return { kind: 'trouble', reason, detail, ...again };
}

/**
 * https://shelly-api-docs.shelly.cloud/gen2/General/CommonErrors An argument, no such thing, no resources, not now,
 * nobody there, and the statuses of a no. Another (-104 is a deadline that passed) may come after it was done.
 */
const surelyNotDone: ReadonlySet<number> = new Set([-103, -105, -108, -109, -114, 400, 401, 403, 404, 429]);

function reasonOf(code: number): RefusalReason {
  if (code === -105) return 'not-found'; // no such channel
  if (code === 404) return 'unsupported'; // no such method: not a relay
  if (code === 401) return 'credentials';
  if (code === 429) return 'busy';
  return 'vendor';
}
