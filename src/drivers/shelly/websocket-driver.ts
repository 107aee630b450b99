import type { Clock } from '../../host/clock.ts';
import { seconds } from '../../rules/instant.ts';
import type { Driver, Hardware, Line, Told } from '../port.ts';
import { createShellyAddress, type ShellyAddress } from './address.ts';
import type { Saw } from './dialect.ts';
import { parseFrame, readingsOf } from './frame.ts';
import { createFrames } from './frames.ts';
import { createGen2Dialect } from './gen2-dialect.ts';
import { checkCommand, refusedBy, toldAs, toObservation } from './judge.ts';
import { listBehind } from './list.ts';
import { locate, readWhereItIs } from './locate.ts';
import { performAt } from './perform.ts';
import { createToldOrder } from './told-order.ts';

/**
 * Shelly Gen2+ relays that dial us (Ws.SetConfig), for sites behind NAT: the same JSON-RPC down their own socket.
 * The secret in the address they dial says which connection they belong to; which device it is they only say themselves.
 * So a socket speaks for one device, and takes the place of another socket only when that one no longer answers: whoever
 * has the secret cannot push a living device aside.
 */
export type ShellyWebSocketOptions = {
  devicePassword?: string | undefined;
  devicePasswords?: Readonly<Record<string, string>> | undefined;
  clock: Clock;
  random: (count: number) => Buffer;
};

type Held = { line: Line; address: ShellyAddress; hardware: Hardware[] };

/** Of sockets that have not yet said whose they are, and of devices. */
const most = { strangers: 50, devices: 250 } as const;
const introduceWithin = seconds(10);

export function createShellyWebSocketDriver(o: ShellyWebSocketOptions): Driver {
  const held = new Map<string, Held>();
  const strangers = new Set<Line>();
  let emit: (told: Told) => void = () => undefined;
  let closing = false;

  function accept(line: Line): void {
    if (closing || strangers.size >= most.strangers) line.close('too many sockets');
    else greet(line);
  }

  /** Listens until it says who it is. */
  function greet(line: Line): void {
    strangers.add(line);
    const frames = createFrames({ ...o, source: `keystead-${o.random(9).toString('hex')}` });
    const order = createToldOrder();
    const late = o.clock.deadline(introduceWithin);
    const tooLate = () => line.close('it did not say who it is');
    late.addEventListener('abort', tooLate, { once: true });
    let id: string | null = null;
    let gone = false;

    line.listen({
      message(text) {
        const frame = parseFrame(text);
        if (frame === null) return;
        if (frame.kind === 'answer') frames.answered(frame.id, frame.reply);
        else if (id === null) {
          id = frame.src;
          order.isNew(id, frame.deviceTime, frame.full);
          introduced(id, frame.params).catch(() => line.close('not now'));
        } else if (frame.src !== id) line.close('one socket speaks for one device');
        else if (order.isNew(id, frame.deviceTime, frame.full) && held.get(id)?.line === line) tell(id, frame.params);
      },
      closed() {
        gone = true;
        late.removeEventListener('abort', tooLate);
        strangers.delete(line);
        frames.lost('The device hung up');
        if (id !== null && held.get(id)?.line === line) drop(id, `${id} hung up`);
      },
    });

    async function introduced(claimed: string, params: Record<string, unknown>): Promise<void> {
      const client = frames.client({
        name: claimed,
        password: () => o.devicePasswords?.[claimed] ?? o.devicePassword,
        send: (text) => {
          if (gone) return false;
          line.send(text);
          return true;
        },
      });
      const { clock } = o;
      const newer = (saw: Saw) => createGen2Dialect({ address: claimed, client, clock, saw });
      const address = createShellyAddress({ address: claimed, ourWay: /^ws/i, clock, newer });
      const hardware = await hardwareOf(address, claimed);
      if (hardware === null) return line.close('it does not answer as the device it says it is');
      // one that we hold may dial again: its way may have broken without a word
      const before = held.get(claimed);
      if (before === undefined && held.size >= most.devices) return line.close('too many devices');
      if (before !== undefined && (await answers(before, claimed))) return line.close(`${claimed} is here already`);
      if (gone || closing) return;
      if (held.get(claimed) !== before) return line.close(`${claimed} has come by another socket`);
      late.removeEventListener('abort', tooLate);
      strangers.delete(line);
      held.set(claimed, { line, address, hardware });
      before?.line.close('the device has dialled again');
      emit({ kind: 'linked', hardwareId: claimed, hardware });
      tell(claimed, params);
    }
  }

  /** Who is there, and what of it can be driven; null when it is not the device that it said. */
  async function hardwareOf(address: ShellyAddress, claimed: string): Promise<Hardware[] | null> {
    // also where its status asks for a password that we lack: it is there
    const found = await listBehind([address], o.clock.deadline(introduceWithin));
    return address.remembered()?.info.id === claimed ? found : null;
  }

  async function answers({ address }: Held, claimed: string): Promise<boolean> {
    const identity = await address.identify(o.clock.deadline(introduceWithin));
    return identity.kind === 'device' && identity.info.id === claimed;
  }

  function tell(hardwareId: string, params: Record<string, unknown>): void {
    for (const { channel, reading } of readingsOf(params, o.clock.now())) {
      emit({ kind: 'seen', ref: { hardwareId, channel }, observation: toObservation(reading) });
    }
  }

  function drop(hardwareId: string, why: string): void {
    const there = held.get(hardwareId);
    if (there === undefined) return;
    held.delete(hardwareId);
    emit({ kind: 'unlinked', hardwareId });
    for (const { ref } of there.hardware) {
      emit({ kind: 'seen', ref, observation: { kind: 'unreachable', why, at: o.clock.now() } });
    }
  }

  const at = (hardwareId: string): ShellyAddress[] => {
    const there = held.get(hardwareId);
    return there === undefined ? [] : [there.address];
  };
  const notHere = (hardwareId: string): string => `${hardwareId} has not dialled in`;

  return {
    describe: () => ({ canSwitch: true, hasAutoOff: true, readsPower: true }),
    list: (signal) => {
      const addresses = [...held.values()].map(({ address }) => address);
      return listBehind(addresses, signal);
    },
    perform: async (ref, command, signal) => {
      checkCommand(command);
      const addresses = at(ref.hardwareId);
      if (addresses.length === 0) return { kind: 'refused', reason: 'unreachable', detail: notHere(ref.hardwareId) };
      const place = await locate(addresses, ref.hardwareId, signal);
      return place.kind === 'found' ? performAt(place.address, ref, command, signal) : refusedBy(place);
    },
    observe: async (ref, signal) => {
      const addresses = at(ref.hardwareId);
      if (addresses.length === 0) {
        return { kind: 'unreachable', reason: 'unreachable', why: notHere(ref.hardwareId), at: o.clock.now() };
      }
      const seen = await readWhereItIs(addresses, ref, signal);
      return toldAs(seen, o.clock.now());
    },
    watch: (to) => {
      emit = to;
    },
    inbound: {
      accept,
      holds: (hardwareId) => held.has(hardwareId),
      hangUp(hardwareId, why) {
        const there = held.get(hardwareId);
        if (there === undefined) return;
        held.delete(hardwareId); // without a word: it is reached elsewhere
        there.line.close(why);
      },
    },
    close: async () => {
      closing = true;
      for (const hardwareId of held.keys()) emit({ kind: 'unlinked', hardwareId });
      emit = () => undefined;
      for (const line of [...strangers, ...[...held.values()].map((one) => one.line)]) line.close('closing');
      held.clear();
    },
  };
}
