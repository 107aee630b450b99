import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { building } from '../../demo/building.ts';
import type { DemoFile } from '../../demo/demo-file.ts';
import { systemClock } from '../../src/host/clock.ts';
import { freePort } from '../support/free-port.ts';
import { type KeysteadProcess, startDemo } from './keystead-process.ts';

/** `npm run demo`, in a folder that is thrown away. */
let dataDir = '';
let environment: Record<string, string> = {};
let running: KeysteadProcess | null = null;
beforeAll(async () => {
  dataDir = mkdtempSync(path.join(os.tmpdir(), 'keystead-demo-'));
  chmodSync(dataDir, 0o755); // the database's user has to reach its folder in it
  environment = { DATA_DIR: dataDir, PORT: String(await freePort()) };
});
afterAll(async () => {
  await running?.stop(); // with its database
  rmSync(dataDir, { recursive: true, force: true });
});

const file = () => path.join(dataDir, 'demo.json');
const written = (): string => readFileSync(file(), 'utf8');
const demo = (): DemoFile => JSON.parse(written()) as DemoFile;

// biome-ignore lint/suspicious/noExplicitAny: the test looks into answers whose shape is what it tests
type Answer = { status: number; body: any; location: string };
async function call(method: string, url: string, body?: unknown, token?: string): Promise<Answer> {
  const form = body instanceof URLSearchParams;
  const response = await fetch(url, {
    method,
    redirect: 'manual',
    signal: systemClock.deadline(20_000),
    headers: {
      ...(body === undefined || form ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: form ? body : JSON.stringify(body) }),
  });
  const json = response.headers.get('content-type')?.includes('json') === true;
  const text = await response.text();
  return {
    status: response.status,
    body: json ? JSON.parse(text) : text,
    location: response.headers.get('location') ?? '',
  };
}

async function staff() {
  const { baseUrl, console: account } = demo();
  const { email, password } = account;
  const { body } = await call('POST', `${baseUrl}/api/auth/login`, { email, password });
  return (method: string, at: string) => call(method, baseUrl + at, undefined, String(body.token));
}

async function until<T>(what: string, look: () => Promise<T | null>): Promise<T> {
  for (let tries = 0; tries < 400; tries++) {
    const found = await look();
    if (found !== null) return found;
    await systemClock.sleep(50);
  }
  throw new Error(`It never came to this: ${what}`);
}

/** What stands in the building, in the words of its API. */
async function inventory() {
  const ask = await staff();
  const names = async (at: string) => ((await ask('GET', at)).body as { name: string }[]).map(({ name }) => name);
  const staffLock = demo().ids.locks['Staff room']?.id ?? '';
  const pins = (await ask('GET', `/api/locks/${staffLock}/pins`)).body as { label: string }[];
  return {
    locations: await names('/api/locations'),
    connections: await names('/api/connections'),
    devices: await names('/api/devices'),
    doors: await names('/api/doors'),
    locks: await names('/api/locks'),
    people: await names('/api/people'),
    pins: pins.map(({ label }) => label),
  };
}

const everything = {
  locations: [building.location.name, building.gym.name],
  connections: ['Laundry relays', 'Gym locks'],
  devices: building.devices.map(({ name }) => name),
  doors: building.doors.map(({ name }) => name),
  locks: building.doors.map(({ name }) => name),
  people: ['admin', 'Anna Keller'], // an account is a person's sign-in
  pins: ['Anna Keller'],
};

test('a demo that is killed while its building is made goes on where it stopped, and makes nothing twice', async () => {
  for (const point of ['door-create:after', 'person-create:after', 'pin-load:after']) {
    running = await startDemo(environment, point);
    expect(await running.ended()).toBe('SIGKILL');
  }
  running = await startDemo(environment);
  expect(await inventory()).toEqual(everything);
}, 300_000); // four starts, one of them of an empty house

test('demo.json tells of doors, locks and their simulator, to its owner alone', async () => {
  const { baseUrl, guest, ids, simulators } = demo();
  expect(statSync(file()).mode & 0o777).toBe(0o600);
  expect(Object.keys(ids.doors)).toEqual(everything.doors);
  expect(Object.keys(ids.locks)).toEqual(everything.locks);
  const entrance = ids.doors[building.entrance];
  expect(guest.doorPayUrl).toBe(`${baseUrl}/pay/${entrance?.uid}`);
  const ask = await staff();
  expect((await ask('GET', `/api/doors/${entrance?.id}`)).body).toMatchObject({
    uid: entrance?.uid,
    lockId: entrance?.lockId,
    ttlockLockId: ids.locks[building.entrance]?.ttlockLockId,
    locationId: ids.locations[building.gym.name]?.id,
  });
  const there = (await call('GET', `${simulators.ttlock}/api/locks`)).body as { lockId: number }[];
  expect(there.map(({ lockId }) => lockId)).toEqual(Object.values(ids.locks).map(({ ttlockLockId }) => ttlockLockId));
});

test('its doors are what they seem: a code, a picture, a code without a gateway, and one that is not sold', async () => {
  const { baseUrl, ids } = demo();
  const told = async (name: string) => {
    const { body } = await call('GET', `${baseUrl}/api/public/door/${ids.doors[name]?.uid}/info`);
    return [body.available, body.reason, body.price, body.location];
  };
  const { name } = building.gym;
  expect(await told('Gym entrance')).toEqual([true, null, 900, name]);
  expect(await told('Sauna')).toEqual([true, null, 600, name]);
  expect(await told('Bike cellar')).toEqual([true, null, 150, name]);
  expect(await told('Staff room')).toEqual([false, 'closed', 500, name]);
  const ask = await staff();
  const locks = (await ask('GET', '/api/locks')).body as { name: string; bridge: unknown; capabilities: unknown }[];
  const able = locks.map((lock) => [lock.name, lock.bridge !== null, lock.capabilities]);
  expect(able).toMatchObject([
    ['Gym entrance', true, { unlock: true, issuesQr: false }],
    ['Sauna', true, { unlock: true, issuesQr: true }],
    ['Bike cellar', false, { unlock: false, keypad: null, issuesQr: false }],
    ['Staff room', true, { unlock: true, issuesQr: false }],
  ]);
  const notices = (await ask('GET', '/api/notices')).body as { kind: string; subject: { name: string } }[];
  expect(notices.map(({ kind, subject }) => [kind, subject.name])).toEqual([['lock-battery-low', 'Staff room']]);
});

test('a day ticket opens the gym on the virtual keypad, also after the demo was killed, which changes no byte of demo.json', async () => {
  const { baseUrl, guest, simulators, ids } = demo();
  const uid = guest.doorPayUrl.split('/').at(-1) ?? '';
  const begun = await call('POST', `${baseUrl}/api/public/door/${uid}/intent`, {});
  const card = { email: 'guest@example.com', cardNumber: '4242424242424242', expiry: '12/34', cvc: '123' };
  const paid = await call('POST', String(begun.body.url), new URLSearchParams(card));
  const token = /\/access\/([^?]+)/.exec(paid.location)?.[1] ?? '';
  const way = () =>
    until('there is a code', async () => {
      const { body } = await call('GET', `${baseUrl}/api/public/access/${token}`);
      return body.state === 'ready' ? (body as { ways: { code: string; openNow: boolean } }) : null;
    });
  const { ways } = await way();
  const { ttlockLockId } = ids.locks[building.entrance] ?? { ttlockLockId: 0 };
  const press = () => call('POST', `${simulators.ttlock}/api/locks/${ttlockLockId}/press`, { digits: ways.code });
  expect((await press()).body).toEqual({ opened: true, why: 'opened' });

  const before = written();
  await running?.kill();
  running = await startDemo(environment);
  expect(written()).toBe(before);
  expect(await inventory()).toEqual(everything);
  expect((await way()).ways).toEqual(ways);
  expect((await press()).body).toEqual({ opened: true, why: 'opened' });
  const ask = await staff();
  const opened = await ask('POST', `/api/doors/${ids.doors[building.entrance]?.id}/unlock`);
  expect([opened.status, opened.body.outcome]).toEqual([200, 'confirmed']);
}, 120_000);

test('somebody with a code of their own comes into the staff room, and their code knows that it was used', async () => {
  const { simulators, ids } = demo();
  const [anna] = building.people;
  const { id, ttlockLockId } = ids.locks[anna.door] ?? { id: '', ttlockLockId: 0 };
  const ask = await staff();
  const pin = async () => (await ask('GET', `/api/locks/${id}/pins`)).body[0];
  await until('the code is on the lock', async () => ((await pin()).state === 'loaded' ? true : null));
  const pressed = await call('POST', `${simulators.ttlock}/api/locks/${ttlockLockId}/press`, { digits: anna.pin });
  expect(pressed.body).toEqual({ opened: true, why: 'opened' });
  // told at once by the platform: the book is read by itself only every few minutes
  await until('the use was told', async () => (await pin()).usedAt);
});
