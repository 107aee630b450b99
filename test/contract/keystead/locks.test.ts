import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addDoor, type LockPlace, openLockPlace } from '../../support/lock-place.ts';
import { expectError } from '../../support/requests.ts';
import { fingerprint } from '../../support/rows.ts';

let place: LockPlace;
beforeAll(async () => {
  place = await openLockPlace();
});
afterAll(() => place.close());

const fill = (text: string): string =>
  text
    .replaceAll('{front}', place.front.id)
    .replaceAll('{back}', place.back.id)
    .replaceAll('{door}', place.front.doorId)
    .replaceAll('{location}', place.locationId)
    .replaceAll('{relays}', place.connectionId)
    .replaceAll('{locks}', place.lockConnectionId);

type Row = [request: string, body: unknown, status: number, code: string, field?: string];
const refused: Row[] = [
  ['POST /api/locks', {}, 400, 'VALIDATION_ERROR', 'connectionId'],
  ['POST /api/locks', { connectionId: '{locks}' }, 400, 'VALIDATION_ERROR', 'hardwareId'],
  ['POST /api/locks', { connectionId: '{locks}', hardwareId: 7 }, 400, 'VALIDATION_ERROR', 'hardwareId'],
  ['POST /api/locks', { connectionId: '{locks}', hardwareId: '77' }, 400, 'VALIDATION_ERROR', 'hardwareId'],
  ['POST /api/locks', { connectionId: '{relays}', hardwareId: '77' }, 400, 'VALIDATION_ERROR', 'connectionId'],
  ['POST /api/locks', { connectionId: 'con_none', hardwareId: '77' }, 400, 'VALIDATION_ERROR', 'connectionId'],
  ['PATCH /api/locks/{front}', { name: '' }, 400, 'VALIDATION_ERROR', 'name'],
  ['PATCH /api/locks/{front}', { name: 7 }, 400, 'VALIDATION_ERROR', 'name'],
  ['PATCH /api/locks/{front}', { unmanaged: 'adopt' }, 400, 'VALIDATION_ERROR', 'unmanaged'],
  ['PATCH /api/locks/{front}', { bolt: 'unlocked' }, 400, 'VALIDATION_ERROR', 'bolt'],
  ['PATCH /api/locks/lck_none', { name: 'x' }, 404, 'NOT_FOUND'],
  ['DELETE /api/locks/{front}', undefined, 409, 'CONFLICT'],
  ['DELETE /api/locks/lck_none', undefined, 404, 'NOT_FOUND'],
  ['POST /api/locks/lck_none/unlock', undefined, 404, 'NOT_FOUND'],
  ['POST /api/doors/door_none/unlock', undefined, 404, 'NOT_FOUND'],
  ['POST /api/doors/{front}/unlock', undefined, 404, 'NOT_FOUND'],
  ['GET /api/commands/cmd_none', undefined, 404, 'NOT_FOUND'],
  ['GET /api/locks/{front}/batteries?after=yesterday', undefined, 400, 'VALIDATION_ERROR', 'after'],
  ['GET /api/locks/{front}/batteries?limit=0', undefined, 400, 'VALIDATION_ERROR', 'limit'],
  ['GET /api/locks?limit=x', undefined, 400, 'VALIDATION_ERROR', 'limit'],
  ['POST /api/locations/{location}/lockdown', undefined, 409, 'CONFIRMATION_REQUIRED'],
  ['POST /api/locations/{location}/lockdown', { confirm: false }, 409, 'CONFIRMATION_REQUIRED'],
  ['POST /api/locations/{location}/lockdown', { confirm: 'yes' }, 400, 'VALIDATION_ERROR', 'confirm'],
  ['POST /api/locations/{location}/lockdown', { confirm: true, people: [4711] }, 400, 'VALIDATION_ERROR', 'people'],
  ['POST /api/locations/{location}/lockdown', { confirm: true, accounts: ['x'] }, 400, 'VALIDATION_ERROR', 'accounts'],
  ['POST /api/locations/{location}/open-all', {}, 409, 'CONFIRMATION_REQUIRED'],
  ['POST /api/locations/{location}/normal', {}, 409, 'CONFIRMATION_REQUIRED'],
  ['POST /api/locations/loc_none/open-all', { confirm: true }, 404, 'NOT_FOUND'],
];

describe('what cannot be done is refused, and changes nothing', () => {
  test.each(refused)('%s %j is %i %s', async (request, body, status, code, field) => {
    const [method = '', path = ''] = fill(request).split(' ');
    const before = await fingerprint(place);
    const answer = await place.call(method, path, {
      token: place.tokens.admin,
      ...(body === undefined ? {} : { body: JSON.parse(fill(JSON.stringify(body))) }),
    });
    expectError(answer, status, code, field);
    expect(await fingerprint(place)).toEqual(before);
  });

  test('a lock is added once', async () => {
    const wish = { connectionId: place.lockConnectionId, hardwareId: String(place.front.hardwareId) };
    expectError(await place.post('/api/locks', wish), 409, 'CONFLICT');
  });

  test('a door without a lock cannot be opened from here', async () => {
    const door = await addDoor(place, { name: 'Gate' });
    expectError(await place.post(`/api/doors/${door}/unlock`), 409, 'NOT_SUPPORTED');
  });
});

describe('locks', () => {
  test('are listed page by page; operators of all places see them, and may name but not rule them', async () => {
    const first = await place.get('/api/locks?limit=2');
    expect(first.body.map(({ name }: { name: string }) => name)).toEqual(['Front', 'Back']);
    const next = /<([^>]+)>/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
    expect((await place.get(next)).body.map(({ name }: { name: string }) => name)).toEqual(['Cellar']);
    const { operator } = place.tokens;
    expect((await place.get('/api/locks', operator)).body.length).toBe(3);
    const change = (body: unknown) => place.call('PATCH', `/api/locks/${place.back.id}`, { token: operator, body });
    expect((await change({ name: 'Yard' })).body.name).toBe('Yard');
    expectError(await change({ unmanaged: 'restore' }), 403, 'FORBIDDEN');
  });

  test('are deleted when no door has them; their commands stay readable', async () => {
    const opened = await place.post(`/api/locks/${place.back.id}/unlock`);
    expect(opened.status).toBe(200);
    const path = `/api/locks/${place.back.id}`;
    expect((await place.call('DELETE', path, { token: place.tokens.admin })).body).toEqual({ ok: true });
    expectError(await place.get(path), 404, 'NOT_FOUND');
    expect((await place.get(opened.body.url)).body.outcome).toBe('confirmed');
  });

  test('of a vendor that is slow, or lies, are answered in time and honestly', async () => {
    const unlock = () => place.post(`/api/doors/${place.front.doorId}/unlock`);
    const opens = () => place.ttlock.counts(place.front.hardwareId).remoteOpens;
    place.ttlock.trouble({ kind: 'lying-ok', where: 'switching', times: 1 });
    const before = opens();
    const lied = await unlock();
    expect([lied.status, lied.body.outcome]).toEqual([202, 'accepted']); // it was taken, and nobody saw it open
    expect((await place.get(lied.body.url)).body.provedAt).toBe(null);
    expect(opens()).toBe(before);
    place.ttlock.trouble({ kind: 'timeout-before', where: 'everything' });
    const began = Date.now();
    const silent = await unlock();
    expect([silent.status, silent.body.outcome]).toEqual([202, 'unknown']);
    expect(Date.now() - began).toBeLessThan(16_000);
    place.ttlock.trouble(null);
    expect(opens()).toBe(before);
  }, 40_000);

  test('are not deleted in silence while codes are on them, which would open the door for ever', async () => {
    const path = `/api/locks/${place.front.id}`;
    const [lock] = await place.rows<{ organization_id: string }>('select organization_id from locks limit 1');
    expect((await place.get(path)).body.codesReadAt).toBe(null);
    await place.post(`${path}/pins`, { label: 'Anna', pin: '40718' });
    await place.app.pinReconciler.run(lock?.organization_id as never, place.front.id as never);
    expect((await place.get(path)).body.codesReadAt).toEqual(expect.any(String));
    const { token } = { token: place.tokens.admin };
    await place.call('PATCH', `/api/doors/${place.front.doorId}`, { token, body: { lockId: null } });
    const asked = await place.call('DELETE', path, { token });
    expect([asked.status, asked.body.code, asked.body.codes]).toEqual([409, 'CONFIRMATION_REQUIRED', 1]);
    expect((await place.call('DELETE', `${path}?confirm=perhaps`, { token })).status).toBe(400);
    expect((await place.get(path)).status).toBe(200);
    expect((await place.call('DELETE', `${path}?confirm=true`, { token })).body).toEqual({ ok: true });
  });
});
