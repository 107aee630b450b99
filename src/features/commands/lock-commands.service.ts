import type { Kysely } from 'kysely';
import type { Database, Tx } from '../../database/open.ts';
import type { DB } from '../../database/types.ts';
import type { LockCommand, LockCommandKind, LockOutcome } from '../../drivers/lock-port.ts';
import type { LookFor } from '../../drivers/port.ts';
import type { Lanes, LockHardwarePort, Turn } from '../../engine/port.ts';
import type { Clock } from '../../host/clock.ts';
import type { Random } from '../../host/random.ts';
import { notFound } from '../../rules/errors.ts';
import type { CommandId, LockId, OrganizationId } from '../../rules/ids.ts';
import { type Instant, seconds } from '../../rules/instant.ts';
import { type LockRow, type LocksService, laneOfLock, thingOf } from '../locks/locks.service.ts';
import { createInTime, lockIsBusy } from './in-time.ts';
import {
  type AskedBy,
  abandonedLockCommands,
  askedWithin,
  endLockLeases,
  findLockCommand,
  finishLockCommand,
  insertLockCommand,
  type LockCommandRow,
  lockCommandsOf,
  lockUnproved,
  markProved,
  openLockCommands,
  takeLeft,
} from './lock-commands.store.ts';
import { endedBy, factsOf, seenBy } from './lock-outcomes.ts';

export type RunOptions = {
  by: AskedBy;
  /** What else is to be found in its row: the id of a PIN, say. Never a code. */
  facts?: Record<string, unknown>;
  need: LookFor;
  /** Milliseconds until whoever waits is answered; for people. */
  deadline?: number;
  /**
   * Under the lock's row, before anything is written: the command as it shall be, or null to leave it. `id`: what it will
   * be called. What it writes is committed also with null, and not when it throws.
   */
  decide?: (tx: Tx, lock: LockRow, id: CommandId) => Promise<LockCommand | null>;
  /** In the transaction that writes how it ended; not for what another process has closed as unknown meanwhile. */
  told?: (tx: Tx, outcome: LockOutcome, id: CommandId, lock: LockRow) => Promise<void>;
};

export type Ran = { commandId: CommandId; outcome: LockOutcome & { notSent?: true } };

type Asked = { id: CommandId; command: LockCommand; askedAt: Instant; sendingUntil: Instant };

type Deps = {
  database: Database;
  clock: Clock;
  random: Random;
  lanes: Lanes;
  locks: LocksService;
  lockHardware: LockHardwarePort;
};

/** People at a door are answered within this; a command is begun so soon after it was written, or not at all. */
const patience = seconds(15);
const begunWithin = seconds(2);
/** Clocks of two processes differ by less. */
const clocks = seconds(2);
/** Less than this is not enough to begin anything. */
const leastTime = seconds(1);
/** Work in the background leaves a lane alone for so long after its turn: people of other processes come between. */
const rest = 300;
/** A gateway that is busy has surely done nothing: it is asked again, at first after so long. */
const busyPause = { first: 600, most: seconds(4) } as const;

/**
 * What locks are asked to do: written before it is sent, sent once, finished with its outcome. One at a time on a gateway,
 * people before background work. What a crash cut short is closed as unknown by the next to come, and never repeated by
 * itself: whoever it was for is told (leftOf) and looks first. Only what was surely not done, since the gateway was busy,
 * is tried again, while somebody waits for it.
 */
export function createLockCommands({ database, clock, random, lanes, locks, lockHardware }: Deps) {
  const inTime = createInTime({ clock, lanes });
  const rested = new Map<string, Instant>();

  /** How it ended; null: somebody else is at it (background), or `decide` left it. A 503 when its turn does not come in time. */
  async function run(lock: LockRow, command: LockCommand, o: RunOptions): Promise<Ran | null> {
    const lane = laneOfLock(lock);
    if (o.need === 'people') {
      const until = clock.now() + (o.deadline ?? patience);
      return inTime(lane, until, (turn) => work(lock, command, o, turn, until));
    }
    const since = clock.now() - (rested.get(lane) ?? Number.NEGATIVE_INFINITY);
    if (since >= 0 && since < rest) return null;
    return lanes.ifFree(lane, async (turn) => {
      try {
        return await work(lock, command, o, turn, null);
      } finally {
        rested.set(lane, clock.now());
        if (rested.size > 1000) forgetRests();
      }
    });
  }

  function forgetRests(): void {
    for (const [lane, at] of rested) if (clock.now() - at > rest) rested.delete(lane);
  }

  async function work(
    lock: LockRow,
    command: LockCommand,
    o: RunOptions,
    turn: Turn,
    until: Instant | null,
  ): Promise<Ran | null> {
    const takes = await lockHardware.performTakes(thingOf(lock));
    await settled(lock, turn, until);
    const asked = await database.transaction('lock-command-asked', (tx) => ask(tx, lock, command, o, until, takes));
    if (asked === null) return null;
    if (asked === 'under-way') {
      if (o.need === 'background') return null;
      throw lockIsBusy();
    }
    const outcome = await send(lock, asked, turn, o.need);
    await database.transaction('lock-command-told', async (tx) => {
      const held = await locks.lock(tx, lock.organization_id, lock.id); // before the command's row, as whoever asks
      const row = held ?? lock;
      const now = clock.now();
      if (!(await finishLockCommand(tx, lock.organization_id, asked.id, endedBy(outcome), now))) return;
      const seen = seenBy(asked.command, outcome, now);
      const known = held !== null && seen !== null ? await locks.record(tx, row, seen, 'command') : null;
      await o.told?.(tx, outcome, asked.id, known ?? row);
    });
    return { commandId: asked.id, outcome };
  }

  async function ask(
    tx: Tx,
    { organization_id, id: lockId }: LockRow,
    wish: LockCommand,
    o: RunOptions,
    until: Instant | null,
    takes: number,
  ): Promise<Asked | 'under-way' | null> {
    const lock = await locks.lock(tx, organization_id, lockId);
    if (lock === null) throw notFound('Lock not found');
    if (await takeOver(tx, organization_id, lockId)) return 'under-way';
    const id = random.id('command');
    const command = o.decide === undefined ? wish : await o.decide(tx, lock, id);
    if (command === null) return null;
    const askedAt = clock.now();
    const sendingUntil = Math.min(
      until ?? Number.POSITIVE_INFINITY,
      askedAt + (until === null ? begunWithin + takes : patience),
    );
    if (sendingUntil - askedAt < leastTime) throw lockIsBusy();
    await insertLockCommand(tx, {
      organization_id,
      id,
      lock_id: lockId,
      lane: laneOfLock(lock),
      kind: command.kind,
      facts: { ...factsOf(command), ...o.facts },
      asked_by: o.by,
      asked_at: askedAt,
      sending_until: sendingUntil,
      lease_until: sendingUntil + clocks,
    });
    return { id, command, askedAt, sendingUntil };
  }

  /** Sends it, while the turn is ours and the command is young; all of it is over before the lease is. */
  async function send(lock: LockRow, asked: Asked, { lost }: Turn, need: LookFor): Promise<Ran['outcome']> {
    const { command, askedAt, sendingUntil } = asked;
    const age = clock.now() - askedAt;
    if (lost.aborted || age < 0 || age > begunWithin) return tooLate;
    for (let pause: number = busyPause.first; ; pause = Math.min(busyPause.most, pause * 2)) {
      const signal = clock.deadline(Math.max(1, sendingUntil - clock.now()), lost);
      const outcome = await lockHardware.perform(thingOf(lock), command, signal, need);
      if (need === 'background' || !isBusy(outcome)) return outcome;
      const wait = pause * (0.8 + 0.4 * random.chance());
      if (clock.now() + wait + leastTime > sendingUntil || lost.aborted) return outcome;
      await clock.sleep(wait, lost);
      if (lost.aborted || clock.now() < askedAt || clock.now() + leastTime > sendingUntil) return outcome;
    }
  }

  /** Whether somebody may be at the lock still. */
  function isUnderWay(row: LockCommandRow): boolean {
    const now = clock.now();
    // written in the future: the clock was set back, and its lease tells nothing
    return row.lease_until > now && row.asked_at <= now + clocks;
  }

  /** Waits until nobody else can be at the lock any more, the turn is lost, or whoever waits has to be answered. */
  async function settled(lock: LockRow, { lost }: Turn, until: Instant | null): Promise<void> {
    while (!lost.aborted && (until === null || clock.now() < until)) {
      const open = await openLockCommands(database.read, lock.organization_id, lock.id);
      if (!open.some(isUnderWay) || until === null) return;
      await clock.sleep(100, lost);
    }
  }

  /** For whoever holds the lock's row. True: somebody may be at it. Else those cut short are closed as unknown. */
  async function takeOver(tx: Tx, organizationId: OrganizationId, lockId: LockId): Promise<boolean> {
    const open = await openLockCommands(tx, organizationId, lockId);
    if (open.some(isUnderWay)) return true;
    for (const row of open) await finishLockCommand(tx, organizationId, row.id, cutShort, clock.now());
    return false;
  }

  /** What a crash cut short of these kinds and was not told yet. The caller holds the lock's row; it is told once. */
  async function leftOf(tx: Tx, lock: LockRow, kinds: readonly LockCommandKind[]): Promise<LockCommandRow[]> {
    await takeOver(tx, lock.organization_id, lock.id);
    return takeLeft(tx, lock.organization_id, lock.id, kinds, clock.now());
  }

  /** Closes what nobody carries out any more; answers how many. */
  async function sweep(): Promise<number> {
    const left = await abandonedLockCommands(database.read, clock.now(), 200);
    for (const row of left) {
      await database.transaction('lock-command-left', async (tx) => {
        await locks.lock(tx, row.organization_id, row.lock_id);
        await takeOver(tx, row.organization_id, row.lock_id);
      });
    }
    return left.length;
  }

  /** At the start of the only process on this database: what lies open is nobody's, and nobody need wait for it. */
  const ofTheDead = (): Promise<void> => endLockLeases(database.read, clock.now());

  const find = (organizationId: OrganizationId, id: string): Promise<LockCommandRow | null> =>
    findLockCommand(database.read, organizationId, id);

  /**
   * The lock was seen to do this at that moment: what was accepted, or not heard of, is proved by it. `ours`: it was we who
   * asked for it, proved before or not; `passId`: for whose pass, where that is proved by it.
   */
  async function proved(tx: Tx, lock: LockRow, kind: 'unlock' | 'lock', at: Instant) {
    const around = { from: at - provedWithin.after, to: at + provedWithin.before };
    const row = await lockUnproved(tx, lock.organization_id, lock.id, kind, around);
    if (row !== null) await markProved(tx, row, at);
    const ours = row !== null || (await askedWithin(tx, lock.organization_id, lock.id, kind, around));
    return { ours, passId: row?.asked_by.passId ?? null };
  }

  const ofOrder = (db: Kysely<DB>, organizationId: OrganizationId, lockIds: readonly LockId[], order: string) =>
    lockCommandsOf(db, organizationId, lockIds, order);

  return { run, leftOf, takeOver, sweep, ofTheDead, find, proved, ofOrder };
}

export type LockCommandsService = ReturnType<typeof createLockCommands>;
export type { AskedBy, LockCommandRow } from './lock-commands.store.ts';

/** Clocks of locks are wrong by a minute or two; the way there takes seconds. */
const provedWithin = { before: seconds(90), after: seconds(150) } as const;

const isBusy = (outcome: Ran['outcome']): boolean =>
  outcome.kind === 'refused' &&
  outcome.reason === 'busy' &&
  outcome.notSent !== true &&
  outcome.wholeConnection !== true &&
  outcome.retryAfterSeconds === undefined;

const tooLate = {
  kind: 'refused',
  reason: 'busy',
  detail: 'not sent: its turn was over before it began',
  notSent: true,
} as const;

const cutShort = {
  outcome: 'unknown',
  reason: null,
  detail: 'the process ended before it was heard of',
  cut_short: true,
} as const;
