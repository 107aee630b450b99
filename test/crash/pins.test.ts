import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/host/clock.ts';
import { commitNames } from '../support/commit-names.ts';
import { killAll } from './keystead-process.ts';
import { type LockScene, openLockScene } from './lock-scene.ts';
import { type MortalServer, openMortalServer } from './mortal-server.ts';
import { type Answer, until } from './place.ts';
import { type SideBySide, sideBySide } from './side-by-side.ts';

/**
 * kill -9 around each commit that each act on a PIN comes to. After the next start what should be is what is on the lock:
 * no code is lost, none is left behind.
 */
type Scene = LockScene & { server: MortalServer };
let scenes: SideBySide<Scene>;
beforeAll(async () => {
  scenes = await sideBySide(async () => {
    const scene = await openLockScene();
    return { ...scene, server: await openMortalServer(scene.environment) };
  });
});
afterAll(async () => {
  await Promise.all(scenes.all.map(({ server }) => server.close()));
  await Promise.all(scenes.all.map((one) => one.close()));
  await killAll();
});

const hardwareOf = ({ place }: LockScene) => place.simulators.ttlock.idOf('Front');
const sorted = (all: string[]): string[] => all.toSorted((a, b) => a.localeCompare(b));
const written = (scene: LockScene): string[] =>
  sorted(scene.place.simulators.ttlock.onLock(hardwareOf(scene)).written.map(({ digits }) => digits));

type Row = { id: string; state: string; trouble: string | null };
const rows = async ({ client }: LockScene): Promise<Row[]> =>
  (await client.query<Row>('select id, state, trouble from pins where deleted_at is null order by id')).rows;
const settled = (scene: LockScene) =>
  until(
    'it is as it should be',
    async () => (await rows(scene)).every(({ state }) => state === 'loaded' || state === 'disabled'),
    30,
  );

const change = ({ place, lockId }: LockScene, method: string, more: string, body?: unknown): Promise<Answer> =>
  place.call(method, `/api/locks/${lockId}/pins${more}`, body === undefined ? {} : { body });

/** What should be on the lock, as the rows say: their digits, told by the API. */
async function wanted(scene: LockScene): Promise<string[]> {
  const loaded = (await rows(scene)).filter(({ state }) => state === 'loaded');
  return sorted(
    await Promise.all(loaded.map(async ({ id }) => (await change(scene, 'GET', `/${id}`)).body.pin as string)),
  );
}

let digits = 3905;
const fresher = (): string => {
  digits += 17;
  return String(digits);
};
const ends = () => new Date(systemClock.now() + 20 * 3_600_000).toISOString();

type Act = { before: 'loaded' | 'disabled' | null; commit: string; act(scene: LockScene, id: string): Promise<Answer> };
/** Each act: what it needs on the lock before, and what it asks for. */
const acts = {
  'a new code': {
    before: null,
    commit: 'pin-load',
    act: (scene) => change(scene, 'POST', '', { pin: fresher(), label: 'Anna' }),
  },
  'other digits': {
    before: 'loaded',
    commit: 'pin-update',
    act: (scene, id) => change(scene, 'PATCH', `/${id}`, { pin: fresher() }),
  },
  'other times': {
    before: 'loaded',
    commit: 'pin-update',
    act: (scene, id) => change(scene, 'PATCH', `/${id}`, { accessType: 'temporary', until: ends() }),
  },
  disabling: {
    before: 'loaded',
    commit: 'pin-disable',
    act: (scene, id) => change(scene, 'POST', `/${id}/disable`),
  },
  enabling: {
    before: 'disabled',
    commit: 'pin-enable',
    act: (scene, id) => change(scene, 'POST', `/${id}/enable`),
  },
  deleting: { before: 'loaded', commit: 'pin-delete', act: (scene, id) => change(scene, 'DELETE', `/${id}`) },
} satisfies Record<string, Act>;
const moments = ['before', 'after'] as const;
const reconciling = ['lock-command-asked', 'lock-command-told', 'pins-seen'] as const;
const points = Object.entries<Act>(acts).flatMap(([what, act]) =>
  [act.commit, ...reconciling].flatMap((name) =>
    moments.map((moment) => ({ ...act, what, point: `${name}:${moment}` })),
  ),
);

/** A code in the state that the act begins with. */
async function prepared(scene: LockScene, before: Act['before']): Promise<string> {
  if (before === null) return '';
  const { id } = (await change(scene, 'POST', '', { pin: fresher(), label: 'Ben' })).body;
  await settled(scene);
  if (before === 'disabled') {
    await change(scene, 'POST', `/${id}/disable`);
    await settled(scene);
  }
  return id;
}

describe('an act on a PIN, killed at', () => {
  test.concurrent.each(points)(
    '$point, when it is $what: after the next start what should be is on the lock',
    ({ before, act, point }) =>
      scenes.inOne(async (scene) => {
        const id = await prepared(scene, before);
        expect(await scene.server.killedAt(point, () => act(scene, id))).toBe('SIGKILL');
        scene.place.ahead(70_000); // leases are over, and what a lost command did is believed
        await settled(scene);
        expect(written(scene)).toEqual(await wanted(scene));
        for (const pin of await wanted(scene)) {
          expect(scene.place.simulators.ttlock.press(hardwareOf(scene), pin).why).toBe('opened');
        }
      }),
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
