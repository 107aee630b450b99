import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/host/clock.ts';
import { commitNames } from '../support/commit-names.ts';
import { type KeysteadProcess, killAll, startKeystead } from './keystead-process.ts';
import { type LockScene, openLockScene } from './lock-scene.ts';
import { type Answer, until } from './place.ts';

/**
 * kill -9 around each commit that each act on a PIN comes to. After the next start what should be is what is on the lock:
 * no code is lost, none is left behind.
 */
let scene: LockScene;
let server: KeysteadProcess | null = null;
const hardwareId = () => scene.place.simulators.ttlock.idOf('Front');
const written = () =>
  scene.place.simulators.ttlock
    .onLock(hardwareId())
    .written.map(({ digits }) => digits)
    .toSorted((a, b) => a.localeCompare(b));

beforeAll(async () => {
  scene = await openLockScene();
});
afterEach(async () => {
  await killAll();
  server = null;
});
afterAll(async () => {
  await killAll();
  await scene.close();
});

type Row = { id: string; state: string; trouble: string | null };
const rows = async (): Promise<Row[]> =>
  (await scene.client.query<Row>('select id, state, trouble from pins where deleted_at is null order by id')).rows;
const settled = (): Promise<Row[] | false> =>
  rows().then((all) => all.every(({ state }) => state === 'loaded' || state === 'disabled') && all);

const pins = (more = '') => `/api/locks/${scene.lockId}/pins${more}`;
const change = (method: string, more: string, body?: unknown): Promise<Answer> =>
  scene.place.call(method, pins(more), body === undefined ? {} : { body });

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
  server ??= await startKeystead(scene.environment);
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
      const mortal = await startKeystead(scene.environment, point);
      await act(id).catch(() => undefined); // it may die with it
      const end = await Promise.race([mortal.ended(), systemClock.sleep(3500).then(() => 'lives')]);
      if (end === 'lives') await mortal.stop(); // this act never comes to that commit
      server = await startKeystead(scene.environment);
      scene.place.ahead(70_000); // leases are over, and what a lost command did is believed
      await until('it is as it should be', async () => (await settled()) && true, 30);
      expect(written()).toEqual(await wanted());
      for (const pin of await wanted())
        expect(scene.place.simulators.ttlock.press(hardwareId(), pin).why).toBe('opened');
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
