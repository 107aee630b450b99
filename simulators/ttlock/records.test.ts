import { afterEach, describe, expect, it } from 'vitest';
import type { TtlockOptions } from './start.ts';
import { type Bench, type Fields, HOUR, type Listener, listenForRecords, MINUTE, openBench } from './test-bench.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});
async function start(options: TtlockOptions = {}) {
  const bench = await openBench(options);
  open.push(bench);
  const { ask } = bench;
  return {
    ...bench,
    list: async (lockId: number, fields: Fields = {}) =>
      (await ask('lockRecord/list', { lockId, pageNo: 1, pageSize: 100, ...fields })) as {
        list: Record<string, unknown>[];
        total: number;
        pages: number;
      },
  };
}
const typesOf = ({ list }: { list: Record<string, unknown>[] }) =>
  list.map(({ recordType, success }) => [recordType, success]);

describe('the records of a lock', () => {
  it.each<[string, (bench: Bench) => unknown, Record<string, unknown>]>([
    [
      'a code that opens, by its name',
      openByCode,
      { recordType: 4, recordTypeFromLock: 4, success: 1, keyboardPwd: '485236', username: 'Ann' },
    ],
    [
      'a code that nobody knows',
      ({ simulator, id }) => simulator.press(id.front, '918273'),
      { recordType: 4, recordTypeFromLock: 7, success: 0, keyboardPwd: '918273' },
    ],
    ['a code that is over', pressLate, { recordType: 4, recordTypeFromLock: 11, success: 0 }],
    ['a code that was deleted', pressDeleted, { recordType: 4, recordTypeFromLock: 13, success: 0 }],
    [
      'opening from afar',
      ({ ask, id }) => ask('lock/unlock', { lockId: id.front }),
      { recordType: 12, recordTypeFromLock: 28, success: 1 },
    ],
    [
      'locking from afar',
      ({ ask, id }) => ask('lock/lock', { lockId: id.front }),
      { recordType: 11, recordTypeFromLock: 26, success: 1 },
    ],
    ['the knob inside', ({ simulator, id }) => simulator.turnByHand(id.front), { recordType: 32, success: 1 }],
    ['a bolt that does not open', jammed, { recordType: 65, success: 0 }],
    ['a QR code', scanned, { recordType: 57, success: 1, keyboardPwd: '1' }],
  ])('tell of %s', async (_, what, expected) => {
    const bench = await start();
    await what(bench);
    const { list } = await bench.list(bench.id.front);
    const common = { lockId: bench.id.front, recordId: expect.any(Number), lockDate: bench.clock.now() };
    expect(list[0]).toMatchObject({ ...common, serverDate: bench.clock.now(), ...expected });
  });

  async function openByCode({ ask, id, simulator }: Bench) {
    const code = { lockId: id.front, keyboardPwd: '485236', keyboardPwdName: 'Ann', keyboardPwdType: 2, addType: 2 };
    await ask('keyboardPwd/add', code);
    simulator.press(id.front, '485236');
  }
  function pressLate({ simulator, id, clock }: Bench) {
    simulator.setCodeAtLock(id.front, '485236', { startDate: clock.now() - HOUR, endDate: clock.now() });
    simulator.press(id.front, '485236');
  }
  async function pressDeleted({ ask, simulator, id, clock }: Bench) {
    const got = await ask('keyboardPwd/get', { lockId: id.front, keyboardPwdType: 1, startDate: clock.now() });
    await ask('keyboardPwd/delete', { lockId: id.front, keyboardPwdId: Number(got.keyboardPwdId), deleteType: 2 });
    simulator.press(id.front, String(got.keyboardPwd));
  }
  function jammed({ ask, simulator, id }: Bench) {
    simulator.setCondition(id.front, 'jammed', true);
    return ask('lock/unlock', { lockId: id.front });
  }
  async function scanned({ ask, simulator, id }: Bench) {
    const { qrCodeId = 0 } = await ask('qrCode/add', { lockId: id.front, type: 2 });
    const { qrCodeContent } = await ask('qrCode/getData', { qrCodeId: Number(qrCodeId) });
    simulator.scan(id.front, String(qrCodeContent));
  }

  it('come newest first, in pages, by time, kind and code', async () => {
    const { simulator, id, clock, list } = await start({
      gateways: [{ name: 'Hall' }],
      locks: [{ name: 'front', gateway: 'Hall', autoLockSeconds: 0 }],
    });
    const begin = clock.now();
    for (const digits of ['485236', '485237', '485238']) {
      simulator.press(id.front, digits);
      clock.jump(MINUTE);
    }
    simulator.turnByHand(id.front);
    expect(typesOf(await list(id.front))).toEqual([
      [32, 1],
      [4, 0],
      [4, 0],
      [4, 0],
    ]);
    expect(await list(id.front, { pageSize: 3, pageNo: 2 })).toMatchObject({
      pages: 2,
      total: 4,
      list: [{ keyboardPwd: '485236' }],
    });
    const between = await list(id.front, { startDate: begin + MINUTE, endDate: begin + 2 * MINUTE });
    expect(between.list.map(({ keyboardPwd }) => keyboardPwd)).toEqual(['485238', '485237']);
    expect((await list(id.front, { recordType: 32 })).total).toBe(1);
    expect((await list(id.front, { recordType: -4 })).total).toBe(0);
    expect((await list(id.front, { searchStr: '485237' })).total).toBe(1);
  });

  it('wait in the lock while its gateway is unplugged, and come with their own time when it is back', async () => {
    const { simulator, id, gateway, clock, list } = await start();
    simulator.setGateway(gateway, { online: false });
    const then = clock.now();
    simulator.press(id.front, '485236');
    clock.jump(HOUR);
    expect((await list(id.front)).total).toBe(0);
    expect(simulator.lock(id.front).unsent).toBe(1);
    simulator.setGateway(gateway, { online: true });
    expect(await list(id.front)).toMatchObject({ total: 1, list: [{ lockDate: then, serverDate: then + HOUR }] });
  });

  it('of a lock that only phones reach stay in it', async () => {
    const { simulator, id, list } = await start();
    simulator.press(id.cellar, '485236');
    expect((await list(id.cellar)).total).toBe(0);
    expect(simulator.past(id.cellar)).toMatchObject([{ type: 4, success: false }]);
  });

  it('tell of a keypad that was blocked', async () => {
    const { simulator, id, list } = await start();
    for (let i = 0; i < 5; i++) simulator.press(id.front, '918273');
    expect(typesOf(await list(id.front))[0]).toEqual([48, 1]);
  });
});

describe('what is pushed', () => {
  async function listening(): Promise<Listener> {
    const heard = await listenForRecords();
    open.push(heard);
    return heard;
  }

  it('is a form with the records as JSON, and who the owner is', async () => {
    const heard = await listening();
    const { simulator, id, clock } = await start({ callbackUrl: heard.url });
    simulator.turnByHand(id.front);
    await simulator.settled();
    const [told] = heard.told;
    expect(told).toEqual({
      lockId: String(id.front),
      notifyType: '1',
      admin: simulator.account.username,
      lockMac: expect.stringMatching(/^([0-9A-F]{2}:){5}[0-9A-F]{2}$/),
      records: [
        {
          lockId: id.front,
          recordTypeFromLock: 32,
          recordType: 32,
          success: 1,
          username: null,
          keyboardPwd: '',
          lockDate: clock.now(),
          serverDate: clock.now(),
          electricQuantity: 90,
          lockMac: told?.lockMac,
        },
      ],
    });
    expect(simulator.pushes()).toMatchObject([{ lockId: id.front, status: 200, heard: true }]);
  });

  it('is tried three times when the word success does not come', async () => {
    const heard = await listening();
    heard.answer = '{"success":true}';
    const { simulator, id } = await start({ callbackUrl: heard.url });
    simulator.turnByHand(id.front);
    await simulator.settled();
    expect(heard.told).toHaveLength(3);
    expect(new Set(simulator.pushes().map((push) => push.heard))).toEqual(new Set([false]));
  });

  it('may be lost, come twice, and goes to nobody when nobody is set, nor before anybody signed in', async () => {
    const heard = await listening();
    const { simulator, id } = await start({ callbackUrl: heard.url });
    const turn = async () => {
      simulator.turnByHand(id.front);
      await simulator.settled();
      return heard.told.splice(0).length;
    };
    simulator.pushTrouble('lost');
    expect(await turn()).toBe(0);
    simulator.pushTrouble('twice');
    expect(await turn()).toBe(2);
    simulator.pushTrouble(null);
    simulator.setCallbackUrl(null);
    expect(await turn()).toBe(0);
    expect(simulator.callbackUrl()).toBe(null);
  });
});
