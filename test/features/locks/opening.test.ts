import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type LockPlace, openLockPlace } from '../../support/lock-place.ts';

let place: LockPlace;
beforeAll(async () => {
  place = await openLockPlace();
});
afterEach(() => {
  place.ttlock.trouble(null);
  place.ttlock.setGateway(place.gatewayId, { online: true, busy: false });
  for (const condition of ['frozen', 'no-remote', 'slow', 'jammed'] as const) {
    place.ttlock.setCondition(place.front.hardwareId, condition, false);
  }
});
afterAll(() => place.close());

const unlock = (token?: string) => place.post(`/api/doors/${place.front.doorId}/unlock`, undefined, token);
const opens = () => place.ttlock.counts(place.front.hardwareId).remoteOpens;
type Command = { id: string; outcome: string | null; reason: string | null; proved_at: number | null };
const lastCommand = async () =>
  (await place.rows<Command>('select id, outcome, reason, proved_at from lock_commands order by id desc limit 1'))[0];
type Event = { decision: string; reason: string; command_id: string | null; place_id: string; credential_kind: string };
const events = () =>
  place.rows<Event>(
    'select decision, reason, command_id, place_id, credential_kind from access_events order by at desc, id desc',
  );

describe('a door that staff opens', () => {
  test('is seen open: the answer says so, the event and the command are written down', async () => {
    const before = opens();
    const answer = await unlock();
    expect([answer.status, answer.body.outcome]).toEqual([200, 'confirmed']);
    expect(opens()).toBe(before + 1);
    const command = await lastCommand();
    expect(command).toMatchObject({ id: answer.body.commandId, outcome: 'confirmed', reason: null });
    expect((await events())[0]).toEqual({
      decision: 'granted',
      reason: 'valid',
      command_id: answer.body.commandId,
      place_id: place.front.doorId,
      credential_kind: 'staff',
    });
    const followed = await place.get(answer.body.url);
    expect(followed.body).toMatchObject({ kind: 'unlock', outcome: 'confirmed', lockId: place.front.id });
    const lock = (await place.get(`/api/locks/${place.front.id}`)).body;
    expect(lock).toMatchObject({ bolt: 'unlocked', observedFrom: 'command', stale: false, online: true });
  });

  test('two taps at once are one after the other: the gateway never hears two', async () => {
    const before = opens();
    const answers = await Promise.all([unlock(), unlock()]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(opens()).toBe(before + 2);
    const refused = await place.rows("select 1 from lock_commands where reason = 'busy'");
    expect(refused).toEqual([]);
  });

  test('while its gateway is busy it is tried again, and opens once', async () => {
    const before = opens();
    place.ttlock.setGateway(place.gatewayId, { busy: true });
    const answer = unlock();
    await place.clock.sleep(1500);
    place.ttlock.setGateway(place.gatewayId, { busy: false });
    expect((await answer).status).toBe(200);
    expect(opens()).toBe(before + 1);
  });

  test('behind a gateway that is offline: surely not, and why; a notice until it is back', async () => {
    const before = opens();
    place.ttlock.setGateway(place.gatewayId, { online: false });
    const answer = await unlock();
    expect([answer.status, answer.body.code, answer.body.reason]).toEqual([502, 'UPSTREAM_ERROR', 'bridge-offline']);
    expect(answer.body.url).toBe(`/api/commands/${answer.body.commandId}`);
    expect(opens()).toBe(before);
    const notice = async () => (await place.get('/api/notices?kind=lock-offline')).body[0];
    expect(await notice()).toMatchObject({ subject: { type: 'lock', id: place.front.id, name: 'Front door' } });
    place.ttlock.setGateway(place.gatewayId, { online: true });
    place.clock.ahead(2000); // its breaker
    expect((await unlock()).status).toBe(200);
    expect(await notice()).toBe(undefined);
  });

  test.each([
    ['frozen', 502, 'frozen'],
    ['no-remote', 409, 'not-permitted'],
  ] as const)('%s by its administrator: surely not, and why', async (condition, status, reason) => {
    place.ttlock.setCondition(place.front.hardwareId, condition, true);
    const before = opens();
    const answer = await unlock();
    expect([answer.status, answer.body.reason]).toEqual([status, reason]);
    expect(opens()).toBe(before);
  });

  test('of which nothing is heard: unknown, followed by its url, never repeated by itself, proved later', async () => {
    const before = opens();
    place.ttlock.trouble({ kind: 'timeout-after', where: 'switching', times: 1 });
    place.ttlock.setAutoLock(place.front.hardwareId, 1);
    const answer = await unlock();
    expect([answer.status, answer.body.outcome]).toEqual([202, 'unknown']);
    expect(opens()).toBe(before + 1);
    await place.app.lockRound.round();
    expect(opens()).toBe(before + 1);
    await place.until('its book proves it', async () => {
      await place.app.lockRound.round();
      return (await place.get(answer.body.url)).body.provedAt !== null;
    });
    expect(opens()).toBe(before + 1);
    const remote = (await events()).filter(({ credential_kind }) => credential_kind === 'remote');
    expect(remote).toEqual([]);
  }, 60_000);
});

describe('who may', () => {
  test('an operator of another place does not even learn that the door is there', async () => {
    const { accounts, organizations } = place.app.services;
    const first = await organizations.first();
    if (first === null) throw new Error('no organization');
    const password = 'correct horse battery';
    const host = {
      username: 'host',
      email: 'host@keystead.test',
      password,
      role: 'user',
      scope: [],
      by: null,
    } as const;
    await accounts.create({ ...host, organizationId: first.id, scope: [] });
    const login = await place.call('POST', '/api/auth/login', { body: { email: host.email, password } });
    const answer = await unlock(login.body.token);
    expect([answer.status, answer.body.code]).toEqual([404, 'NOT_FOUND']);
    expect((await place.get('/api/locks', login.body.token)).body).toEqual([]);
    expect((await place.post(`/api/locks/${place.front.id}/unlock`, undefined, login.body.token)).status).toBe(404);
  });

  test('in a lockdown nobody but those who are named', async () => {
    const path = `/api/locations/${place.locationId}`;
    const unconfirmed = await place.post(`${path}/lockdown`, {});
    expect([unconfirmed.status, unconfirmed.body.code]).toEqual([409, 'CONFIRMATION_REQUIRED']);
    expect(unconfirmed.body.doors).toBe(1);
    const ordered = await place.post(`${path}/lockdown`, { confirm: true });
    expect([ordered.status, ordered.body.mode]).toEqual([200, 'lockdown']);
    const denied = await unlock(place.tokens.operator);
    expect([denied.status, denied.body.code, denied.body.reason]).toEqual([403, 'ACCESS_DENIED', 'lockdown']);
    expect((await events())[0]).toMatchObject({ decision: 'denied', reason: 'lockdown', command_id: null });
    expect((await unlock()).status).toBe(200); // who ordered it is named
    const normal = await place.post(`${path}/normal`, { confirm: true });
    expect(normal.body).toMatchObject({ mode: 'normal', doors: [{ name: 'Front door', outcome: 'confirmed' }] });
    expect((await unlock(place.tokens.operator)).status).toBe(200);
  }, 60_000);

  test('open to all: every door of the place is opened and held open, and told one by one', async () => {
    const path = `/api/locations/${place.locationId}`;
    const before = opens();
    const ordered = await place.post(`${path}/open-all`, { confirm: true });
    expect(ordered.body).toMatchObject({ mode: 'open-all', doors: [{ name: 'Front door', outcome: 'confirmed' }] });
    expect(opens()).toBe(before + 1);
    expect((await events())[0]).toMatchObject({ decision: 'granted', reason: 'open-all' });
    await place.app.lockRound.round();
    expect(opens()).toBe(before + 1); // asked once
    await place.post(`${path}/normal`, { confirm: true });
    expect((await place.get(`${path}/mode`)).body).toMatchObject({ mode: 'normal', since: null });
  }, 60_000);
});
