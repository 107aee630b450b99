import type { Database, Tx } from '../database/open.ts';
import type { LockCommand, LockOutcome } from '../drivers/lock-port.ts';
import type { PlacesService } from '../features/access/places.service.ts';
import type { LockCommandsService } from '../features/commands/lock-commands.service.ts';
import type { DoorsService } from '../features/doors/doors.service.ts';
import type { LocationsService } from '../features/locations/locations.service.ts';
import { type LockRow, type LocksService, thingOf } from '../features/locks/locks.service.ts';
import { healthOf, lockForSale } from '../features/passes/lock-for-sale.ts';
import type { IssuedWay, PassesService, PassRow } from '../features/passes/passes.service.ts';
import type { Clock } from '../host/clock.ts';
import { Problem } from '../rules/errors.ts';
import type { OrganizationId, PassId } from '../rules/ids.ts';
import { seconds } from '../rules/instant.ts';
import type { PassEvent, Window } from '../rules/passes/pass.ts';
import { codeWindow, opensNow, type Way, waysNow } from '../rules/passes/ways.ts';
import { nameOf, type PassPin } from './pass-pin.ts';
import type { Lanes, LockHardwarePort } from './port.ts';

type Deps = {
  database: Database;
  clock: Clock;
  lanes: Lanes;
  lockHardware: LockHardwarePort;
  locks: LocksService;
  locations: LocationsService;
  places: PlacesService;
  doors: DoorsService;
  passes: PassesService;
  lockCommands: LockCommandsService;
  passPin: PassPin;
};

/** A guest waits for it: other work at the gateway is let pass for so long. */
const patience = seconds(20);

/** What of a way in may be left: gone in any case, so it need not be taken away again. */
const goneAnyhow: readonly string[] = ['code-missing', 'not-found', 'unsupported'];

/**
 * Carries a pass through its life: makes the way in that was paid for, looks for what it has not heard of before it asks
 * again, and takes away what has had its time. One at a time for each pass, over all processes. What a crash cut short
 * stands in the pass as `unheard`: it was written down before the vendor was asked.
 */
export function createPassRunner(deps: Deps) {
  const { database, clock, lanes, lockHardware, locks, locations, places, doors, passes, lockCommands, passPin } = deps;

  async function run(organizationId: OrganizationId, id: PassId): Promise<void> {
    await lanes.ifFree(`pass:${organizationId}:${id}`, async ({ lost }) => {
      for (let round = 0; round < 6 && !lost.aborted; round++) {
        const due = await database.transaction('pass-step', (tx) =>
          passes.step(tx, organizationId, id, { kind: 'tick' }),
        );
        const act = due?.effects.find(({ kind }) => kind !== 'settle');
        if (due === null || act === undefined) return;
        if (act.kind === 'issue') await issue(due.row);
        else if (act.kind === 'look') await look(due.row, lost);
        else await clear(due.row);
      }
    });
  }

  return { run };

  async function issue(pass: PassRow): Promise<void> {
    const place = await places.ofDoor(pass.organization_id, pass.door_id);
    // nothing more comes to open it there; the money goes back when its two minutes are over
    if (place?.mode?.kind === 'lockdown') return tell(pass, { kind: 'way-refused' });
    const lock = await lockOf(pass);
    if (lock === null) return tell(pass, { kind: 'way-refused' });
    const known = lockForSale(lock, healthOf(lockHardware, lock));
    for (const way of waysNow(known)) {
      const left = await make(pass, lock, way);
      if (left === 'over') return;
    }
    if (opensNow(known) && (await answers(lock))) {
      const now = clock.now();
      const window = { from: now, until: now + pass.duration_ms };
      return tell(pass, { kind: 'way-issued', way: 'open-now', window });
    }
    await tell(pass, { kind: 'way-refused' });
  }

  /** `next`: surely not made, another may be tried. */
  async function make(pass: PassRow, lock: LockRow, way: Way): Promise<'over' | 'next'> {
    const { organization_id: organizationId, id } = pass;
    if (way === 'pin') return passPin.ask(pass, lock);
    const from = clock.now();
    const bought = { from, until: from + pass.duration_ms };
    const window = way === 'code' ? await hourly(lock, pass, bought) : bought;
    const name = nameOf(id);
    const command: LockCommand =
      way === 'qr' ? { kind: 'issue-qr', window, name } : { kind: 'issue-code', window, once: false, name };
    let end: 'over' | 'next' = 'over';
    try {
      await lockCommands.run(lock, command, {
        by: { api: 'hygate', passId: id },
        facts: { passId: id },
        need: 'people',
        deadline: patience,
        async decide(tx) {
          const place = await places.ofDoor(organizationId, pass.door_id, tx);
          if (place?.mode?.kind === 'lockdown') return null; // ordered while the turn was waited for
          const before = await passes.lock(tx, organizationId, id);
          if (before?.phase !== 'issuing' || before.way.unheard !== null) return null;
          await passes.step(tx, organizationId, id, { kind: 'asked', unheard: { kind: way, name, window } });
          return command;
        },
        async told(tx, outcome) {
          end = await heard(tx, pass, lock, way, { bought, window }, outcome);
        },
      });
      return end;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      return 'next'; // its turn did not come: nothing was asked
    }
  }

  async function heard(
    tx: Tx,
    { organization_id, id }: PassRow,
    lock: LockRow,
    way: Exclude<Way, 'pin'>,
    { bought, window }: { bought: Window; window: Window },
    outcome: LockOutcome,
  ): Promise<'over' | 'next'> {
    if (outcome.kind === 'unknown') return 'over'; // looked for next
    const gave = outcome.kind === 'refused' ? undefined : outcome.gave;
    const usable = gave?.reference !== undefined && (gave.code !== undefined || (gave.qr?.content ?? gave.qr?.link));
    if (gave === undefined || usable === undefined || usable === false || usable === null) {
      await passes.step(tx, organization_id, id, { kind: 'none-found' });
      return 'next';
    }
    const made: IssuedWay = {
      kind: way,
      lockId: lock.id,
      reference: gave.reference ?? null,
      pinId: null,
      code: gave.code === undefined ? null : passes.sealed(gave.code),
      qr: gave.qr?.content == null ? null : passes.sealed(gave.qr.content),
      link: gave.qr?.link == null ? null : passes.sealed(gave.qr.link),
      ...(gave.qr?.number === undefined ? {} : { number: gave.qr.number }),
      window: windowOf(gave.window) ?? window,
    };
    await passes.step(tx, organization_id, id, { kind: 'way-issued', way, window: bought }, made);
    return 'over';
  }

  /** Whether what was asked for and not heard of is there; a code that can be read is the way in, else it is taken away. */
  async function look(pass: PassRow, lost: AbortSignal): Promise<void> {
    const { unheard } = pass.way;
    if (unheard === null) return;
    if (unheard.kind === 'pin') return passPin.look(pass, lost);
    const lock = await lockOf(pass);
    // nobody knows what a QR code holds that was not heard of: it lets nobody in, and dies with its time
    if (lock === null || unheard.kind === 'qr') return tell(pass, { kind: 'none-found' });
    const codes = await lockHardware.codes(thingOf(lock));
    if (codes === null) return tell(pass, { kind: 'not-cleared' });
    const found = codes.find(({ name }) => name === unheard.name);
    if (found === undefined) return tell(pass, { kind: 'none-found' });
    if (pass.phase !== 'issuing' || found.pin === null) {
      return (await takeAway(lock, pass, { kind: 'clear-pin', reference: found.reference, slot: found.slot }))
        ? tell(pass, { kind: 'none-found' })
        : tell(pass, { kind: 'not-cleared' });
    }
    const from = clock.now();
    const made: IssuedWay = {
      kind: unheard.kind,
      lockId: lock.id,
      reference: found.reference,
      pinId: null,
      code: passes.sealed(found.pin),
      qr: null,
      link: null,
      window: unheard.window,
    };
    const until = Math.min(from + pass.duration_ms, unheard.window.until);
    await tell(pass, { kind: 'way-issued', way: unheard.kind, window: { from, until } }, made);
  }

  async function clear(pass: PassRow): Promise<void> {
    let all = true;
    if (pass.way.issued.some(({ kind }) => kind === 'pin')) await passPin.clear(pass);
    for (const way of pass.way.issued) {
      const lock = await locks.any(pass.organization_id, way.lockId);
      if (lock === null || lock.deleted_at !== null || way.reference === null) continue;
      const command: LockCommand =
        way.kind === 'qr'
          ? { kind: 'revoke-qr', reference: way.reference }
          : { kind: 'clear-pin', reference: way.reference, slot: null };
      all = (await takeAway(lock, pass, command)) && all;
    }
    await tell(pass, { kind: all ? 'cleared' : 'not-cleared' });
  }

  async function takeAway(lock: LockRow, pass: PassRow, command: LockCommand): Promise<boolean> {
    try {
      const ran = await lockCommands.run(lock, command, {
        by: { api: 'hygate', passId: pass.id },
        facts: { passId: pass.id },
        need: 'background',
      });
      if (ran === null) return false;
      const { outcome } = ran;
      if (outcome.kind === 'refused') return goneAnyhow.includes(outcome.reason);
      return outcome.kind !== 'unknown';
    } catch (error) {
      if (error instanceof Problem) return false;
      throw error;
    }
  }

  /** A button is no way in for a lock that does not answer. */
  async function answers(lock: LockRow): Promise<boolean> {
    const seen = await lockHardware.observe(thingOf(lock), 'people');
    return seen.kind === 'lock' && seen.bridgeOnline !== false;
  }

  async function lockOf(pass: PassRow): Promise<LockRow | null> {
    const door = await doors.any(pass.organization_id, pass.door_id);
    const lock = door?.lock_id ? await locks.any(pass.organization_id, door.lock_id) : null;
    return lock === null || lock.deleted_at !== null ? null : lock;
  }

  async function hourly(lock: LockRow, pass: PassRow, bought: Window): Promise<Window> {
    const door = await doors.any(pass.organization_id, pass.door_id);
    const location = await locations.find(pass.organization_id, door?.location_id ?? null);
    return codeWindow(bought, lock.capabilities.issuesCodes?.granularity ?? 1, location?.time_zone ?? 'UTC');
  }

  async function tell(pass: PassRow, event: PassEvent, made: IssuedWay | null = null): Promise<void> {
    await database.transaction('pass-told', (tx) => passes.step(tx, pass.organization_id, pass.id, event, made));
  }
}

export type PassRunner = ReturnType<typeof createPassRunner>;

const windowOf = (window: { from: number; until: number | null } | undefined): Window | null =>
  window === undefined || window.until === null ? null : { from: window.from, until: window.until };
