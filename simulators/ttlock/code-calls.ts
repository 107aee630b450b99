/** Codes for the keypad: those that the platform works out, and those that are written into the lock's memory. */
import { type Call, type Context, command, done, refuseFrozen } from './call.ts';
import { type CodeRow, lockOf } from './cloud.ts';
import { Refusal } from './errors.ts';
import { type Form, paged } from './form.ts';
import { isTooSimple, longestRandomMs } from './keypad.ts';
import { hourOf, isWholeHour, minuteOf } from './local-time.ts';
import type { Lock } from './lock.ts';
import type { LockData, RandomCode, WrittenCode } from './lock-data.ts';
import { workOut } from './random-codes.ts';

const REMEMBERED = 1000; // of the codes that were worked out
const randomTypes = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14] as const;
/** These begin on the hour before whatever was asked for; the others name hours at both ends. */
const withoutEnd: readonly number[] = [1, 2, 4];

function randomTimes(form: Form, type: number, { zoneOffsetMs }: LockData, rule: Context['hourRule']) {
  const startDate = form.whole('startDate');
  if (withoutEnd.includes(type)) return { startDate: hourOf(startDate, zoneOffsetMs), endDate: 0 };
  const endDate = form.whole('endDate');
  const onTheHour = isWholeHour(startDate, zoneOffsetMs) && isWholeHour(endDate, zoneOffsetMs);
  if (!onTheHour && rule === 'refuse') throw new Refusal(-3);
  const times = { startDate: hourOf(startDate, zoneOffsetMs), endDate: hourOf(endDate, zoneOffsetMs) };
  const span = times.endDate - times.startDate;
  if (span <= 0 || span > longestRandomMs) throw new Refusal(-3);
  return times;
}

function digitsFrom(form: Form, name: string): string {
  const digits = form.text(name) ?? '';
  if (!/^\d+$/.test(digits)) throw new Refusal(-3);
  if (digits.length < 4 || digits.length > 9) throw new Refusal(-3006);
  if (isTooSimple(digits)) throw new Refusal(-2032);
  return digits;
}

function customTimes(form: Form): { type: 2 | 3; startDate: number; endDate: number } {
  const type = form.oneOf('keyboardPwdType', [2, 3], 3);
  if (type === 2) return { type, startDate: 0, endDate: 0 };
  const [startDate, endDate] = [form.whole('startDate'), form.whole('endDate')];
  if (endDate <= startDate) throw new Refusal(-3);
  return { type, startDate, endDate };
}

/** A lock's memory knows minutes. */
const writtenOf = ({ digits, type, startDate, endDate }: Pick<CodeRow, 'digits' | 'type' | 'startDate' | 'endDate'>) =>
  ({
    digits,
    startDate: minuteOf(startDate),
    endDate: type === 2 ? null : minuteOf(endDate),
    by: 'gateway',
  }) satisfies WrittenCode;

function codeOf(form: Form, { cloud }: Context, lock: Lock): CodeRow {
  const row = cloud.codes.get(String(form.whole('keyboardPwdId')));
  if (row === undefined || row.lockId !== lock.data.lockId) throw new Refusal(-2009);
  return row;
}

const taken = ({ cloud }: Context, lockId: number, digits: string): boolean =>
  cloud.codes.all().some((row) => row.lockId === lockId && !row.deleted && row.digits === digits);

function keep({ cloud }: Context, row: CodeRow): void {
  cloud.codes.put(String(row.keyboardPwdId), row);
  cloud.commit();
}

export const codeCalls: Record<string, Call> = {
  '/v3/keyboardPwd/get': {
    does: 'switching',
    run(form, context) {
      const lock = lockOf(context.cloud, form.whole('lockId'), 'admin');
      if (!lock.data.hasKeypad) throw new Refusal(-1007);
      if (form.wholeOr('keyboardPwdVersion', 4) !== 4) throw new Refusal(20007);
      const type = form.oneOf('keyboardPwdType', randomTypes);
      const times = randomTimes(form, type, lock.data, context.hourRule);
      const { startDate, endDate } = times;
      const before = context.cloud.codes.all().filter((row) => row.lockId === lock.data.lockId && row.type === type);
      const gone = before.some((row) => row.deleted && row.startDate === startDate && row.endDate === endDate);
      const digits = workOut(context.seed, lock.data, { type, ...times });
      if (digits === null || (gone && type !== 1)) throw new Refusal(-1026);
      const state: RandomCode['state'] = context.trouble === 'lying-ok' ? 'strange' : 'good';
      lock.data.random = [...lock.data.random, { digits, type, ...times, firstUsedAt: null, state }].slice(-REMEMBERED);
      if (context.trouble === 'outside-change') lock.erase(digits, 'keypad');
      lock.save();
      const keyboardPwdId = context.cloud.next('code');
      const name = form.text('keyboardPwdName');
      const sendDate = context.clock.now();
      const { lockId } = lock.data;
      keep(context, { keyboardPwdId, lockId, digits, name, type, isCustom: false, ...times, sendDate, deleted: false });
      return { keyboardPwd: digits, keyboardPwdId };
    },
  },
  '/v3/keyboardPwd/add': {
    does: 'switching',
    async run(form, context) {
      const lock = lockOf(context.cloud, form.whole('lockId'), 'admin');
      if (!lock.data.hasKeypad) throw new Refusal(-4043);
      const digits = digitsFrom(form, 'keyboardPwd');
      const times = customTimes(form);
      const way = form.oneOf('addType', [1, 2, 3], 1);
      if (way === 3) throw new Refusal(-4067);
      refuseFrozen(lock);
      const { lockId } = lock.data;
      if (taken(context, lockId, digits)) throw new Refusal(-3007);
      const code = writtenOf({ digits, ...times });
      if (way === 2)
        await command(
          context,
          lock,
          () => lock.write(code),
          () => lock.erase(digits, 'keypad'),
        );
      const keyboardPwdId = context.cloud.next('code');
      const name = form.text('keyboardPwdName');
      const sendDate = context.clock.now();
      keep(context, { keyboardPwdId, lockId, digits, name, isCustom: true, ...times, sendDate, deleted: false });
      return { keyboardPwdId };
    },
  },
  '/v3/keyboardPwd/change': {
    does: 'switching',
    async run(form, context) {
      const lock = lockOf(context.cloud, form.whole('lockId'), 'admin');
      const row = codeOf(form, context, lock);
      if (row.deleted) throw new Refusal(-2009);
      const name = form.text('keyboardPwdName') ?? row.name;
      const digits = form.text('newKeyboardPwd') === null ? row.digits : digitsFrom(form, 'newKeyboardPwd');
      const [startDate, endDate] = [form.wholeOr('startDate', null), form.wholeOr('endDate', null)];
      // one of the two alone is answered with yes, and does nothing
      const times = startDate === null || endDate === null ? null : { type: 3, startDate, endDate };
      if (times !== null && times.endDate <= times.startDate) throw new Refusal(-3);
      const next: CodeRow = { ...row, name, digits, ...times };
      if (digits === row.digits && times === null) {
        keep(context, next);
        return done();
      }
      const way = form.oneOf('changeType', [1, 2, 3], 1);
      if (way === 3) throw new Refusal(-4067);
      if (digits !== row.digits && taken(context, lock.data.lockId, digits)) throw new Refusal(-3007);
      refuseFrozen(lock);
      if (!row.isCustom && !wasUsed(lock.data, row.digits)) throw new Refusal(-3008);
      const change = () => lock.rewrite(row.digits, writtenOf(next));
      if (way === 2) await command(context, lock, change, () => lock.erase(digits, 'keypad'));
      keep(context, { ...next, isCustom: true });
      return done();
    },
  },
  '/v3/keyboardPwd/delete': {
    does: 'switching',
    async run(form, context) {
      const lock = lockOf(context.cloud, form.whole('lockId'), 'admin');
      const row = codeOf(form, context, lock);
      const way = form.oneOf('deleteType', [1, 2, 3], 1);
      if (way === 3) throw new Refusal(-4067);
      refuseFrozen(lock);
      const again = writtenOf(row);
      if (way === 2) {
        const erase = (): 0 => {
          lock.erase(row.digits, 'gateway');
          return 0;
        };
        await command(context, lock, erase, () => lock.write({ ...again, by: 'keypad' }));
      }
      keep(context, { ...row, deleted: true });
      return done();
    },
  },
  '/v3/lock/listKeyboardPwd': {
    does: 'looking',
    run(form, { cloud, clock, username }) {
      const lock = lockOf(cloud, form.whole('lockId'), 'admin');
      const page = form.page(100);
      const search = form.text('searchStr') ?? '';
      const found = cloud.codes
        .all()
        .filter((row) => row.lockId === lock.data.lockId && !row.deleted)
        .filter((row) => search === '' || row.digits === search || (row.name ?? '').includes(search))
        .toReversed();
      return paged(
        found.map((row) => viewOf(row, clock.now(), username)),
        page,
      );
    },
  },
};

const wasUsed = (lock: LockData, digits: string): boolean =>
  lock.random.some((code) => code.digits === digits && code.firstUsedAt !== null);

function viewOf(row: CodeRow, now: number, senderUsername: string) {
  const over = row.endDate !== 0 && now >= row.endDate;
  return {
    keyboardPwdId: row.keyboardPwdId,
    lockId: row.lockId,
    keyboardPwd: row.digits,
    keyboardPwdName: row.name ?? '',
    keyboardPwdVersion: 4,
    keyboardPwdType: row.type,
    startDate: row.startDate,
    endDate: row.endDate,
    sendDate: row.sendDate,
    isCustom: row.isCustom ? 1 : 0,
    senderUsername,
    status: over ? 2 : now < row.startDate ? 3 : 1,
  };
}
