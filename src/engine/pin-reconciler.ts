import type { Log } from '../database/log.ts';
import type { AskedBy, LockCommandsService } from '../features/commands/lock-commands.service.ts';
import { capabilitiesOf, type LockRow, type LocksService, thingOf } from '../features/locks/locks.service.ts';
import type { CodeKeeping, Write } from '../features/pins/code-keeping.service.ts';
import type { Read } from '../features/pins/pin-facts.ts';
import type { PinsService } from '../features/pins/pins.service.ts';
import type { Clock } from '../host/clock.ts';
import type { ConnectionId, LockId, OrganizationId, PinId } from '../rules/ids.ts';
import { ageOf, hours, type Instant, minutes, seconds } from '../rules/instant.ts';
import { createDueWork } from './due-work.ts';
import type { createLockHints } from './lock-hints.ts';
import { createFairQueue, createPlaces } from './places.ts';
import type { LockHardwarePort } from './port.ts';
import { createRepeat } from './repeated.ts';

type Deps = {
  clock: Clock;
  log: Log;
  locks: LocksService;
  pins: PinsService;
  keeping: CodeKeeping;
  lockCommands: LockCommandsService;
  lockHardware: LockHardwarePort;
  lockHints: ReturnType<typeof createLockHints>;
};

const every = { due: seconds(1), strays: minutes(1) } as const;
/** Locks that tell their codes are looked at so often, whether anything is due there or not. */
const readAgain = hours(1);
const most = 100;
/** A turn that does not come is waited for so long; what is due stays due. */
const patience = { tries: 40, pause: 400 } as const;
/** Looks after which it is still to be looked at: what was seen is not believed, and more of it helps nobody. */
const mostLooks = 3;
/** More than this at once is no work on a lock but a fault of ours. */
const mostAtOnce = 300;
/** Locks at once, and of one account: one that does not answer keeps only its own waiting. */
const atOnce = { all: 64, ofOne: 8 } as const;

/**
 * Makes the codes on locks what they shall be: asks the rules, does one thing, looks, and asks again. Woken by what was just
 * decided, and by what comes due. People at the door come between: each command is a turn of its own. A crash anywhere
 * leaves what was begun written down in the PIN; whoever comes next looks before anything is written again.
 */
export function createPinReconciler(deps: Deps) {
  const { clock, log, locks, pins, keeping, lockCommands, lockHardware, lockHints } = deps;
  const work = createDueWork({ clock, log, atOnce: atOnce.all });
  const places = createPlaces<ConnectionId>();
  const looks = createFairQueue({ atOnce: 16, atOncePerGroup: 4 });
  const straying = new Set<LockId>();
  const ending = new AbortController();
  let lastRound: Instant | null = null;

  /** One lock, until there is nothing to do there now. `look`: also where nothing is due, it is seen what is on it. */
  async function run(organizationId: OrganizationId, id: LockId, look = false): Promise<void> {
    const lock = await locks.any(organizationId, id);
    if (lock === null || lock.deleted_at !== null) return;
    let read = look ? await codesOf(lock) : null;
    if (look && read === null) return;
    let looks = 0;
    for (let n = 0; n < mostAtOnce && !ending.signal.aborted; n++) {
      const command = await keeping.weigh(lock, read);
      if (command === null) return;
      if (command.kind === 'look') {
        looks += 1;
        read = looks > mostLooks ? null : await codesOf(lock);
        if (read === null) {
          await keeping.hold(lock);
          return;
        }
      } else {
        if (!(await perform(lock, read))) return;
        read = null;
        looks = 0;
      }
    }
  }

  /** Not now where its account has as much under way as it may: it stays due. */
  async function inPlace(organizationId: OrganizationId, id: LockId, look = false): Promise<void> {
    const lock = await locks.any(organizationId, id);
    const leave = lock === null ? null : places.take(lock.connection_id, atOnce.ofOne);
    if (leave === null) return;
    try {
      await run(organizationId, id, look);
    } finally {
      leave();
    }
  }

  async function codesOf(lock: LockRow): Promise<Read | null> {
    if (capabilitiesOf(lock).keypad?.readsBack !== true) return null;
    const at = clock.now();
    const codes = await lockHardware.codes(thingOf(lock));
    return codes && { codes, at };
  }

  /** One write; false: not now. */
  async function perform(lock: LockRow, read: Read | null): Promise<boolean> {
    for (let tries = 0; tries < patience.tries && !ending.signal.aborted; tries++) {
      const state: { decided: boolean; write: Write | null; goOn: boolean } = {
        decided: false,
        write: null,
        goOn: false,
      };
      const facts: Record<string, unknown> = {};
      const by: AskedBy = { api: 'pins' };
      const ran = await lockCommands.run(
        lock,
        { kind: 'clear-pin', reference: '', slot: null },
        {
          by,
          facts,
          need: 'background',
          decide: async (tx, row) => {
            state.decided = true;
            const found = await keeping.decide(tx, row, read);
            if (found === null) return null;
            state.write = found.write;
            facts.pinId = found.write.pinId;
            if (found.write.pinId !== null) by.pinId = found.write.pinId as PinId;
            return found.command;
          },
          told: async (tx, outcome, _id, row) => {
            if (state.write !== null) state.goOn = await keeping.told(tx, row, state.write, outcome);
          },
        },
      );
      if (ran !== null) return state.goOn;
      if (state.decided) return true; // it looks otherwise by now: weighed again
      await clock.sleep(patience.pause, ending.signal);
    }
    return false;
  }

  const keyOf = (id: LockId): string => `pins ${id}`;

  /** Does everything that is due by now; answers at how many locks. */
  async function due(): Promise<number> {
    const begun = await begin();
    await Promise.all(begun);
    return begun.length;
  }

  async function begin(): Promise<Promise<void>[]> {
    const now = clock.now();
    const setBack = lastRound === null || ageOf(lastRound, now) === null;
    lastRound = now;
    if (setBack) await pins.bringForward();
    const found = await pins.due(now, most, places.full());
    return found
      .map(({ organizationId, lockId }) => work.begin(keyOf(lockId), () => inPlace(organizationId, lockId)))
      .filter((one) => one !== null);
  }

  /** Looks at locks whose codes were not read for long: somebody may have changed them there. */
  async function strays(all = false): Promise<void> {
    const now = clock.now();
    const begun: Promise<void>[] = [];
    let last: LockRow | null = null;
    do {
      const some: LockRow[] = await locks.after(last, 500);
      for (const lock of some.filter((one) => all || isOld(one, now))) {
        if (lockHardware.health(thingOf(lock)) === 'held' || lockHardware.spare(lock.connection_id)) continue;
        if (straying.has(lock.id)) continue;
        straying.add(lock.id);
        const look = async () => work.begin(keyOf(lock.id), () => run(lock.organization_id, lock.id, true));
        begun.push(looks.add(lock.connection_id, look).then(() => void straying.delete(lock.id)));
      }
      last = some.at(-1) ?? null;
    } while (last !== null && !ending.signal.aborted);
    await Promise.all(begun);
  }

  function isOld({ capabilities, codes_read_at }: LockRow, now: Instant): boolean {
    if (capabilities.keypad?.readsBack !== true) return false;
    return codes_read_at === null || now - codes_read_at >= readAgain || codes_read_at > now + minutes(1);
  }

  function start(): { stop(): Promise<void> } {
    const under = new Set<Promise<unknown>>();
    const repeat = createRepeat({ clock, log, ending: ending.signal, under });
    const repeats = [repeat('pins', every.due, begin), repeat('strays', every.strays, () => strays())];
    const impatient = lockHints.serve((organizationId, id) => {
      work.hurry(keyOf(id), () => inPlace(organizationId, id));
    });
    return {
      async stop() {
        ending.abort();
        impatient.stop();
        for (const one of repeats) one.stop();
        await Promise.allSettled(under);
        await work.stop();
      },
    };
  }

  return { run, due, strays, start };
}

export type PinReconciler = ReturnType<typeof createPinReconciler>;
