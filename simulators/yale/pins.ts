/**
 * Codes, in two phases: what is asked for stands in the cloud at once (created, updating, deleting, …), and is carried to
 * the lock in order, when its bridge can. Until the lock has answered, its keypad knows nothing of it.
 */
import { pause } from '../clock.ts';
import type { TroubleKind } from '../trouble.ts';
import type { Cloud } from './cloud.ts';
import { refusal } from './errors.ts';
import type { Lock } from './lock.ts';
import type { Access, KeypadCode, PinRow, PinState } from './lock-data.ts';
import { checkAccess } from './pin-times.ts';
import type { Radio } from './radio.ts';
import { uuidOf } from './specs.ts';

type Command = Record<string, unknown>;
type Options = { cloud: Cloud; radio: Radio; now: () => number; seed: string; ownerId: string; slots: number };

const moving: readonly PinState[] = ['created', 'updating', 'deleting', 'disabling', 'enabling'];
const cannot = (why: string) => refusal('ConflictError', `Unable to set intent state for pin: ${why}`);
const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

export function createPins({ cloud, radio, now, seed, ownerId, slots }: Options) {
  let underWay = 0;
  const rowsOf = (lockId: string): PinRow[] => cloud.pins.all().filter((row) => row.lockId === lockId);
  /** What somebody else does as soon as the lock has answered: for the trouble of that name. */
  const undone = new Set<string>();

  function userOf(command: Command): { userId: string; partnerUserId: string | null } {
    const partnerUserId = textOf(command.partnerUserID);
    const userId = textOf(command.augustUserID) ?? textOf(command.userID);
    if (userId !== null) return { userId, partnerUserId };
    const named = partnerUserId ?? `nobody ${cloud.next('unverified user')}`;
    return { userId: uuidOf(`${seed} sub-user ${named}`), partnerUserId };
  }

  function found(lock: Lock, command: Command): PinRow {
    const { userId } = userOf(command);
    const pin = textOf(command.pin);
    const named = ['augustUserID', 'userID', 'partnerUserID'].some((field) => textOf(command[field]) !== null);
    const row = rowsOf(lock.data.lockId).find((one) => (named ? one.userId === userId : one.pin === pin));
    if (row === undefined) throw cannot('No pin given or could not find pin per lock ID and user ID');
    return row;
  }

  function accessOf(lock: Lock, command: Command): Access {
    const { accessType } = command;
    if (
      accessType !== 'always' &&
      accessType !== 'recurring' &&
      accessType !== 'temporary' &&
      accessType !== 'oneTime'
    ) {
      throw refusal('BadRequest', 'accessType must be always, recurring, temporary or oneTime');
    }
    if (lock.data.type === 1 && accessType !== 'always') throw refusal('BadRequest', 'This lock takes no schedules');
    const access: Access = {
      accessType,
      accessTimes: textOf(command.accessTimes),
      accessRecurrence: textOf(command.accessRecurrence),
    };
    checkAccess(access, now());
    return access;
  }

  function digitsOf(lock: Lock, command: Command, userId: string): string {
    const pin = textOf(command.pin);
    if (pin === null || !/^\d{4,6}$/.test(pin)) throw refusal('BadRequest', 'pin must be 4 to 6 digits');
    const taken = rowsOf(lock.data.lockId).some(
      (row) => row.userId !== userId && (row.pin === pin || row.wish?.pin === pin),
    );
    if (taken) throw cannot('The pin is in use by another user of this lock');
    return pin;
  }

  function load(lock: Lock, command: Command): PinRow {
    const { userId, partnerUserId } = userOf(command);
    const pin = digitsOf(lock, command, userId);
    const access = accessOf(lock, command);
    const rows = rowsOf(lock.data.lockId);
    if (rows.some((row) => row.userId === userId)) throw cannot('The user has a pin on this lock');
    const used = new Set(rows.map((row) => row.slot));
    const slot = Array.from({ length: slots }, (_, i) => i + 1).find((one) => !used.has(one));
    if (slot === undefined) throw cannot('No slot is free');
    const at = now();
    return {
      id: `pin${String(cloud.next('pin')).padStart(8, '0')}`,
      lockId: lock.data.lockId,
      userId,
      partnerUserId,
      firstName: textOf(command.firstName) ?? '',
      lastName: textOf(command.lastName) ?? '',
      pin,
      slot,
      state: 'created',
      wish: null,
      ...access,
      createdAt: at,
      updatedAt: at,
      loadedAt: null,
    };
  }

  /** What the cloud notes down of one command; throws a Refusal. */
  function intent(lock: Lock, command: Command): PinRow {
    const { action } = command;
    if (action === 'load') return load(lock, command);
    const goes = { update: 'updating', delete: 'deleting', disable: 'disabling', enable: 'enabling' } as const;
    const state = goes[action as keyof typeof goes];
    if (state === undefined) throw refusal('BadRequest', 'action must be load, update, delete, disable or enable');
    const row = found(lock, command);
    const may = row.state === 'loaded' || row.state === 'disabled' || (row.state === 'created' && state === 'deleting');
    if (!may) throw cannot(`The pin is ${row.state}`);
    if (state !== 'updating') return { ...row, state, updatedAt: now() };
    const wish = { pin: digitsOf(lock, command, row.userId), ...accessOf(lock, command) };
    return { ...row, state, wish, updatedAt: now() };
  }

  /** Notes all of it down, in order, and begins to carry it to the lock. */
  function order(lock: Lock, commands: readonly Command[], trouble: TroubleKind | null): void {
    if (!lock.data.hasKeypad) throw refusal('BadRequest', 'This lock has no keypad');
    if (trouble === 'lying-ok') return;
    for (const command of commands) {
      const row = intent(lock, command);
      cloud.pins.put(row.id, row);
      if (trouble === 'outside-change') undone.add(row.id);
    }
    cloud.commit();
    void carry(lock);
  }

  /** Takes what is to be done to the lock, in order; what cannot be carried now waits for the bridge. */
  async function carry(lock: Lock): Promise<void> {
    underWay += 1;
    try {
      for (;;) {
        const row = rowsOf(lock.data.lockId).find((one) => moving.includes(one.state));
        if (row === undefined) return;
        const done = await radio
          .inTurn(lock, () => commit(lock, row.id))
          .then(
            () => true,
            () => false,
          );
        if (!done) return;
      }
    } finally {
      underWay -= 1;
    }
  }

  function codeOf(row: PinRow): KeypadCode {
    const { slot, pin: digits, userId, accessType, accessTimes, accessRecurrence } = row;
    return { slot, digits, userId, accessType, accessTimes, accessRecurrence, enabled: true };
  }

  /** The lock has answered. */
  function commit(lock: Lock, id: string): void {
    const before = cloud.pins.get(id);
    if (before === undefined || !moving.includes(before.state)) return;
    const { counts } = lock.data;
    const at = now();
    const after: PinRow = {
      ...before,
      ...before.wish,
      wish: null,
      state: 'loaded',
      updatedAt: at,
      loadedAt: at,
    };
    const gone = before.state === 'deleting';
    if (before.state === 'created') counts.pinLoads += 1;
    if (before.state === 'updating') counts.pinUpdates += 1;
    if (gone) counts.pinDeletes += 1;
    if (before.state === 'disabling') after.state = 'disabled';
    if (gone) forget(lock, before);
    else put(lock, after);
    if (!undone.delete(id)) return;
    if (before.state === 'created') forget(lock, after);
    else put(lock, { ...before, state: 'loaded', wish: null });
  }

  function put(lock: Lock, row: PinRow): void {
    cloud.pins.put(row.id, row);
    lock.putCode({ ...codeOf(row), enabled: row.state !== 'disabled' });
    cloud.commit();
  }
  function forget(lock: Lock, row: PinRow): void {
    cloud.pins.drop(row.id);
    lock.dropCode(row.slot);
    cloud.commit();
  }

  return {
    order,
    /** The bridge is back. */
    carry,
    rowsOf,
    shown: (row: PinRow) => shownPin(row, ownerId),
    underWay: () => underWay,
    async settled(): Promise<void> {
      while (underWay > 0) await pause(5);
    },
  };
}
export type Pins = ReturnType<typeof createPins>;

function shownPin(row: PinRow, ownerId: string): Record<string, unknown> {
  const { accessTimes, accessRecurrence, loadedAt, partnerUserId } = row;
  return {
    _id: row.id,
    type: 'pin',
    lockID: row.lockId,
    userID: row.userId,
    state: row.state,
    pin: row.pin,
    slot: row.slot,
    accessType: row.accessType,
    callingUserID: ownerId,
    createdAt: new Date(row.createdAt).toISOString(),
    updatedAt: new Date(row.updatedAt).toISOString(),
    ...(loadedAt === null || row.state !== 'loaded' ? {} : { loadedDate: new Date(loadedAt).toISOString() }),
    firstName: row.firstName,
    lastName: row.lastName,
    unverified: true,
    ...(partnerUserId === null ? {} : { partnerUserID: partnerUserId }),
    ...(accessTimes === null ? {} : { accessTimes }),
    ...(accessRecurrence === null ? {} : { accessRecurrence }),
  };
}
