/**
 * Locks operated by programs of partners: the one way to hardware that staff takes too (features/access/opening), with more
 * patience. Tried again is only what surely had no effect; after an outcome that nobody heard of the lock is looked at instead.
 */
import type { Tx } from '../../database/open.ts';
import type { LockObservation, LockOutcome } from '../../drivers/lock-port.ts';
import type { Clock } from '../../host/clock.ts';
import type { Logger } from '../../host/log.ts';
import type { Random } from '../../host/random.ts';
import type { Credential, Denied } from '../../rules/access/decide.ts';
import type { Caller } from '../../rules/accounts/caller.ts';
import { invalid, notFound, Problem } from '../../rules/errors.ts';
import { type Instant, seconds } from '../../rules/instant.ts';
import { atLeast, staffRole } from '../../rules/lock-users/roles.ts';
import {
  isReachedFromAfar,
  mayTryAgain,
  type RemoteAct,
  type RemoteCommand,
  remoteAct,
  remoteCommands,
} from '../../rules/locks/remote.ts';
import type { OpeningService } from '../access/opening.service.ts';
import type { PlacesService } from '../access/places.service.ts';
import type { LockLooks } from '../commands/lock-looks.service.ts';
import type { Admitted, HousesService } from '../lock-users/houses.service.ts';
import type { LockRow, LocksService } from '../locks/locks.service.ts';

/** Whoever waits is answered within this, all tries together; one try ends within its part of it. */
export const remoteHold = { all: seconds(90), try: seconds(30), pause: seconds(1) } as const;

export type Operation = {
  command: RemoteCommand;
  before: LockRow;
  startedAt: Instant;
  transactionId: string;
  /** How often it was tried again. */
  retries: number;
};
type Seen = LockObservation & { notAsked?: true };
/** How it ended: `after` is the lock as it is known then. `seen`: what a look told, where one was taken. */
export type Operated = Operation & { after: LockRow } & (
    | { kind: 'done' }
    | { kind: 'denied'; reason: Denied }
    | { kind: 'refused'; outcome: Extract<LockOutcome, { kind: 'refused' }> }
    | { kind: 'unheard'; seen: Seen }
    | { kind: 'unseen'; seen: Extract<Seen, { kind: 'unreachable' }> }
    /** Its turn did not come in time: others are at it. */
    | { kind: 'no-turn' }
  );

type Wish = { caller: Caller; wireId: string; command: string; tries: number; hasFunction: boolean };
type Deps = {
  clock: Clock;
  random: Random;
  log: Logger;
  houses: Pick<HousesService, 'admit'>;
  places: Pick<PlacesService, 'ofLock'>;
  locks: Pick<LocksService, 'any'>;
  opening: Pick<OpeningService, 'open'>;
  lockLooks: Pick<LockLooks, 'seeNow'>;
};

export function createRemoteOperate({ clock, random, log, houses, places, locks, opening, lockLooks }: Deps) {
  /** Waits for how it ends. Throws what can be said before anything is asked of the lock. */
  async function operate(wish: Wish): Promise<Operated> {
    const { lock, act, command } = await weighed(wish);
    return carryOut(wish, lock, act, command);
  }

  /** The same, without waiting: the lock's state and the access events tell how it ended. */
  async function begin(wish: Wish): Promise<void> {
    const { lock, act, command } = await weighed(wish);
    carryOut(wish, lock, act, command).catch((error: unknown) => {
      log.warn({ err: error, lockId: lock.id }, 'An operation that nobody waits for did not come to its end.');
    });
  }

  async function weighed({ caller, wireId, command: name, hasFunction }: Wish) {
    const { lock, role } = await houses.admit(caller, wireId, 'user');
    const command = remoteCommands.find((one) => one === name);
    if (command === undefined) throw new Problem('NOT_IMPLEMENTED', `There is no command ${name.slice(0, 40)}`);
    const act = remoteAct(command, lock.capabilities);
    // a guest who wants in is denied like anybody without a right, and that is written down
    if (!atLeast(role, 'manager') && act !== 'unlock')
      throw new Problem('FORBIDDEN', 'Guests operate a lock beside it');
    if (command === 'extendedfunction' && !hasFunction) {
      throw invalid('extendedfunction', 'extendedfunction is required for this command');
    }
    if (!isReachedFromAfar(lock)) throw new Problem('PRECONDITION_FAILED', 'No bridge is associated with this lock');
    if (act === null || (act !== 'look' && !lock.capabilities[act])) {
      throw new Problem('NOT_IMPLEMENTED', `This lock cannot do ${command} from here`);
    }
    return { lock, act, command };
  }

  async function carryOut(wish: Wish, lock: LockRow, act: RemoteAct, command: RemoteCommand): Promise<Operated> {
    const startedAt = clock.now();
    const of: Operation = { command, before: lock, startedAt, transactionId: random.uuid(), retries: 0 };
    return act === 'look' ? look(of) : turn(wish, of, act);
  }

  async function look(of: Operation): Promise<Operated> {
    const looked = await unlessBusy(() => lockLooks.seeNow(of.before));
    if (looked === null) return { ...of, after: of.before, kind: 'no-turn' };
    const { lock: after, seen } = looked;
    return seen.kind === 'lock' ? { ...of, after, kind: 'done' } : { ...of, after, kind: 'unseen', seen };
  }

  async function turn(wish: Wish, of: Operation, act: 'lock' | 'unlock'): Promise<Operated> {
    const until = of.startedAt + remoteHold.all;
    for (let tried = 1; ; tried++) {
      const ended = await once(wish, { ...of, retries: tried - 1 }, act, until);
      const again = ended.kind === 'no-turn' || (ended.kind === 'refused' && mayTryAgain(ended.outcome));
      const left = until - clock.now();
      if (!again || tried >= wish.tries || left <= remoteHold.pause * 2 || left > remoteHold.all) return ended;
      await clock.sleep(remoteHold.pause);
    }
  }

  /** Each try is decided anew: a place may be locked down meanwhile. */
  async function once(wish: Wish, of: Operation, act: 'lock' | 'unlock', until: Instant): Promise<Operated> {
    const { caller, wireId } = wish;
    const { organizationId, account, person, program } = caller;
    const place = await places.ofLock(organizationId, of.before.id);
    if (place === null) throw notFound('Lock does not exist');
    const by = { api: 'yale', personId: person.id, ...(account === null ? {} : { accountId: account.id }) };
    const opened = await unlessBusy(() =>
      opening.open({
        place,
        act,
        credential: (tx) => credentialNow(caller, wireId, tx),
        ref: account?.id ?? person.uuid,
        by,
        facts: { apiClientId: program.id, transactionId: of.transactionId, retry: of.retries },
        deadline: Math.min(remoteHold.try, until - clock.now()),
      }),
    );
    const after = await asKnown(of.before);
    if (opened === null) return { ...of, after, kind: 'no-turn' };
    if (opened.kind === 'denied') return { ...of, after, kind: 'denied', reason: opened.reason };
    const { outcome } = opened;
    if (outcome.kind === 'refused') return { ...of, after, kind: 'refused', outcome };
    if (outcome.kind === 'confirmed') return { ...of, after, kind: 'done' };
    return lookedAt({ ...of, after }, act, outcome.kind);
  }

  /** What was taken may be seen by now; what was not heard of is not asked again, but looked at. */
  async function lookedAt(
    of: Operation & { after: LockRow },
    act: 'lock' | 'unlock',
    how: 'accepted' | 'unknown',
  ): Promise<Operated> {
    const looked = of.before.capabilities.tellsBolt ? await unlessBusy(() => lockLooks.seeNow(of.before)) : null;
    const after = looked?.lock ?? of.after;
    if (how === 'accepted') return { ...of, after, kind: 'done' };
    const seen = looked?.seen ?? unlooked(clock.now());
    const wished = act === 'unlock' ? 'unlocked' : 'locked';
    if (seen.kind === 'lock' && seen.bolt === wished) return { ...of, after, kind: 'done' };
    return { ...of, after, kind: 'unheard', seen };
  }

  /** Read anew by whoever decides: staff of its place, or somebody who manages the lock. */
  async function credentialNow(caller: Caller, wireId: string, tx: Tx): Promise<Credential> {
    const admitted = await houses.admit(caller, wireId, 'user', tx).catch((error: unknown) => {
      if (error instanceof Problem) return null;
      throw error;
    });
    return {
      kind: admitted !== null && isStaff(caller, admitted) ? 'staff' : 'partner',
      accountId: caller.account?.id ?? null,
      personId: caller.person.id,
      state: admitted === null ? 'unknown' : 'active',
      fits: admitted !== null && atLeast(admitted.role, 'manager'),
      validFrom: null,
      validUntil: null,
      usesLeft: null,
    };
  }

  const asKnown = async (lock: LockRow): Promise<LockRow> => (await locks.any(lock.organization_id, lock.id)) ?? lock;

  return { operate, begin };
}

export type RemoteOperateService = ReturnType<typeof createRemoteOperate>;

const isStaff = ({ account }: Caller, { house }: Admitted): boolean =>
  staffRole(account, house.location?.id ?? null) !== null;

/** Others are at the lock, or at its gateway, for longer than anybody waits: nothing was asked of it then. */
const unlessBusy = <T>(work: () => Promise<T>): Promise<T | null> =>
  work().catch((error: unknown) => {
    if (error instanceof Problem && error.code === 'UNAVAILABLE') return null;
    throw error;
  });

const unlooked = (at: Instant): Seen => ({
  kind: 'unreachable',
  why: 'it could not be looked at',
  bridgeOnline: null,
  at,
  notAsked: true,
});
