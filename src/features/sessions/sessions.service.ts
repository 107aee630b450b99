import type { Kysely } from 'kysely';
import { notify } from '../../database/notify.ts';
import type { Database, Tx } from '../../database/open.ts';
import type { DB } from '../../database/types.ts';
import type { AtOnce } from '../../engine/port.ts';
import type { Clock } from '../../host/clock.ts';
import type { Random } from '../../host/random.ts';
import type { SecretBox } from '../../host/secret-box.ts';
import type { ConnectionId, DeviceId, OrganizationId, PaymentId, SessionId } from '../../rules/ids.ts';
import { type Instant, iso } from '../../rules/instant.ts';
import { metered } from '../../rules/metering/energy.ts';
import { earned } from '../../rules/money/earned.ts';
import { inSteps } from '../../rules/money/minimum.ts';
import { advance } from '../../rules/sessions/advance.ts';
import { endOfHold, holdFor } from '../../rules/sessions/hold.ts';
import { freshRun, isLive, type Session, type SessionEffect, type SessionEvent } from '../../rules/sessions/session.ts';
import { pageState } from '../../rules/sessions/view.ts';
import type { Stretch } from '../../rules/timeline/moments.ts';
import { createSecretAddress } from '../addresses/secret-address.service.ts';
import type { Audit } from '../audit/audit.service.ts';
import type { DeviceRow } from '../devices/devices.service.ts';
import type { PlanRow } from '../devices/plans.service.ts';
import type { Outbox } from '../mail/outbox.service.ts';
import type { NoticesService } from '../notices/notices.service.ts';
import type { PaymentsService } from '../payments/payments.service.ts';
import { type SessionRow, sessionOf, stored } from './session-row.ts';
import {
  devicesInUse,
  dueSessions,
  findHold,
  findSession,
  type HoldRow,
  insertSession,
  lastRunEnded,
  liveSession,
  lockSession,
  lockSessionToStart,
  saveHold,
  saveLanguage,
  saveMeter,
  saveSession,
  sessionsAlong,
  wakeSessions,
} from './sessions.store.ts';

/** A session as it was locked to begin. */
type ToStart = NonNullable<Awaited<ReturnType<typeof lockSessionToStart>>>;

export type NewSession = {
  organizationId: OrganizationId;
  deviceId: DeviceId;
  plan: Pick<
    PlanRow,
    'id' | 'name' | 'duration_minutes' | 'delay_minutes' | 'finish_below_watts' | 'finish_after_minutes'
  >;
  email: string | null;
  language: string | null;
  /** false: the guest wants no mail when it is over. */
  mailWhenDone?: boolean;
};

type Deps = {
  database: Database;
  clock: Clock;
  random: Random;
  box: SecretBox;
  audit: Audit;
  payments: PaymentsService;
  notices: NoticesService;
  atOnce: AtOnce;
  outbox: Outbox;
};

/**
 * Paid runs. Every change of one goes through `step`: lock, rules, save, and what follows from it, in the caller's
 * transaction. It never speaks to hardware: it says what is to be asked of it.
 */
export function createSessions(deps: Deps) {
  const { database, clock, random, audit, payments, notices, outbox, atOnce } = deps;
  const address = createSecretAddress<SessionId>('session-token', deps);

  /** A session that waits for its money, and the token of its page. */
  async function open(tx: Tx, wanted: NewSession): Promise<{ id: SessionId; token: string }> {
    const id = random.id('session');
    const { token, kept } = address.make();
    await insertSession(
      tx,
      {
        organization_id: wanted.organizationId,
        id,
        ...kept,
        device_id: wanted.deviceId,
        plan_id: wanted.plan.id,
        plan_name: wanted.plan.name,
        duration_ms: wanted.plan.duration_minutes * 60_000,
        delay_ms: wanted.plan.delay_minutes * 60_000,
        finish_below_watts: wanted.plan.finish_below_watts,
        finish_after_ms: wanted.plan.finish_after_minutes === null ? null : wanted.plan.finish_after_minutes * 60_000,
        guest_email: wanted.email,
        language: wanted.language,
        mail_when_done: wanted.mailWhenDone !== false,
        run: freshRun,
      },
      clock.now(),
    );
    await address.open(tx, kept, wanted.organizationId, id);
    return { id, token };
  }

  /**
   * One event in; the session as it is then, and what hardware is to be asked (after a tick alone: only who holds the
   * device's lane ticks). Null: there is no such session.
   */
  async function step(
    tx: Tx,
    organizationId: OrganizationId,
    id: SessionId,
    event: SessionEvent,
  ): Promise<{ row: SessionRow; effects: SessionEffect[] } | null> {
    const row = await lockSession(tx, organizationId, id);
    return row === null ? null : stepOf(tx, row, event);
  }

  /** The same, of a session that is locked already. */
  async function stepOf(
    tx: Tx,
    row: SessionRow,
    event: SessionEvent,
  ): Promise<{ row: SessionRow; effects: SessionEffect[]; at: Instant }> {
    const { organization_id: organizationId, id } = row;
    const before = sessionOf(row);
    const at = clock.now();
    const { session, effects, wakeAt } = advance(before, event, at);
    const moved = session.phase !== before.phase;
    if (session !== before || wakeAt !== row.wake_at) {
      await saveSession(tx, organizationId, id, session, wakeAt, {
        announced: moved || pageState(session, at) !== pageState(before, at),
        freed: moved && before.phase === 'awaiting-payment' ? row.device_id : null,
      });
    }
    for (const effect of effects) await follow(tx, row, session, effect);
    const after = { ...row, ...stored(session), wake_at: wakeAt };
    if (event.kind !== 'tick' && event.kind !== 'paid' && isDue(after)) wake(tx, row);
    return { row: after, effects, at };
  }

  const isDue = ({ wake_at }: SessionRow): boolean => wake_at !== null && wake_at <= clock.now();

  /** Lets the engine look at it as soon as this transaction is committed; its `wake_at` says so to all processes. */
  function wake(tx: Tx, row: Pick<SessionRow, 'organization_id' | 'id'>): void {
    database.afterCommit(tx, () => atOnce.hurry(row.organization_id, row.id));
  }

  async function follow(tx: Tx, row: SessionRow, session: Session, effect: SessionEffect): Promise<void> {
    const { organization_id: organizationId, id } = row;
    if (effect.kind === 'settle') {
      const goesBack = await settle(tx, row, session);
      if (!goesBack) await mailDone(tx, row, session); // else the mail about the money tells how it ended
    }
    if (effect.kind === 'lost-sight') {
      await notices.raise(tx, organizationId, 'session-lost-sight', id, { deviceId: row.device_id });
    }
    if (effect.kind === 'recovered') {
      await note(tx, row, 'session recovered', { gapSeconds: Math.round(session.run.gapMs / 1000) });
    }
    if (effect.kind === 'moved') {
      await note(tx, row, 'session moved with the clock', { seconds: Math.round(effect.byMs / 1000) });
      await announce(tx, organizationId, id);
    }
  }

  /** In the chain that proves what happened: the run did this by itself. */
  const note = (tx: Tx, { organization_id, id, device_id }: SessionRow, action: string, details: object) =>
    audit.append(tx, {
      organizationId: organization_id,
      category: 'sessions',
      action,
      actor: null,
      entity: 'Session',
      entityId: id,
      details: { deviceId: device_id, ...details },
    });

  /** Asks for what was not earned to go back; also when money comes for a run that is over. */
  async function settle(tx: Tx, row: SessionRow, session: Session): Promise<boolean> {
    const { run, durationMs } = session;
    const how = run.ending?.delivered ?? 'nothing';
    const goesBack = await payments.settle(tx, row.organization_id, row.id, (bought, currency) =>
      inSteps(earned(bought, { durationMs, onMs: run.onMs, how }), currency),
    );
    await payments.abandonExtensions(tx, row.organization_id, row.id);
    await notify(tx, { topic: 'session', organizationId: row.organization_id, id: row.id });
    return goesBack;
  }

  /** A run that nobody paid for never was: nothing to tell. */
  async function mailDone(tx: Tx, row: SessionRow, session: Session): Promise<void> {
    if (!outbox.on || !row.mail_when_done || session.paidAt === null) return;
    const [payment] = await payments.of(row.organization_id, row.id, tx);
    await outbox.queue(tx, {
      organizationId: row.organization_id,
      key: `done:${row.id}`,
      to: payment?.guest_email ?? row.guest_email,
      language: row.language,
      kind: 'done',
      facts: { sessionId: row.id },
      since: session.endsAt ?? clock.now(), // the server may have been away since
    });
  }

  /** The guest has chosen a language: mails come in it from now on. */
  async function speak(row: SessionRow, language: string): Promise<void> {
    if (row.language === language) return;
    await database.transaction('session-language', async (tx) => {
      const { organization_id: organizationId, id } = row;
      await lockSession(tx, organizationId, id);
      await saveLanguage(tx, organizationId, id, language);
      for (const payment of await payments.of(organizationId, id, tx)) {
        await payments.change(tx, organizationId, payment.id, { language });
      }
    });
  }

  /** More time for a run that is under way, and for the device's own timer. False: it came too late, nothing changed. */
  async function extend(
    tx: Tx,
    { organizationId, id }: { organizationId: OrganizationId; id: SessionId },
    bought: { byMs: number; paymentId: PaymentId; paidAt: Instant | null },
  ): Promise<boolean> {
    const { paymentId, byMs, paidAt } = bought;
    const result = await step(tx, organizationId, id, { kind: 'extended', byMs, paidAt });
    if (result === null || !result.effects.some((effect) => effect.kind === 'extended')) return false;
    const endsAt = iso(result.row.ends_at);
    await note(tx, result.row, 'session extended', { paymentId, minutes: byMs / 60_000, endsAt });
    await announce(tx, organizationId, id);
    return true;
  }

  /** The money is there: the run begins if its device is free. `device`: as it was locked; null: none to begin on. */
  async function paid(
    tx: Tx,
    { row: before, deviceTaken }: ToStart,
    { device, paidAt }: { device: DeviceRow | null; paidAt: Instant | null },
  ): Promise<void> {
    const deviceFree = device !== null && !deviceTaken;
    const { row } = await stepOf(tx, before, { kind: 'paid', deviceFree, paidAt });
    if (device !== null && isDue(row)) await atOnce.begin(tx, device, row);
    if (!isLive(row.phase)) await settle(tx, row, sessionOf(row));
  }

  /** Before the relay is asked to go on: what its counter was last seen to show. `row`: as it was locked. */
  async function meterFrom(tx: Tx, row: SessionRow, counter: number | null): Promise<void> {
    if (counter === null || row.energy_counter !== null) return; // asked for again: it counts already
    await saveMeter(tx, row.organization_id, row.id, { used: row.energy_wh, counter });
  }

  /** A reading of the relay during the run. `row`: as it was locked. */
  async function meter(tx: Tx, row: SessionRow, counter: number | null): Promise<void> {
    if (counter === null) return;
    const before = { used: row.energy_wh, counter: row.energy_counter };
    await saveMeter(tx, row.organization_id, row.id, metered(before, counter));
  }

  async function byToken(token: string, db: Kysely<DB> = database.read): Promise<SessionRow | null> {
    const found = await address.find(token, db);
    return found === null ? null : findSession(db, found.organizationId, found.id);
  }

  /** Kept for the guest who is paying. A hold that still runs keeps its end: asking again does not lengthen it. */
  async function hold(tx: Tx, wanted: Omit<HoldRow, 'expires_at'>, running: Instant | null): Promise<void> {
    await saveHold(tx, { ...wanted, expires_at: running ?? clock.now() + holdFor });
  }

  /** Another guest took the device, or the holder chose another plan: money that still comes for it goes back. */
  async function supersede(tx: Tx, organizationId: OrganizationId, id: SessionId): Promise<void> {
    const row = await lockSession(tx, organizationId, id);
    if (row === null || row.phase !== 'awaiting-payment') return;
    await saveSession(tx, organizationId, id, { ...sessionOf(row), superseded: true }, row.wake_at);
  }

  /** Locks it for `paid`. */
  const lockToStart = (tx: Tx, organizationId: OrganizationId, id: SessionId): Promise<ToStart | null> =>
    lockSessionToStart(tx, organizationId, id);

  /** The session's lock comes before its payments'. */
  const lock = (tx: Tx, organizationId: OrganizationId, id: SessionId) => lockSession(tx, organizationId, id);

  /** Tells listeners that something about it changed. */
  function announce(tx: Tx, organizationId: OrganizationId, id: SessionId): Promise<void> {
    return notify(tx, { topic: 'session', organizationId, id });
  }

  const find = (organizationId: OrganizationId, id: SessionId, db: Kysely<DB> = database.read) =>
    findSession(db, organizationId, id);
  const liveOn = (organizationId: OrganizationId, deviceId: DeviceId, db: Kysely<DB> = database.read) =>
    liveSession(db, organizationId, deviceId);
  const lastEnded = (organizationId: OrganizationId, deviceId: DeviceId, db: Kysely<DB> = database.read) =>
    lastRunEnded(db, organizationId, deviceId);
  const inUse = (organizationId: OrganizationId, ids: readonly DeviceId[]) =>
    devicesInUse(database.read, organizationId, ids);
  async function holdOn(organizationId: OrganizationId, deviceId: DeviceId, db: Kysely<DB> = database.read) {
    const found = await findHold(db, organizationId, deviceId);
    return found && { ...found, expires_at: endOfHold(found.expires_at, clock.now()) };
  }
  const along = (
    organizationId: OrganizationId,
    deviceId: DeviceId,
    moment: 'paid_at' | 'ended_at',
    stretch: Stretch,
  ) => sessionsAlong(database.read, organizationId, deviceId, moment, stretch);
  const due = (now: Instant, limit: number, notOn: readonly ConnectionId[] = []) =>
    dueSessions(database.read, now, limit, notOn);
  const bringForward = (which: 'live' | 'past-their-end' | 'running'): Promise<number> =>
    database.transaction('sessions-woken', (tx) => wakeSessions(tx, clock.now(), which));

  return {
    open,
    step,
    stepOf,
    paid,
    extend,
    meterFrom,
    meter,
    lockToStart,
    lock,
    announce,
    speak,
    byToken,
    tokenOf: address.tokenOf,
    hold,
    supersede,
    find,
    liveOn,
    lastEnded,
    inUse,
    holdOn,
    along,
    due,
    bringForward,
  };
}

export type SessionsService = ReturnType<typeof createSessions>;
export type { SessionRow } from './session-row.ts';
export type { HoldRow } from './sessions.store.ts';
