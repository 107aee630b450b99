import { Type } from 'typebox';
import { Check } from 'typebox/value';
import type { Clock } from '../../host/clock.ts';
import type { Command, Hardware, HardwareRef, Observation, Outcome, Told } from '../port.ts';

/**
 * Shelly relays of generation 1 on a broker: https://shelly-api-docs.shelly.cloud/gen1/#mqtt-support
 * Their topics know on, off and toggle, and no timer; the device's own auto-off can be neither set nor read there. A
 * switch-on could therefore stay on for ever, and is never sent. Reading, switching off and what they tell are sound.
 */
export const gen1Filters = [
  'shellies/announce',
  'shellies/+/online',
  'shellies/+/relay/+',
  'shellies/+/relay/+/power',
] as const;

const noTimer =
  'A Shelly of generation 1 takes no timer over MQTT, so it could stay on for ever. Add it by its address on the local network, or use a newer device';

const Announce = Type.Object({
  id: Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$' }),
  model: Type.Optional(Type.String({ maxLength: 64 })),
  fw_ver: Type.Optional(Type.String({ maxLength: 64 })),
});
type Channel = { on: boolean; powerWatts: number | null };
type Known = { online: boolean; model: string | null; firmware: string | null; channels: Map<number, Channel> };
type Seen = { on: boolean; powerWatts: number | null };

/** A device on a broker answers in some 100 ms. */
const answerMilliseconds = 2000;
const most = { devices: 500, channels: 8 } as const;

export function createGen1(o: { publish(topic: string, text: string): boolean; clock: Clock }) {
  const known = new Map<string, Known>();
  const waiting = new Map<string, Set<(seen: Seen) => void>>();
  let emit: (told: Told) => void = () => undefined;

  /** Something came on one of the topics above. */
  function take(topic: string, text: string, retained: boolean): void {
    if (topic === 'shellies/announce') announced(text);
    const [, id = '', what, number, more] = topic.split('/');
    if (!/^[A-Za-z0-9_-]{1,64}$/.test(id)) return;
    if (what === 'online') online(id, text, retained);
    if (what === 'relay') relay(id, number ?? '', more ?? '', text, retained);
  }

  function relay(id: string, number: string, more: string, text: string, retained: boolean): void {
    const channel = /^\d$/.test(number) ? Number(number) : most.channels;
    const device = channel < most.channels ? deviceOf(id) : null;
    if (device === null) return;
    const before = device.channels.get(channel);
    if (more === 'power') {
      const powerWatts = Number(text);
      if (before !== undefined && text !== '' && Number.isFinite(powerWatts)) before.powerWatts = powerWatts;
    } else if (more === '' && (text === 'on' || text === 'off' || text === 'overpower')) {
      const seen = { on: text === 'on', powerWatts: before?.powerWatts ?? null };
      device.channels.set(channel, seen);
      if (retained) return; // what was so some time ago
      device.online = true;
      for (const heard of waiting.get(`${id}/${channel}`) ?? []) heard(seen);
      emit({ kind: 'seen', ref: { hardwareId: id, channel }, observation: observed(seen) });
    }
  }

  function announced(text: string): void {
    const value = parseJson(text);
    const device = Check(Announce, value) ? deviceOf(value.id) : null;
    if (device === null || !Check(Announce, value)) return;
    device.model = value.model ?? null;
    device.firmware = value.fw_ver ?? null;
  }

  function online(id: string, text: string, retained: boolean): void {
    const device = deviceOf(id);
    if (device === null) return;
    device.online = text === 'true';
    if (device.online) void o.publish(`shellies/${id}/command`, 'update');
    else if (!retained) {
      for (const channel of device.channels.keys()) {
        const why = `The broker says that ${id} is gone`;
        const observation = { kind: 'unreachable', why, at: o.clock.now() } as const;
        emit({ kind: 'seen', ref: { hardwareId: id, channel }, observation });
      }
    }
  }

  function deviceOf(id: string): Known | null {
    const there = known.get(id);
    if (there !== undefined || known.size >= most.devices) return there ?? null;
    const made: Known = { online: false, model: null, firmware: null, channels: new Map() };
    known.set(id, made);
    return made;
  }

  /**
   * Asks for its state, and waits for one that is `wanted`: what it tells by itself may come before the answer, and be
   * older. Whatever it said last; null when it says nothing.
   */
  async function ask(
    ref: HardwareRef,
    signal: AbortSignal,
    wanted: (seen: Seen) => boolean = () => true,
  ): Promise<Seen | null> {
    const key = `${ref.hardwareId}/${ref.channel}`;
    const { promise, resolve } = Promise.withResolvers<void>();
    let last: Seen | null = null;
    const heard = (seen: Seen): void => {
      last = seen;
      if (wanted(seen)) resolve();
    };
    o.clock.deadline(answerMilliseconds, signal).addEventListener('abort', () => resolve(), { once: true });
    const those = waiting.get(key) ?? new Set();
    waiting.set(key, those.add(heard));
    if (signal.aborted || !o.publish(`shellies/${ref.hardwareId}/command`, 'update')) resolve();
    await promise;
    those.delete(heard);
    if (those.size === 0) waiting.delete(key);
    return last;
  }

  async function observe(ref: HardwareRef, signal: AbortSignal): Promise<Observation> {
    const seen = await ask(ref, signal);
    if (seen !== null) return observed(seen);
    return { kind: 'unreachable', reason: 'unreachable', why: silent(ref), at: o.clock.now() };
  }

  async function perform(ref: HardwareRef, command: Command, signal: AbortSignal): Promise<Outcome> {
    if (command.kind === 'switch-on') return { kind: 'refused', reason: 'unsupported', detail: noTimer };
    const unheard: Outcome = { kind: 'refused', reason: 'unreachable', detail: silent(ref) };
    // its topics acknowledge nothing: what does not answer before is not sent anything, so surely not done
    if ((await ask(ref, signal)) === null) return unheard;
    if (!o.publish(`shellies/${ref.hardwareId}/relay/${ref.channel}/command`, 'off')) return unheard;
    const seen = await ask(ref, signal, ({ on }) => !on);
    if (seen?.on === false) return { kind: 'confirmed', observation: observed(seen) };
    return { kind: 'unknown', detail: seen === null ? silent(ref) : 'the relay is not off yet' };
  }

  /** Those that the broker says are there are asked. */
  async function list(signal: AbortSignal): Promise<Hardware[]> {
    const asked = [...known].map(async ([id, device]): Promise<Hardware[]> => {
      const channels = [...device.channels.keys()];
      const [first] = channels;
      if (first === undefined) return [];
      const online = device.online && (await ask({ hardwareId: id, channel: first }, signal)) !== null;
      const { model, firmware } = device;
      return channels.map((channel) => ({
        ref: { hardwareId: id, channel },
        kind: 'relay',
        name: null,
        model,
        firmware,
        channelCount: channels.length,
        online,
        hasAutoOff: false,
      }));
    });
    return (await Promise.all(asked)).flat();
  }

  const observed = (seen: Seen): Observation => ({
    kind: 'relay',
    on: seen.on,
    autoOffAt: null,
    powerWatts: seen.powerWatts,
    source: null,
    at: o.clock.now(),
  });

  return {
    take,
    observe,
    perform,
    list,
    has: (hardwareId: string): boolean => known.has(hardwareId),
    watch: (to: (told: Told) => void): void => {
      emit = to;
    },
    /** Everybody says who they are; what was said before the connection broke may be old. */
    greet: (): void => void o.publish('shellies/command', 'announce'),
  };
}

const silent = ({ hardwareId }: HardwareRef): string => `${hardwareId} does not answer on the broker`;

export type Gen1 = ReturnType<typeof createGen1>;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
