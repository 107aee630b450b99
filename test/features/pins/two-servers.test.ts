import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type App, createApp } from '../../../src/app.ts';
import { createLog } from '../../../src/host/log.ts';
import type { LockId, OrganizationId } from '../../../src/rules/ids.ts';
import { seconds } from '../../../src/rules/instant.ts';
import { type LockPlace, openLockPlace } from '../../support/lock-place.ts';

/** Two servers on one database keep the codes of one lock, and one of them loses its lane while it writes. */
let place: LockPlace;
let second: App;
let database: pg.Client;
let organizationId: OrganizationId;
beforeAll(async () => {
  place = await openLockPlace();
  second = await createApp({
    config: { publicUrl: place.url, trustProxy: 0, cronSecret: null, stripeBaseUrl: place.stripe.url },
    connection: place.connection,
    masterKey: place.masterKey,
    clock: place.clock,
    log: createLog('silent'),
  });
  database = new pg.Client(place.connection);
  await database.connect();
  const { rows } = await database.query('select organization_id from locks limit 1');
  organizationId = rows[0].organization_id;
});
afterAll(async () => {
  await database.end();
  await second.close();
  await place.close();
});

type Pin = { id: string; pin: string };
const pins = () => `/api/locks/${place.front.id}/pins`;
const counts = () => place.ttlock.counts(place.front.hardwareId);
const keep = (app: App) => app.pinReconciler.run(organizationId, place.front.id as LockId);
const atOnce = () => Promise.all([keep(place.app), keep(second), keep(place.app), keep(second)]);
const states = async (): Promise<string[]> =>
  (await place.get(pins())).body.map(({ state }: { state: string }) => state);
const onLock = () =>
  place.ttlock
    .onLock(place.front.hardwareId)
    .written.map(({ digits }) => digits)
    .toSorted();

async function load(count: number): Promise<Pin[]> {
  const made: Pin[] = [];
  for (let n = 0; n < count; n++) made.push((await place.post(pins(), { label: `Guest ${n}` })).body);
  return made;
}
const untilAll = (state: string) =>
  place.until(`all are ${state}`, async () => {
    await atOnce();
    return (await states()).every((one) => one === state);
  });

test('codes are written once each, however many are at it', async () => {
  const before = counts().codeWrites;
  const made = await load(8);
  await untilAll('loaded');
  expect(counts().codeWrites - before).toBe(8);
  expect(onLock()).toEqual(made.map(({ pin }) => pin).toSorted());
});

test('codes are changed and taken away once each, and nothing is left behind', async () => {
  const all: Pin[] = (await place.get(pins())).body;
  const before = counts();
  for (const [n, { id }] of all.entries()) {
    if (n < 4) await place.call('DELETE', `${pins()}/${id}`, { token: place.tokens.admin });
    else await place.call('PATCH', `${pins()}/${id}`, { token: place.tokens.admin, body: { pin: `73019${n}` } });
  }
  await untilAll('loaded');
  expect(onLock()).toEqual(['730194', '730195', '730196', '730197']);
  const after = counts();
  expect(after.codeDeletes - before.codeDeletes).toBe(4 + (after.codeWrites - before.codeWrites));
  expect(after.codeWrites - before.codeWrites + after.codeChanges - before.codeChanges).toBe(4);
});

const lanes = async (): Promise<number[]> => {
  const { rows } = await database.query<{ pid: number }>(
    `select distinct a.pid from pg_stat_activity a join pg_locks l using (pid)
     where a.application_name = 'keystead lanes' and a.datname = current_database()
       and l.locktype = 'advisory' and l.granted`,
  );
  return rows.map(({ pid }) => pid);
};

test.each([
  ['was not done', 'timeout-before'],
  ['was done', 'timeout-after'],
  ['is done when nobody waits any more', 'late'],
] as const)(
  'a write that %s, by a server that lost its lane meanwhile: the code is on the lock once',
  async (_, kind) => {
    const before = { writes: counts().codeWrites, codes: onLock() };
    const heard = () => place.ttlock.heard().switching;
    const asked = heard();
    place.ttlock.trouble({ kind, where: 'switching', times: 1 });
    const [made] = await load(1);
    const first = keep(place.app);
    await place.until('the first is at it', () => heard() > asked);
    const [pid] = await place.until('its lane', async () => ((await lanes()).length > 0 ? lanes() : null));
    await database.query('select pg_terminate_backend($1)', [pid]);
    await Promise.all([first, keep(second)]);
    place.ttlock.trouble(null);
    await place.clock.sleep(2000); // what comes late has come
    for (let n = 0; n < 6; n++) {
      place.clock.ahead(seconds(20));
      await atOnce();
    }
    await untilAll('loaded');
    await place.app.pinReconciler.strays(true);
    await atOnce();
    expect(new Set(onLock())).toEqual(new Set([...before.codes, made?.pin]));
    expect(onLock()).toHaveLength(before.codes.length + 1);
    expect(counts().codeWrites - before.writes).toBe(1);
    expect(await states()).toEqual([...before.codes, ''].map(() => 'loaded'));
    expect((await place.get(`/api/locks/${place.front.id}/unmanaged`)).body).toEqual([]);
  },
  60_000,
);
