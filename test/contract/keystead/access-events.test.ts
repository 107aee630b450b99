import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OrganizationId } from '../../../src/rules/ids.ts';
import { type LockPlace, openLockPlace } from '../../support/lock-place.ts';

let place: LockPlace;
let organizationId: OrganizationId;
let person: { id: number; name: string };
beforeAll(async () => {
  place = await openLockPlace();
  const [row] = await place.rows<{ organization_id: OrganizationId }>('select organization_id from locks limit 1');
  organizationId = row?.organization_id ?? organizationId;
  person = (await place.post('/api/people', { name: 'Anna' })).body;
  await place.post(`/api/doors/${place.front.doorId}/unlock`);
  await place.post(`/api/locks/${place.back.id}/unlock`);
  const { front, locationId } = place;
  await place.app.database.transaction('test-events', async (tx) => {
    for (const n of [1, 2, 3]) {
      await place.app.services.accessEvents.record(tx, {
        organizationId,
        place: { kind: 'door', id: front.doorId, locationId: locationId as never },
        credential: { kind: 'pin', ref: 'pin_1' },
        decision: 'denied',
        reason: 'refused-by-the-lock',
        api: 'lock',
        personId: person.id as never,
        told: { at: place.clock.now() - 60_000, source: `one of three at one moment ${n}` },
      });
    }
  });
});
afterAll(() => place.close());

type Shown = { id: string; decision: string; at: string; place: { kind: string; name: string } };
const ask = async (query: string, token?: string) => place.get(`/api/access-events${query}`, token);
const list = async (query: string, token?: string): Promise<Shown[]> => (await ask(query, token)).body;

describe('access events', () => {
  test('are told newest first, with place, credential, decision and reason', async () => {
    const all = await list('');
    expect(all.map(({ decision }) => decision)).toEqual(['granted', 'granted', 'denied', 'denied', 'denied']);
    expect(all[1]).toMatchObject({
      place: { kind: 'door', id: place.front.doorId, name: 'Front door', locationId: place.locationId },
      reason: 'valid',
      credential: { kind: 'staff', ref: expect.stringMatching(/^acc_/) },
      accountId: expect.stringMatching(/^acc_/),
      person: null,
      api: 'keystead',
      commandId: expect.stringMatching(/^cmd_/),
      details: { act: 'unlock' },
    });
    expect(all[2]).toMatchObject({ person: { id: person.id, name: 'Anna' }, accountId: null, commandId: null });
  });

  test('page by page, none lost and none twice where many have one moment', async () => {
    const found: string[] = [];
    let next: string | undefined = '/api/access-events?limit=2';
    while (next !== undefined) {
      const page = await place.get(next);
      found.push(...page.body.map(({ id }: Shown) => id));
      next = /<([^>]+)>/.exec(page.headers.get('link') ?? '')?.[1];
    }
    expect(found).toEqual((await list('')).map(({ id }) => id));
    expect(new Set(found).size).toBe(5);
  });

  test('of a door, a lock, a person, a decision, a time', async () => {
    const many = async (query: string) => (await list(query)).length;
    expect(await many(`?door=${place.front.doorId}`)).toBe(4);
    expect(await many(`?lock=${place.front.id}`)).toBe(4); // it hangs on that door
    expect(await many(`?lock=${place.back.id}`)).toBe(1);
    expect(await many(`?person=${person.id}`)).toBe(3);
    expect(await many('?decision=denied')).toBe(3);
    expect(await many(`?door=${place.front.doorId}&decision=granted`)).toBe(1);
    const [, newest] = await list('');
    expect(await many(`?from=${newest?.at}`)).toBe(2);
    expect(await many(`?to=${newest?.at}`)).toBe(3);
    expect(await many('?door=door_nowhere')).toBe(0);
  });

  test('are refused with the field that is wrong', async () => {
    const bad = [
      ['?person=anna', 'person'],
      ['?person=99999999999', 'person'],
      ['?decision=perhaps', 'decision'],
      ['?limit=501', 'limit'],
      ['?from=yesterday', 'from'],
      ['?after=abc', 'after'],
      [`?after=${Buffer.from('[-1,"evt_1"]').toString('base64url')}`, 'after'],
      [`?after=${Buffer.from('[1,"\\u0000"]').toString('base64url')}`, 'after'],
    ] as const;
    for (const [query, field] of bad) {
      const answer = await ask(query);
      expect([query, answer.status, answer.body.field]).toEqual([query, 400, field]);
    }
    expect((await place.call('GET', '/api/access-events')).status).toBe(401);
  });

  test('are each organization’s own, of what one may see, and name staff to administrators alone', async () => {
    expect(await list('', place.tokens.stranger)).toEqual([]);
    const password = 'correct horse battery';
    const { accounts } = place.app.services;
    const signedIn = async (name: string, scope: string[]) => {
      const email = `${name}@keystead.test`;
      await accounts.create({
        organizationId,
        username: name,
        email,
        password,
        role: 'user',
        scope: scope as never,
        by: null,
      });
      return (await place.call('POST', '/api/auth/login', { body: { email, password } })).body.token;
    };
    expect(await list('', await signedIn('nowhere', []))).toEqual([]);
    const here = await list('', await signedIn('here', [place.locationId]));
    expect(here.map(({ place: at }) => at.kind)).toEqual(['door', 'door', 'door', 'door']);
    expect(here[0]).toMatchObject({ accountId: null, credential: { kind: 'staff', ref: null } });
  });
});

describe('people', () => {
  test('are nothing to whoever has no place of the organization to look after', async () => {
    const password = 'correct horse battery';
    const email = 'host@keystead.test';
    const { accounts } = place.app.services;
    await accounts.create({ organizationId, username: 'host', email, password, role: 'user', scope: [], by: null });
    const { token } = (await place.call('POST', '/api/auth/login', { body: { email, password } })).body;
    expect((await place.get('/api/people', token)).body).toEqual([]);
    expect((await place.get(`/api/people/${person.id}`, token)).status).toBe(404);
    const change = { token, body: { name: 'X' } };
    expect((await place.call('PATCH', `/api/people/${person.id}`, change)).status).toBe(404);
    expect((await place.call('POST', '/api/people', change)).status).toBe(403);
    expect((await place.get(`/api/people/${person.id}`, place.tokens.operator)).body.name).toBe('Anna');
  });
});
