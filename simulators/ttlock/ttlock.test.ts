import { afterEach, describe, expect, it } from 'vitest';
import type { TtlockOptions } from './start.ts';
import { listenForRecords, openBench } from './test-bench.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

async function start(options: TtlockOptions = {}) {
  const bench = await openBench(options);
  open.push(bench);
  return bench;
}

describe('a lock on the open platform', () => {
  it('is opened and locked through its gateway, tells how it is, and locks itself again', async () => {
    const { simulator, clock, ask, id } = await start();
    const { front } = id;
    expect(await ask('lock/queryOpenState', { lockId: front })).toEqual({ state: 0 });
    expect(await ask('lock/unlock', { lockId: front })).toMatchObject({ errcode: 0 });
    expect(await ask('lock/queryOpenState', { lockId: front })).toEqual({ state: 1 });
    clock.jump(5000);
    expect(await ask('lock/queryOpenState', { lockId: front })).toEqual({ state: 0 });
    await ask('lock/unlock', { lockId: front });
    expect(await ask('lock/lock', { lockId: front })).toMatchObject({ errcode: 0 });
    expect(simulator.counts(front)).toMatchObject({ opens: 2, remoteOpens: 2, remoteLocks: 1, autoLocks: 1, locks: 2 });
  });

  it('opens by a code of its own making without any network, and by a written one with its exact minutes', async () => {
    const { simulator, clock, ask, id } = await start();
    const { front, cellar } = id;
    const startDate = clock.now();
    const times = { startDate, endDate: startDate + 3_600_000 };
    const got = await ask('keyboardPwd/get', { lockId: cellar, keyboardPwdVersion: 4, keyboardPwdType: 3, ...times });
    expect(simulator.press(cellar, String(got.keyboardPwd))).toEqual({ opened: true, why: 'opened' });
    const added = { keyboardPwd: '485236', addType: 2, startDate: startDate + 60_000, endDate: startDate + 120_000 };
    expect(await ask('keyboardPwd/add', { lockId: front, ...added })).toHaveProperty('keyboardPwdId');
    expect(simulator.press(front, '485236').why).toBe('not-yet');
    clock.jump(60_000);
    expect(simulator.press(front, '485236').opened).toBe(true);
    clock.jump(60_000);
    expect(simulator.press(front, '485236').why).toBe('expired');
  });

  it('tells of who opened it: to whoever asks, and to the address set at the console', async () => {
    const heard = await listenForRecords();
    open.push(heard);
    const { simulator, clock, ask, id } = await start({ callbackUrl: heard.url });
    const { front } = id;
    simulator.setCodeAtLock(front, '918273');
    simulator.press(front, '918273');
    await simulator.settled();
    const record = { recordType: 4, recordTypeFromLock: 4, success: 1, keyboardPwd: '918273', lockDate: clock.now() };
    expect(heard.told).toMatchObject([{ lockId: String(front), notifyType: '1', records: [record] }]);
    const listed = await ask('lockRecord/list', { lockId: front, pageNo: 1, pageSize: 20 });
    expect(listed).toMatchObject({ total: 1, list: [record] });
  });
});
