import type { Log } from '../database/log.ts';
import type { Database } from '../database/open.ts';
import type { LockHardware } from '../drivers/lock-port.ts';
import type { EmergencyService } from '../features/access/emergency.service.ts';
import type { LockRecords } from '../features/access/lock-records.service.ts';
import type { LockCommandsService } from '../features/commands/lock-commands.service.ts';
import type { LockLooks } from '../features/commands/lock-looks.service.ts';
import { type LockRow, type LocksService, thingOf } from '../features/locks/locks.service.ts';
import type { Clock } from '../host/clock.ts';
import type { ConnectionId, LockId } from '../rules/ids.ts';
import { hours, type Instant, minutes, seconds } from '../rules/instant.ts';
import { createFairQueue } from './places.ts';
import type { Lanes, LockHardwarePort } from './port.ts';

type Deps = {
  database: Database;
  clock: Clock;
  log: Log;
  chance: () => number;
  lanes: Lanes;
  lockHardware: LockHardwarePort;
  locks: LocksService;
  lockLooks: LockLooks;
  lockCommands: LockCommandsService;
  lockRecords: LockRecords;
  emergency: EmergencyService;
};

/**
 * What costs a vendor a question is asked every few minutes; what costs a lock its battery, a few times a day. The book is
 * read over again for a while: gateways hand in late what happened while they were away.
 */
const every = {
  list: minutes(5),
  book: minutes(5),
  look: hours(4),
  wholeBook: hours(4),
  swept: seconds(30),
  old: hours(1),
} as const;
const overlap = { usual: hours(1), whole: hours(48) } as const;
const places = { atOnce: 32, atOncePerGroup: 4 } as const;
const page = 500;
const beat = seconds(2);

type Due = {
  list: Map<ConnectionId, Instant>;
  book: Map<LockId, Instant>;
  whole: Map<LockId, Instant>;
  look: Map<LockId, Instant>;
};

/**
 * Keeps what is known of locks true: their gateways, batteries, bolts, and what their own books tell. One process of all
 * does it at a time: vendors count requests. What people ask for goes first; nothing here waits for a lane.
 */
export function createLockRound(deps: Deps) {
  const { database, clock, log, chance, lanes, lockHardware, locks, lockLooks, lockCommands, lockRecords, emergency } =
    deps;
  const queue = createFairQueue(places);
  const under = new Map<string, Promise<void>>();
  const due: Due = { list: new Map(), book: new Map(), whole: new Map(), look: new Map() };
  let swept: Instant = 0;
  let old: Instant = 0;

  /** Begins all that is due by now. `all`: whatever it is, now. */
  async function begin(signal: AbortSignal, all = false): Promise<void> {
    if (all) for (const times of Object.values(due)) times.clear();
    const connections = new Map<ConnectionId, LockRow[]>();
    let last: LockRow | null = null;
    while (!signal.aborted) {
      const some: LockRow[] = await locks.after(last, page);
      for (const lock of some) {
        connections.set(lock.connection_id, [...(connections.get(lock.connection_id) ?? []), lock]);
        if (signal.aborted) return;
        beginOne(lock, all);
      }
      last = some.at(-1) ?? null;
      if (some.length < page) break;
    }
    for (const [id, own] of connections) {
      if (lockHardware.spare(id)) continue;
      if (isDue(due.list, id, every.list, all || !due.list.has(id))) go(`list ${id}`, id, () => list(id, own));
    }
    for (const lock of await locks.movedLately(clock.now())) {
      if (!lockHardware.spare(lock.connection_id)) go(`look ${lock.id}`, lock.connection_id, () => look(lock));
    }
    await sweep(all);
  }

  function beginOne(lock: LockRow, all: boolean): void {
    if (lockHardware.health(thingOf(lock)) === 'held' || lockHardware.spare(lock.connection_id)) return;
    if (isDue(due.look, lock.id, every.look, all || neverSeen(lock))) {
      go(`look ${lock.id}`, lock.connection_id, () => look(lock));
    }
    if (lock.capabilities.tellsRecords && isDue(due.book, lock.id, every.book, all)) {
      const whole = isDue(due.whole, lock.id, every.wholeBook, true);
      go(`book ${lock.id}`, lock.connection_id, () => book(lock, whole ? overlap.whole : overlap.usual));
    }
  }

  /** Whether it is time, and when the next time is; the first is somewhere in the pause, so that they do not all come at once. */
  function isDue<K>(times: Map<K, Instant>, key: K, pause: number, firstNow: boolean): boolean {
    const now = clock.now();
    const next = times.get(key);
    if (next === undefined) {
      times.set(key, now + pause * (firstNow ? 0.8 + 0.4 * chance() : chance()));
      return firstNow;
    }
    // further away than the pause is long: the clock was set back
    if (next > now && next - now <= pause * 1.3) return false;
    times.set(key, now + pause * (0.8 + 0.4 * chance()));
    return true;
  }

  function go(key: string, group: string, work: () => Promise<unknown>): void {
    if (under.has(key)) return;
    const one = queue
      .add(group, work)
      .then(nothing, (error: unknown) => log.error({ err: error, key }, 'A lock could not be looked after.'))
      .finally(() => under.delete(key));
    under.set(key, one);
  }

  /** Gateways and all that the vendor tells without asking a lock. */
  async function list(id: ConnectionId, own: readonly LockRow[]): Promise<void> {
    const [first] = own;
    if (first === undefined || lockHardware.spare(id)) return;
    const found = await lockHardware.list(first.organization_id, id).catch((error: unknown) => {
      log.warn({ err: error, connection: id }, 'The locks of a connection could not be listed.');
      return [] as LockHardware[];
    });
    const byId = new Map(found.map((hardware) => [hardware.ref.hardwareId, hardware]));
    for (const lock of own) {
      const hardware = byId.get(lock.hardware_id);
      if (hardware === undefined) continue;
      await database.transaction('lock-described', async (tx) => {
        const row = await locks.any(lock.organization_id, lock.id, tx);
        if (row !== null && row.deleted_at === null) await locks.describe(tx, row, hardware);
      });
    }
  }

  /** Through the air, so only where nobody else is at its gateway. */
  async function look(lock: LockRow): Promise<void> {
    const { unlock, lock: locksToo } = lock.capabilities;
    if (!unlock && !locksToo && lock.bridge_id === null) return; // only a phone beside it reaches it
    if (lockHardware.spare(lock.connection_id)) return;
    if ((await lockLooks.ifFree(lock)) === null) due.look.set(lock.id, clock.now() + minutes(1));
  }

  async function book(lock: LockRow, again: number): Promise<void> {
    if (lockHardware.spare(lock.connection_id)) return;
    const until = clock.now();
    const added = lock.created_at - seconds(1); // books know whole seconds
    const since = Math.max(added, (lock.records_until ?? added) - again);
    const records = await lockHardware.records(thingOf(lock), since);
    if (records !== null) await lockRecords.take(lock, records, until);
  }

  /** Something happened at this lock, it is said: its book tells. */
  function hint(lock: LockRow): void {
    const key = `book ${lock.id}`;
    const work = () => book(lock, overlap.usual);
    const before = under.get(key);
    if (before === undefined) go(key, lock.connection_id, work);
    else void before.then(() => go(key, lock.connection_id, work)); // that one may have come too early
  }

  /** What a crash left, emergencies that are not done yet, batteries that nobody knows. */
  async function sweep(all: boolean): Promise<void> {
    const now = clock.now();
    if (all || Math.abs(now - swept) >= every.swept) {
      swept = now;
      await lockCommands.sweep();
      go('emergencies', 'emergencies', emergency.round);
    }
    if (all || Math.abs(now - old) >= every.old) {
      old = now;
      for (const lock of await locks.withOldBattery(now)) {
        await database.transaction('lock-battery-unknown', (tx) => locks.batteryUnknown(tx, lock));
      }
    }
  }

  /** One round over all locks of the server, to its end. */
  async function round(signal: AbortSignal = new AbortController().signal): Promise<void> {
    await begin(signal, true);
    await idle();
  }

  async function idle(): Promise<void> {
    await Promise.all(under.values());
  }

  function start(): { stop(): Promise<void> } {
    const ending = new AbortController();
    const leading = lead(ending.signal);
    return {
      async stop() {
        ending.abort();
        await leading;
        await idle();
      },
    };
  }

  /** Leads while it can; the lane dies with the process, and another one takes it. */
  async function lead(ending: AbortSignal): Promise<void> {
    while (!ending.aborted) {
      try {
        await lanes.ifFree('lock-round', async ({ lost }) => {
          const over = AbortSignal.any([ending, lost]);
          while (!over.aborted) {
            await begin(over);
            await clock.sleep(beat, over);
          }
        });
      } catch (error) {
        log.error({ err: error }, 'The locks could not be looked after; it is tried again.');
      }
      await clock.sleep(seconds(5), ending);
    }
  }

  return { round, start, hint, idle };
}

export type LockRound = ReturnType<typeof createLockRound>;

const neverSeen = ({ tried_at }: LockRow): boolean => tried_at === null;
const nothing = (): undefined => undefined;
