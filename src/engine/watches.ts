import type { Log } from '../database/log.ts';
import type { HardwareVendor, Told } from '../drivers/port.ts';
import type { ConnectionsService } from '../features/connections/connections.service.ts';
import type { Clock } from '../host/clock.ts';
import type { ConnectionId } from '../rules/ids.ts';
import { seconds } from '../rules/instant.ts';
import type { Breakers } from './breaker.ts';
import type { createBrokerNotices } from './broker-notices.ts';
import { callTopic, type DeviceCalls, type Hear } from './device-calls.ts';
import type { EngineHardware } from './hardware.ts';
import { type Links, linkKey, movedTopic } from './links.ts';
import type { OpenDrivers, Whose } from './open-drivers.ts';
import type { createToldRelays } from './told-relays.ts';

type Deps = {
  clock: Clock;
  log: Log;
  connections: Pick<ConnectionsService, 'everywhere'>;
  drivers: OpenDrivers;
  hardware: EngineHardware;
  breakers: Breakers;
  links: Links;
  calls: DeviceCalls;
  brokers: ReturnType<typeof createBrokerNotices>;
  relays: ReturnType<typeof createToldRelays>;
  hear: Hear;
  /** Whose drivers tell by themselves. */
  tells: (vendor: HardwareVendor) => boolean;
};

const every = seconds(5);

/**
 * Keeps the connections open that tell by themselves, from the start of the engine to its end, and hands on what they
 * tell: readings to the relays, brokers that are away to the notices, sockets to the links.
 */
export function createWatches(deps: Deps) {
  const { clock, log, connections, drivers, hardware, breakers, links, calls, brokers, relays, hear, tells } = deps;
  const held = new Map<string, { whose: Whose; hardwareId: string }>();
  let processId: string | null = null;
  const turns = new Map<string, Promise<void>>(); // what is told of one thing is kept in the order it was told in

  function told(whose: Whose, one: Told): void {
    const heardOf = heardOfBy(one);
    if (heardOf !== null) breakers.answered(whose.connectionId, heardOf);
    if (one.kind === 'seen') relays.take(whose, one.ref, one.observation);
    else if (one.kind === 'way') way(whose, one);
    else link(whose, one);
  }

  function way(whose: Whose, one: Extract<Told, { kind: 'way' }>): void {
    const id = whose.connectionId;
    const me = processId;
    brokers.told(whose, one);
    if (one.open && me !== null) afterwards(id, () => brokers.say(id, me));
  }

  function link(whose: Whose, one: Extract<Told, { kind: 'linked' | 'unlinked' }>): void {
    const me = processId;
    if (me === null) return; // nobody could find us
    const key = linkKey(whose.connectionId, one.hardwareId);
    if (one.kind === 'linked') {
      held.set(key, { whose, hardwareId: one.hardwareId });
      afterwards(key, () => linked(whose, one, me));
    } else {
      held.delete(key);
      afterwards(key, () => links.unlinked(whose, one.hardwareId, me));
    }
  }

  /** A device that another process reaches right now has not come here: somebody else says that it is it. */
  async function linked(whose: Whose, one: Extract<Told, { kind: 'linked' }>, me: string): Promise<void> {
    const other = await links.holder(whose, one.hardwareId);
    const ref = one.hardware[0]?.ref;
    if (other !== null && other !== me && ref !== undefined) {
      const asked = await calls.ask(whose, other, { kind: 'observe', ref }, seconds(4));
      if (asked.kind === 'seen' && asked.seen.kind === 'relay')
        return hangUp(whose, one.hardwareId, 'it is here already');
    }
    await links.linked(whose, one.hardwareId, one.hardware, me);
  }

  async function hangUp(whose: Whose, hardwareId: string, why: string): Promise<void> {
    held.delete(linkKey(whose.connectionId, hardwareId));
    const driver = await drivers.open(whose.organizationId, whose.connectionId);
    driver.inbound?.hangUp(hardwareId, why);
  }

  function afterwards(key: string, work: () => Promise<unknown>): void {
    const mine = (turns.get(key) ?? Promise.resolve())
      .then(work)
      .then(nothing, (error: unknown) => log.error({ err: error }, 'What was told could not be kept.'))
      .finally(() => {
        if (turns.get(key) === mine) turns.delete(key);
      });
    turns.set(key, mine);
  }

  /** What others ask of the sockets of this process. */
  function serve(): void {
    const me = processId;
    if (me === null) return;
    calls
      .serve(me, hardware.forOther)
      .catch((error: unknown) => log.error({ err: error }, 'A call of another process could not be carried out.'));
  }

  /** A device that has dialled another process is not ours any more, even if its old socket has not noticed. */
  async function letGo(): Promise<void> {
    if (processId === null) return;
    const before = new Map(held);
    await Promise.all(turns.values());
    const mine = await links.held(processId);
    for (const [key, one] of before) {
      if (mine.has(key) || held.get(key) !== one) continue;
      await hangUp(one.whose, one.hardwareId, 'the device has dialled elsewhere');
    }
  }

  async function round(me: string): Promise<void> {
    const all = await connections.everywhere();
    drivers.keepOnly(new Set(all.map(({ id }) => id)));
    for (const { organizationId, id, vendor } of all) {
      if (!tells(vendor)) continue;
      await drivers.open(organizationId, id).catch((error: unknown) => {
        log.error({ err: error, connection: id }, 'A connection cannot be watched.');
      });
    }
    await brokers.round(new Set<ConnectionId>(all.map(({ id }) => id)), me);
    await calls.sweep();
  }

  /** `id`: by which other processes know this one. */
  function start(id: string): { stop(): Promise<void> } {
    processId = id;
    relays.start();
    let under: Promise<void> | null = null;
    let more = false;
    const go = (): void => {
      more = under !== null;
      under ??= round(id)
        .then(letGo)
        .catch((error: unknown) => log.error({ err: error }, 'The watched connections could not be looked through.'))
        .finally(() => {
          under = null;
          if (more) go();
        });
    };
    const stops = [
      hear('connections', '', go),
      hear(callTopic, id, serve),
      hear(movedTopic, id, go),
      clock.every(every, go).stop,
    ];
    go();
    return {
      async stop() {
        for (const stop of stops) stop();
        more = false;
        await under;
        await relays.stop();
        await drivers.close();
        await Promise.all(turns.values());
        processId = null;
      },
    };
  }

  return { told, start, isOpen: (): boolean => processId !== null };
}

/** Whose trouble is over when this is told; '': the connection's; null: nobody's. */
function heardOfBy(one: Told): string | null {
  if (one.kind === 'way') return one.open ? '' : null;
  if (one.kind === 'linked') return one.hardwareId;
  return one.kind === 'seen' && one.observation.kind === 'relay' ? one.ref.hardwareId : null;
}

const nothing = (): undefined => undefined;

export type Watches = ReturnType<typeof createWatches>;
