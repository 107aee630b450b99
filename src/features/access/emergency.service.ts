import type { Log } from '../../database/log.ts';
import type { Database, Tx } from '../../database/open.ts';
import { standInLine } from '../../database/stand-in-line.ts';
import type { PassageSchedule } from '../../drivers/lock-port.ts';
import type { Clock } from '../../host/clock.ts';
import {
  type EmergencyStep,
  emergencySteps,
  isCarriedOut,
  stepsDue,
  type Tried,
} from '../../rules/access/emergency.ts';
import { staffCredential } from '../../rules/access/staff.ts';
import type { Actor } from '../../rules/accounts/actor.ts';
import { invalid, Problem } from '../../rules/errors.ts';
import type { LockId, OrganizationId } from '../../rules/ids.ts';
import { iso, minutes, seconds } from '../../rules/instant.ts';
import type { Audit } from '../audit/audit.service.ts';
import type { LockCommandRow, LockCommandsService, Ran } from '../commands/lock-commands.service.ts';
import type { LocationRow, LocationsService } from '../locations/locations.service.ts';
import type { LockRow, LocksService } from '../locks/locks.service.ts';
import { findMode, type ModeRow, named, orderedPlaces, removeEnded, saveMode } from './modes.store.ts';
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
  /** The codes on these locks are to be weighed anew: in a lockdown they are taken off, and put on afterwards. */
  weighCodes: (tx: Tx, organizationId: OrganizationId, lockIds: readonly LockId[]) => Promise<void>;
};

/** Many doors behind one gateway open one after the other: so long each may wait for its turn. */
const patience = minutes(2);
/** Who presses the button is told after so long what is known by then. */
const answerWithin = seconds(12);
const allWeek: PassageSchedule = { weekdays: [1, 2, 3, 4, 5, 6, 7], allDay: true, fromMinute: 0, untilMinute: 1440 };

/**
 * One button for emergencies: a location is locked down, open to all, or as ever. The row decides about access from its
 * commit on, on every process; the locks follow, also when it is over. An unlock that is unknown is not repeated; what a crash
 * kept from being asked for, and what a lock surely did not do, is asked for by the next rounds.
 */
export function createEmergency(deps: Deps) {
  const { database, clock, log, audit, locations, places, locks, lockCommands, opening, weighCodes } = deps;

  async function mode(actor: Actor, id: string): Promise<{ location: LocationRow; row: ModeRow | null }> {
    const location = await locations.get(actor, id);
    return { location, row: inForce(await findMode(database.read, actor.organizationId, location.id)) };
  }

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
      const lockIds = doors.flatMap(({ lockId }) => (lockId === null ? [] : [lockId]));
      await weighCodes(tx, actor.organizationId, lockIds);
      await saveMode(tx, { ...base, mode: wanted, people, accounts }, since);
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
      const asked = await atDoor(row, place);
      reports[i] = asked === null ? nothing(place) : await oneDoor(row, place, asked.lock, asked.steps);
    });
    const stop = new AbortController();
    await Promise.race([Promise.all(work), clock.sleep(answerWithin, stop.signal)]);
    stop.abort();
    return reports.map((one) => ({ ...one }));
  }

  /** What its lock has to do; null: it has none, or it is gone. */
  async function atDoor(row: ModeRow, place: PlaceRow): Promise<{ lock: LockRow; steps: EmergencyStep[] } | null> {
    const lock = place.lockId === null ? null : await locks.any(row.organization_id, place.lockId);
    if (lock === null || lock.deleted_at !== null) return null;
    const { unlock, lock: locksToo, passage } = lock.capabilities;
    const can = { status: place.status, canUnlock: unlock, canLock: locksToo, hasPassage: passage };
    return { lock, steps: emergencySteps(row.mode, can) };
  }

  async function oneDoor(
    row: ModeRow,
    place: PlaceRow,
    lock: LockRow,
    steps: readonly EmergencyStep[],
  ): Promise<DoorReport> {
    let report = nothing(place);
    for (const step of steps) {
      const told = await oneStep(row, place, lock, step);
      if (step === 'unlock' || step === 'lock') report = told;
    }
    return report;
  }

  async function oneStep(row: ModeRow, place: PlaceRow, lock: LockRow, step: EmergencyStep): Promise<DoorReport> {
    const accountId = row.account_id;
    const how = { by: { api: 'keystead', accountId }, facts: { order: orderName(row) }, deadline: patience };
    try {
      if (step === 'unlock' || step === 'lock') {
        const credential = async (tx: Tx) => {
          await mustBeMeant(tx, row, lock, step);
          return staffCredential(accountId);
        };
        const opened = await opening.open({ place, act: step, credential, ref: accountId, ...how });
        if (opened.kind === 'denied') return { ...nothing(place), outcome: 'refused', reason: opened.reason };
        return reportOf(place, opened);
      }
      const schedule = step === 'hold-open' ? allWeek : step === 'passage-off' ? null : scheduleOf(place);
      const command = { kind: 'passage', schedule } as const;
      const decide = async (tx: Tx) => {
        await mustBeMeant(tx, row, lock, step);
        return command;
      };
      const ran = await lockCommands.run(lock, command, { need: 'people', decide, ...how });
      return ran === null ? nothing(place) : reportOf(place, ran);
    } catch (error) {
      if (error instanceof NotMeant) return { ...nothing(place), outcome: 'pending' };
      if (!(error instanceof Problem)) {
        log.error({ err: error, door: place.id }, 'A door could not be asked in an emergency.');
      }
      const reason = error instanceof Problem ? error.code.toLowerCase() : 'failed';
      return { ...nothing(place), outcome: 'refused', reason };
    }
  }

  /** Its turn may have come late: another order was given meanwhile, or somebody else has asked for it. Throws NotMeant. */
  async function mustBeMeant(tx: Tx, row: ModeRow, lock: LockRow, step: EmergencyStep): Promise<void> {
    const now = await findMode(tx, row.organization_id, row.location_id);
    if (now?.mode !== row.mode || now.since !== row.since) throw new NotMeant();
    const asked = await lockCommands.ofOrder(row.organization_id, [lock.id], orderName(row), tx);
    if (stepsDue([step], asked.map(triedOf), clock.now()).length === 0) throw new NotMeant();
  }

  /** Asks for what a crash, or a gateway that was away, left undone. What is as ever everywhere is forgotten. */
  async function round(): Promise<number> {
    let begun = 0;
    for (const row of await orderedPlaces(database.read)) {
      const doors = await places.at(row.organization_id, row.location_id);
      const ids = doors.flatMap(({ lockId }) => (lockId === null ? [] : [lockId]));
      const asked = await lockCommands.ofOrder(row.organization_id, ids, orderName(row));
      let over = true;
      const work: Promise<DoorReport>[] = [];
      for (const place of doors) {
        const found = await atDoor(row, place);
        if (found === null) continue;
        const tried = asked.filter(({ lock_id }) => lock_id === found.lock.id).map(triedOf);
        over &&= isCarriedOut(found.steps, tried);
        const due = stepsDue(found.steps, tried, clock.now());
        if (due.length > 0) work.push(oneDoor(row, place, found.lock, due));
      }
      begun += work.length;
      await Promise.all(work);
      if (over && row.mode === 'normal') {
        await database.transaction('location-mode-over', (tx) => removeEnded(tx, row));
      }
    }
    return begun;
  }

  return { mode, order, round };
}

export type EmergencyService = ReturnType<typeof createEmergency>;
export type { ModeRow } from './modes.store.ts';

const orderName = ({ mode, since }: ModeRow): string => `${mode} ${iso(since)}`;

/** As ever is no emergency, whoever has not heard of it yet. */
const inForce = (row: ModeRow | null): ModeRow | null => (row?.mode === 'normal' ? null : row);

class NotMeant extends Error {}

const triedOf = ({ kind, outcome, reason, finished_at, asked_at }: LockCommandRow): Tried => ({
  kind,
  outcome,
  reason,
  at: finished_at ?? asked_at,
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
