import type { Kysely } from 'kysely';
import { notify } from '../../database/notify.ts';
import type { Database, Tx } from '../../database/open.ts';
import type { DB } from '../../database/types.ts';
import type { LockRecord } from '../../drivers/lock-port.ts';
import type { Clock } from '../../host/clock.ts';
import type { Random } from '../../host/random.ts';
import type { SecretBox } from '../../host/secret-box.ts';
import type { DoorId, LockId, OrganizationId, PassId } from '../../rules/ids.ts';
import { hours, type Instant } from '../../rules/instant.ts';
import { advance } from '../../rules/passes/advance.ts';
import { earnedOfPass, type PassEffect, type PassEvent } from '../../rules/passes/pass.ts';
import { createSecretAddress } from '../addresses/secret-address.service.ts';
import type { LockRow } from '../locks/locks.service.ts';
import type { PaymentsService } from '../payments/payments.service.ts';
import { type IssuedWay, type PassRow, passOf, rowOf } from './pass-row.ts';
import {
  bringPassesForward,
  currentPassOf,
  doorInUse,
  duePasses,
  findPass,
  insertPass,
  issuedOnLock,
  lockPass,
  openPassOf,
  passUsed,
  saveLanguage,
  savePass,
} from './passes.store.ts';

const secrets = 'way-in';

export type NewPass = {
  organizationId: OrganizationId;
  doorId: DoorId;
  minutes: number;
  email: string | null;
  language: string | null;
  holderHash: Buffer;
};

/** Says that a pass has something to do now; the rounds find it in any case. */
export type HurryPass = (organizationId: OrganizationId, id: PassId) => void;

type Deps = {
  database: Database;
  clock: Clock;
  random: Random;
  box: SecretBox;
  payments: PaymentsService;
  hurry: HurryPass;
};

/**
 * Rights to open a door for a time. Every change of one goes through `step`: lock, rules, save, and what follows from it, in
 * the caller's transaction. It never speaks to hardware: it says what is to be asked of it.
 */
export function createPasses(deps: Deps) {
  const { database, clock, random, box, payments, hurry } = deps;
  const address = createSecretAddress<PassId>('pass-token', deps);

  /** A pass that waits for its money, and the token of its page. */
  async function open(tx: Tx, wanted: NewPass): Promise<{ id: PassId; token: string }> {
    const id = random.id('pass');
    const { token, kept } = address.make();
    await insertPass(
      tx,
      {
        organization_id: wanted.organizationId,
        id,
        ...kept,
        door_id: wanted.doorId,
        duration_ms: wanted.minutes * 60_000,
        guest_email: wanted.email,
        language: wanted.language,
        holder_hash: wanted.holderHash,
      },
      clock.now(),
    );
    await address.open(tx, kept, wanted.organizationId, id);
    return { id, token };
  }

  /**
   * One event in; the pass as it is then, and what a vendor is to be asked (after a tick alone). `made`: the way in that
   * the event tells of. Null: there is no such pass.
   */
  async function step(
    tx: Tx,
    organizationId: OrganizationId,
    id: PassId,
    event: PassEvent,
    made: IssuedWay | null = null,
  ): Promise<{ row: PassRow; effects: PassEffect[] } | null> {
    const row = await lockPass(tx, organizationId, id);
    if (row === null) return null;
    const { pass, effects, wakeAt } = advance(passOf(row), event, clock.now());
    const taken = made !== null && pass.ways.includes(made.kind);
    const before = event.kind === 'cleared' ? row.way.issued.map(forgotten) : row.way.issued;
    const issued = taken ? [...before, printed(made)] : before;
    const after = { ...rowOf(row, pass, issued), wake_at: wakeAt };
    await savePass(tx, after, wakeAt);
    if (effects.some(({ kind }) => kind === 'settle')) await settle(tx, after);
    if (pass.phase !== row.phase) await notify(tx, { topic: 'pass', organizationId, id });
    if (event.kind !== 'tick' && wakeAt !== null && wakeAt <= clock.now()) {
      database.afterCommit(tx, () => hurry(organizationId, id));
    }
    return { row: after, effects };
  }

  /** Asks for what was not earned to go back; also when money comes for a pass that is over. */
  async function settle(tx: Tx, row: PassRow): Promise<void> {
    await payments.settle(tx, row.organization_id, { passId: row.id }, (bought) =>
      bought.reduce((sum, one) => sum + earnedOfPass(passOf(row), one.amount), 0),
    );
  }

  /** So that it is known again when the lock tells that it was used. */
  function printed(way: IssuedWay): IssuedWay {
    return way.code === null ? way : { ...way, print: printOf(way.lockId, opened(way.code)) };
  }
  const printOf = (lockId: LockId, digits: string): string =>
    box.hash(secrets, `${lockId} ${digits}`).toString('base64url');

  /** The pass for this door whose code or QR code a line in the book of its lock tells of. */
  async function usedBy(
    db: Kysely<DB>,
    doorId: DoorId,
    lock: Pick<LockRow, 'organization_id' | 'id'>,
    record: LockRecord,
  ): Promise<PassId | null> {
    const { pin, qr } = record;
    const by = pin !== null ? { print: printOf(lock.id, pin) } : qr !== undefined ? { number: qr } : null;
    return by === null ? null : passUsed(db, lock.organization_id, doorId, { lockId: lock.id, ...by }, record.at);
  }

  /** A secret of a way in, as it is kept. */
  const sealed = (text: string): string => box.seal(secrets, text).toString('base64');
  const opened = (text: string): string => box.open(secrets, Buffer.from(text, 'base64'));

  async function byToken(token: string, db: Kysely<DB> = database.read): Promise<PassRow | null> {
    const found = await address.find(token, db);
    return found === null ? null : findPass(db, found.organizationId, found.id);
  }

  /** The guest has chosen a language: mails come in it from now on. */
  async function speak(row: PassRow, language: string): Promise<void> {
    if (row.language === language) return;
    await database.transaction('pass-language', async (tx) => {
      await lockPass(tx, row.organization_id, row.id);
      await saveLanguage(tx, row, language);
      for (const payment of await payments.of(row.organization_id, { passId: row.id }, tx)) {
        await payments.change(tx, row.organization_id, payment.id, { language });
      }
    });
  }

  const find = (organizationId: OrganizationId, id: PassId, db: Kysely<DB> = database.read) =>
    findPass(db, organizationId, id);
  /** The pass's lock comes after its door's and before its payments'. */
  const lock = (tx: Tx, organizationId: OrganizationId, id: PassId) => lockPass(tx, organizationId, id);
  const openOf = (organizationId: OrganizationId, doorId: DoorId, holderHash: Buffer, db: Kysely<DB> = database.read) =>
    openPassOf(db, organizationId, doorId, holderHash);
  /** The way in through this door that this guest has now, or is getting. */
  const currentOf = (organizationId: OrganizationId, doorId: DoorId, holderHash: Buffer, db: Kysely<DB>) =>
    currentPassOf(db, organizationId, { doorId, holderHash }, clock.now());
  const inUse = (db: Kysely<DB>, organizationId: OrganizationId, doorId: DoorId): Promise<boolean> =>
    doorInUse(db, organizationId, doorId, clock.now() - hours(1));
  /** What a vendor calls the codes on a lock that guests have bought, and that were not cleared away yet. */
  async function issuedOn(
    db: Kysely<DB>,
    organizationId: OrganizationId,
    lockId: LockId,
  ): Promise<ReadonlySet<string>> {
    return new Set((await issuedOnLock(db, organizationId, lockId)).map(({ reference }) => reference));
  }
  /** Their digits, as far as they are known. */
  async function digitsOn(
    db: Kysely<DB>,
    organizationId: OrganizationId,
    lockId: LockId,
  ): Promise<ReadonlySet<string>> {
    const codes = (await issuedOnLock(db, organizationId, lockId)).map(({ code }) => code);
    return new Set(codes.filter((code) => code !== null).map(opened));
  }
  const due = (now: Instant, limit: number) => duePasses(database.read, now, limit);

  /** The clock was set back, or the server begins: what is to be done is looked at anew, whenever it was to be done. */
  const bringForward = (): Promise<void> => bringPassesForward(database.read, clock.now());

  return {
    open,
    step,
    byToken,
    tokenOf: address.tokenOf,
    speak,
    find,
    lock,
    openOf,
    currentOf,
    inUse,
    issuedOn,
    digitsOn,
    usedBy,
    due,
    bringForward,
    sealed,
    opened,
  };
}

export type PassesService = ReturnType<typeof createPasses>;
export type { IssuedWay, PassRow } from './pass-row.ts';

/** What was cleared away is gone with its secrets; what names it in the book of the lock stays, as books come late. */
const forgotten = (way: IssuedWay): IssuedWay => ({ ...way, reference: null, code: null, qr: null, link: null });
