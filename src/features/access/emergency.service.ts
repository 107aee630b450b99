import type { Log } from '../../database/log.ts';
import type { Database, Tx } from '../../database/open.ts';
import { standInLine } from '../../database/stand-in-line.ts';
import type { PassageSchedule } from '../../drivers/lock-port.ts';
import type { Clock } from '../../host/clock.ts';
import { type EmergencyStep, emergencySteps } from '../../rules/access/emergency.ts';
import { staffCredential } from '../../rules/access/staff.ts';
import type { Actor } from '../../rules/accounts/actor.ts';
import { invalid, Problem } from '../../rules/errors.ts';
import type { AccountId, LocationId, OrganizationId } from '../../rules/ids.ts';
import { type Instant, iso, minutes, seconds } from '../../rules/instant.ts';
import type { Audit } from '../audit/audit.service.ts';
import type { LockCommandRow, LockCommandsService, Ran } from '../commands/lock-commands.service.ts';
import type { LocationRow, LocationsService } from '../locations/locations.service.ts';
import type { LockRow, LocksService } from '../locks/locks.service.ts';
import { findMode, type ModeRow, named, openPlaces, removeMode, saveMode } from './modes.store.ts';
import type { OpeningService } from './opening.service.ts';
import type { PlaceRow, PlacesService } from './places.service.ts';

export type WantedMode = ModeRow['mode'] | 'normal';
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
/** What was surely not done is tried again so often, as long as everything is to be open. */
const tryAgainAfter = minutes(1);

const allWeek: PassageSchedule = { weekdays: [1, 2, 3, 4, 5, 6, 7], allDay: true, fromMinute: 0, untilMinute: 1440 };

/**
 * One button for emergencies: a location is locked down, open to all, or as ever. The row decides about access from its
 * commit on, on every process; the locks follow. An unlock that is unknown is not repeated; what a crash kept from being
 * asked for is asked for by the next round.
 */
export function createEmergency(deps: Deps) {
  const { database, clock, log, audit, locations, places, locks, lockCommands, opening } = deps;

  async function mode(actor: Actor, id: string): Promise<{ location: LocationRow; row: ModeRow | null }> {
    const location = await locations.get(actor, id);
    return { location, row: await findMode(database.read, actor.organizationId, location.id) };
  }

  /** Whether it is anything but as ever there. */
  const reigns = async (tx: Tx, organizationId: OrganizationId, id: LocationId): Promise<boolean> =>
    (await findMode(tx, organizationId, id)) !== null;

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
      if (wanted === 'normal') await removeMode(tx, actor.organizationId, locationId);
      else await saveMode(tx, { ...base, mode: wanted, people, accounts }, since);
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
      return wanted === 'normal' ? null : { ...base, mode: wanted, people, accounts, since };
    });
    const by = { organizationId: actor.organizationId, locationId: location.id, accountId: actor.accountId };
    return { location, row, doors: await carryOut(by, wanted, since) };
  }

  type By = { organizationId: OrganizationId; locationId: LocationId; accountId: AccountId };

  /** Asks every lock of the location, and tells what is known in time; the rest goes on. */
  async function carryOut(by: By, wanted: WantedMode, since: Instant): Promise<DoorReport[]> {
    const doors = await places.at(by.organizationId, by.locationId);
    const reports = doors.map((place): DoorReport => ({ ...nothing(place), outcome: 'pending' }));
    const work = doors.map(async (place, i) => {
      const report = await oneDoor(by, place, wanted, since);
      reports[i] = report;
    });
    const stop = new AbortController();
    await Promise.race([Promise.all(work), clock.sleep(answerWithin, stop.signal)]);
    stop.abort();
    return reports.map((one) => ({ ...one }));
  }

  async function oneDoor(by: By, place: PlaceRow, wanted: WantedMode, since: Instant): Promise<DoorReport> {
    const lock = place.lockId === null ? null : await locks.any(by.organizationId, place.lockId);
    if (lock === null) return nothing(place);
    const { unlock, lock: locksToo, passage } = lock.capabilities;
    const can = { status: place.status, canUnlock: unlock, canLock: locksToo, hasPassage: passage };
    let report = nothing(place);
    for (const step of emergencySteps(wanted, can)) {
      const told = await oneStep(by, place, lock, step, orderName(wanted, since));
      if (step === 'unlock' || step === 'lock') report = told;
    }
    return report;
  }

  async function oneStep(
    by: By,
    place: PlaceRow,
    lock: LockRow,
    step: EmergencyStep,
    name: string,
  ): Promise<DoorReport> {
    const asker = { api: 'keystead', accountId: by.accountId };
    try {
      if (step === 'unlock' || step === 'lock') {
        const opened = await opening.open({
          place,
          act: step,
          credential: () => staffCredential(by.accountId),
          ref: by.accountId,
          by: asker,
          facts: { order: name },
          deadline: patience,
        });
        if (opened.kind === 'denied') return { ...nothing(place), outcome: 'refused', reason: opened.reason };
        return reportOf(place, opened);
      }
      const schedule = step === 'hold-open' ? allWeek : step === 'passage-off' ? null : scheduleOf(place);
      const ran = await lockCommands.run(
        lock,
        { kind: 'passage', schedule },
        {
          by: asker,
          facts: { order: name },
          need: 'people',
          deadline: patience,
        },
      );
      return ran === null ? nothing(place) : reportOf(place, ran);
    } catch (error) {
      if (!(error instanceof Problem)) {
        log.error({ err: error, door: place.id }, 'A door could not be asked in an emergency.');
      }
      const reason = error instanceof Problem ? error.code.toLowerCase() : 'failed';
      return { ...nothing(place), outcome: 'refused', reason };
    }
  }

  /** Opens what a crash, or a gateway that was away, left closed where everything is to be open. */
  async function round(): Promise<number> {
    let begun = 0;
    for (const row of await openPlaces(database.read)) {
      const by = { organizationId: row.organization_id, locationId: row.location_id, accountId: row.account_id };
      const doors = await places.at(by.organizationId, by.locationId);
      const ids = doors.flatMap(({ lockId }) => (lockId === null ? [] : [lockId]));
      const asked = await lockCommands.ofOrder(by.organizationId, ids, orderName('open-all', row.since));
      const due = doors.filter(({ lockId }) =>
        isDue(
          asked.filter((one) => one.lock_id === lockId),
          clock.now(),
        ),
      );
      begun += due.length;
      await Promise.all(due.map((place) => oneDoor(by, place, 'open-all', row.since)));
    }
    return begun;
  }

  return { mode, order, round, reigns };
}

export type EmergencyService = ReturnType<typeof createEmergency>;
export type { ModeRow } from './modes.store.ts';

const orderName = (mode: WantedMode, since: Instant): string => `${mode} ${iso(since)}`;

/** Nobody asked its lock yet, or it surely did not open the last time. */
function isDue(asked: readonly LockCommandRow[], now: Instant): boolean {
  const [last] = asked.filter(({ kind }) => kind === 'unlock');
  if (last === undefined) return true;
  return last.outcome === 'refused' && now - (last.finished_at ?? now) > tryAgainAfter;
}

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
