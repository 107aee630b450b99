import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { pause } from '../clock.ts';
import type { LockCondition, YaleOptions } from './start.ts';
import { startYale } from './start.ts';
import { listenTo, openBench, signIn, stranger } from './test-bench.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});
async function start(options: YaleOptions = {}) {
  const bench = await openBench(options);
  open.push(bench);
  const front = bench.simulator.idOf('front');
  return { ...bench, front };
}
const HOUR = 3_600_000;

describe('signing in to the cloud', () => {
  it('wants the code that was mailed, once for an installation', async () => {
    const { simulator } = await start();
    const ask = stranger(simulator);
    const { email, password } = simulator.account;
    const credentials = { installId: 'phone', identifier: `email:${email}`, password };
    const first = await ask('POST /session', credentials);
    expect(first.body).toMatchObject({ vPassword: true, vInstallId: false });
    const headers = { 'x-access-token': first.token ?? '' };
    expect((await ask('GET /users/locks/mine', undefined, headers)).status).toBe(401);
    expect((await ask('POST /validation/email', { value: email }, headers)).status).toBe(200);
    const [code = ''] = simulator.mailedCodes();
    expect(code).toMatch(/^\d{6}$/);
    expect((await ask('POST /validate/email', { code: 'x', email }, headers)).status).toBe(400);
    expect((await ask('POST /validate/email', { code, email }, headers)).status).toBe(200);
    const second = await ask('POST /session', credentials);
    expect(second.body).toMatchObject({ vPassword: true, vInstallId: true });
    const locks = await ask('GET /users/locks/mine', undefined, { 'x-access-token': second.token ?? '' });
    expect(Object.keys(locks.body)).toHaveLength(3);
  });

  it('says of a wrong password that it is one, of a wrong key 403, of a token that ended 401', async () => {
    const { simulator, ask, clock } = await start();
    const wrong = { installId: 'phone', identifier: `email:${simulator.account.email}`, password: 'no' };
    expect((await stranger(simulator)('POST /session', wrong)).body).toMatchObject({ vPassword: false });
    const key = { 'x-august-api-key': 'nobody' };
    expect(await ask('GET /users/me', undefined, key)).toMatchObject({ status: 403, body: { code: 'Forbidden' } });
    clock.jump(121 * 24 * HOUR);
    expect(await ask('GET /users/me')).toMatchObject({ status: 401, body: { code: 'InvalidCredentials' } });
  });

  it('by OAuth gives a code to whoever consents, and tokens for it; a refresh token is good once', async () => {
    const { simulator } = await start();
    const { clientId: client_id, clientSecret: client_secret } = simulator.account;
    const ask = stranger(simulator);
    const page = `${simulator.url}/authorize?client_id=${client_id}&redirect_uri=http%3A%2F%2F127.0.0.1%2Fback&state=s`;
    const sent = await fetch(page, { redirect: 'manual' });
    const back = new URL(sent.headers.get('location') ?? '');
    expect(back.searchParams.get('state')).toBe('s');
    const code = back.searchParams.get('code');
    const client = { client_id, client_secret };
    const given = await ask('POST /access_token', { ...client, grant_type: 'authorization_code', code });
    expect(given.body).toMatchObject({ token_type: 'Bearer', expires_in: 3600 });
    const refresh = { ...client, grant_type: 'refresh_token', refresh_token: given.body.refresh_token };
    expect((await ask('POST /access_token', refresh)).status).toBe(200);
    expect(await ask('POST /access_token', refresh)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });
});

describe('operating a lock from afar', () => {
  it('answers once the lock has, and then tells the same from what is stored', async () => {
    const { ask, front } = await start();
    const done = await ask(`PUT /remoteoperate/${front}/unlock`);
    expect(done).toMatchObject({
      status: 200,
      body: {
        status: 'kAugLockState_Unlocked',
        doorState: 'kAugDoorState_Closed',
        info: { action: 'unlock', lockID: front },
      },
    });
    expect((await ask(`GET /locks/${front}/status`)).body).toMatchObject({ status: 'unlocked', valid: true });
  });

  it.each<[LockCondition | 'offline' | 'busy' | 'low', number, string | number]>([
    ['silent', 408, 48],
    ['offline', 422, 98],
    ['busy', 423, 99],
    ['bluetooth-busy', 460, 60],
    ['jammed', 530, 30],
    ['uncalibrated', 531, 31],
    ['low', 550, 50],
    ['overheated', 551, 51],
    ['drops', 560, 61],
  ])('of a lock that is %s ends with %i', async (trouble, status, code) => {
    const { ask, front, simulator, bridgeId } = await start();
    if (trouble === 'offline') simulator.setBridge(bridgeId, { online: false });
    else if (trouble === 'busy') simulator.setBridge(bridgeId, { busy: true });
    else if (trouble === 'low') simulator.setBattery(front, 1);
    else simulator.setCondition(front, trouble, true);
    expect(await ask(`PUT /remoteoperate/${front}/unlock`)).toMatchObject({ status, body: { code } });
    expect(simulator.lock(front).locked).toBe(trouble !== 'drops');
  });

  it('says what it cannot do: no bridge, no such lock, no such command, another operation pending', async () => {
    const { ask, front, simulator } = await start({ airMs: 300 });
    const cellar = simulator.idOf('cellar');
    expect((await ask(`PUT /remoteoperate/${cellar}/lock`)).status).toBe(412);
    expect((await ask(`GET /locks/${cellar}/status`)).status).toBe(409);
    expect((await ask(`PUT /remoteoperate/${front}/fly`)).status).toBe(501);
    expect((await ask(`GET /locks/${front.toLowerCase()}`)).status).toBe(404);
    const both = await Promise.all([1, 2].map(() => ask(`PUT /remoteoperate/${front}/unlock`)));
    expect(both.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 423]);
  });

  it('asynchronously answers at once, and tells whoever subscribed what came of it', async () => {
    const { ask, front, simulator, token, bridgeId } = await start();
    const { body } = await ask('POST /websocket/subscribers', { scopes: ['lock'] });
    const listener = await listenTo(simulator, token, String(body.subscriberID));
    open.push(listener);
    expect(await ask(`PUT /remoteoperate/${front}/unlock?type=async`)).toEqual({ status: 202, body: {}, token: null });
    await vi.waitFor(() => expect(listener.told.some(({ remoteEvent }) => remoteEvent === 1)).toBe(true));
    simulator.turnByHand(front);
    simulator.setBridge(bridgeId, { online: false });
    await ask(`PUT /remoteoperate/${front}/unlock?type=async`);
    await vi.waitFor(() => expect(listener.told.at(-1)).toMatchObject({ result: 'failed' }));
    const told = listener.told.filter(({ lockID }) => lockID === front); // the bridge has two
    expect(told.map(({ status, callingUserID }) => [status, callingUserID])).toEqual([
      ['unlocked', simulator.account.userId],
      ['kAugLockState_Unlocked', simulator.account.userId],
      ['locked', 'manuallock'],
      ['associated_bridge_offline', undefined],
      ['unknown', undefined],
    ]);
    expect(listener.told.at(-1)).toMatchObject({ lockID: front, error: { statusCode: 422, restCode: 98 } });
  });
});

describe('codes on a lock', () => {
  const load = (pin: string, more: Record<string, unknown> = {}) => ({
    commands: [{ action: 'load', pin, accessType: 'always', partnerUserID: `guest ${pin}`, firstName: 'A', ...more }],
  });

  it('are taken at once and are on the lock when it has answered; the seven lists are always there', async () => {
    const { ask, front, simulator } = await start();
    expect(await ask(`POST /locks/${front}/pins`, load('0815'))).toMatchObject({
      status: 200,
      body: { message: 'success' },
    });
    const taken = (await ask(`GET /locks/${front}/pins`)).body;
    expect(Object.keys(taken).sort()).toEqual(
      ['created', 'deleting', 'disabled', 'disabling', 'enabling', 'loaded', 'updating'].sort(),
    );
    await simulator.settled();
    const { loaded } = (await ask(`GET /locks/${front}/pins`)).body;
    expect(loaded).toMatchObject([
      { pin: '0815', slot: 1, state: 'loaded', partnerUserID: 'guest 0815', lockID: front },
    ]);
    expect(simulator.press(front, '0815')).toEqual({ opened: true, why: 'opened' });
    const gone = { commands: [{ action: 'delete', partnerUserID: 'guest 0815' }] };
    expect((await ask(`POST /locks/${front}/pins`, gone)).status).toBe(200);
    await simulator.settled();
    expect(simulator.press(front, '0815').opened).toBe(false);
    expect(await ask(`POST /locks/${front}/pins`, gone)).toMatchObject({
      status: 409,
      body: { message: expect.stringMatching(/^Unable to set intent state for pin: No pin given or could not find/) },
    });
  });

  it('wait for the bridge that is away, and come when it is back', async () => {
    const { ask, front, simulator, bridgeId } = await start();
    simulator.setBridge(bridgeId, { online: false });
    await ask(`POST /locks/${front}/pins`, load('0815'));
    await simulator.settled();
    expect((await ask(`GET /locks/${front}/pins`)).body.created).toHaveLength(1);
    expect(simulator.press(front, '0815').why).toBe('unknown-code');
    simulator.setBridge(bridgeId, { online: true });
    await simulator.settled();
    expect(simulator.press(front, '0815').opened).toBe(true);
  });

  it('are disabled and enabled, and changed in one step', async () => {
    const { ask, front, simulator } = await start();
    const order = async (action: string, more: Record<string, unknown> = {}) => {
      const said = await ask(`POST /locks/${front}/pins`, {
        commands: [{ action, partnerUserID: 'guest 0815', ...more }],
      });
      await simulator.settled();
      return said.status;
    };
    await order('load', { pin: '0815', accessType: 'always' });
    expect([await order('disable'), simulator.press(front, '0815').why]).toEqual([200, 'disabled']);
    expect([await order('enable'), simulator.press(front, '0815').why]).toEqual([200, 'opened']);
    expect(await order('update', { pin: '4711', accessType: 'always' })).toBe(200);
    expect([simulator.press(front, '0815').why, simulator.press(front, '4711').why]).toEqual([
      'unknown-code',
      'opened',
    ]);
  });

  it('open by the hours of the lock, and are echoed byte for byte', async () => {
    const { ask, front, simulator, clock } = await start();
    const accessTimes = 'STARTSEC=32400;ENDSEC=61200'; // from nine to five; it is nine in Berlin
    const accessRecurrence = 'FREQ=WEEKLY;INTERVAL=1;BYDAY=FR';
    await ask(`POST /locks/${front}/pins`, load('0815', { accessType: 'recurring', accessTimes, accessRecurrence }));
    await simulator.settled();
    const { loaded } = (await ask(`GET /locks/${front}/pins`)).body;
    expect(loaded).toMatchObject([{ accessTimes, accessRecurrence }]);
    expect(simulator.press(front, '0815').why).toBe('opened');
    clock.jump(8 * HOUR);
    expect(simulator.press(front, '0815').why).toBe('not-now');
    clock.jump(16 * HOUR);
    expect(simulator.press(front, '0815').why).toBe('not-now'); // Saturday
  });

  it.each([
    [
      'the digits of another user',
      { commands: [{ action: 'load', pin: '1111', accessType: 'always', partnerUserID: 'b' }] },
      409,
    ],
    [
      'a second code of one user',
      { commands: [{ action: 'load', pin: '2222', accessType: 'always', partnerUserID: 'a' }] },
      409,
    ],
    ['no commands', { commands: [] }, 400],
    ['an action that there is not', { commands: [{ action: 'burn', partnerUserID: 'a' }] }, 400],
    ['an access type that there is not', { commands: [{ action: 'load', pin: '2222', accessType: 'never' }] }, 400],
    [
      'times that are not written so',
      { commands: [{ action: 'load', pin: '2222', accessType: 'temporary', accessTimes: 'DTSTART=today' }] },
      400,
    ],
    [
      'hours that do not recur',
      { commands: [{ action: 'load', pin: '2222', accessType: 'recurring', accessTimes: 'STARTSEC=0' }] },
      400,
    ],
  ])('are refused for %s', async (_, body, status) => {
    const { ask, front, simulator } = await start();
    await ask(`POST /locks/${front}/pins`, load('1111', { partnerUserID: 'a' }));
    await simulator.settled();
    expect((await ask(`POST /locks/${front}/pins`, body)).status).toBe(status);
    expect(simulator.codesOnLock(front)).toHaveLength(1);
  });

  it('with times are not for locks of the first generation; slots run out; wrong digits lock the keypad', async () => {
    const { ask, simulator, front, clock } = await start({ slots: 1 });
    const times = {
      accessType: 'temporary',
      accessTimes: 'DTSTART=2027-01-15T07:00:00.000Z;DTEND=2027-01-16T07:00:00.000Z',
    };
    expect((await ask(`POST /locks/${simulator.idOf('old')}/pins`, load('0815', times))).status).toBe(400);
    await ask(`POST /locks/${front}/pins`, load('0815'));
    expect((await ask(`POST /locks/${front}/pins`, load('4711'))).body.message).toMatch(/No slot/);
    await simulator.settled();
    for (let n = 0; n < 5; n++) simulator.press(front, '9999');
    expect(simulator.press(front, '0815').why).toBe('keypad-locked');
    clock.jump(HOUR);
    expect(simulator.press(front, '0815').opened).toBe(true);
  });
});

it('what happened is told in both versions, and what happened while the bridge was away comes later', async () => {
  const { ask, front, simulator, bridgeId } = await start();
  const house = String((await ask(`GET /locks/${front}`)).body.HouseID);
  simulator.setBridge(bridgeId, { online: false });
  simulator.turnByHand(front);
  const newer = { 'accept-version': '4.0.0' };
  const list = `GET /houses/${house}/activities?limit=10`;
  expect((await ask(list, undefined, newer)).body.events).toEqual([]);
  simulator.setBridge(bridgeId, { online: true });
  await ask(`PUT /remoteoperate/${front}/lock`);
  expect((await ask(list, undefined, newer)).body.events).toMatchObject([
    { action: 'manual_unlock', deviceID: front, timestamp: expect.any(Number) },
    { action: 'remote_lock', user: { UserID: simulator.account.userId } },
  ]);
  expect((await ask(list)).body).toMatchObject([
    { dateTime: expect.any(Number) },
    { info: { DateLogActionID: expect.any(String) } },
  ]);
});

it('everything is remembered: address, tokens, codes, how each lock is', async () => {
  const stateDir = fs.mkdtempSync(path.join(os.tmpdir(), 'yale-'));
  const options = { stateDir, bridges: [{ name: 'Hall' }], locks: [{ name: 'front', bridge: 'Hall' }], airMs: 1 };
  const first = await startYale(options);
  const { ask } = await signIn(first);
  const front = first.idOf('front');
  await ask(`POST /locks/${front}/pins`, { commands: [{ action: 'load', pin: '0815', accessType: 'always' }] });
  await first.settled();
  first.turnByHand(front);
  first.setCondition(front, 'silent', true);
  await first.close();
  const second = await startYale(options);
  open.push(second);
  expect([second.url, second.account]).toEqual([first.url, first.account]);
  expect(second.lock(front)).toMatchObject({ locked: false, conditions: ['silent'] });
  expect(second.press(front, '0815').opened).toBe(true);
  await pause(50); // the caller must hear that its kept connection is gone
  expect((await ask('GET /users/me')).status).toBe(200);
  fs.rmSync(stateDir, { recursive: true });
});

it('people and tests are answered at its control address, this machine alone', async () => {
  const { simulator, front, bridgeId } = await start();
  expect(await (await fetch(simulator.url)).text()).toContain('front');
  const send = async (target: string, body: unknown, type = 'application/json') =>
    (
      await fetch(`${simulator.url}/control/${target}`, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': type },
      })
    ).status;
  expect(await send(`locks/${front}/hand`, {})).toBe(200);
  expect(simulator.lock(front).locked).toBe(false);
  expect(await send(`bridges/${bridgeId}`, { busy: true })).toBe(200);
  expect(await send(`locks/${front}/hand`, {}, 'text/plain')).toBe(415);
  expect(await send(`locks/${front}/condition`, { condition: 'happy', on: true })).toBe(400);
  expect(await send('locks/none/hand', {})).toBe(404);
});
