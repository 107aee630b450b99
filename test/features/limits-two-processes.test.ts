import { afterAll, beforeAll, expect, test } from 'vitest';
import { type App, createApp } from '../../src/app.ts';
import { createLog } from '../../src/host/log.ts';
import { buyEntry, uidOf } from '../support/entrance.ts';
import { freePort } from '../support/free-port.ts';
import { type LockPlace, openLockPlace } from '../support/lock-place.ts';

/** Two servers on one database: who is refused by one is refused by the other. */
let place: LockPlace;
let other: { app: App; url: string };

beforeAll(async () => {
  place = await openLockPlace({ engine: true });
  const app = await createApp({
    config: { publicUrl: place.url, trustProxy: 0, cronSecret: null, stripeBaseUrl: place.stripe.url },
    connection: place.connection,
    masterKey: place.masterKey,
    clock: place.clock,
    log: createLog('silent'),
  });
  const port = await freePort();
  await app.server.listen({ port, host: '127.0.0.1' });
  other = { app, url: `http://127.0.0.1:${port}` };
});
afterAll(async () => {
  await other.app.server.close();
  await other.app.close();
  await place.close();
});

/** By turns at one server and at the other. */
async function byTurns(times: number, method: string, path: (n: number) => string): Promise<number[]> {
  const statuses: number[] = [];
  for (let n = 0; n < times; n++) {
    const answer = await fetch((n % 2 === 0 ? place.url : other.url) + path(n), { method, redirect: 'manual' });
    await answer.text();
    statuses.push(answer.status);
  }
  return statuses;
}
const often = (status: number, times: number) => Array.from({ length: times }, () => status);

test('wrong short codes count together: after twenty over both servers neither tells even of a right one', async () => {
  const { shortUrl } = (await place.get(`/api/doors/${place.front.doorId}`)).body;
  const right = new URL(shortUrl).pathname;
  expect(await byTurns(2, 'GET', () => right)).toEqual(often(302, 2));
  const guesses = await byTurns(20, 'GET', (n) => `/p/AAAA${'23456789'[n % 8]}${'BCDEFGH'[n % 7]}`);
  expect(guesses).toEqual(often(404, 20));
  expect(await byTurns(4, 'GET', () => right)).toEqual(often(429, 4));
  place.clock.ahead(10 * 60_000 + 1);
  expect(await byTurns(2, 'GET', () => right)).toEqual(often(302, 2));
});

test('guesses at once over both servers are all counted', async () => {
  place.clock.ahead(10 * 60_000 + 1);
  await Promise.all([byTurns(10, 'GET', () => '/p/AAAAAB'), byTurns(10, 'GET', () => '/p/AAAAAC')]);
  expect(await byTurns(2, 'GET', () => '/p/AAAAAD')).toEqual(often(429, 2));
});

test('a guest who presses the button without end is refused by both servers, and the door hears no more of it', async () => {
  const { token } = await buyEntry(place, await uidOf(place, place.front.doorId));
  const before = place.ttlock.counts(place.front.hardwareId).remoteOpens;
  const statuses = await byTurns(16, 'POST', () => `/api/public/access/${token}/open`);
  expect(statuses).toEqual([...often(200, 12), ...often(429, 4)]);
  expect(place.ttlock.counts(place.front.hardwareId).remoteOpens).toBe(before + 12);
  place.clock.ahead(60_001);
  expect(await byTurns(2, 'POST', () => `/api/public/access/${token}/open`)).toEqual([200, 200]);
}, 60_000);
