import type { Clock } from '../../host/clock.ts';
import { seconds } from '../../rules/instant.ts';
import type { Driver, Hardware, Told } from '../port.ts';
import { createShellyAddress, type ShellyAddress } from './address.ts';
import { openBroker } from './broker.ts';
import { parseFrame, readingsOf } from './frame.ts';
import { createFrames } from './frames.ts';
import { createGen1, gen1Filters } from './gen1-topics.ts';
import { createGen2Dialect } from './gen2-dialect.ts';
import { checkCommand, faultOf, refusedBy, toldAs, toObservation, unreachable } from './judge.ts';
import { listBehind } from './list.ts';
import { locate, readWhereItIs } from './locate.ts';
import { performAt } from './perform.ts';
import { createToldOrder } from './told-order.ts';

/**
 * Shelly relays on an MQTT broker. Generation 2 and later: the same JSON-RPC as on the LAN, `<prefix>/rpc` out,
 * `<our name>/rpc` back, so the same rules: who is there is asked first, every switch-on carries the device's timer, every
 * switch is read back. Generation 1: gen1-topics.ts. Whoever may publish on the broker may pretend to be a device; what
 * devices tell by themselves is believed only under a prefix whose device has answered us.
 */
export type ShellyMqttOptions = {
  url: string;
  username?: string | undefined;
  password?: string | undefined;
  /** Prefixes that devices were given in place of their ids. */
  topics?: readonly string[] | undefined;
  devicePassword?: string | undefined;
  devicePasswords?: Readonly<Record<string, string>> | undefined;
  clock: Clock;
  random: (count: number) => Buffer;
};

/** `heardOf`: something there told the broker so itself; `online`: as the broker said last. */
type Seat = { prefix: string; address: ShellyAddress; heardOf: boolean; online: boolean; lookedAt: number };

/** What devices are called when nobody chose a prefix: their ids. */
const ownPrefix = /^shelly[A-Za-z0-9_-]{1,58}$/;
const mostSeats = 500;
const lookEvery = seconds(1);
const lookWithin = seconds(5);
/** What the broker keeps of its devices comes at once after we have subscribed, but after we are told that we have. */
const introductions = 500;

export function createShellyMqttDriver(o: ShellyMqttOptions): Driver {
  const source = `keystead-${o.random(9).toString('hex')}`; // one process, one driver: nobody else hears our answers
  const topics = o.topics ?? [];
  const seats = new Map<string, Seat>();
  const order = createToldOrder();
  const frames = createFrames({ ...o, source });
  let emit: (told: Told) => void = () => undefined;
  let openSince = 0;

  const broker = openBroker({
    ...o,
    username: o.username,
    password: o.password,
    clientId: source,
    topics: [
      `${source}/rpc`,
      '+/online',
      '+/events/rpc',
      ...gen1Filters,
      ...topics.filter((topic) => topic.includes('/')).flatMap((topic) => [`${topic}/online`, `${topic}/events/rpc`]),
    ],
    onMessage,
    onChange(trouble) {
      if (trouble !== null) frames.lost(trouble.detail);
      else {
        openSince = o.clock.now();
        gen1.greet();
      }
      emit(trouble === null ? { kind: 'way', open: true } : { kind: 'way', open: false, why: trouble.detail });
    },
  });
  const gen1 = createGen1({ publish: broker.publish, clock: o.clock });
  for (const topic of topics) seat(topic);

  /** A prefix that only the broker told of gets a seat while there is room; one that we were asked about always. */
  function heardOf(prefix: string): Seat | null {
    return seats.has(prefix) || seats.size < mostSeats ? seat(prefix) : null;
  }

  function seat(prefix: string): Seat {
    const known = seats.get(prefix);
    if (known !== undefined) return known;
    const client = frames.client({
      name: prefix,
      password: () => o.devicePasswords?.[address.hardwareId() ?? prefix] ?? o.devicePassword,
      send: (text) => broker.publish(`${prefix}/rpc`, text),
    });
    const address: ShellyAddress = createShellyAddress({
      address: prefix,
      ourWay: /^mqtt/i,
      clock: o.clock,
      newer: (saw) => createGen2Dialect({ address: prefix, client, clock: o.clock, saw }),
    });
    const made: Seat = { prefix, address, heardOf: false, online: true, lookedAt: 0 };
    seats.set(prefix, made);
    return made;
  }

  function onMessage(topic: string, text: string, retained: boolean): void {
    if (topic.startsWith('shellies/')) gen1.take(topic, text, retained);
    else if (topic === `${source}/rpc`) {
      const frame = parseFrame(text);
      if (frame?.kind === 'answer') frames.answered(frame.id, frame.reply);
    } else heard(topic, text, retained);
  }

  function heard(topic: string, text: string, retained: boolean): void {
    const prefix = topic.replace(/\/(online|events\/rpc)$/, '');
    const there = ownPrefix.test(prefix) || topics.includes(prefix) ? heardOf(prefix) : null;
    if (there === null) return;
    if (text === 'true' || topic.endsWith('/events/rpc')) there.heardOf = true;
    if (topic.endsWith('/online')) online(there, text === 'true', retained);
    const frame = topic.endsWith('/events/rpc') && !retained ? parseFrame(text) : null;
    if (frame?.kind !== 'notice') return;
    if (there.address.hardwareId() === null)
      look(there); // nobody has answered under this prefix yet
    else if (there.address.hardwareId() === frame.src && order.isNew(prefix, frame.deviceTime, frame.full)) {
      tell(frame.src, frame.params);
    }
  }

  function tell(hardwareId: string, params: Record<string, unknown>): void {
    for (const { channel, reading } of readingsOf(params, o.clock.now())) {
      emit({ kind: 'seen', ref: { hardwareId, channel }, observation: toObservation(reading) });
    }
  }

  function online(there: Seat, isOn: boolean, retained: boolean): void {
    there.online = isOn;
    order.forget(there.prefix);
    if (isOn) look(there);
    const known = there.address.remembered();
    if (isOn || known === null || retained) return;
    for (const channel of known.channels) {
      const why = `The broker says that ${known.info.id} is gone`;
      const observation = { kind: 'unreachable', why, at: o.clock.now() } as const;
      emit({ kind: 'seen', ref: { hardwareId: known.info.id, channel }, observation });
    }
  }

  /** A device came, or tells something: who is it, and what is true there now? Not again and again. */
  function look(there: Seat): void {
    const now = o.clock.now();
    if (Math.abs(now - there.lookedAt) < lookEvery) return;
    there.lookedAt = now;
    const signal = o.clock.deadline(lookWithin);
    const asked = async () => {
      const identity = await there.address.identify(signal);
      if (identity.kind === 'trouble') return;
      const found = await there.address.channels(signal);
      if (found.kind === 'trouble') return;
      for (const channel of found.channels) {
        const ref = { hardwareId: identity.info.id, channel };
        const seen = await there.address.read(ref, signal);
        if (seen.kind === 'relay') emit({ kind: 'seen', ref, observation: toObservation(seen) });
      }
    };
    asked().catch(() => undefined); // it is read again soon
  }

  const worthAsking = ({ online: isOn, address }: Seat): boolean => isOn || address.remembered() !== null;

  /** The broker says that it is there, and it has not told us yet what it is. */
  function onlyHeardOf({ text: prefix }: ShellyAddress): Hardware[] {
    const there = seats.get(prefix);
    if (there?.heardOf !== true || !ownPrefix.test(prefix)) return [];
    const ref = { hardwareId: prefix, channel: 0 };
    const unknown = { name: null, model: null, firmware: null, channelCount: null };
    return [{ ref, kind: 'relay', ...unknown, online: false }];
  }

  /** Where a device may be: the prefix that is its id, and those that were chosen. */
  function placesOf(hardwareId: string): ShellyAddress[] {
    const own = /^[A-Za-z0-9_-]{1,64}$/.test(hardwareId) ? seat(hardwareId) : null;
    const chosen = [...seats.values()].filter(({ prefix }) => topics.includes(prefix));
    return [...new Set([...(own === null ? [] : [own]), ...chosen])].map(({ address }) => address);
  }

  return {
    describe: (ref) => {
      const old = gen1.has(ref.hardwareId);
      return { canSwitch: true, hasAutoOff: !old, readsPower: true };
    },
    list: async (signal) => {
      const trouble = await broker.ready(signal);
      if (trouble !== null) throw faultOf(trouble);
      const left = openSince + introductions - o.clock.now();
      if (left > 0 && left <= introductions) await o.clock.sleep(left, signal);
      const asked = [...seats.values()].filter(worthAsking).map(({ address }) => address);
      const [old, newer] = await Promise.all([gen1.list(signal), listBehind(asked, signal, onlyHeardOf)]);
      const since = broker.trouble();
      if (since !== null) throw faultOf(since);
      return [...newer, ...old];
    },
    perform: async (ref, command, signal) => {
      checkCommand(command);
      const trouble = await broker.ready(signal);
      if (trouble !== null) return refusedBy(trouble);
      if (gen1.has(ref.hardwareId)) return gen1.perform(ref, command, signal);
      const place = await locate(placesOf(ref.hardwareId), ref.hardwareId, signal);
      return place.kind === 'found' ? performAt(place.address, ref, command, signal) : refusedBy(place);
    },
    observe: async (ref, signal) => {
      const trouble = await broker.ready(signal);
      if (trouble !== null) return unreachable(trouble, o.clock.now());
      if (gen1.has(ref.hardwareId)) return gen1.observe(ref, signal);
      const seen = await readWhereItIs(placesOf(ref.hardwareId), ref, signal);
      return toldAs(seen, o.clock.now());
    },
    watch: (to) => {
      emit = to;
      gen1.watch(to);
      if (broker.trouble() === null) to({ kind: 'way', open: true });
    },
    close: async () => {
      emit = () => undefined;
      gen1.watch(emit);
      frames.lost('The connection was closed');
      await broker.close();
    },
  };
}
