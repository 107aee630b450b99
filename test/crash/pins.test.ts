import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/host/clock.ts';
import { type FreshDatabase, freshDatabase } from '../database/fresh.ts';
import { commitNames } from '../support/commit-names.ts';
import { freePort } from '../support/free-port.ts';
import { movingClock } from '../support/moving-clock.ts';
import { type KeysteadProcess, killAll, startKeystead } from './keystead-process.ts';
import { type Answer, openPlace, type Place, until } from './place.ts';

/**
 * kill -9 around each commit that each act on a PIN comes to. After the next start what should be is what is on the lock:
 * no code is lost, none is left behind.
 */
let fresh: FreshDatabase;
let place: Place;
let environment: Record<string, string>;
let client: pg.Client;
let lockId: string;
let server: KeysteadProcess | null = null;
const hardwareId = () => place.simulators.ttlock.idOf('Front');
const written = () =>
  place.simulators.ttlock
    .onLock(hardwareId())
    .written.map(({ digits }) => digits)
    .toSorted((a, b) => a.localeCompare(b));

beforeAll(async () => {
  fresh = await freshDatabase({ from: 'template0' });
  place = await openPlace({ port: await freePort(), names: ['One'], clock: movingClock() });
  const { host, port: databasePort, user, database } = fresh.connection;
  environment = {
    ...place.environment,
    DATABASE_URL: `postgresql://${user}@/${database}?host=${encodeURIComponent(host ?? '')}&port=${databasePort}`,
    MASTER_KEY: Buffer.alloc(32, 9).toString('base64'),
  };
  server = await startKeystead(environment);
  await place.furnish();
  const { clientId, clientSecret, username, password } = place.simulators.ttlock.account;
  const account = { server: place.simulators.ttlock.url, clientId, clientSecret, username, password };
  const connection = await place.call('POST', '/api/connections', { body: { vendor: 'ttlock', ...account } });
  const wish = { connectionId: connection.body.id, hardwareId: String(hardwareId()) };
  lockId = (await place.call('POST', '/api/locks', { body: wish })).body.id;
  client = new pg.Client(fresh.connection);
  await client.connect();
});
afterEach(async () => {
  await killAll();
  server = null;
});
afterAll(async () => {
  await killAll();
  await client.end();
  await place.close();
  await fresh.drop();
});

type Row = { id: string; state: string; trouble: string | null };
const rows = async (): Promise<Row[]> =>
  (await client.query<Row>('select id, state, trouble from pins where deleted_at is null order by id')).rows;
const settled = (): Promise<Row[] | false> =>
  rows().then((all) => all.every(({ state }) => state === 'loaded' || state === 'disabled') && all);

const pins = (more = '') => `/api/locks/${lockId}/pins${more}`;
const change = (method: string, more: string, body?: unknown): Promise<Answer> =>
  place.call(method, pins(more), body === undefined ? {} : { body });

/** What should be on the lock, as the rows say: their digits, told by the API. */
async function wanted(): Promise<string[]> {
  const all = await rows();
  const loaded = all.filter(({ state }) => state === 'loaded');
  const told = await Promise.all(loaded.map(async ({ id }) => (await change('GET', `/${id}`)).body.pin as string));
  return told.toSorted((a, b) => a.localeCompare(b));
}

let digits = 3905;
const fresher = (): string => {
  digits += 17;
  return String(digits);
};
const ends = () => new Date(systemClock.now() + 20 * 3_600_000).toISOString();

/** Each act: what it needs on the lock before, and what it asks for. */
const acts = {
  'a new code': { before: null, commit: 'pin-load', act: () => change('POST', '', { pin: fresher(), label: 'Anna' }) },
  'other digits': {
    before: 'loaded',
    commit: 'pin-update',
    act: (id: string) => change('PATCH', `/${id}`, { pin: fresher() }),
  },
  'other times': {
    before: 'loaded',
    commit: 'pin-update',
    act: (id: string) => change('PATCH', `/${id}`, { accessType: 'temporary', until: ends() }),
  },
  disabling: { before: 'loaded', commit: 'pin-disable', act: (id: string) => change('POST', `/${id}/disable`) },
  enabling: { before: 'disabled', commit: 'pin-enable', act: (id: string) => change('POST', `/${id}/enable`) },
  deleting: { before: 'loaded', commit: 'pin-delete', act: (id: string) => change('DELETE', `/${id}`) },
} as const;
const moments = ['before', 'after'] as const;
const reconciling = ['lock-command-asked', 'lock-command-told', 'pins-seen'] as const;
const points = Object.entries(acts).flatMap(([what, { commit }]) =>
  [commit, ...reconciling].flatMap((name) =>
    moments.map((moment) => ({ what: what as keyof typeof acts, point: `${name}:${moment}` })),
  ),
);

/** A code in the state that the act begins with, made by a server that lives. */
async function prepared(before: 'loaded' | 'disabled' | null): Promise<string> {
  if (before === null) return '';
  server ??= await startKeystead(environment);
  const { id } = (await change('POST', '', { pin: fresher(), label: 'Ben' })).body;
  await until('it is on the lock', async () => (await settled()) && true);
  if (before === 'disabled') {
    await change('POST', `/${id}/disable`);
    await until('it is disabled', async () => (await rows()).some((row) => row.id === id && row.state === 'disabled'));
  }
  return id;
}

describe('an act on a PIN, killed at', () => {
  test.each(points)(
    '$point, when it is $what: after the next start what should be is on the lock',
    async ({ what, point }) => {
      const { before, act } = acts[what];
      const id = await prepared(before);
      await server?.stop();
      server = null;
      const mortal = await startKeystead(environment, point);
      await act(id).catch(() => undefined); // it may die with it
      const end = await Promise.race([mortal.ended(), systemClock.sleep(3500).then(() => 'lives')]);
      if (end === 'lives') await mortal.stop(); // this act never comes to that commit
      server = await startKeystead(environment);
      place.ahead(70_000); // leases are over, and what a lost command did is believed
      await until('it is as it should be', async () => (await settled()) && true, 30);
      expect(written()).toEqual(await wanted());
      for (const pin of await wanted()) expect(place.simulators.ttlock.press(hardwareId(), pin).why).toBe('opened');
    },
    60_000,
  );

  test('there are no other commits of the codes of locks', () => {
    const own = commitNames().filter(({ file }) => file.includes('features/pins'));
    const known = new Set([...points.map(({ point }) => point.split(':')[0]), ...elsewhere]);
    expect(own.map(({ name }) => name).filter((name) => !known.has(name))).toEqual([]);
  });
});

/** One row more or less, after which the reconciler looks again at what it finds. */
const elsewhere = ['pins-held', 'pins-several', 'pin-read', 'unmanaged-adopt', 'unmanaged-remove', 'unmanaged-ignore'];
