import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { pause } from '../clock.ts';
import type { TroubleKind } from '../trouble.ts';
import { startTtlock, type TtlockOptions } from './start.ts';
import { type Bench, credentialsOf, HOUR, openBench, post, signIn, testClock } from './test-bench.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});
async function start(options: TtlockOptions = {}) {
  const bench = await openBench(options);
  open.push(bench);
  return bench;
}

/** What a caller with little patience sees: a status and a body, or that nothing understandable came. */
async function seen(bench: Bench, call: string, fields: Record<string, string | number>) {
  const { clientId } = bench.simulator.account;
  const { access_token: token } = await post(`${bench.simulator.url}/oauth2/token`, credentialsOf(bench.simulator));
  const body = new URLSearchParams({ clientId, accessToken: String(token), date: String(bench.clock.now()) });
  for (const [name, value] of Object.entries(fields)) body.set(name, String(value));
  try {
    const answer = await fetch(`${bench.simulator.url}/v3/${call}`, {
      method: 'POST',
      body,
      signal: AbortSignal.timeout(250),
    });
    const text = await answer.text();
    return { status: answer.status, body: JSON.parse(text), pause: answer.headers.get('retry-after') };
  } catch (error) {
    return { status: 0, why: error instanceof Error ? error.name : '' };
  }
}

describe('a fault that is ordered', () => {
  it.each<[TroubleKind, number, Record<string, unknown>, string]>([
    ['timeout-before', 0, { status: 0, why: 'TimeoutError' }, 'locked'],
    ['timeout-after', 1, { status: 0, why: 'TimeoutError' }, 'open'],
    ['done-twice', 2, { status: 200, body: { errcode: 0 } }, 'open'],
    ['busy', 0, { status: 0, why: 'SyntaxError' }, 'locked'],
    ['broken', 0, { status: 0, why: 'SyntaxError' }, 'locked'],
    ['broken-after', 1, { status: 0, why: 'SyntaxError' }, 'open'],
    ['error-body', 0, { status: 200, body: { errcode: 1 } }, 'locked'],
    ['malformed', 1, { status: 0, why: 'SyntaxError' }, 'open'],
    ['wrong-types', 1, { status: 200, body: { errcode: '0' } }, 'open'],
    ['slow-drip', 1, { status: 0, why: 'TimeoutError' }, 'open'],
    ['cut-off', 1, { status: 0, why: 'TypeError' }, 'open'],
    ['credentials-expired', 0, { status: 200, body: { errcode: 10004 } }, 'locked'],
    ['lying-ok', 0, { status: 200, body: { errcode: 0 } }, 'locked'],
    ['outside-change', 1, { status: 200, body: { errcode: 0 } }, 'locked'],
    ['another-device', 0, { status: 200, body: { errcode: -1003 } }, 'locked'],
  ])('%s: the lock is opened %i times', async (kind, opens, expected, bolt) => {
    const bench = await start({
      gateways: [{ name: 'Hall' }],
      locks: [{ name: 'front', gateway: 'Hall', autoLockSeconds: 0 }],
    });
    const { simulator, id } = bench;
    simulator.trouble({ kind, where: 'switching' });
    expect(await seen(bench, 'lock/unlock', { lockId: id.front })).toMatchObject(expected);
    expect(simulator.counts(id.front).opens).toBe(opens);
    expect(simulator.lock(id.front).locked ? 'locked' : 'open').toBe(bolt);
    expect(await seen(bench, 'lock/queryOpenState', { lockId: id.front })).toMatchObject({ status: 200 });
    simulator.trouble(null);
    expect(await seen(bench, 'lock/unlock', { lockId: id.front })).toMatchObject({ body: { errcode: 0 } });
  });

  it('late is done when nobody waits any more', async () => {
    const bench = await start();
    bench.simulator.trouble({ kind: 'late', where: 'switching', times: 1 });
    expect(await seen(bench, 'lock/unlock', { lockId: bench.id.front })).toMatchObject({ status: 0 });
    expect(bench.simulator.counts(bench.id.front).opens).toBe(0);
    await bench.simulator.settled();
    expect(bench.simulator.counts(bench.id.front).opens).toBe(1);
  });

  it('says how long to wait where it is told to', async () => {
    const { simulator, clock, id } = await start();
    simulator.trouble({ kind: 'busy-with-retry-after', where: 'everything' });
    const { clientId } = simulator.account;
    const body = new URLSearchParams({ clientId, date: String(clock.now()), lockId: String(id.front) });
    const answer = await fetch(`${simulator.url}/v3/lock/detail`, { method: 'POST', body });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '7']);
  });

  it('strikes everything, looking, switching or signing in; one lock alone; and so many times', async () => {
    const { simulator, ask, id } = await start();
    const detail = async (lockId: number) => (await ask('lock/detail', { lockId })).errcode ?? 0;
    const token = async () => (await post(`${simulator.url}/oauth2/token`, credentialsOf(simulator))).errcode ?? 0;
    simulator.trouble({ kind: 'error-body', where: 'looking', errcode: 90000, lockId: id.front, times: 1 });
    expect([await detail(id.side), await detail(id.front), await detail(id.front)]).toEqual([0, 90000, 0]);
    simulator.trouble({ kind: 'credentials-expired', where: 'signing-in' });
    expect([await detail(id.front), await token()]).toEqual([0, 10007]);
    simulator.trouble({ kind: 'credentials-expired', where: 'everything' });
    expect([await detail(id.front), await token()]).toEqual([10004, 10007]);
    simulator.trouble({ kind: 'another-device', where: 'looking' });
    expect(await ask('lock/list', { pageNo: 1, pageSize: 20 })).toMatchObject({ list: [], total: 0 });
  });

  it('a platform that lies tells of codes that the lock does not know', async () => {
    const { simulator, ask, id, clock } = await start();
    simulator.trouble({ kind: 'lying-ok', where: 'switching' });
    const times = { startDate: clock.now(), endDate: clock.now() + HOUR };
    const added = { lockId: id.front, keyboardPwd: '485236', addType: 2, ...times };
    expect(await ask('keyboardPwd/add', added)).toHaveProperty('keyboardPwdId');
    const got = await ask('keyboardPwd/get', { lockId: id.front, keyboardPwdType: 3, ...times });
    expect(await ask('lock/listKeyboardPwd', { lockId: id.front, pageNo: 1, pageSize: 20 })).toMatchObject({
      total: 2,
    });
    const press = (digits: unknown) => simulator.press(id.front, String(digits)).why;
    expect([press('485236'), press(got.keyboardPwd)]).toEqual(['unknown-code', 'unknown-code']);
    const qr = await ask('qrCode/add', { lockId: id.front, type: 2 });
    expect(await ask('qrCode/getData', { qrCodeId: Number(qr.qrCodeId) })).toMatchObject({ errcode: -3 });
    expect(simulator.counts(id.front)).toMatchObject({ codeWrites: 0, opens: 0 });
  });

  it('somebody else undoes what was done: codes, their deletion, passage times', async () => {
    const { simulator, ask, id } = await start();
    const press = (digits: string) => simulator.press(id.front, digits).why;
    const code = { lockId: id.front, keyboardPwdType: 2, addType: 2 };
    const { keyboardPwdId = 0 } = await ask('keyboardPwd/add', { ...code, keyboardPwd: '918273' });
    simulator.trouble({ kind: 'outside-change', where: 'switching' });
    await ask('keyboardPwd/add', { ...code, keyboardPwd: '485236' });
    await ask('keyboardPwd/delete', { lockId: id.front, keyboardPwdId: Number(keyboardPwdId), deleteType: 2 });
    await ask('lock/configPassageMode', { lockId: id.front, passageMode: 1, isAllDay: 1, autoUnlock: 1, type: 2 });
    expect([press('485236'), press('918273')]).toEqual(['unknown-code', 'opened']);
    expect(simulator.lock(id.front).inPassage).toBe(false);
    expect(simulator.counts(id.front)).toMatchObject({ codeWrites: 2, codeDeletes: 1, passageWrites: 2 });
  });
});

describe('the simulator', () => {
  it('remembers everything: address, tokens, codes, how each lock is', async () => {
    const stateDir = fs.mkdtempSync(path.join(os.tmpdir(), 'ttlock-'));
    const clock = testClock();
    const locks = [{ name: 'front', gateway: 'Hall', autoLockSeconds: 0 }];
    const options = { stateDir, clock, airMs: 1, gateways: [{ name: 'Hall' }], locks };
    const first = await startTtlock(options);
    const ask = await signIn(first, clock);
    const lockId = first.idOf('front');
    await ask('keyboardPwd/add', { lockId, keyboardPwd: '485236', keyboardPwdType: 2, addType: 2 });
    first.press(lockId, '485236');
    first.setCondition(lockId, 'slow', true);
    await first.close();
    const second = await startTtlock(options);
    open.push(second);
    expect([second.url, second.otherRegionUrl, second.account]).toEqual([
      first.url,
      first.otherRegionUrl,
      first.account,
    ]);
    expect(second.lock(lockId)).toMatchObject({ locked: false, conditions: ['slow'] });
    expect(second.records(lockId)).toHaveLength(1);
    expect(second.press(lockId, '485236').opened).toBe(true);
    await pause(50); // the caller must hear that its kept connection is gone
    expect(await ask('lock/listKeyboardPwd', { lockId, pageNo: 1, pageSize: 20 })).toMatchObject({ total: 1 });
    fs.rmSync(stateDir, { recursive: true });
  });

  it('answers people and tests at its control address, this machine alone', async () => {
    const { simulator, id, gateway } = await start();
    const page = await (await fetch(simulator.url)).text();
    expect(page).toContain('front');
    const locks = await (await fetch(`${simulator.url}/api/locks`)).json();
    expect(locks).toHaveLength(7);
    const send = async (target: string, body: unknown, type = 'application/json') =>
      (
        await fetch(`${simulator.url}/api/${target}`, {
          method: 'POST',
          body: JSON.stringify(body),
          headers: { 'content-type': type },
        })
      ).status;
    expect(await send(`locks/${id.front}/hand`, {})).toBe(200);
    expect(simulator.lock(id.front).locked).toBe(false);
    expect(await send(`gateways/${gateway}`, { busy: true })).toBe(200);
    expect(await send(`locks/${id.front}/hand`, {}, 'text/plain')).toBe(415);
    expect(await send(`locks/${id.front}/hand`, [])).toBe(400);
    expect(await send('locks/none/hand', {})).toBe(404);
  });

  it('takes no two locks of one number, and no gateway that is not there', async () => {
    const twice = [
      { name: 'a', lockId: 5 },
      { name: 'b', lockId: 5 },
    ];
    await expect(startTtlock({ locks: twice })).rejects.toThrow('number 5');
    await expect(startTtlock({ locks: [{ name: 'a', gateway: 'None' }] })).rejects.toThrow('None');
  });
});
