import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LockId, OrganizationId } from '../../../src/rules/ids.ts';
import type { Answer } from '../../support/laundry.ts';
import { type LockPlace, openLockPlace } from '../../support/lock-place.ts';
import { openTtlockApp } from '../../support/ttlock-app.ts';

let place: LockPlace;
let organizationId: OrganizationId;
beforeAll(async () => {
  place = await openLockPlace();
  const [row] = await place.rows<{ organization_id: OrganizationId }>('select organization_id from locks limit 1');
  organizationId = row?.organization_id ?? organizationId;
});
afterAll(() => place.close());

const pins = (more = '', lock = place.front.id) => `/api/locks/${lock}/pins${more}`;
const ask = (method: string, path: string, body?: unknown, token = place.tokens.admin): Promise<Answer> =>
  place.call(method, path, { token, ...(body === undefined ? {} : { body }) });
const load = (body: unknown) => ask('POST', pins(), body);
const told = ({ status, body }: Answer) => [status, body.code, body.field];
const count = async (): Promise<number> => (await place.rows('select 1 from pins where deleted_at is null')).length;
const tomorrow = () => new Date(place.clock.now() + 86_400_000).toISOString();
const yesterday = () => new Date(place.clock.now() - 86_400_000).toISOString();

describe('a PIN is created', () => {
  test('with all that is known of it', async () => {
    const person = (await ask('POST', '/api/people', { name: 'Anna' })).body;
    const until = tomorrow();
    const made = await load({ label: 'Anna', pin: '00482', personId: person.id, accessType: 'temporary', until });
    expect(made.status).toBe(200);
    expect(made.body).toMatchObject({
      lockId: place.front.id,
      label: 'Anna',
      personId: person.id,
      pin: '00482',
      accessType: 'temporary',
      until,
      state: 'created',
      onLock: false,
      conflict: null,
      passId: null,
    });
    expect((await ask('GET', pins(`/${made.body.id}`))).body).toEqual(made.body);
    const listed = (await ask('GET', pins())).body.find((one: { id: string }) => one.id === made.body.id);
    expect(listed).toEqual({ ...made.body, pin: null });
  });

  test('with the times of another API, echoed to the letter', async () => {
    const accessTimes = `DTSTART=${yesterday()};DTEND=${tomorrow()}`;
    const made = await load({ accessType: 'temporary', accessTimes });
    expect(made.body).toMatchObject({ accessTimes, from: expect.any(String), until: expect.any(String) });
    const recurring = { accessTimes: 'STARTSEC=32400;ENDSEC=61200', accessRecurrence: 'FREQ=WEEKLY;BYDAY=MO,TU' };
    const weekly = await load({ accessType: 'recurring', ...recurring });
    expect(weekly.body).toMatchObject({
      ...recurring,
      startSecond: 32_400,
      endSecond: 61_200,
      next: expect.anything(),
    });
  });

  test.each([
    ['digits that are none', { pin: '12a4' }, 'pin'],
    ['too few', { pin: '482' }, 'pin'],
    ['too many', { pin: '4829133904' }, 'pin'],
    ['what everybody tries first', { pin: '1234' }, 'pin'],
    ['a number for digits', { pin: 4821 }, 'pin'],
    ['a person that there is not', { personId: 999_999 }, 'personId'],
    ['a kind of access that there is not', { accessType: 'sometimes' }, 'accessType'],
    ['an end without a date', { accessType: 'temporary', until: 'soon' }, 'until'],
    ['no end', { accessType: 'temporary' }, 'until'],
    ['an end before the beginning', { accessType: 'temporary', from: '2099-01-02', until: '2099-01-01' }, 'until'],
    ['a time that is over', { accessType: 'temporary', from: '2001-01-01', until: '2001-01-02' }, 'until'],
    ['no rule', { accessType: 'recurring', startSecond: 0, endSecond: 1 }, 'rule'],
    ['a wrong rule', { accessType: 'recurring', rule: 'FREQ=SOMETIMES', startSecond: 0, endSecond: 1 }, 'rule'],
    ['no beginning in the day', { accessType: 'recurring', rule: 'FREQ=DAILY', endSecond: 1 }, 'startSecond'],
    [
      'seconds that no day has',
      { accessType: 'recurring', rule: 'FREQ=DAILY', startSecond: 90_000, endSecond: 1 },
      'startSecond',
    ],
    [
      'stamps without milliseconds',
      { accessType: 'temporary', accessTimes: 'DTSTART=2099-01-01T00:00:00Z;DTEND=2099-01-02T00:00:00Z' },
      'accessTimes',
    ],
    ['iCalendar without an event', { accessType: 'temporary', schedule: 'hello' }, 'schedule'],
    ['a field that there is not', { digits: '4821' }, 'digits'],
  ])('but not with %s: 400 names the field, and nothing is written', async (_, body, field) => {
    const before = await count();
    expect(told(await load(body))).toEqual([400, 'VALIDATION_ERROR', field]);
    expect(await count()).toBe(before);
  });

  test.each([
    [{ until: '2099-01-01T00:00:00Z' }, 'until'],
    [{ accessType: 'always', from: '2099-01-01T00:00:00Z' }, 'from'],
    [{ accessTimes: 'DTSTART=2098-01-01T00:00:00.000Z;DTEND=2099-01-01T00:00:00.000Z' }, 'accessTimes'],
    [{ accessType: 'temporary', until: '2099-01-01T00:00:00Z', rule: 'FREQ=DAILY' }, 'rule'],
    [{ accessType: 'oneTime', accessRecurrence: 'FREQ=DAILY' }, 'accessRecurrence'],
    [
      { accessType: 'oneTime', accessTimes: 'DTSTART=2098-01-01T00:00:00.000Z', until: '2099-01-01T00:00:00Z' },
      'until',
    ],
  ])('but not to open longer than was meant: %j', async (body, field) => {
    const before = await count();
    expect(told(await load({ pin: '96031', ...body }))).toEqual([400, 'VALIDATION_ERROR', field]);
    expect(await count()).toBe(before);
  });

  test('but not on a lock without a keypad that can be written to', async () => {
    expect(told(await ask('POST', pins('', place.cellar.id), { pin: '4821' }))).toEqual([409, 'CONFLICT', undefined]);
  });

  test('with the same digits once on a lock, and again on another', async () => {
    const both = await Promise.all(['Ben', 'Cleo'].map((label) => load({ label, pin: '7713' })));
    const [fine, refused] = both.toSorted((a, b) => a.status - b.status);
    expect([fine?.status, refused?.status]).toEqual([200, 409]);
    expect(refused?.body).toMatchObject({ code: 'CONFLICT', field: 'pin', pinId: fine?.body.id });
    expect(refused?.body.error).toContain(`"${fine?.body.label}"`);
    expect((await ask('POST', pins('', place.back.id), { pin: '7713' })).status).toBe(200);
  });
});

describe('a PIN is changed', () => {
  test('and keeps what is not named', async () => {
    const { id } = (await load({ label: 'Dora', pin: '5091', accessType: 'temporary', until: tomorrow() })).body;
    const changed = (await ask('PATCH', pins(`/${id}`), { label: 'Dora K.' })).body;
    expect(changed).toMatchObject({ label: 'Dora K.', accessType: 'temporary', until: expect.any(String), pin: null });
    expect((await ask('GET', pins(`/${id}`))).body.pin).toBe('5091');
    expect((await ask('PATCH', pins(`/${id}`), { accessType: 'always' })).body).toMatchObject({
      accessType: 'always',
      until: null,
    });
    expect(told(await ask('PATCH', pins(`/${id}`), { pin: '7713' }))).toEqual([409, 'CONFLICT', 'pin']);
  });

  test('and opens no sooner when its end is moved', async () => {
    const [from, until, later] = ['2099-01-01T10:00:00.000Z', '2099-01-02T10:00:00.000Z', '2099-01-03T10:00:00.000Z'];
    const { id } = (await load({ pin: '50917', accessType: 'temporary', from, until })).body;
    expect((await ask('PATCH', pins(`/${id}`), { until: later })).body).toMatchObject({ from, until: later });
    const weekly = { accessType: 'recurring', rule: 'FREQ=DAILY', startSecond: 60, endSecond: 120 };
    expect((await ask('PATCH', pins(`/${id}`), weekly)).body).toMatchObject({ from: null, until: null, ...weekly });
    const changed = (await ask('PATCH', pins(`/${id}`), { endSecond: 180 })).body;
    expect(changed).toMatchObject({ ...weekly, endSecond: 180 });
    expect((await ask('DELETE', pins(`/${id}`))).status).toBe(200);
  });

  test('disabled and enabled, twice the same as once; deleted, it is gone and its digits are free', async () => {
    const { id } = (await load({ label: 'Emil', pin: '6120' })).body;
    const states = [];
    for (const act of ['disable', 'disable', 'enable', 'enable'])
      states.push((await ask('POST', pins(`/${id}/${act}`))).body.state);
    expect(states).toEqual(['disabled', 'disabled', 'enabling', 'enabling']); // it was never on the lock
    expect((await ask('DELETE', pins(`/${id}`))).body.state).toBe('gone');
    for (const method of ['GET', 'DELETE']) expect(told(await ask(method, pins(`/${id}`)))[0]).toBe(404);
    expect((await load({ label: 'Fritz', pin: '6120' })).status).toBe(200);
  });
});

describe('who may', () => {
  test('staff who see the lock; others are told that it is not there', async () => {
    const { id } = (await load({ label: 'Gerda', pin: '8203' })).body;
    const { operator, stranger } = place.tokens;
    expect((await ask('GET', pins(`/${id}`), undefined, operator)).body.pin).toBe('8203');
    for (const [method, more, body] of [
      ['GET', '', undefined],
      ['GET', `/${id}`, undefined],
      ['POST', '', { pin: '9401' }],
      ['PATCH', `/${id}`, { label: 'X' }],
      ['POST', `/${id}/disable`, undefined],
      ['DELETE', `/${id}`, undefined],
    ] as const) {
      expect([method, more, (await ask(method, pins(more), body, stranger)).status]).toEqual([method, more, 404]);
    }
    expect((await ask('GET', pins(`/${id}`, place.back.id))).status).toBe(404); // another lock's
    const elsewhere = await scoped();
    expect((await ask('GET', pins(`/${id}`), undefined, elsewhere)).status).toBe(404);
  });

  test('that a code was made and read stands in the audit log, and the digits nowhere', async () => {
    const { id } = (await load({ label: 'Hugo', pin: '930517' })).body;
    await ask('GET', pins(`/${id}`));
    const entries = await place.rows<{ action: string }>('select action from audit_entries where entity_id = $1', [id]);
    expect(entries.map(({ action }) => action)).toEqual(['PIN added', 'PIN read']);
    const [all] = await place.rows<{ text: string }>(
      "select string_agg(row_to_json(a)::text, ' ') as text from audit_entries a",
    );
    expect(all?.text).not.toContain('930517');
    expect(place.logged()).not.toContain('930517');
  });

  async function scoped(): Promise<string> {
    const password = 'correct horse battery';
    const email = 'nowhere@keystead.test';
    const { accounts } = place.app.services;
    await accounts.create({ organizationId, username: 'nowhere', email, password, role: 'user', scope: [], by: null });
    return (await place.call('POST', '/api/auth/login', { body: { email, password } })).body.token;
  }
});

describe('codes that were not set from here', () => {
  const unmanaged = (more = '') => `/api/locks/${place.back.id}/unmanaged${more}`;
  const look = () => place.app.pinReconciler.run(organizationId, place.back.id as LockId, true);

  test('are listed, adopted, left alone or taken away', async () => {
    const app = await openTtlockApp(place);
    for (const [digits, name] of [
      ['40771', 'Caretaker'],
      ['40882', 'Cleaner'],
      ['40993', 'Nobody'],
    ] as const) {
      await app.addCode(place.back.hardwareId, digits, name);
    }
    await look();
    const found = (await ask('GET', unmanaged())).body as { reference: string; name: string }[];
    expect(found.map(({ name }) => name).toSorted((a, b) => a.localeCompare(b))).toEqual([
      'Caretaker',
      'Cleaner',
      'Nobody',
    ]);
    const of = (name: string) => `/${found.find((one) => one.name === name)?.reference}`;
    expect((await ask('POST', unmanaged(`${of('Nobody')}/remove`), undefined, place.tokens.operator)).status).toBe(403);
    expect((await ask('POST', unmanaged('/none/remove'))).status).toBe(404);
    const adopted = await ask('POST', unmanaged(`${of('Caretaker')}/adopt`), { label: 'Mr Key' });
    expect(adopted.body).toMatchObject({ label: 'Mr Key', pin: '40771', state: 'loaded', onLock: true });
    expect((await ask('POST', unmanaged(`${of('Cleaner')}/ignore`))).body.ignored).toBe(true);
    expect((await ask('POST', unmanaged(`${of('Nobody')}/remove`))).body.beingRemoved).toBe(true);
    await look();
    expect((await ask('GET', unmanaged())).body).toMatchObject([{ name: 'Cleaner', ignored: true }]);
    const press = (digits: string) => place.ttlock.press(place.back.hardwareId, digits).why === 'opened';
    expect(['40771', '40882', '40993'].map(press)).toEqual([true, true, false]);
    expect((await ask('GET', '/api/notices?open=true')).body.map((one: { kind: string }) => one.kind)).not.toContain(
      'unmanaged-codes',
    );
  });
});

describe('a code that nobody here can tell the times of', () => {
  test('is not adopted as one that opens always', async () => {
    await (await openTtlockApp(place)).giveWorkdayCode(place.back.hardwareId, 'Weekdays');
    await place.app.pinReconciler.run(organizationId, place.back.id as LockId, true);
    const path = `/api/locks/${place.back.id}/unmanaged`;
    const found = (await ask('GET', path)).body.find(({ name }: { name: string }) => name === 'Weekdays');
    expect(found).toMatchObject({ window: null, digitsKnown: true });
    expect(told(await ask('POST', `${path}/${found.reference}/adopt`))[0]).toBe(409);
    expect((await ask('GET', path)).body).toContainEqual(found);
  });
});

describe('people', () => {
  test('have a number, a UUID and a name', async () => {
    const made = (await ask('POST', '/api/people', { name: ' Ida ' })).body;
    expect(made).toMatchObject({ id: expect.any(Number), name: 'Ida' });
    expect(made.uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    for (const id of [made.id, made.uuid]) expect((await ask('GET', `/api/people/${id}`)).body).toEqual(made);
    expect((await ask('PATCH', `/api/people/${made.id}`, { name: 'Ida B.' })).body.name).toBe('Ida B.');
    expect((await ask('GET', '/api/people?limit=1')).headers.get('link')).toContain('rel="next"');
    expect(told(await ask('POST', '/api/people', { name: '  ' }))).toEqual([400, 'VALIDATION_ERROR', 'name']);
    for (const id of ['0', '99999999999', 'anna', made.uuid.replace(/^./, 'z')])
      expect((await ask('GET', `/api/people/${id}`)).status).toBe(404);
    expect((await ask('GET', `/api/people/${made.id}`, undefined, place.tokens.stranger)).status).toBe(404);
  });
});
