import type { Kysely } from 'kysely';
import type { Log } from '../../database/log.ts';
import type { Database, Tx } from '../../database/open.ts';
import { standInLine } from '../../database/stand-in-line.ts';
import type { DB } from '../../database/types.ts';
import type { PassageSchedule } from '../../drivers/lock-port.ts';
import type { Clock } from '../../host/clock.ts';
import { type EmergencyStep, emergencySteps, isStepDue, isStepOver } from '../../rules/access/emergency.ts';
import { staffCredential } from '../../rules/access/staff.ts';
import type { Actor } from '../../rules/accounts/actor.ts';
import { invalid, Problem } from '../../rules/errors.ts';
import type { LocationId, OrganizationId } from '../../rules/ids.ts';
import { ageOf, hours, iso, minutes, seconds } from '../../rules/instant.ts';
import type { Audit } from '../audit/audit.service.ts';
import type { LockCommandRow, LockCommandsService, Ran } from '../commands/lock-commands.service.ts';
import type { LocationRow, LocationsService } from '../locations/locations.service.ts';
import type { LockRow, LocksService } from '../locks/locks.service.ts';
import { findMode, type ModeRow, named, orders, removeEnded, saveMode } from './modes.store.ts';
import type { OpeningService } from './opening.service.ts';
import type { PlaceRow, PlacesService } from './places.service.ts';

export type WantedMode = ModeRow['mode'];
export type EmergencyOrder = { confirm?: boolean; people?: number[]; accounts?: string[] };

export type DoorReport = {
  doorId: string;
  name: string;
  /** `pending`: it was not heard of yet; `nothing`: it has no lock that could do it. */
  outcome: 'confirmed' | 'accepted' | 'refused' | 'unknown' | 'pending' | 'nothing';
  reason: string | null;
  commandId: string | null;
};

type Deps = {
  database: Database;
  clock: Clock;
  log: Log;
  audit: Audit;
  locations: LocationsService;
  places: PlacesService;
  locks: LocksService;
  lockCommands: LockCommandsService;
  opening: OpeningService;
};

/** Many doors behind one gateway open one after the other: so long each may wait for its turn. */
const patience = minutes(2);
/** Who presses the button is told after so long what is known by then. */
const answerWithin = seconds(12);
/** The end of an emergency that a lock has not heard of by then is old news. */
const normalStands = hours(24);

const allWeek: PassageSchedule = { weekdays: [1, 2, 3, 4, 5, 6, 7], allDay: true, fromMinute: 0, untilMinute: 1440 };

/**
 * One button for emergencies: a location is locked down, open to all, or as ever. The row decides about access from its
 * commit on, on every process; the locks follow. An unlock that is unknown is not repeated; what a crash, or a gateway that
 * is away, kept from being done is asked for by a later round, the end of an emergency as well as its beginning.
 */
export function createEmergency(deps: Deps) {
  const { database, clock, log, audit, locations, places, locks, lockCommands, opening } = deps;

  async function mode(actor: Actor, id: string): Promise<{ location: LocationRow; row: ModeRow | null }> {
    const location = await locations.get(actor, id);
    return { location, row: inForce(await findMode(database.read, actor.organizationId, location.id)) };
  }

  /** Whether it is anything but as ever there. */
  const reigns = async (tx: Tx, organizationId: OrganizationId, id: LocationId): Promise<boolean> =>
    ((await findMode(tx, organizationId, id))?.mode ?? 'normal') !== 'normal';

  async function order(actor: Actor, id: string, wanted: WantedMode, input: EmergencyOrder) {
    const location = await locations.get(actor, id);
    const doors = await places.at(actor.organizationId, location.id);
    if (input.confirm !== true) throw toConfirm(location, wanted, doors);
    const since = clock.now();
    const row = await database.transaction('location-mode', async (tx) => {
      const locationId = await locations.reference(actor, location.id, tx); // it stays
      await standInLine(tx, 'location-mode', actor.organizationId, locationId);
      const before = await findMode(tx, actor.organizationId, locationId);
      const who = { people: input.people ?? [], accounts: input.accounts ?? [] };
      const known = await named(tx, actor.organizationId, who);
      refuseUnknown('people', who.people, known.people);
      refuseUnknown('accounts', who.accounts, known.accounts);
      const accounts = wanted === 'lockdown' ? [...new Set([...known.accounts, actor.accountId])] : [];
      const people = wanted === 'lockdown' ? known.people : [];
      const base = { organization_id: actor.organizationId, location_id: locationId, account_id: actor.accountId };
      await saveMode(tx, { ...base, mode: wanted, people, accounts }, since);
      // as they are now: a lock that came into it since is weighed after this
      const now = await places.at(actor.organizationId, locationId, tx);
      const lockIds = now.flatMap(({ lockId }) => (lockId === null ? [] : [lockId]));
      await locks.weighCodes(tx, actor.organizationId, lockIds);
      await audit.append(tx, {
        organizationId: actor.organizationId,
        category: 'doors',
        action: actions[wanted],
        actor,
        entity: 'Location',
        entityId: locationId,
        details: {
          name: location.name,
          from: before?.mode ?? 'normal',
          to: wanted,
          doors: doors.length,
          people,
          accounts,
        },
      });
      return { ...base, mode: wanted, people, accounts, since };
    });
    return { location, row: inForce(row), doors: await carryOut(row) };
  }

  /** Asks every lock of the location, and tells what is known in time; the rest goes on. */
  async function carryOut(row: ModeRow): Promise<DoorReport[]> {
    const doors = await places.at(row.organization_id, row.location_id);
    const reports = doors.map((place): DoorReport => ({ ...nothing(place), outcome: 'pending' }));
    const work = doors.map(async (place, i) => {
      const report = await oneDoor(row, place);
      reports[i] = report;
    });
    const stop = new AbortController();
    await Promise.race([Promise.all(work), clock.sleep(answerWithin, stop.signal)]);
    stop.abort();
    return reports.map((one) => ({ ...one }));
  }

  async function oneDoor(row: ModeRow, place: PlaceRow): Promise<DoorReport> {
    const lock = place.lockId === null ? null : await locks.any(row.organization_id, place.lockId);
    if (lock === null) return nothing(place);
    let report = nothing(place);
    for (const step of stepsOf(row, place, lock)) {
      if (!(await isWanted(database.read, row, lock, step))) continue;
      const told = await oneStep(row, place, lock, step);
      if (step === 'unlock' || step === 'lock') report = told;
    }
    return report;
  }

  /** Whether the order still stands, and nobody else has asked this of the lock. */
  async function isWanted(db: Kysely<DB>, row: ModeRow, lock: LockRow, step: EmergencyStep): Promise<boolean> {
    const now = await findMode(db, row.organization_id, row.location_id);
    if (now?.mode !== row.mode || now.since !== row.since) return false;
    return isStepDue(step, (await askedOf(db, row, [lock])).map(asAsked), clock.now());
  }

  const askedOf = (db: Kysely<DB>, row: ModeRow, of: readonly LockRow[]): Promise<LockCommandRow[]> =>
    lockCommands.ofOrder(
      db,
      row.organization_id,
      of.map(({ id }) => id),
      orderName(row),
    );

  async function oneStep(row: ModeRow, place: PlaceRow, lock: LockRow, step: EmergencyStep): Promise<DoorReport> {
    const by = { api: 'keystead', accountId: row.account_id };
    const facts = { order: orderName(row) };
    const wanted = (tx: Tx): Promise<boolean> => isWanted(tx, row, lock, step);
    try {
      if (step === 'unlock' || step === 'lock') {
        const credential = () => staffCredential(row.account_id);
        const asking = { place, act: step, credential, ref: row.account_id, by, facts, deadline: patience };
        const opened = await opening.openWhile(asking, wanted);
        if (opened === null) return { ...nothing(place), outcome: 'pending' };
        if (opened.kind === 'denied') return { ...nothing(place), outcome: 'refused', reason: opened.reason };
        return reportOf(place, opened);
      }
      const schedule = step === 'hold-open' ? allWeek : step === 'passage-off' ? null : scheduleOf(place);
      const command = { kind: 'passage', schedule } as const;
      const decide = async (tx: Tx) => ((await wanted(tx)) ? command : null);
      const ran = await lockCommands.run(lock, command, { by, facts, need: 'people', deadline: patience, decide });
      return ran === null ? nothing(place) : reportOf(place, ran);
    } catch (error) {
      if (!(error instanceof Problem)) {
        log.error({ err: error, door: place.id }, 'A door could not be asked in an emergency.');
      }
      const reason = error instanceof Problem ? error.code.toLowerCase() : 'failed';
      return { ...nothing(place), outcome: 'refused', reason };
    }
  }

  /** Asks for what a crash, or a gateway that was away, left undone; answers at how many doors. */
  async function round(): Promise<number> {
    const begun = await Promise.all((await orders(database.read)).map(goOn));
    return begun.reduce((sum, doors) => sum + doors, 0);
  }

  async function goOn(row: ModeRow): Promise<number> {
    const due: PlaceRow[] = [];
    let open = 0;
    for (const place of await places.at(row.organization_id, row.location_id)) {
      const lock = place.lockId === null ? null : await locks.any(row.organization_id, place.lockId);
      if (lock === null) continue;
      const asked = await askedOf(database.read, row, [lock]);
      const steps = stepsOf(row, place, lock);
      if (steps.some((step) => isStepDue(step, asked.map(asAsked), clock.now()))) due.push(place);
      if (!steps.every((step) => isStepOver(step, asked.map(asAsked)))) open += 1;
    }
    if (row.mode === 'normal') {
      const age = ageOf(row.since, clock.now());
      if (open === 0 || (age !== null && age > normalStands)) {
        await removeEnded(database.read, row);
        return 0;
      }
    }
    await Promise.all(due.map((place) => oneDoor(row, place)));
    return due.length;
  }

  return { mode, order, round, reigns };
}

export type EmergencyService = ReturnType<typeof createEmergency>;
export type { ModeRow } from './modes.store.ts';

const orderName = ({ mode, since }: ModeRow): string => `${mode} ${iso(since)}`;
/** As ever: nothing is in force. */
const inForce = (row: ModeRow | null): ModeRow | null => (row?.mode === 'normal' ? null : row);

function stepsOf({ mode }: ModeRow, { status }: PlaceRow, { capabilities }: LockRow): EmergencyStep[] {
  const { unlock, lock, passage } = capabilities;
  return emergencySteps(mode, { status, canUnlock: unlock, canLock: lock, hasPassage: passage });
}

const asAsked = ({ kind, outcome, reason, finished_at }: LockCommandRow) => ({
  kind,
  outcome,
  reason,
  finishedAt: finished_at,
});

const actions: Record<WantedMode, string> = {
  lockdown: 'location locked down',
  'open-all': 'all doors of a location opened',
  normal: 'emergency of a location ended',
};

function toConfirm(location: LocationRow, mode: WantedMode, doors: readonly PlaceRow[]): Problem {
  const withLock = doors.filter(({ lockId }) => lockId !== null).length;
  const what = {
    lockdown: `It would lock down "${location.name}": none of its ${doors.length} doors opens but for those who are named`,
    'open-all': `It would open all ${withLock} locks of "${location.name}", for everybody`,
    normal: `It would make the ${doors.length} doors of "${location.name}" as ever, and lock them`,
  };
  return new Problem('CONFIRMATION_REQUIRED', `${what[mode]}. Send confirm: true to do it`, {
    facts: { mode, doors: doors.length, locks: withLock },
  });
}

function refuseUnknown(field: string, wanted: readonly (string | number)[], known: readonly (string | number)[]): void {
  const missing = wanted.find((one) => !known.includes(one));
  if (missing !== undefined) throw invalid(field, `${field}: there is no ${missing}`);
}

/** The door's own free passage. */
const scheduleOf = ({ status, passage }: PlaceRow): PassageSchedule | null =>
  status === 'PASSAGE' ? (passage ?? allWeek) : null;

const nothing = ({ id, name }: PlaceRow): DoorReport => ({
  doorId: id,
  name,
  outcome: 'nothing',
  reason: null,
  commandId: null,
});

const reportOf = (place: PlaceRow, { outcome, commandId }: Ran): DoorReport => ({
  ...nothing(place),
  outcome: outcome.kind,
  reason: outcome.kind === 'refused' ? outcome.reason : null,
  commandId,
});
