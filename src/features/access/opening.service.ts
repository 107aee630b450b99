import type { Database, Tx } from '../../database/open.ts';
import type { Clock } from '../../host/clock.ts';
import { type Credential, type Decision, type Denied, decide } from '../../rules/access/decide.ts';
import { staffCredential } from '../../rules/access/staff.ts';
import type { Actor } from '../../rules/accounts/actor.ts';
import { notFound, Problem } from '../../rules/errors.ts';
import type { CommandId } from '../../rules/ids.ts';
import type { AccessEvents } from '../access-events/access-events.service.ts';
import type { LockCommandsService, Ran, RunOptions } from '../commands/lock-commands.service.ts';
import type { LockRow, LocksService } from '../locks/locks.service.ts';
import type { PlaceRow, PlacesService } from './places.service.ts';
import { refusal } from './refusals.ts';

export type Act = 'unlock' | 'lock';

export type Asking = {
  place: PlaceRow;
  act: Act;
  /** What is presented, as it is now: read in the transaction that decides. */
  credential: (tx: Tx) => Credential | Promise<Credential>;
  /** Its id, for the access event. */
  ref: string | null;
  by: RunOptions['by'];
  facts?: Record<string, unknown>;
  deadline?: number;
  told?: RunOptions['told'];
  /** In the transaction that writes a no down. */
  denied?: (tx: Tx, reason: Denied) => Promise<void>;
};

export type Opened = { kind: 'denied'; reason: Denied } | ({ kind: 'ran' } & Ran);

type Deps = {
  database: Database;
  clock: Clock;
  places: PlacesService;
  locks: LocksService;
  lockCommands: LockCommandsService;
  accessEvents: AccessEvents;
};

/** The way from a wish to open to a lock that opens: decided, written down as an access event, commanded, told honestly. */
export function createOpening({ database, clock, places, locks, lockCommands, accessEvents }: Deps) {
  /** A 404 or 409 where there is nothing to open with; a denial is an answer. */
  async function open(asking: Asking): Promise<Opened> {
    const opened = await openWhile(asking, null);
    if (opened === null) throw new Error('a command for people was left');
    return opened;
  }

  /** The same, unless it is not wanted any more when its turn comes, under the lock's row: null then, and nothing was asked. */
  async function openWhile(asking: Asking, wanted: ((tx: Tx) => Promise<boolean>) | null): Promise<Opened | null> {
    const { place, act, by } = asking;
    const lock = await lockOf(place);
    const { unlock, lock: locksToo } = lock.capabilities;
    if (!(act === 'unlock' ? unlock : locksToo)) {
      throw new Problem('NOT_SUPPORTED', `This lock cannot be ${act === 'unlock' ? 'opened' : 'locked'} from here`, {
        facts: { reason: 'unsupported' },
      });
    }
    // a no is told at once: it need not wait for others at the gateway
    const early = await decided(database.read as Tx, asking);
    if (early.decision === 'denied') return deny(asking, early.reason);
    let denied: Denied | null = null;
    const ran = await lockCommands.run(
      lock,
      { kind: act },
      {
        by,
        need: 'people',
        ...(asking.facts === undefined ? {} : { facts: asking.facts }),
        ...(asking.deadline === undefined ? {} : { deadline: asking.deadline }),
        ...(asking.told === undefined ? {} : { told: asking.told }),
        async decide(tx, _lock, id) {
          if (wanted !== null && !(await wanted(tx))) return null;
          const now = await decided(tx, asking);
          await record(tx, asking, now, now.decision === 'granted' ? id : null);
          denied = now.decision === 'denied' ? now.reason : null;
          return now.decision === 'granted' ? { kind: act } : null;
        },
      },
    );
    if (denied !== null) return { kind: 'denied', reason: denied };
    return ran === null ? null : { kind: 'ran', ...ran };
  }

  /** By staff; what was not done is thrown, with a reason that a person can act on. */
  async function byStaff(actor: Actor, what: { door: string } | { lock: string }, act: Act): Promise<Ran> {
    const place = 'door' in what ? await places.door(actor, what.door) : await places.lock(actor, what.lock);
    const { accountId } = actor;
    const opened = await open({
      place,
      act,
      credential: () => staffCredential(accountId),
      ref: accountId,
      by: { api: 'keystead', accountId },
    });
    if (opened.kind === 'denied') {
      throw new Problem('ACCESS_DENIED', denials[opened.reason], { facts: { reason: opened.reason } });
    }
    const { outcome, commandId } = opened;
    if (outcome.kind === 'refused') throw refusal(outcome, { commandId });
    return { outcome, commandId };
  }

  async function lockOf(place: PlaceRow): Promise<LockRow> {
    if (place.lockId === null) throw new Problem('NOT_SUPPORTED', 'This door has no lock that could be reached');
    const lock = await locks.any(place.organizationId, place.lockId);
    if (lock === null || lock.deleted_at !== null) throw notFound('Lock not found');
    return lock;
  }

  async function decided(tx: Tx, { place, act, credential }: Asking): Promise<Decision> {
    const now = await places.again(tx, place);
    if (now === null || now.lockId !== place.lockId) throw new Problem('CONFLICT', 'The door was changed just now');
    if (act === 'lock') return { decision: 'granted', reason: 'valid' }; // nobody comes in by that
    return decide({ place: now, credential: await credential(tx) }, clock.now());
  }

  async function deny(asking: Asking, reason: Denied): Promise<Opened> {
    await database.transaction('access-denied', (tx) => record(tx, asking, { decision: 'denied', reason }, null));
    return { kind: 'denied', reason };
  }

  async function record(
    tx: Tx,
    { place, act, by, credential, ref, denied }: Asking,
    how: Decision,
    commandId: CommandId | null,
  ) {
    await accessEvents.record(tx, {
      organizationId: place.organizationId,
      place,
      credential: { kind: (await credential(tx)).kind, ref },
      decision: how.decision,
      reason: how.reason,
      api: by.api,
      commandId,
      ...(by.accountId === undefined ? {} : { accountId: by.accountId }),
      ...(by.personId === undefined ? {} : { personId: by.personId }),
      details: { act },
    });
    if (how.decision === 'denied') await denied?.(tx, how.reason);
  }

  return { open, openWhile, byStaff };
}

export type OpeningService = ReturnType<typeof createOpening>;

/** For staff, who have to know why. */
const denials: Record<Denied, string> = {
  lockdown: 'The location is locked down: nothing opens but for those who are named',
  'unknown-credential': 'Nobody was given this credential',
  'wrong-place': 'This is not for this door',
  suspended: 'It is suspended',
  ended: 'It was taken back',
  'unreadable-dates': 'Its dates cannot be read',
  'not-yet-valid': 'It is not valid yet',
  expired: 'It is not valid any more',
  'used-up': 'It was used as often as it may be',
  maintenance: 'The door is in maintenance',
};
