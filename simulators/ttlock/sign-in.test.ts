import { afterEach, describe, expect, it } from 'vitest';
import { md5 } from './account.ts';
import type { TtlockOptions } from './start.ts';
import { credentialsOf, DAY, type Fields, MINUTE, openBench, post, signIn } from './test-bench.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});
async function start(options: TtlockOptions = {}) {
  const bench = await openBench(options);
  open.push(bench);
  const token = (fields: Fields, url = bench.simulator.url) => post(`${url}/oauth2/token`, fields);
  return { ...bench, token, good: credentialsOf(bench.simulator) };
}
const everything = { pageNo: 1, pageSize: 100 };

describe('signing in', () => {
  it('gives a token for ninety days, under either spelling of the client', async () => {
    const { token, good } = await start();
    const pair = await token(good);
    expect(pair).toMatchObject({ expires_in: 7_776_000, uid: expect.any(Number), scope: expect.any(String) });
    expect(pair.access_token).toMatch(/^[0-9a-f]{32}$/);
    const { clientId = '', clientSecret = '', username = '', password = '' } = good;
    const older = { client_id: clientId, client_secret: clientSecret, grant_type: 'password', username, password };
    expect(await token(older)).toHaveProperty('refresh_token');
  });

  it.each<[string, number, Fields]>([
    ['an unknown client', 10000, { clientId: 'nobody' }],
    ['a wrong secret', 10001, { clientSecret: 'guess' }],
    ['a password as it is typed', 30005, { password: 'locksmith' }],
    ['a password in capital MD5', 30005, { password: md5('locksmith').toUpperCase() }],
    ['a wrong password', 10007, { password: md5('guess') }],
    ['an unknown user', 10007, { username: 'somebody@else.example' }],
    ['an unknown kind of grant', 10010, { grant_type: 'authorization_code' }],
    ['an unknown refresh token', 10011, { grant_type: 'refresh_token', refresh_token: 'guess' }],
  ])('refuses %s with %i, and HTTP 200', async (_, errcode, wrong) => {
    const { token, good } = await start();
    const said = await token({ ...good, ...wrong });
    expect(said).toEqual({ errcode, errmsg: expect.any(String), description: expect.any(String) });
  });

  it('rotates refresh tokens: the old pair is worth nothing', async () => {
    const { token, good, simulator, clock } = await start();
    const first = await token(good);
    const renew = { ...good, grant_type: 'refresh_token', refresh_token: String(first.refresh_token) };
    const second = await token(renew);
    expect(second.access_token).not.toBe(first.access_token);
    expect(await token(renew)).toMatchObject({ errcode: 10011 });
    const list = (accessToken: unknown) =>
      post(`${simulator.url}/v3/lock/list`, {
        clientId: simulator.account.clientId,
        accessToken: String(accessToken),
        date: clock.now(),
        ...everything,
      });
    expect(await list(first.access_token)).toMatchObject({ errcode: 10004 });
    expect(await list(second.access_token)).toHaveProperty('list');
    expect(await list('guess')).toMatchObject({ errcode: 10003 });
  });

  it('lets tokens end in their time, by an order, and by being revoked', async () => {
    const { simulator, clock, token, good } = await start({ tokenSeconds: 60 });
    const list = (ask: Awaited<ReturnType<typeof signIn>>) => ask('lock/list', everything);
    const first = await signIn(simulator, clock);
    clock.jump(59_999);
    expect(await list(first)).toHaveProperty('list');
    clock.jump(1);
    expect(await list(first)).toMatchObject({ errcode: 10004 });
    simulator.setTokenSeconds(3600);
    const second = await signIn(simulator, clock);
    simulator.expireTokens();
    expect(await list(second)).toMatchObject({ errcode: 10004 });
    const pair = await token(good);
    simulator.revokeTokens();
    expect(await list(second)).toMatchObject({ errcode: 10004 });
    const renew = { ...good, grant_type: 'refresh_token', refresh_token: String(pair.refresh_token) };
    expect(await token(renew)).toMatchObject({ errcode: 10011 });
    simulator.changePassword('another');
    expect(await token(good)).toMatchObject({ errcode: 10007 });
    expect(await token({ ...good, password: md5('another') })).toHaveProperty('access_token');
  });
});

describe('every call', () => {
  it('is a form that is posted', async () => {
    const { simulator } = await start();
    const url = `${simulator.url}/v3/lock/list`;
    const statusOf = async (target: string, init: RequestInit) => (await fetch(target, init)).status;
    expect(await statusOf(url, {})).toBe(405);
    const json = { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } };
    expect(await statusOf(url, json)).toBe(415);
    expect(await statusOf(`${simulator.url}/v3/lock/burn`, { method: 'POST', body: new URLSearchParams() })).toBe(404);
  });

  it('must be dated within five minutes of now', async () => {
    const { ask, clock } = await start();
    const at = (date: number | string) => ask('lock/list', { ...everything, date });
    for (const differs of [-5 * MINUTE, 0, 5 * MINUTE]) expect(await at(clock.now() + differs)).toHaveProperty('list');
    for (const differs of [-5 * MINUTE - 1, 5 * MINUTE + 1])
      expect(await at(clock.now() + differs)).toMatchObject({ errcode: 80000 });
    expect(await at('')).toMatchObject({ errcode: 80000 });
    expect(await ask('lock/list', { ...everything, clientId: 'nobody' })).toMatchObject({ errcode: 10000 });
  });

  it('goes to the host of the account: everything on the other one is 30008', async () => {
    const { simulator, ask, token, good } = await start();
    expect(await token(good, simulator.otherRegionUrl)).toMatchObject({ errcode: 30008 });
    expect(await ask('lock/list', everything, simulator.otherRegionUrl)).toMatchObject({ errcode: 30008 });
  });

  it('is counted a minute and a month', async () => {
    const { simulator, ask, clock } = await start();
    simulator.setLimits({ perMinute: 2, perMonth: 3 });
    const codes: unknown[] = [];
    const list = async () => codes.push((await ask('lock/list', everything)).errcode ?? 0);
    for (let i = 0; i < 3; i++) await list();
    clock.jump(MINUTE);
    for (let i = 0; i < 2; i++) await list();
    clock.jump(31 * DAY);
    simulator.setLimits({});
    expect(codes).toEqual([0, 0, 30006, 0, 30007]);
  });

  it('is noted with its answer', async () => {
    const { simulator, ask, id } = await start();
    await ask('lock/unlock', { lockId: id.cellar });
    const [, last] = simulator.requests();
    expect(last).toMatchObject({ path: '/v3/lock/unlock', lockId: id.cellar, errcode: -2012 });
    expect(simulator.heard()).toMatchObject({ all: 2, switching: 1, underWay: 0 });
  });
});
