import { afterEach, describe, expect, it } from 'vitest';
import { type Bench, DAY, type Fields, HOUR, MINUTE, openBench } from './test-bench.ts';

const open: Bench[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});
async function start() {
  const bench = await openBench();
  open.push(bench);
  return bench;
}
/** Friday, 15 January 2027, 08:00 UTC. */
const base = Date.UTC(2027, 0, 15, 8);

describe('a QR code', () => {
  async function withCode(fields: Fields) {
    const bench = await start();
    const { ask, id, simulator, clock } = bench;
    const made = await ask('qrCode/add', { lockId: id.front, name: 'Ann', ...fields });
    const qrCodeId = Number(made.qrCodeId);
    const data = () => ask('qrCode/getData', { qrCodeId });
    const content = async () => String((await data()).qrCodeContent);
    const scan = (text: string) => simulator.scan(id.front, text).why;
    /** What the code shows then, held before the camera at once. */
    const scanAt = async (at: number) => {
      clock.set(at);
      return scan(await content());
    };
    return { ...bench, made, qrCodeId, data, content, scan, scanAt };
  }

  it('of a period opens within it, and shows nothing outside', async () => {
    const { made, data, scanAt, clock } = await withCode({ type: 1, startDate: base + HOUR, endDate: base + 2 * HOUR });
    expect(made).toMatchObject({ qrCodeNumber: 1, link: expect.stringContaining('/qr/') });
    const early = await data();
    expect(early).toMatchObject({ lockAlias: 'front', type: 1, status: 3, name: 'Ann' });
    expect(early).not.toHaveProperty('qrCodeContent');
    expect(await scanAt(base + HOUR)).toBe('opened');
    expect(await data()).toMatchObject({ status: 1 });
    clock.set(base + 2 * HOUR);
    expect(await data()).toMatchObject({ status: 2 });
    expect(await data()).not.toHaveProperty('qrCodeContent');
    const page = await fetch(String(made.link));
    expect(page.status).toBe(404);
  });

  it('is good for ten minutes from when it was shown, deleted or not', async () => {
    const { ask, content, scan, clock, qrCodeId, id, made, data } = await withCode({ type: 2 });
    const shown = await content();
    expect(await ask('qrCode/delete', { lockId: id.front, qrCodeId })).toMatchObject({ errcode: 0 });
    expect(await data()).toMatchObject({ errcode: -3 });
    expect((await fetch(String(made.link))).status).toBe(404);
    clock.jump(10 * MINUTE - 1000);
    expect(scan(shown)).toBe('opened');
    clock.jump(1000);
    expect(scan(shown)).toBe('stale');
  });

  it('that somebody has copied still ends with its time', async () => {
    const { content, scan, clock } = await withCode({ type: 1, startDate: base, endDate: base + 5 * MINUTE });
    const shown = await content();
    clock.jump(5 * MINUTE);
    expect(scan(shown)).toBe('expired');
  });

  it('of cycles opens in its hours on its days', async () => {
    const cyclicConfig = JSON.stringify([1, 5].map((weekDay) => ({ weekDay, startTime: 480, endTime: 600 })));
    const { scanAt, data } = await withCode({ type: 4, cyclicConfig });
    expect(await data()).toMatchObject({
      cyclicConfig: [{ weekDay: 1, startTime: 480, endTime: 600 }, { weekDay: 5 }],
    });
    const times = [base, base + 2 * HOUR, base + DAY, base + 3 * DAY];
    const seen: string[] = [];
    for (const at of times) seen.push(await scanAt(at));
    expect(seen).toEqual(['opened', 'not-now', 'not-now', 'opened']);
  });

  it('opens its own lock alone, and nobody else can write one', async () => {
    const { content, simulator, id, scan } = await withCode({ type: 2 });
    const shown = await content();
    expect(simulator.scan(id.roof, shown).why).toBe('another-lock');
    expect(scan(`x${shown}`)).toBe('unreadable');
    expect(scan('https://example.com')).toBe('unreadable');
    expect(simulator.scan(id.cellar, shown).why).toBe('no-camera');
    expect(simulator.counts(id.front)).toMatchObject({ opens: 0, refused: 2 });
  });

  it('is changed and listed', async () => {
    const { ask, id, qrCodeId, scanAt } = await withCode({ type: 1, startDate: base, endDate: base + HOUR });
    const change = { qrCodeId, endDate: base + 3 * HOUR, name: 'Bo', refreshTime: 30 };
    expect(await ask('qrCode/update', change)).toMatchObject({ errcode: 0 });
    expect(await scanAt(base + 2 * HOUR)).toBe('opened');
    const { list, total } = await ask('qrCode/list', { lockId: id.front, pageNo: 1, pageSize: 20 });
    expect(total).toBe(1);
    expect(list).toMatchObject([{ qrCodeId, name: 'Bo', qrCodeNumber: '1', refreshTime: 30, status: 1 }]);
  });
});

describe('passage times', () => {
  const fridayMorning = { passageMode: 1, startDate: 540, endDate: 720, weekDays: '[5]', type: 2 }; // 9 to 12

  it('keep the lock open once it was opened, and lock it at their end', async () => {
    const { ask, id, simulator, clock } = await start();
    expect(await ask('lock/configPassageMode', { lockId: id.front, ...fridayMorning })).toMatchObject({ errcode: 0 });
    const locked = (hours: number) => {
      clock.set(base + hours * HOUR);
      return simulator.lock(id.front).locked;
    };
    expect(locked(1.5)).toBe(true);
    await ask('lock/unlock', { lockId: id.front });
    expect([locked(2), locked(3.99), locked(4)]).toEqual([false, false, true]);
    expect(simulator.counts(id.front)).toMatchObject({ passageWrites: 1, autoLocks: 1 });
  });

  it('open it by themselves when told to, also over a jump of weeks', async () => {
    const { ask, id, simulator, clock } = await start();
    await ask('lock/configPassageMode', { lockId: id.front, ...fridayMorning, autoUnlock: 1 });
    clock.set(base + 21 * DAY + 2 * HOUR);
    expect(simulator.lock(id.front)).toMatchObject({ locked: false, inPassage: true });
    expect(simulator.counts(id.front)).toMatchObject({ opens: 4, autoLocks: 3 });
  });

  it('begin at once where they run already, and end at once when they are taken away', async () => {
    const { ask, id, simulator, clock } = await start();
    const always = {
      lockId: id.front,
      passageMode: 1,
      isAllDay: 1,
      autoUnlock: 1,
      weekDays: '[1,2,3,4,5,6,7]',
      type: 2,
    };
    await ask('lock/configPassageMode', always);
    expect(simulator.lock(id.front).locked).toBe(false);
    clock.jump(30 * DAY);
    expect(simulator.lock(id.front).locked).toBe(false);
    expect(simulator.turnByHand(id.front)).toBe(true);
    clock.jump(HOUR);
    expect(simulator.lock(id.front).locked).toBe(true); // until somebody opens it again
    simulator.turnByHand(id.front);
    await ask('lock/configPassageMode', { lockId: id.front, passageMode: 2, type: 2 });
    expect(simulator.lock(id.front)).toMatchObject({ locked: true, inPassage: false });
  });

  it('are told in both forms', async () => {
    const { ask, id } = await start();
    const lockId = id.front;
    expect(await ask('lock/getPassageModeConfiguration', { lockId })).toEqual({
      passageMode: 2,
      autoUnlock: 2,
      cyclicConfig: [],
    });
    await ask('lock/configPassageMode', { lockId, ...fridayMorning });
    const older = { passageMode: 1, autoUnlock: 2, isAllDay: 2, startDate: 540, endDate: 720, weekDays: [5] };
    expect(await ask('lock/getPassageModeConfig', { lockId })).toEqual(older);
    const cyclicConfig = [
      { isAllDay: 2, startTime: 480, endTime: 1080, weekDays: [1, 2] },
      { isAllDay: 1, weekDays: [7] },
    ];
    const many = { lockId, passageMode: 1, autoUnlock: 1, type: 2, cyclicConfig: JSON.stringify(cyclicConfig) };
    expect(await ask('lock/configurePassageMode', many)).toMatchObject({ errcode: 0 });
    expect(await ask('lock/getPassageModeConfiguration', { lockId })).toEqual({
      passageMode: 1,
      autoUnlock: 1,
      cyclicConfig: [{ isAllDay: 1, startTime: 0, endTime: 1440, weekDays: [7] }, cyclicConfig[0]],
    });
    expect(await ask('lock/detail', { lockId })).toMatchObject({ passageMode: 1, passageModeAutoUnlock: 1 });
  });

  it('that a phone should have set are not on the lock', async () => {
    const { ask, id, simulator } = await start();
    const always = { lockId: id.cellar, passageMode: 1, isAllDay: 1, autoUnlock: 1, type: 1 };
    expect(await ask('lock/configPassageMode', always)).toMatchObject({ errcode: 0 });
    expect(await ask('lock/getPassageModeConfig', { lockId: id.cellar })).toMatchObject({ passageMode: 1 });
    expect(simulator.lock(id.cellar)).toMatchObject({ locked: true, inPassage: false });
  });
});
