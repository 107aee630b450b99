/** Locks operated from afar (reference §4.11 and §7): each way in which the lock, its gateway or its vendor may answer. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Answer } from '../../support/laundry.ts';
import { fingerprint } from '../../support/rows.ts';
import { openYalePlace, type YalePlace } from '../../support/yale-locks.ts';
import type { YaleCall } from '../../support/yale-place.ts';

let place: YalePlace;
beforeAll(async () => {
  place = await openYalePlace();
  const { owner, guest, nobody } = place.people;
  for (const [{ id }, type] of [
    [guest, 'user'],
    [nobody, 'superuser'],
  ] as const) {
    await place.ask('PUT', `/locks/adduser/${place.wire.front}/${id}/${type}`, { token: owner.token });
  }
});
afterAll(() => place.close());
afterEach(() => {
  place.ttlock.trouble(null);
  place.ttlock.setGateway(place.gatewayId, { online: true, busy: false });
  for (const condition of ['frozen', 'no-remote', 'out-of-range', 'jammed'] as const)
    place.ttlock.setCondition(place.front.hardwareId, condition, false);
});

type Who = keyof YalePlace['people'];
const put = (command: string, o: YaleCall & { who?: Who; lock?: string } = {}): Promise<Answer> => {
  const { who = 'owner', lock = place.wire.front, ...rest } = o;
  return place.ask('PUT', `/remoteoperate/${lock}/${command}`, { token: place.people[who].token, ...rest });
};
const told = ({ status, body }: Answer) => [status, body.code];
const commands = () =>
  place.rows<{ kind: string; outcome: string; asked_by: Record<string, unknown>; facts: Record<string, unknown> }>(
    'select kind, outcome, asked_by, facts from lock_commands order by id',
  );
const lastEvent = async () =>
  (
    await place.rows<Record<string, unknown>>(
      'select credential_kind, decision, reason, api, person_id, command_id from access_events order by at desc, id desc limit 1',
    )
  )[0];
const opens = () => place.ttlock.counts(place.front.hardwareId).remoteOpens;

describe('a command that is carried out', () => {
  const iso = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

  test.each([
    ['unlock', 'kAugLockState_Unlocked'],
    ['lock', 'kAugLockState_Locked'],
    ['status', 'kAugLockState_Locked'],
    ['telemetry', 'kAugLockState_Locked'],
  ])('%s: what it was seen to be, with all that clients read', async (action, status) => {
    const { body } = await put(action);
    expect(body).toEqual({
      status,
      doorState: 'kAugDoorState_Init',
      info: {
        action,
        startTime: iso,
        context: { transactionID: expect.any(String), startTime: iso, startDate: iso, retryCount: 0 },
        lockType: 'lock_version_2',
        serialNumber: String(place.front.hardwareId),
        serial: String(place.front.hardwareId),
        lockID: place.wire.front,
        bridgeID: expect.stringMatching(/^[0-9a-f]{24}$/),
        duration: expect.any(Number),
        lockStatusChanged: expect.any(Boolean),
      },
      retryCount: 0,
      totalTime: expect.any(Number),
      resultsFromOperationCache: false,
      lockStatusChanged: expect.any(Boolean),
    });
    const stored = await place.ask('GET', `/locks/${place.wire.front}/status`, { token: place.people.owner.token });
    expect(body.status.toLowerCase()).toContain(stored.body.status);
  });

  test('is one command and one access event, that name who asked', async () => {
    const before = (await commands()).length;
    expect((await put('unlock', { who: 'helper' })).status).toBe(200);
    const [command, ...more] = (await commands()).slice(before);
    expect([command?.kind, command?.outcome, more]).toEqual(['unlock', 'confirmed', []]);
    expect(command?.asked_by).toMatchObject({ api: 'yale', personId: expect.any(Number) });
    expect(command?.facts).toMatchObject({ apiClientId: place.program.id, retry: 0 });
    expect(await lastEvent()).toMatchObject({
      credential_kind: 'staff',
      decision: 'granted',
      api: 'yale',
      command_id: expect.any(String),
    });
  });

  test('by an owner of the lock who is no staff', async () => {
    expect((await put('unlock', { who: 'nobody' })).status).toBe(200);
    expect(await lastEvent()).toMatchObject({ credential_kind: 'partner', decision: 'granted' });
  });

  test.each<[string, YaleCall]>([
    ['no body', {}],
    ['an empty body', { raw: '', headers: { 'content-type': 'application/json' } }],
    ['an object', { body: {} }],
    ['a webhook that is none', { body: { webhook: null } }],
  ])('with %s', async (_, o) => {
    expect((await put('lock', o)).status).toBe(200);
  });

  test.each(['?v=2.3.1&type=sync&intent=wakeup&connection=persistent', '?retryLimit=0', '?retryLimit=99'])(
    'with %s',
    async (query) => {
      expect((await put(`status${query}`)).status).toBe(200);
    },
  );

  test('and not waited for is 202 without a body, and done all the same', async () => {
    await put('lock');
    for (const o of [{ query: '?type=async' }, { query: '', headers: { 'accept-version': '2.0.0' } }]) {
      const before = (await commands()).length;
      const answer = await put(`unlock${o.query}`, o.headers === undefined ? {} : { headers: o.headers });
      expect([answer.status, answer.text]).toEqual([202, '']);
      await expect
        .poll(async () => (await commands()).slice(before).map(({ kind, outcome }) => `${kind} ${outcome}`), {
          timeout: 20_000,
        })
        .toEqual(['unlock confirmed']);
    }
  });
});

describe('what is refused before anything is asked of the lock', () => {
  test.each<[string, string, YaleCall & { who?: Who; lock?: 'cellar' | 'none' }, number, string]>([
    ['an unknown command', 'explode', {}, 501, 'NotImplemented'],
    ['what no lock here can do', 'ota', {}, 501, 'NotImplemented'],
    ['a latch that is not told apart from the bolt', 'unlatch', {}, 501, 'NotImplemented'],
    ['a function that is not named', 'extendedfunction', { body: {} }, 400, 'InvalidArgument'],
    ['a way that there is not', 'status?type=later', {}, 400, 'InvalidArgument'],
    ['a number that is none', 'status?retryLimit=many', {}, 400, 'InvalidArgument'],
    ['a lock that nobody has', 'status', { lock: 'none' }, 404, 'ResourceNotFound'],
    ['a lock without a bridge', 'status', { lock: 'cellar' }, 412, 'PreconditionFailed'],
    ['to unlock such a lock', 'unlock', { lock: 'cellar' }, 412, 'PreconditionFailed'],
    ['such a lock, not waited for', 'unlock?type=async', { lock: 'cellar' }, 412, 'PreconditionFailed'],
    ['a guest who looks', 'status', { who: 'guest' }, 403, 'Forbidden'],
    ['a guest who locks', 'lock', { who: 'guest' }, 403, 'Forbidden'],
  ])('%s: %4$i', async (_, command, { lock, ...o }, status, code) => {
    const wire = lock === 'cellar' ? place.wire.cellar : lock === 'none' ? 'A'.repeat(32) : place.wire.front;
    const before = await fingerprint(place);
    expect(told(await put(command, { ...o, lock: wire }))).toEqual([status, code]);
    expect(await fingerprint(place)).toEqual(before);
  });
});

describe('what is denied is written down', () => {
  test('a guest who would unlock from afar', async () => {
    const before = opens();
    expect(told(await put('unlock', { who: 'guest' }))).toEqual([403, 'Forbidden']);
    expect(await lastEvent()).toMatchObject({ decision: 'denied', reason: 'wrong-place', command_id: null });
    expect(opens()).toBe(before);
  });

  test('a lockdown holds for partners, too', async () => {
    const path = `/api/locations/${place.locationId}`;
    await place.post(`${path}/lockdown`, { confirm: true });
    const before = opens();
    expect(told(await put('unlock', { who: 'helper' }))).toEqual([403, 'Forbidden']);
    expect(await lastEvent()).toMatchObject({ decision: 'denied', reason: 'lockdown' });
    expect(opens()).toBe(before);
    expect((await place.post(`${path}/normal`, { confirm: true })).status).toBe(200);
  });
});

describe('trouble has a status of its own', () => {
  const { ttlock } = { ttlock: () => place.ttlock };

  test.each<[string, () => void, string, number, number | string]>([
    ['a bridge that is offline', () => ttlock().setGateway(place.gatewayId, { online: false }), 'unlock', 422, 98],
    ['and when looked at', () => ttlock().setGateway(place.gatewayId, { online: false }), 'status', 422, 98],
    [
      'a lock that no bridge hears',
      () => ttlock().setCondition(place.front.hardwareId, 'out-of-range', true),
      'unlock',
      412,
      'PreconditionFailed',
    ],
    ['a frozen lock', () => ttlock().setCondition(place.front.hardwareId, 'frozen', true), 'unlock', 403, 'Forbidden'],
    [
      'unlocking from afar is off',
      () => ttlock().setCondition(place.front.hardwareId, 'no-remote', true),
      'unlock',
      403,
      'Forbidden',
    ],
    [
      'a vendor that has had enough',
      () => ttlock().trouble({ kind: 'busy-with-retry-after', where: 'switching' }),
      'lock',
      429,
      'TooManyRequests',
    ],
  ])('%s: %4$i', async (_, strike, command, status, code) => {
    strike();
    const before = opens();
    const answer = await put(command);
    expect([...told(answer), answer.body.message]).toEqual([status, code, expect.any(String)]);
    expect(opens()).toBe(before);
  });

  test('a bridge that stays busy: 423, and nothing was done', async () => {
    place.ttlock.setGateway(place.gatewayId, { busy: true });
    const before = opens();
    const answer = await put('unlock?retryLimit=1');
    expect([...told(answer), answer.headers.get('retry-after')]).toEqual([423, 'Locked', '5']);
    expect(opens()).toBe(before);
  }, 40_000);

  test('a bridge that is busy for a while: done in the end, once', async () => {
    place.ttlock.setGateway(place.gatewayId, { busy: true });
    const before = opens();
    const asked = (await commands()).length;
    const answered = put('unlock');
    const first = async () => (await commands())[asked]?.outcome;
    await expect.poll(first, { timeout: 30_000 }).toBe('refused');
    place.ttlock.setGateway(place.gatewayId, { busy: false });
    const { status, body } = await answered;
    expect([status, body.status]).toEqual([200, 'kAugLockState_Unlocked']);
    expect(body.retryCount).toBeGreaterThan(0);
    expect(opens()).toBe(before + 1);
  }, 60_000);

  test('a vendor that says yes and does nothing: the lock is shown as it is', async () => {
    await put('lock');
    place.ttlock.trouble({ kind: 'lying-ok', where: 'switching', times: 1 });
    const { status, body } = await put('unlock');
    expect([status, body.status]).toEqual([200, 'kAugLockState_Locked']);
  });

  test('an answer that was lost after it was done is found by looking, and never repeated', async () => {
    await put('lock');
    const before = opens();
    place.ttlock.trouble({ kind: 'broken-after', where: 'switching', times: 1 });
    const { status, body } = await put('unlock');
    expect([status, body.status, body.retryCount]).toEqual([200, 'kAugLockState_Unlocked', 0]);
    expect(opens()).toBe(before + 1);
  });

  test('a lock of which nothing is heard: 408, asked once', async () => {
    await put('lock');
    const before = (await commands()).length;
    place.ttlock.trouble({ kind: 'broken', where: 'everything' });
    expect(told(await put('unlock'))).toEqual([408, 'RequestTimeout']);
    expect((await commands()).slice(before)).toHaveLength(1);
  }, 60_000);

  test('a jammed bolt, of which its vendor only says that it failed: 531, since nobody knows where it is', async () => {
    await put('lock');
    place.ttlock.setCondition(place.front.hardwareId, 'jammed', true);
    const answer = await put('unlock');
    expect(told(answer)).toEqual([531, 'UnknownPosition']);
  });
});

test('two at once take turns, and each is answered', async () => {
  const both = await Promise.all([put('unlock'), put('lock')]);
  expect(both.map(({ status }) => status)).toEqual([200, 200]);
});
