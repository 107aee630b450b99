import type { Clock } from '../../host/clock.ts';
import type { VendorHttp } from '../../host/vendor-http.ts';
import { assertNever } from '../../rules/assert-never.ts';
import type { HardwareRef } from '../port.ts';
import type { Channels, Dialect, Saw } from './dialect.ts';
import { createGen1Client, type Gen1Answer } from './gen1-client.ts';
import { gen1Reading } from './gen1-relay.ts';
import { parseGen1Identity, parseGen1Relay, parseGen1Settings, parseGen1Status } from './gen1-wire.ts';
import { declined } from './gen2-dialect.ts';
import { refusedBy, type Trouble } from './judge.ts';

/**
 * Generation 1: plain HTTP. The device is known by its MAC address in lower case, as the Cloud knows it. The answer to a
 * switch does not name its device, so the read-back asks for the whole status, which does; and nothing is switched before
 * the settings of the device here have shown a relay at that channel.
 */
export function createGen1Dialect(o: {
  address: string;
  password: string | undefined;
  http: VendorHttp;
  clock: Clock;
  saw: Saw;
}): Dialect {
  const client = createGen1Client(o);
  let asksPassword = false;
  let known: { id: string; channels: number[] } | null = null;

  const get = (path: string, signal: AbortSignal): Promise<Gen1Answer> =>
    client.get(path, signal, { signIn: asksPassword });

  async function settings(signal: AbortSignal): Promise<(Channels & { id: string }) | Trouble> {
    const answer = await get('/settings', signal);
    if (answer.kind !== 'json') return trouble(answer);
    const found = parseGen1Settings(answer.value);
    if (found === null) return strange();
    o.saw(found.id);
    known = found;
    return { kind: 'channels', ...found };
  }

  /** Why this must not be switched; null: it is a relay here. */
  async function hindrance(ref: HardwareRef, signal: AbortSignal): Promise<Trouble | null> {
    if (known?.id !== ref.hardwareId) {
      const found = await settings(signal);
      if (found.kind === 'trouble') return found;
      if (found.id !== ref.hardwareId) return other(found.id, ref);
    }
    if (known?.channels.includes(ref.channel) === true) return null;
    const none = known === null || known.channels.length === 0;
    const detail = none ? `${ref.hardwareId} is no relay` : `${ref.hardwareId} has no channel ${ref.channel}`;
    return { kind: 'trouble', reason: none ? 'unsupported' : 'not-found', detail };
  }

  return {
    identify: async (signal) => {
      const answer = await client.get('/shelly', signal, { signIn: false });
      if (answer.kind !== 'json') return trouble(answer);
      const found = parseGen1Identity(answer.value);
      if (found === 'newer') return { kind: 'other-generation', trouble: strange() };
      if (found === null) return strange();
      asksPassword = found.auth;
      const id = found.mac.toLowerCase();
      o.saw(id);
      return { kind: 'device', info: { id, name: null, model: found.type, firmware: found.fw } };
    },

    set: async (ref, command, signal) => {
      const hindered = await hindrance(ref, signal);
      if (hindered !== null) return refusedBy(hindered);
      const turn = command.kind === 'switch-on' ? `turn=on&timer=${command.autoOffSeconds}` : 'turn=off';
      const answer = await get(`/relay/${ref.channel}?${turn}`, signal);
      if (answer.kind === 'lost') return answer;
      if (answer.kind !== 'json') {
        known = null; // perhaps it was set up for something else
        return refusedBy(trouble(answer));
      }
      if (parseGen1Relay(answer.value) === null) return { kind: 'lost', detail: strange().detail };
      return { kind: 'taken', named: false };
    },

    read: async (ref, signal) => {
      const answer = await get('/status', signal);
      if (answer.kind !== 'json') return trouble(answer);
      const status = parseGen1Status(answer.value);
      if (status === null) return strange();
      o.saw(status.id);
      if (status.id !== ref.hardwareId) return { kind: 'other-device', detail: other(status.id, ref).detail };
      const at = o.clock.now();
      return gen1Reading(status, ref.channel, { device: ref.hardwareId, at, shownAt: at });
    },

    channels: settings,
  };

  function other(id: string, ref: HardwareRef): Trouble {
    return { kind: 'trouble', reason: 'not-found', detail: `${o.address} is ${id}, not ${ref.hardwareId}` };
  }

  function strange(): Trouble {
    return { kind: 'trouble', reason: 'vendor', detail: `${o.address} gave an answer that cannot be understood` };
  }

  function trouble(answer: Exclude<Gen1Answer, { kind: 'json' }>): Trouble {
    switch (answer.kind) {
      case 'not-sent':
      case 'lost':
        return { kind: 'trouble', reason: 'unreachable', detail: answer.detail };
      case 'credentials':
        return { kind: 'trouble', reason: 'credentials', detail: answer.detail };
      case 'declined':
        return declined(o.address, answer);
      default:
        return assertNever(answer);
    }
  }
}
