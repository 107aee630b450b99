import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/host/clock.ts';
import { killAll } from './keystead-process.ts';
import { type LockScene, openLockScene } from './lock-scene.ts';
import { type MortalServer, openMortalServer } from './mortal-server.ts';
import { type Place, until } from './place.ts';

/**
 * The server killed around each commit of a command to a lock. An unlock is never repeated by itself, its end is told
 * honestly, and an emergency reaches its doors all the same.
 */
let scene: LockScene;
let place: Place;
let server: MortalServer;
let client: pg.Client;
let lockId: string;
let locationId: string;
const hardwareId = () => place.simulators.ttlock.idOf('Front');
const opens = () => place.simulators.ttlock.counts(hardwareId()).remoteOpens;

beforeAll(async () => {
  scene = await openLockScene();
  ({ place, client, lockId } = scene);
  locationId = (await client.query('select id from locations')).rows[0].id;
  await client.query(
    `insert into doors (organization_id, id, uid, code, lock_id, location_id, name, price, duration_minutes, status,
       created_at, updated_at)
     select organization_id, 'door_front', 'front', 'front', $1, id, 'Front door', 100, 60, 'ACTIVE', now(), now()
     from locations where id = $2`,
    [lockId, locationId],
  );
  server = await openMortalServer(scene.environment);
});
afterAll(async () => {
  await server.close();
  await killAll();
  await scene.close();
});

type Row = { id: string; outcome: string | null; cut_short: boolean; proved_at: Date | null };
const newest = async (): Promise<Row | null> => {
  const rows = await client.query<Row>(
    "select id, outcome, cut_short, proved_at from lock_commands where kind = 'unlock' order by id desc limit 1",
  );
  return rows.rows[0] ?? null;
};
const granted = async (): Promise<number> =>
  Number((await client.query("select count(*) from access_events where credential_kind = 'staff'")).rows[0].count);

const killedAt = async (point: string, act: () => Promise<unknown>, dead: () => void | Promise<void>): Promise<void> =>
  expect(await server.killedAt(point, act, dead)).toBe('SIGKILL');

const unlock = () => place.call('POST', `/api/locks/${lockId}/unlock`);

describe('an unlock, killed at', () => {
  test.each([
    ['lock-command-asked:before', { opened: 0, written: false, outcome: null }],
    ['lock-command-asked:after', { opened: 0, written: true, outcome: 'unknown' }],
    ['lock-command-told:before', { opened: 1, written: true, outcome: 'unknown' }],
    ['lock-command-told:after', { opened: 1, written: true, outcome: 'confirmed' }],
  ] as const)(
    '%s is not repeated by itself, and its end is told as it is known',
    async (point, wanted) => {
      const before = { opens: opens(), granted: await granted(), last: (await newest())?.id ?? null };
      await killedAt(point, unlock, async () => {
        expect(opens() - before.opens).toBe(wanted.opened);
        expect((await granted()) - before.granted).toBe(wanted.written ? 1 : 0);
      });
      place.ahead(40_000); // leases are over, and the round has swept
      const row = await until('it is told', async () => {
        const found = await newest();
        return wanted.written ? found !== null && found.outcome !== null && found : (found ?? { id: null });
      });
      if (wanted.written) {
        expect(row).toMatchObject({ outcome: wanted.outcome, cut_short: wanted.outcome === 'unknown' });
        const told = await place.call('GET', `/api/commands/${row.id}`);
        expect(told.body.outcome).toBe(wanted.outcome);
      } else expect(row.id).toBe(before.last);
      await systemClock.sleep(2500); // what would repeat it would do so now
      expect(opens() - before.opens).toBe(wanted.opened);
      const again = await unlock();
      expect([again.status, again.body.outcome]).toEqual([200, 'confirmed']);
      expect(opens() - before.opens).toBe(wanted.opened + 1);
    },
    60_000,
  );
});

describe('all doors are opened in an emergency, killed at', () => {
  test.each([
    ['location-mode:after', 0],
    ['lock-command-asked:before', 0],
    ['lock-command-told:before', 1],
  ] as const)(
    '%s: each is opened once in the end, or was perhaps',
    async (point, opened) => {
      const before = opens();
      const order = { body: { confirm: true } };
      const openAll = () => place.call('POST', `/api/locations/${locationId}/open-all`, order);
      await killedAt(point, openAll, () => {
        expect(opens() - before).toBe(opened);
        place.ahead(40_000); // leases are over; not while it runs: what is on its way would come too late
      });
      expect((await place.call('GET', `/api/locations/${locationId}/mode`)).body.mode).toBe('open-all');
      await until('it was opened', () => opens() === before + 1, 30);
      await systemClock.sleep(2500);
      expect(opens()).toBe(before + 1);
      expect((await place.call('POST', `/api/locations/${locationId}/normal`, order)).status).toBe(200);
    },
    90_000,
  );
});

describe('what an emergency asks of locks besides opening them, killed at', () => {
  const counts = () => place.simulators.ttlock.counts(hardwareId());
  const order = { body: { confirm: true } };
  const say = (mode: string) => place.call('POST', `/api/locations/${locationId}/${mode}`, order);
  const underWay = () => client.query('select 1 from lock_commands where outcome is null');
  const told = () => until('it was told', async () => (await underWay()).rowCount === 0);
  const held = (mode: string) => client.query('select 1 from location_modes where mode = $1', [mode]);

  test.each([
    ['normal', 'location-mode:after', 'open-all'],
    ['normal', 'lock-command-asked:before', 'open-all'],
    ['normal', 'lock-command-told:after', 'open-all'],
    ['lockdown', 'location-mode:after', 'open-all'],
    ['lockdown', 'lock-command-told:after', 'open-all'],
  ] as const)(
    '%s, %s: the door is held open no more, and locked',
    async (mode, point, from) => {
      expect((await say(from)).status).toBe(200);
      await told();
      const before = counts();
      await killedAt(
        point,
        () => say(mode),
        () => {
          expect(counts().remoteLocks).toBe(before.remoteLocks);
          place.ahead(40_000);
        },
      );
      await until('it was locked', () => counts().remoteLocks === before.remoteLocks + 1, 30);
      await told();
      expect(counts().passageWrites).toBe(before.passageWrites + 1);
      expect((await place.call('GET', `/api/locations/${locationId}/mode`)).body.mode).toBe(mode);
      place.ahead(40_000);
      if (mode === 'normal') await until('the order is over', async () => (await held('normal')).rowCount === 0, 30);
      await systemClock.sleep(2500);
      expect(counts()).toMatchObject({ remoteLocks: before.remoteLocks + 1, remoteOpens: before.remoteOpens });
      await say('normal');
    },
    90_000,
  );

  test('open-all, lock-command-told:after: the door that was opened is held open, too', async () => {
    const before = counts();
    await killedAt(
      'lock-command-told:after',
      () => say('open-all'),
      () => {
        expect(counts()).toMatchObject({ remoteOpens: before.remoteOpens + 1, passageWrites: before.passageWrites });
        place.ahead(40_000);
      },
    );
    await until('it is held open', () => counts().passageWrites === before.passageWrites + 1, 30);
    expect(counts().remoteOpens).toBe(before.remoteOpens + 1);
    await say('normal');
  }, 90_000);
});
