/** Codes on a lock as programs of partners command them (reference §4.3, §4.7 to §4.10, §5). */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createApp } from '../../../src/app.ts';
import { createLog } from '../../../src/host/log.ts';
import type { LockId, OrganizationId } from '../../../src/rules/ids.ts';
import type { Answer } from '../../support/laundry.ts';
import { fingerprint } from '../../support/rows.ts';
import { openYalePlace, type YalePlace } from '../../support/yale-locks.ts';
import { addProgram, yaleToken } from '../../support/yale-place.ts';

let place: YalePlace;
let organizationId: OrganizationId;
beforeAll(async () => {
  place = await openYalePlace();
  const [row] = await place.rows<{ organization_id: OrganizationId }>('select organization_id from locks limit 1');
  organizationId = row?.organization_id ?? organizationId;
  const path = `/locks/adduser/${place.wire.front}/${place.people.guest.id}/user`;
  await place.ask('PUT', path, { token: place.people.owner.token });
});
afterAll(() => place.close());
beforeEach(async () => {
  await sql("update pins set state = 'deleting' where deleted_at is null");
  await onLock();
  await sql('update pins set deleted_at = now() where deleted_at is null');
  await sql('delete from pin_reservations');
});

type Who = keyof YalePlace['people'];
type Pin = Record<string, unknown> & { pin: string; state: string; userID: string; slot: number };
const sql = (text: string, values: unknown[] = []) => place.app.database.pool.query(text, values);
const ask = (method: string, path: string, body?: unknown, who: Who = 'owner', lock = place.wire.front) =>
  place.ask(method, `/locks/${lock}/${path}`, {
    token: place.people[who].token,
    ...(body === undefined ? {} : { body }),
  });
const command = (...commands: unknown[]): Promise<Answer> => ask('POST', 'pins', { commands });
const told = ({ status, body }: Answer) => [status, body.code ?? body.message];
/** What the lock's keeper does in the background, now. */
const onLock = () => place.app.pinReconciler.run(organizationId, place.front.id as LockId);
const listed = async (who: Who = 'owner'): Promise<Pin[]> =>
  Object.values((await ask('GET', 'pins', undefined, who)).body as Record<string, Pin[]>).flat();
const states = async () => (await listed()).map(({ pin, state }) => `${pin} ${state}`).sort();
const digitsOnLock = () =>
  place.ttlock
    .onLock(place.front.hardwareId)
    .written.map(({ digits }) => digits)
    .sort();
const load = (partnerUserID: string, pin: string, more = {}) => ({
  action: 'load',
  pin,
  accessType: 'always',
  partnerUserID,
  ...more,
});
const prefix = 'Unable to set intent state for pin: ';

describe('the life of a code', () => {
  test('from created to loaded, with all that clients read', async () => {
    expect((await ask('GET', 'pins')).body).toEqual({
      created: [],
      loaded: [],
      disabled: [],
      disabling: [],
      enabling: [],
      deleting: [],
      updating: [],
    });
    const names = { firstName: 'Anna', lastName: 'Schmidt' };
    expect(told(await command(load('guest 7', '04821', names)))).toEqual([200, 'success']);
    expect(await states()).toEqual(['04821 created']);
    await onLock();
    const { loaded } = (await ask('GET', 'pins')).body;
    const iso = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(loaded).toEqual([
      {
        _id: expect.any(String),
        type: 'pin',
        lockID: place.wire.front,
        userID: expect.stringMatching(/^[0-9a-f-]{36}$/),
        state: 'loaded',
        pin: '04821',
        slot: 1,
        accessType: 'always',
        callingUserID: place.people.owner.id,
        apiKey: place.program.id,
        createdAt: iso,
        updatedAt: iso,
        loadedDate: iso,
        firstName: 'Anna',
        lastName: 'Schmidt',
        unverified: true,
        partnerUserID: 'guest 7',
      },
    ]);
    expect(digitsOnLock()).toEqual(['04821']);
  });

  test('disabled, enabled, changed at once, deleted', async () => {
    await command(load('a', '04821'));
    await onLock();
    for (const [action, between, after, digits] of [
      ['disable', 'disabling', 'disabled', []],
      ['enable', 'enabling', 'loaded', ['04821']],
    ] as const) {
      expect((await command({ action, partnerUserID: 'a' })).status).toBe(200);
      expect([action, await states()]).toEqual([action, [`04821 ${between}`]]);
      await onLock();
      expect([action, await states(), digitsOnLock()]).toEqual([action, [`04821 ${after}`], digits]);
    }
    await command({ action: 'update', partnerUserID: 'a', pin: '71930', accessType: 'always' });
    expect(await states()).toEqual(['71930 updating']);
    await onLock();
    expect([await states(), digitsOnLock()]).toEqual([['71930 loaded'], ['71930']]);
    await command({ action: 'delete', pin: '71930', accessType: 'always' });
    expect(await states()).toEqual(['71930 deleting']);
    await onLock();
    expect([await states(), digitsOnLock()]).toEqual([[], []]);
  });

  test('deleted before it was on the lock, it is gone', async () => {
    await command(load('a', '04821'));
    await command({ action: 'delete', partnerUserID: 'a' });
    expect(await states()).toEqual([]);
  });
});

describe('times', () => {
  const day = (days: number) => new Date(place.clock.now() + days * 86_400_000).toISOString();

  test.each<[string, () => Record<string, string>]>([
    ['temporary', () => ({ accessTimes: `DTSTART=${day(1)};DTEND=${day(2)}` })],
    ['temporary', () => ({ accessTimes: `DTEND=${day(2)};DTSTART=${day(1)};` })],
    ['temporary', () => ({ accessTimes: 'STARTSEC=4070908800;ENDSEC=4070912400' })],
    [
      'recurring',
      () => ({ accessTimes: 'STARTSEC=32400;ENDSEC=61200', accessRecurrence: 'FREQ=WEEKLY;INTERVAL=1;BYDAY=MO,TU' }),
    ],
    [
      'recurring',
      () => ({ accessTimes: 'STARTSEC=32400', accessRecurrence: 'FREQ=MONTHLY;BYMONTHDAY=10,15;COUNT=20' }),
    ],
    ['oneTime', () => ({ accessTimes: `DTSTART=${day(1)};DTEND=${day(2)}` })],
    [
      'temporary',
      () => ({ schedule: 'BEGIN:VEVENT\r\nDTSTART:20990307T230000Z\r\nDTEND:20990308T190500Z\r\nEND:VEVENT' }),
    ],
  ])('of a %s code are told to the letter: %#', async (accessType, times) => {
    const written = times();
    expect(told(await command(load('a', '04821', { accessType, ...written })))).toEqual([200, 'success']);
    const [pin] = await listed();
    expect(pin).toMatchObject({ accessType, ...written });
    expect(pin !== undefined && 'accessStartTime' in pin).toBe(accessType === 'temporary');
  });

  test('that were never written so are told in the same way', async () => {
    const until = day(3);
    await place.post(`/api/locks/${place.front.id}/pins`, {
      label: 'Ben',
      pin: '04821',
      accessType: 'temporary',
      until,
    });
    const [pin] = await listed();
    expect(pin).toMatchObject({
      firstName: 'Ben',
      accessTimes: expect.stringMatching(/^DTSTART=.*Z;DTEND=.*Z$/),
      accessEndTime: until,
      slot: 0,
      userID: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect((await command({ action: 'delete', userID: pin?.userID })).status).toBe(200);
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['recurring without a rule', { accessType: 'recurring', accessTimes: 'STARTSEC=1' }, 'accessRecurrence'],
    ['temporary without times', { accessType: 'temporary' }, 'until'],
    [
      'an end before the beginning',
      { accessType: 'temporary', accessTimes: 'DTSTART=2099-01-02T00:00:00.000Z;DTEND=2099-01-01T00:00:00.000Z' },
      'DTEND',
    ],
    [
      'a time that is over',
      { accessType: 'temporary', accessTimes: 'DTSTART=2001-01-01T00:00:00.000Z;DTEND=2001-01-02T00:00:00.000Z' },
      'over',
    ],
    [
      'stamps without milliseconds',
      { accessType: 'temporary', accessTimes: 'DTSTART=2099-01-01T00:00:00Z;DTEND=2099-01-02T00:00:00Z' },
      'YYYY-MM-DDTHH:mm:ss.SSSZ',
    ],
    ['times of one that opens always', { accessTimes: 'STARTSEC=1;ENDSEC=2' }, 'accessTimes'],
  ])('%s: 400, and nothing is written', async (_, more, text) => {
    const before = await fingerprint(place);
    const answer = await command(load('a', '04821', more));
    expect([...told(answer), answer.body.message]).toEqual([400, 'InvalidArgument', expect.stringContaining(text)]);
    expect(await fingerprint(place)).toEqual(before);
  });

  test('are refused by a lock of the first generation', async () => {
    const set = (value: string) =>
      sql("update locks set capabilities = jsonb_set(capabilities, '{keypad,alwaysOnly}', $1) where id = $2", [
        value,
        place.front.id,
      ]);
    await set('true');
    const lock = await place.ask('GET', `/locks/${place.wire.front}`, { token: place.people.owner.token });
    expect(lock.body).toMatchObject({ Type: 1, accessSchedulesAllowed: false });
    const times = { accessType: 'temporary', accessTimes: `DTSTART=${day(1)};DTEND=${day(2)}` };
    expect(told(await command(load('a', '04821', times)))).toEqual([400, 'InvalidArgument']);
    expect(told(await command(load('a', '04821')))).toEqual([200, 'success']);
    await set('false');
  });
});

describe('whose it is', () => {
  test('an existing user, by id or address; somebody new; each of them once', async () => {
    const { guest, helper } = place.people;
    expect((await command(load('', '04821', { augustUserID: guest.id }))).status).toBe(200);
    expect((await command(load('', '71930', { userID: 'email:HELPER@keystead.test' }))).status).toBe(200);
    expect((await command(load('', '59304', { firstName: 'Walk', lastName: 'In' }))).status).toBe(200);
    const pins = await listed();
    const by = (pin: string) => pins.find((one) => one.pin === pin);
    expect(by('04821')).toMatchObject({ userID: guest.id, unverified: false });
    expect(by('71930')).toMatchObject({ userID: helper.id, unverified: false });
    expect(by('59304')).toMatchObject({ firstName: 'Walk', lastName: 'In', unverified: true });
    expect('partnerUserID' in (by('59304') ?? {})).toBe(false);
    expect(pins.map(({ slot }) => slot).sort()).toEqual([1, 2, 3]);
    const seen = await listed('guest');
    expect(seen.map(({ pin }) => pin)).toEqual(['04821']);
  });

  test('a partner’s user is the same person in each program call, and with a token of their own', async () => {
    const program = await addProgram(place, { name: 'With sub-users', scopes: ['users:sub-user:create'] });
    const token = await yaleToken(place, program);
    const body = { partnerUserID: 'guest 9', firstName: 'Zoe', lastName: 'K' };
    const made = await place.ask('POST', '/partners/sub-user', { key: program.key, token, body });
    const commands = [load('guest 9', '04821')];
    await place.ask('POST', `/locks/${place.wire.front}/pins`, { key: program.key, token, body: { commands } });
    expect(await listed()).toMatchObject([{ userID: made.body.userID, firstName: 'Zoe', partnerUserID: 'guest 9' }]);
    // another program knows nobody of that name, and makes its own
    expect((await command(load('guest 9', '71930'))).status).toBe(200);
    expect(new Set((await listed()).map(({ userID }) => userID)).size).toBe(2);
    const foreign = load('', '59304', { userID: made.body.userID });
    await command({ action: 'delete', userID: made.body.userID });
    expect(told(await command(foreign))).toEqual([404, 'ResourceNotFound']);
  });

  test.each<[string, Record<string, unknown>, number]>([
    ['an id that nobody has', { userID: 'a57f9bda-a0f3-4990-8567-aec391f13038' }, 404],
    ['an address that nobody has', { userID: 'email:who@keystead.test' }, 404],
    ['a name that is none', { userID: 'anna' }, 400],
  ])('%s: %3$i', async (_, who, status) => {
    const before = await fingerprint(place);
    expect((await command(load('', '04821', who))).status).toBe(status);
    expect(await fingerprint(place)).toEqual(before);
  });

  test('is changed by a transfer, and the slot stays', async () => {
    const { guest, nobody } = place.people;
    await command(load('', '04821', { userID: guest.id }), load('b', '71930'));
    await onLock();
    const transfer = (oldUserID: string, newUserID: string, method = 'PUT') =>
      ask(method, 'pins/transfer', { oldUserID, newUserID });
    const other = (await listed()).find(({ pin }) => pin === '71930')?.userID ?? '';
    expect(told(await transfer(nobody.id, guest.id))).toEqual([404, 'ResourceNotFound']);
    expect(told(await transfer(guest.id, other))).toEqual([409, 'ConflictError']);
    expect(told(await transfer(guest.id, 'a57f9bda-a0f3-4990-8567-aec391f13038'))).toEqual([404, 'ResourceNotFound']);
    expect(told(await transfer(guest.id, 'anna'))).toEqual([400, 'InvalidArgument']);
    expect(told(await transfer(guest.id, nobody.id))).toEqual([200, 'success']);
    const moved = (await listed()).find(({ pin }) => pin === '04821');
    expect(moved).toMatchObject({ userID: nobody.id, slot: 1, state: 'loaded' });
    expect(told(await transfer(nobody.id, guest.id, 'POST'))).toEqual([200, 'success']);
  });
});

describe('what does not fit is 409, and nothing of it is done', () => {
  test.each<[string, unknown[], unknown[], string]>([
    ['digits of another user', [load('a', '04821')], [load('b', '04821')], 'These digits'],
    ['two the same in one', [], [load('a', '04821'), load('b', '04821')], 'These digits'],
    ['a second one of a user', [load('a', '04821')], [load('a', '71930')], 'This user has a PIN'],
    ['none to delete', [], [{ action: 'delete', partnerUserID: 'who' }], 'No pin given or could not find pin'],
    ['none to disable', [], [{ action: 'disable', partnerUserID: 'who' }], 'No pin given or could not find pin'],
    ['nobody, and no digits', [], [{ action: 'enable' }], 'No pin given or could not find pin'],
    ['none to change', [], [{ action: 'update', pin: '04821', userID: 'email:helper@keystead.test' }], 'No pin given'],
    ['one that fits, then one that does not', [], [load('a', '04821'), load('a', '71930')], 'This user has a PIN'],
  ])('%s', async (_, first, then, text) => {
    if (first.length > 0) await command(...first);
    const before = await fingerprint(place);
    const answer = await command(...then);
    expect([...told(answer), answer.body.message]).toEqual([
      409,
      'ConflictError',
      expect.stringContaining(prefix + text),
    ]);
    expect(await fingerprint(place)).toEqual(before);
  });

  test('a load while the one before is being taken off', async () => {
    await command(load('a', '04821'));
    await onLock();
    await command({ action: 'delete', partnerUserID: 'a' });
    expect(told(await command(load('a', '71930')))).toEqual([409, 'ConflictError']);
    expect((await command({ action: 'delete', partnerUserID: 'a' })).status).toBe(200); // it is going already
  });

  test('a lock without a keypad that we can write to', async () => {
    const answer = await ask('POST', 'pins', { commands: [load('a', '04821')] }, 'owner', place.wire.cellar);
    expect(told(answer)).toEqual([409, 'ConflictError']);
  });
});

describe('several in one', () => {
  test('are carried out in their order', async () => {
    await command(load('a', '04821'), load('b', '71930'), { action: 'disable', partnerUserID: 'a' });
    await command({ action: 'delete', partnerUserID: 'b' }, load('c', '59304'));
    expect((await states()).filter((one) => !one.endsWith('deleting'))).toEqual(['04821 disabled', '59304 created']);
  });

  test('a delete and a load of the same user change the code, with no moment without one', async () => {
    const both = (pin: string) => command({ action: 'delete', partnerUserID: 'a' }, load('a', pin));
    expect((await both('04821')).status).toBe(200); // there is nothing to delete yet
    await onLock();
    expect((await both('71930')).status).toBe(200);
    expect(await states()).toEqual(['71930 updating']);
    await onLock();
    expect([await states(), digitsOnLock()]).toEqual([['71930 loaded'], ['71930']]);
    expect((await both('71930')).status).toBe(200); // the same digits again
    await onLock();
    expect(await states()).toEqual(['71930 loaded']);
  });

  test.each<[string, unknown, string]>([
    ['none', { commands: [] }, 'commands'],
    ['no list', { commands: 'load' }, 'commands'],
    ['nothing', {}, 'commands'],
    ['ten thousand', { commands: Array.from({ length: 10_000 }, () => ({ action: 'load' })) }, 'commands'],
    ['an unknown action', { commands: [{ action: 'steal' }] }, 'action'],
    ['an unknown accessType', { commands: [{ action: 'load', pin: '04821', accessType: 'often' }] }, 'accessType'],
    ['no digits', { commands: [{ action: 'load', accessType: 'always' }] }, 'pin'],
    ['too few digits', { commands: [{ action: 'load', pin: '042', accessType: 'always' }] }, 'pin'],
    ['no digits at all', { commands: [{ action: 'load', pin: 'abcd', accessType: 'always' }] }, 'pin'],
    [
      'a good one, and one that cannot be read',
      { commands: [{ action: 'load', pin: '04821', accessType: 'always' }, { action: 'x' }] },
      'commands[1]',
    ],
  ])('%s: 400, names what is wrong, and nothing is written', async (_, body, text) => {
    const before = await fingerprint(place);
    const answer = await ask('POST', 'pins', body);
    expect([answer.status, answer.body.code]).toEqual([400, 'InvalidArgument']);
    expect(answer.body.message).toContain(text);
    expect(await fingerprint(place)).toEqual(before);
  });
});

describe('a reservation', () => {
  test('is kept for three minutes for whoever asked, in every process', async () => {
    const other = await createApp({
      config: { publicUrl: place.url, trustProxy: 0, cronSecret: null, stripeBaseUrl: place.stripe.url },
      connection: place.connection,
      masterKey: place.masterKey,
      clock: place.clock,
      log: createLog('silent'),
    });
    const reserved = (await ask('GET', 'pin')).body;
    expect(reserved).toEqual({ pin: expect.stringMatching(/^\d{4,9}$/), slot: 1 });
    expect((await ask('GET', 'pin')).body.slot).toBe(2);
    const headers = { 'x-api-key': place.program.key, 'x-access-token': place.people.helper.token };
    const url = `/yale/locks/${place.wire.front}`;
    const elsewhere = await other.server.inject({ method: 'GET', url: `${url}/pin`, headers });
    expect(elsewhere.json().slot).toBe(3);
    const payload = { commands: [load('x', reserved.pin)] };
    const taken = await other.server.inject({ method: 'POST', url: `${url}/pins`, headers, payload });
    expect([taken.statusCode, taken.json().message]).toEqual([409, expect.stringContaining('kept for somebody')]);
    expect((await command(load('b', '04821'))).status).toBe(200);
    expect((await command(load('a', reserved.pin))).status).toBe(200);
    expect((await listed()).map(({ pin, slot }) => [pin, slot]).sort((a, b) => Number(a[1]) - Number(b[1]))).toEqual([
      [reserved.pin, 1],
      ['04821', 4],
    ]);
    place.clock.ahead(3 * 60_000 + 1000);
    expect((await ask('GET', 'pin')).body.slot).toBe(2);
    await other.close();
  });

  test('takes up room: the lock is full with 240 of both', async () => {
    await command(load('a', '04821'));
    await sql(
      `insert into pin_reservations (organization_id, lock_id, slot, pin_hash, person_id, api_client_id, expires_at)
       select organization_id, lock_id, n, decode(md5(n::text), 'hex'), asked_by, api_client_id, $1
       from pins, generate_series(2, 240) n where deleted_at is null`,
      [new Date(place.clock.now() + 60_000)],
    );
    expect(told(await ask('GET', 'pin'))).toEqual([409, 'ConflictError']);
    expect(told(await command(load('b', '71930')))).toEqual([409, 'ConflictError']);
    place.clock.ahead(61_000);
    expect(told(await command(load('b', '71930')))).toEqual([200, 'success']);
  });
});

describe('the master code', () => {
  test('is of the lock, set anew in place, and not among those of users', async () => {
    expect(told(await ask('GET', 'masterpin'))).toEqual([404, 'ResourceNotFound']);
    expect(told(await ask('PUT', 'masterpin', { pin: '048213' }))).toEqual([200, 'success']);
    expect((await ask('GET', 'masterpin')).body).toMatchObject({ pin: '048213', accessType: 'always', slot: 0 });
    await onLock();
    expect(told(await ask('PUT', 'masterpin', { pin: 719304 }))).toEqual([200, 'success']);
    await onLock();
    expect((await ask('GET', 'masterpin')).body).toMatchObject({ pin: '719304', state: 'loaded' });
    expect([digitsOnLock(), await listed()]).toEqual([['719304'], []]);
    expect(told(await command(load('a', '719304')))).toEqual([409, 'ConflictError']);
  });

  test.each<[unknown, string]>([
    [{}, 'pin'],
    [{ pin: 'abcd' }, 'pin'],
    [{ pin: '719304', webhook: 'http://example.com' }, 'webhook'],
  ])('%j: 400', async (body, text) => {
    const answer = await ask('PUT', 'masterpin', body);
    expect([...told(answer), answer.body.message]).toEqual([400, 'InvalidArgument', expect.stringContaining(text)]);
  });
});

test.each<[string, string, unknown, Who, number]>([
  ['POST', 'pins', { commands: [{ action: 'delete', pin: '04821' }] }, 'guest', 403],
  ['GET', 'pin', undefined, 'guest', 403],
  ['GET', 'masterpin', undefined, 'guest', 403],
  ['GET', 'masterpin', undefined, 'helper', 403],
  ['PUT', 'masterpin', { pin: '719304' }, 'helper', 403],
  ['GET', 'pins', undefined, 'nobody', 403],
  ['GET', 'pins', undefined, 'guest', 200],
])('%s %s %j by %s: %i', async (method, path, body, who, status) => {
  const before = await fingerprint(place);
  expect((await ask(method, path, body, who)).status).toBe(status);
  expect(await fingerprint(place)).toEqual(before);
});
