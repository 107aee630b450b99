import { afterAll, describe, expect, it } from 'vitest';
import { errorCodes } from './errors.ts';
import { type Bench, type Fields, HOUR, openBench } from './test-bench.ts';

/** Codes that other tests reach: of signing in, of limits and of ordered faults. */
const elsewhere = [0, 10000, 10001, 10003, 10004, 10007, 10010, 10011, 30005, 30006, 30007, 30008, 80000, 90000];
const reached = new Set<number>(elsewhere);
type Case = [
  what: string,
  errcode: number,
  path: string,
  fields: (bench: Bench) => Fields,
  before?: (bench: Bench) => unknown,
];

const base = Date.UTC(2027, 0, 15, 8);
const hours = { startDate: base, endDate: base + 2 * HOUR };
const period = { keyboardPwdType: 3, ...hours };
const front = (more: Fields) => (bench: Bench) => ({ lockId: bench.id.front, ...more });
const custom = (keyboardPwd: string, more: Fields = {}) => front({ keyboardPwd, addType: 2, ...hours, ...more });
const having =
  (condition: Parameters<Bench['simulator']['setCondition']>[1], lock: keyof Bench['id'] = 'front') =>
  (bench: Bench) =>
    bench.simulator.setCondition(bench.id[lock], condition, true);
const add = (bench: Bench) => bench.ask('keyboardPwd/add', custom('485236')(bench));

const cases: Case[] = [
  ['a lock that nobody has', -1003, 'lock/unlock', () => ({ lockId: 1 })],
  ['a lock of somebody else', 20002, 'lock/unlock', ({ id }) => ({ lockId: id.strange })],
  ['what an ordinary ekey may not', -2018, 'keyboardPwd/get', ({ id }) => ({ lockId: id.shared, ...period })],
  ['no gateway near the lock', -2012, 'lock/unlock', ({ id }) => ({ lockId: id.cellar })],
  ['a lock out of its gateway’s range', -2012, 'lock/unlock', front({}), having('out-of-range')],
  [
    'a gateway that is unplugged',
    -3002,
    'lock/lock',
    front({}),
    (b) => b.simulator.setGateway(b.gateway, { online: false }),
  ],
  [
    'a gateway that is busy',
    -3003,
    'lock/queryOpenState',
    front({}),
    (b) => b.simulator.setGateway(b.gateway, { busy: true }),
  ],
  ['WiFi that was never set', -3034, 'lock/unlock', ({ id }) => ({ lockId: id.roof }), having('no-network', 'roof')],
  ['WiFi that saves power', -3035, 'lock/unlock', ({ id }) => ({ lockId: id.roof }), having('power-saving', 'roof')],
  ['WiFi that is gone', -3036, 'lock/unlock', ({ id }) => ({ lockId: id.roof }), having('offline', 'roof')],
  ['WiFi that is busy', -3037, 'lock/unlock', ({ id }) => ({ lockId: id.roof }), having('busy', 'roof')],
  [
    'a WiFi lock without power',
    -3036,
    'lock/unlock',
    ({ id }) => ({ lockId: id.roof }),
    (b) => b.simulator.setBattery(b.id.roof, 0),
  ],
  ['a frozen lock', -2025, 'lock/unlock', front({}), having('frozen')],
  ['a frozen lock, a code', -2025, 'keyboardPwd/add', custom('485236'), having('frozen')],
  ['remote unlocking that is not permitted', -3046, 'lock/unlock', front({}), having('no-remote')],
  ['a jammed bolt', 1, 'lock/unlock', front({}), having('jammed')],
  ['a jammed bolt, locking', 1, 'lock/lock', front({}), having('jammed')],
  ['a lock id that is none', -3, 'lock/unlock', () => ({ lockId: 'front' })],
  ['a lock id that is missing', -3, 'lock/detail', () => ({})],
  ['a page that is none', -3, 'lock/list', () => ({ pageNo: 0, pageSize: 20 })],
  ['no page', -3, 'lock/list', () => ({ pageSize: 20 })],
  ['too large a page of locks', -3, 'lock/list', () => ({ pageNo: 1, pageSize: 1001 })],
  ['too large a page of codes', -3, 'lock/listKeyboardPwd', front({ pageNo: 1, pageSize: 101 })],
  ['a gateway that nobody has', -4037, 'gateway/listLock', () => ({ gatewayId: 1 })],
  ['a lock without a keypad', -1007, 'keyboardPwd/get', ({ id }) => ({ lockId: id.vault, ...period })],
  [
    'a lock without a keypad, written',
    -4043,
    'keyboardPwd/add',
    (b) => ({ ...custom('485236')(b), lockId: b.id.vault }),
  ],
  ['another version of codes', 20007, 'keyboardPwd/get', front({ ...period, keyboardPwdVersion: 3 })],
  ['a kind of code that is none', -3, 'keyboardPwd/get', front({ ...period, keyboardPwdType: 15 })],
  ['minutes in a period', -3, 'keyboardPwd/get', front({ ...period, startDate: base + 60_000 })],
  ['seconds in the end of a period', -3, 'keyboardPwd/get', front({ ...period, endDate: base + HOUR + 1000 })],
  ['a period that ends before it begins', -3, 'keyboardPwd/get', front({ ...period, endDate: base })],
  ['a period of more than a year', -3, 'keyboardPwd/get', front({ ...period, endDate: base + 367 * 24 * HOUR })],
  ['letters for digits', -3, 'keyboardPwd/add', custom('48a236')],
  ['three digits', -3006, 'keyboardPwd/add', custom('485')],
  ['ten digits', -3006, 'keyboardPwd/add', custom('4852369102')],
  ['digits in a row', -2032, 'keyboardPwd/add', custom('123456')],
  ['digits in a row downwards', -2032, 'keyboardPwd/add', custom('87654')],
  ['one digit alone', -2032, 'keyboardPwd/add', custom('7777')],
  ['a code that exists', -3007, 'keyboardPwd/add', custom('485236'), add],
  [
    'a code that only the lock knows',
    -3007,
    'keyboardPwd/add',
    custom('918273'),
    (b) => b.simulator.setCodeAtLock(b.id.front, '918273'),
  ],
  ['a code that ends before it begins', -3, 'keyboardPwd/add', custom('485236', { endDate: base })],
  ['a period without times', -3, 'keyboardPwd/add', custom('485236', { startDate: '' })],
  ['a way of adding that needs another radio', -4067, 'keyboardPwd/add', custom('485236', { addType: 3 })],
  ['a way of adding that is none', -3, 'keyboardPwd/add', custom('485236', { addType: 9 })],
  ['a memory that is full', -4056, 'keyboardPwd/add', custom('485236'), having('memory-full')],
  ['a code that is not there', -2009, 'keyboardPwd/delete', front({ keyboardPwdId: 1, deleteType: 2 })],
  [
    'a code that is not there, changed',
    -2009,
    'keyboardPwd/change',
    front({ keyboardPwdId: 1, newKeyboardPwd: '918273' }),
  ],
  ['a QR code on a lock without a camera', -4043, 'qrCode/add', ({ id }) => ({ lockId: id.cellar, type: 1, ...hours })],
  ['a kind of QR code that is none', -3, 'qrCode/add', front({ type: 3, ...hours })],
  ['a QR code without times', -3, 'qrCode/add', front({ type: 1 })],
  ['a QR code that is not there', -3, 'qrCode/getData', () => ({ qrCodeId: 1 })],
  ['cycles that are no JSON', 80002, 'qrCode/add', front({ type: 4, cyclicConfig: '[{' })],
  ['cycles without days', -3, 'qrCode/add', front({ type: 4, cyclicConfig: '[]' })],
  [
    'cycles of different hours',
    -3,
    'qrCode/add',
    front({
      type: 4,
      cyclicConfig: '[{"weekDay":1,"startTime":1,"endTime":2},{"weekDay":2,"startTime":1,"endTime":3}]',
    }),
  ],
  [
    'passage days that are no JSON',
    80002,
    'lock/configPassageMode',
    front({ passageMode: 1, type: 2, startDate: 1, endDate: 2, weekDays: 'monday' }),
  ],
  [
    'passage days that are none',
    -3,
    'lock/configPassageMode',
    front({ passageMode: 1, type: 2, startDate: 1, endDate: 2, weekDays: '[8]' }),
  ],
  ['passage without hours', -3, 'lock/configPassageMode', front({ passageMode: 1, type: 2, weekDays: '[1]' })],
  [
    'passage after midnight',
    -3,
    'lock/configPassageMode',
    front({ passageMode: 1, type: 2, startDate: 1, endDate: 1441, weekDays: '[1]' }),
  ],
  [
    'six passage times',
    -3,
    'lock/configurePassageMode',
    front({
      passageMode: 1,
      type: 2,
      cyclicConfig: JSON.stringify(Array.from({ length: 6 }, () => ({ isAllDay: 1, weekDays: [1] }))),
    }),
  ],
];

describe('the platform refuses', () => {
  it.each(cases)('%s, with %i', async (_, errcode, path, fields, before) => {
    const bench = await openBench();
    try {
      await before?.(bench);
      const counted = bench.simulator.counts(bench.id.front);
      const said = await bench.ask(path, fields(bench));
      expect(said).toEqual({ errcode, errmsg: expect.any(String), description: expect.any(String) });
      expect(bench.simulator.counts(bench.id.front)).toEqual(counted); // nothing was done
      reached.add(errcode);
    } finally {
      await bench.close();
    }
  });

  it('a memory with its last code in it, with -3009', async () => {
    const bench = await openBench({
      gateways: [{ name: 'Hall' }],
      locks: [{ name: 'front', gateway: 'Hall', capacity: 2 }],
    });
    for (const digits of ['485236', '485237']) await bench.ask('keyboardPwd/add', custom(digits)(bench));
    expect(await bench.ask('keyboardPwd/add', custom('485238')(bench))).toMatchObject({ errcode: -3009 });
    expect(bench.simulator.counts(bench.id.front).codeWrites).toBe(2);
    reached.add(-3009);
    await bench.close();
  });

  it('to change a code that the lock has never seen with -3008, and an hour whose code was deleted with -1026', async () => {
    const bench = await openBench();
    const { ask, id } = bench;
    const { keyboardPwdId } = await ask('keyboardPwd/get', front(period)(bench));
    const code = { lockId: id.front, keyboardPwdId: Number(keyboardPwdId) };
    const change = { ...code, newKeyboardPwd: '918273', changeType: 2 };
    expect(await ask('keyboardPwd/change', change)).toMatchObject({ errcode: -3008 });
    await ask('keyboardPwd/delete', { ...code, deleteType: 2 });
    expect(await ask('keyboardPwd/get', front(period)(bench))).toMatchObject({ errcode: -1026 });
    for (const errcode of [-3008, -1026]) reached.add(errcode);
    await bench.close();
  });

  afterAll(() => {
    expect(errorCodes.filter((code) => !reached.has(code))).toEqual([]); // each code of the table is reached
  });
});
