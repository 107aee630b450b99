import { afterEach, describe, expect, it } from 'vitest';
import type { TtlockOptions } from './start.ts';
import { type Bench, DAY, type Fields, HOUR, MINUTE, openBench } from './test-bench.ts';

const open: Bench[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});
async function start(options: TtlockOptions = {}) {
  const bench = await openBench(options);
  open.push(bench);
  const { ask, id, simulator } = bench;
  return {
    ...bench,
    get: async (fields: Fields) => {
      const said = await ask('keyboardPwd/get', { lockId: id.cellar, keyboardPwdVersion: 4, ...fields });
      return { digits: String(said.keyboardPwd), keyboardPwdId: Number(said.keyboardPwdId), ...said };
    },
    /** What became of these digits at the cellar's keypad. */
    press: (digits: string) => simulator.press(id.cellar, digits).why,
    add: (keyboardPwd: string, fields: Fields = {}) =>
      ask('keyboardPwd/add', { lockId: id.front, keyboardPwd, addType: 2, ...fields }),
  };
}
/** Friday, 15 January 2027, 08:00 UTC: when the test clock begins. */
const base = Date.UTC(2027, 0, 15, 8);

describe('a code that the platform works out', () => {
  it('needs no gateway, and is the same for the same seed, lock, kind and time', async () => {
    const period = { keyboardPwdType: 3, startDate: base, endDate: base + HOUR };
    const told: string[] = [];
    for (const seed of ['a', 'a', 'b']) {
      const { get } = await start({ seed });
      told.push((await get(period)).digits, (await get(period)).digits);
    }
    const [first, second, again, secondAgain, other] = told;
    expect([again, secondAgain]).toEqual([first, second]);
    expect(new Set([first, second, other]).size).toBe(3);
    for (const digits of told) expect(digits).toMatch(/^\d{6,9}$/);
  });

  it('of one time opens once, within six hours of its hour', async () => {
    const { get, press, clock } = await start();
    clock.jump(37 * MINUTE);
    const [first, second, third] = [
      await get({ keyboardPwdType: 1, startDate: clock.now() }),
      await get({ keyboardPwdType: 1, startDate: clock.now() }),
      await get({ keyboardPwdType: 1, startDate: clock.now() + HOUR }),
    ];
    expect(press(first.digits)).toBe('opened');
    expect(press(first.digits)).toBe('used-up');
    expect(press(third.digits)).toBe('not-yet');
    clock.set(base + 6 * HOUR - 1000);
    expect(press(third.digits)).toBe('opened');
    clock.jump(1000);
    expect(press(second.digits)).toBe('expired');
  });

  it.each([2, 3])('of kind %i dies unless it is used within a day of its start', async (keyboardPwdType) => {
    const { get, press, clock } = await start();
    const times = { keyboardPwdType, startDate: base, endDate: base + 10 * DAY };
    const [used, unused] = [await get(times), await get(times)];
    expect(press(used.digits)).toBe('opened');
    clock.set(base + DAY);
    expect(press(unused.digits)).toBe('never-used-in-time');
    expect(press(used.digits)).toBe('opened');
    clock.set(base + 10 * DAY);
    expect(press(used.digits)).toBe(keyboardPwdType === 2 ? 'opened' : 'expired');
  });

  it('of a period ends with it to the second', async () => {
    const { get, press, clock } = await start();
    const { digits } = await get({ keyboardPwdType: 3, startDate: base + HOUR, endDate: base + 2 * HOUR });
    expect(press(digits)).toBe('not-yet');
    clock.set(base + HOUR);
    expect(press(digits)).toBe('opened');
    clock.set(base + 2 * HOUR - 1000);
    expect(press(digits)).toBe('opened');
    clock.jump(1000);
    expect(press(digits)).toBe('expired');
  });

  it('that deletes opens once, and takes all others away', async () => {
    const { get, press, simulator, id } = await start();
    const other = await get({ keyboardPwdType: 3, startDate: base, endDate: base + HOUR });
    simulator.setCodeAtLock(id.cellar, '918273');
    const { digits } = await get({ keyboardPwdType: 4, startDate: base });
    expect(['918273', other.digits, digits, '918273', other.digits, digits].map(press)).toEqual([
      'opened',
      'opened',
      'opened',
      'unknown-code',
      'deleted',
      'used-up',
    ]);
  });

  it.each<[string, number, string]>([
    ['of the weekend', 5, '.....xx'],
    ['of every day', 6, 'xxxxxxx'],
    ['of workdays', 7, 'xxxxx..'],
    ['of Mondays', 8, 'x......'],
    ['of Tuesdays', 9, '.x.....'],
    ['of Wednesdays', 10, '..x....'],
    ['of Thursdays', 11, '...x...'],
    ['of Fridays', 12, '....x..'],
    ['of Saturdays', 13, '.....x.'],
    ['of Sundays', 14, '......x'],
  ])('%s opens on its days, by the clock of the lock', async (_, keyboardPwdType, days) => {
    const zoneOffsetMinutes = 13 * 60; // its Monday begins on our Sunday
    const { get, press, clock } = await start({ locks: [{ name: 'cellar', zoneOffsetMinutes }] });
    const midnight = Date.UTC(2027, 0, 18) - 13 * HOUR; // Monday, there
    const hours = { startDate: midnight + 9 * HOUR, endDate: midnight + 11 * HOUR };
    const { digits } = await get({ keyboardPwdType, ...hours });
    const seen = { before: '', within: '', after: '' };
    for (let day = 0; day < 7; day++) {
      for (const [when, hour] of [
        ['before', 8.99],
        ['within', 9],
        ['after', 11],
      ] as const) {
        clock.set(midnight + (day + 7) * DAY + hour * HOUR);
        seen[when] += press(digits) === 'opened' ? 'x' : '.';
      }
    }
    expect(seen).toEqual({ before: '.......', within: days, after: '.......' });
  });

  it('may run over midnight', async () => {
    const { get, press, clock } = await start();
    const friday = { keyboardPwdType: 12, startDate: base + 14 * HOUR, endDate: base + 22 * HOUR };
    const { digits } = await get(friday);
    const at = (hours: number) => {
      clock.set(base + hours * HOUR);
      return press(digits);
    };
    expect([13, 14, 21.9, 22, 38].map(at)).toEqual(['not-yet', 'opened', 'opened', 'not-now', 'not-now']);
  });

  it('is cut to hours instead of refused where the platform is told to', async () => {
    const { get, press, clock } = await start({ hourRule: 'round' });
    const { digits } = await get({ keyboardPwdType: 3, startDate: base + 20 * MINUTE, endDate: base + 90 * MINUTE });
    expect(press(digits)).toBe('opened');
    clock.set(base + HOUR);
    expect(press(digits)).toBe('expired');
  });

  it('knows the hours of the lock where its zone is half an hour off', async () => {
    const { get } = await start({ locks: [{ name: 'cellar', zoneOffsetMinutes: 330 }] });
    const hour = { keyboardPwdType: 3, startDate: base, endDate: base + HOUR };
    const half = { keyboardPwdType: 3, startDate: base + HOUR / 2, endDate: base + 1.5 * HOUR };
    expect((await get(hour)).errcode).toBe(-3);
    expect(await get(half)).toHaveProperty('keyboardPwd');
  });

  it('runs out: two hundred of one time, twenty of one period', async () => {
    const { get } = await start();
    const many = async (fields: Fields, count: number) => {
      const told = new Set<string>();
      for (let i = 0; i < count; i++) told.add((await get(fields)).digits);
      return [told.size, (await get(fields)).errcode];
    };
    expect(await many({ keyboardPwdType: 1, startDate: base }, 200)).toEqual([200, -1026]);
    expect(await many({ keyboardPwdType: 3, startDate: base, endDate: base + HOUR }, 20)).toEqual([20, -1026]);
  });
});

describe('a code that is written into the lock', () => {
  it('is good for its minutes, as often as wanted', async () => {
    const { add, simulator, id, clock } = await start();
    await add('485236', { startDate: base + 37 * MINUTE, endDate: base + 97 * MINUTE });
    const press = (minutes: number) => {
      clock.set(base + minutes * MINUTE);
      return simulator.press(id.front, '485236').why;
    };
    expect([36, 37, 50, 96, 97].map(press)).toEqual(['not-yet', 'opened', 'opened', 'opened', 'expired']);
    expect(simulator.counts(id.front)).toMatchObject({ codeWrites: 1, keypadOpens: 3, opens: 3 });
  });

  it('is not on the lock when a phone should have written it: that is what is meant when nothing is said', async () => {
    const { simulator, id, ask } = await start();
    const times = { startDate: base, endDate: base + HOUR };
    const said = await ask('keyboardPwd/add', { lockId: id.front, keyboardPwd: '485236', ...times });
    expect(said).toHaveProperty('keyboardPwdId');
    expect(simulator.press(id.front, '485236').why).toBe('unknown-code');
    expect(await ask('lock/listKeyboardPwd', { lockId: id.front, pageNo: 1, pageSize: 20 })).toMatchObject({
      total: 1,
    });
  });

  it('is changed: its digits, its times, its name', async () => {
    const { add, ask, simulator, id } = await start();
    const { keyboardPwdId = 0 } = await add('485236', { keyboardPwdType: 2 });
    const change = (fields: Fields) =>
      ask('keyboardPwd/change', { lockId: id.front, keyboardPwdId: Number(keyboardPwdId), ...fields });
    const press = (digits: string) => simulator.press(id.front, digits).why;
    expect(await change({ keyboardPwdName: 'Ann' })).toMatchObject({ errcode: 0 });
    expect(simulator.counts(id.front).codeChanges).toBe(0);
    expect(await change({ newKeyboardPwd: '918273', changeType: 2 })).toMatchObject({ errcode: 0 });
    expect([press('485236'), press('918273')]).toEqual(['unknown-code', 'opened']);
    expect(await change({ startDate: base - HOUR, endDate: base, changeType: 2 })).toMatchObject({ errcode: 0 });
    expect(press('918273')).toBe('expired');
    // one of the two times alone is answered with yes
    expect(await change({ endDate: base + HOUR, changeType: 2 })).toMatchObject({ errcode: 0 });
    expect(press('918273')).toBe('expired');
    const { list } = await ask('lock/listKeyboardPwd', { lockId: id.front, pageNo: 1, pageSize: 20 });
    expect(list).toMatchObject([{ keyboardPwd: '918273', keyboardPwdName: 'Ann', status: 2, isCustom: 1 }]);
  });

  it('is deleted, and deleting it again, or when somebody has at the lock, is well', async () => {
    const { add, ask, simulator, id } = await start();
    const { keyboardPwdId = 0 } = await add('485236', { keyboardPwdType: 2 });
    const other = await add('485237', { keyboardPwdType: 2 });
    simulator.deleteCodeAtLock(id.front, '485237');
    for (const one of [keyboardPwdId, keyboardPwdId, other.keyboardPwdId]) {
      const fields = { lockId: id.front, keyboardPwdId: Number(one), deleteType: 2 };
      expect(await ask('keyboardPwd/delete', fields)).toMatchObject({ errcode: 0 });
    }
    expect(simulator.press(id.front, '485236').why).toBe('unknown-code');
    expect(await add('485236', { keyboardPwdType: 2 })).toHaveProperty('keyboardPwdId');
  });

  it('that the platform alone forgets still opens the door', async () => {
    const { get, ask, press, id } = await start();
    const { digits, keyboardPwdId } = await get({ keyboardPwdType: 2, startDate: base });
    expect(await ask('keyboardPwd/delete', { lockId: id.cellar, keyboardPwdId })).toMatchObject({ errcode: 0 });
    expect(press(digits)).toBe('opened');
    expect(await ask('lock/listKeyboardPwd', { lockId: id.cellar, pageNo: 1, pageSize: 20 })).toMatchObject({
      total: 0,
    });
  });

  it('may have been a worked-out one that was used', async () => {
    const { ask, simulator, id } = await start();
    const got = await ask('keyboardPwd/get', { lockId: id.front, keyboardPwdType: 2, startDate: base });
    const digits = String(got.keyboardPwd);
    simulator.press(id.front, digits);
    const change = {
      lockId: id.front,
      keyboardPwdId: Number(got.keyboardPwdId),
      newKeyboardPwd: '918273',
      changeType: 2,
    };
    expect(await ask('keyboardPwd/change', change)).toMatchObject({ errcode: 0 });
    expect(simulator.press(id.front, digits).why).toBe('deleted');
    expect(simulator.press(id.front, '918273').why).toBe('opened');
  });
});

describe('a keypad', () => {
  it('is blocked for five minutes by five wrong codes in a row', async () => {
    const { simulator, id, clock } = await start();
    simulator.setCodeAtLock(id.cellar, '918273');
    const press = (digits: string) => simulator.press(id.cellar, digits).why;
    for (let i = 0; i < 4; i++) press('485236');
    expect(press('918273')).toBe('opened');
    for (let i = 0; i < 5; i++) expect(press('485236')).toBe('unknown-code');
    expect(simulator.lock(id.cellar).keypadLockedUntil).toBe(clock.now() + 5 * MINUTE);
    expect(press('918273')).toBe('keypad-locked');
    clock.jump(5 * MINUTE);
    expect(press('918273')).toBe('opened');
  });

  it.each<[string, (bench: Bench) => unknown, string]>([
    ['without power', ({ simulator, id }) => simulator.setBattery(id.cellar, 0), 'no-power'],
    ['of a frozen lock', ({ simulator, id }) => simulator.setCondition(id.cellar, 'frozen', true), 'frozen'],
    ['over a jammed bolt', ({ simulator, id }) => simulator.setCondition(id.cellar, 'jammed', true), 'jammed'],
  ])('%s opens nothing', async (_, before, why) => {
    const bench = await start();
    bench.simulator.setCodeAtLock(bench.id.cellar, '918273');
    before(bench);
    expect(bench.press('918273')).toBe(why);
    expect(bench.simulator.lock(bench.id.cellar).locked).toBe(true);
    expect(bench.simulator.counts(bench.id.cellar)).toMatchObject({ opens: 0, refused: 1 });
  });

  it('that is not there cannot be pressed', async () => {
    const { simulator, id } = await start();
    expect(simulator.press(id.vault, '918273').why).toBe('no-keypad');
  });

  it('uses the battery with every turn of the bolt', async () => {
    const { simulator, id, clock, press } = await start({ locks: [{ name: 'cellar', battery: 1, drainPerTurn: 0.5 }] });
    simulator.setCodeAtLock(id.cellar, '918273');
    expect(press('918273')).toBe('opened');
    clock.jump(MINUTE); // locks itself
    expect(simulator.lock(id.cellar)).toMatchObject({ battery: 0, locked: true });
    expect(press('918273')).toBe('no-power');
    simulator.setBattery(id.cellar, 100);
    expect(press('918273')).toBe('opened');
  });
});
