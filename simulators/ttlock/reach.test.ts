import { afterEach, describe, expect, it } from 'vitest';
import { pause } from '../clock.ts';
import type { TtlockOptions } from './start.ts';
import { type Bench, openBench } from './test-bench.ts';

const open: Bench[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});
async function start(options: TtlockOptions = {}) {
  const bench = await openBench({ airMs: 60, ...options });
  open.push(bench);
  return bench;
}

const ascending = (a: number, b: number): number => a - b;

describe('a gateway', () => {
  it('does one command at a time: whoever comes meanwhile, for whichever lock, is told that it is busy', async () => {
    const { ask, id, simulator } = await start();
    const unlock = (lockId: number) => ask('lock/unlock', { lockId });
    const together = await Promise.all([unlock(id.front), unlock(id.front), unlock(id.side)]);
    expect(together.map(({ errcode = 0 }) => errcode).toSorted(ascending)).toEqual([-3003, -3003, 0]);
    expect(simulator.counts(id.front).opens + simulator.counts(id.side).opens).toBe(1);
    expect(await unlock(id.side)).toMatchObject({ errcode: 0 });
  });

  it('is not what a WiFi lock waits for, but that does one command at a time, too', async () => {
    const { ask, id } = await start();
    const roof = () => ask('lock/queryOpenState', { lockId: id.roof });
    const [front, ...both] = await Promise.all([ask('lock/unlock', { lockId: id.front }), roof(), roof()]);
    expect(front).toMatchObject({ errcode: 0 });
    expect(both.map(({ errcode = 0 }) => errcode).toSorted(ascending)).toEqual([-3037, 0]);
  });

  it('that is unplugged while a command is in the air does not carry it out', async () => {
    const { ask, id, gateway, simulator } = await start();
    const under = ask('lock/unlock', { lockId: id.front });
    await pause(20);
    simulator.setGateway(gateway, { online: false });
    expect(await under).toMatchObject({ errcode: -3002 });
    expect(simulator.counts(id.front).opens).toBe(0);
    simulator.setGateway(gateway, { online: true });
    expect(await ask('lock/unlock', { lockId: id.front })).toMatchObject({ errcode: 0 });
  });

  it('keeps others waiting for a slow lock', async () => {
    const { ask, id, simulator } = await start({ airMs: 1, slowMs: 120 });
    simulator.setCondition(id.front, 'slow', true);
    const slow = ask('lock/unlock', { lockId: id.front });
    await pause(60);
    expect(await ask('lock/unlock', { lockId: id.side })).toMatchObject({ errcode: -3003 });
    expect(await slow).toMatchObject({ errcode: 0 });
  });

  it('is listed with its locks and whether it is online', async () => {
    const { ask, id, gateway, simulator } = await start();
    simulator.setGateway(gateway, { online: false });
    const list = await ask('gateway/list', { pageNo: 1, pageSize: 20 });
    const seen = { gatewayId: gateway, gatewayName: 'Hall', isOnline: 0, lockNum: 5 };
    expect(list).toMatchObject({ list: [seen], pages: 1, total: 1 });
    const near = { gatewayId: gateway, gatewayName: 'Hall', rssi: expect.any(Number) };
    expect(await ask('gateway/listByLock', { lockId: id.front })).toMatchObject({ list: [near] });
    expect(await ask('gateway/listByLock', { lockId: id.cellar })).toEqual({ list: [] });
    const { list: locks } = await ask('gateway/listLock', { gatewayId: gateway });
    expect(locks).toHaveLength(5);
  });
});

describe('what the platform says of a lock', () => {
  it('lists the account’s own ones, page by page', async () => {
    const { ask, id } = await start();
    const page = (pageNo: number) => ask('lock/list', { pageNo, pageSize: 2 });
    const [first, third, fourth] = [await page(1), await page(3), await page(4)];
    expect(first).toMatchObject({ pageNo: 1, pageSize: 2, pages: 3, total: 5 });
    expect(first.list).toMatchObject([
      { lockId: id.front, lockAlias: 'front', electricQuantity: 90, hasGateway: 1 },
      { lockId: id.side },
    ]);
    expect([third.list, fourth.list]).toMatchObject([[{ lockId: id.vault }], []]);
    const found = await ask('lock/list', { pageNo: 1, pageSize: 20, lockAlias: 'ELL' });
    expect(found.list).toMatchObject([{ lockAlias: 'cellar', hasGateway: 0 }]);
  });

  it('tells what it can: in bits, and in words', async () => {
    const { ask, id, simulator } = await start();
    simulator.setCondition(id.front, 'no-remote', true);
    const bits = async (lockId: number) => {
      const { featureValue } = await ask('lock/detail', { lockId });
      const value = BigInt(`0x${String(featureValue)}`);
      return Object.fromEntries(
        Object.entries({ passcode: 0n, remote: 10n, qrCode: 44n, wifi: 56n }).map(([name, bit]) => [
          name,
          (value >> bit) % 2n === 1n,
        ]),
      );
    };
    expect(await bits(id.front)).toEqual({ passcode: true, remote: false, qrCode: true, wifi: false });
    expect(await bits(id.roof)).toEqual({ passcode: true, remote: true, qrCode: true, wifi: true });
    expect(await bits(id.cellar)).toEqual({ passcode: true, remote: true, qrCode: false, wifi: false });
    const detail = await ask('lock/detail', { lockId: id.front });
    expect(detail).toMatchObject({ keyboardPwdVersion: 4, autoLockTime: 5, timezoneRawOffset: 0, isFrozen: 2 });
    expect(await ask('lock/detail', { lockId: id.vault })).toMatchObject({ keyboardPwdVersion: 0 });
  });

  it('is what it last heard: the battery of a lock that nobody asked has not fallen', async () => {
    const { ask, id, simulator } = await start();
    simulator.setBattery(id.front, 40);
    const told = async () => (await ask('lock/detail', { lockId: id.front })).electricQuantity;
    expect(await told()).toBe(90);
    expect(await ask('lock/queryElectricQuantity', { lockId: id.front })).toEqual({ electricQuantity: 40 });
    expect(await told()).toBe(40);
  });

  it('is that nothing is known of a jammed bolt', async () => {
    const { ask, id, simulator } = await start();
    simulator.setCondition(id.front, 'jammed', true);
    expect(await ask('lock/queryOpenState', { lockId: id.front })).toEqual({ state: 2 });
    expect(simulator.turnByHand(id.front)).toBe(false);
  });

  it('never shows more than an ordinary ekey may', async () => {
    const { ask, id } = await start();
    expect(await ask('lock/unlock', { lockId: id.shared })).toMatchObject({ errcode: 0 });
    expect(await ask('lock/detail', { lockId: id.shared })).toMatchObject({ errcode: -2018 });
  });
});
