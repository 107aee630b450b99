/** Codes on a lock as programs of partners command them: their life, their times, whose they are (reference §4.7, §4.8, §5). */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { loadOf, openPinPlace, type PinPlace, toldBy } from '../../support/partner-pins.ts';
import { fingerprint } from '../../support/rows.ts';
import { addProgram, yaleToken } from '../../support/yale-place.ts';

let place: PinPlace;
beforeAll(async () => {
  place = await openPinPlace();
});
afterAll(() => place.close());
beforeEach(() => place.clear());

const ask: PinPlace['ofFront'] = (...o) => place.ofFront(...o);
const command: PinPlace['command'] = (...o) => place.command(...o);
const onLock = () => place.onLock();
const listed: PinPlace['listed'] = (who) => place.listed(who);
const states = () => place.states();
const digitsOnLock = () => place.digitsOnLock();
const sql = (text: string, values: unknown[] = []) => place.app.database.pool.query(text, values);
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
    expect(toldBy(await command(loadOf('guest 7', '04821', names)))).toEqual([200, 'success']);
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
    await command(loadOf('a', '04821'));
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
    await command(loadOf('a', '04821'));
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
    expect(toldBy(await command(loadOf('a', '04821', { accessType, ...written })))).toEqual([200, 'success']);
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
    await sql("update pins set pass_id = 'pass_of_a_guest' where deleted_at is null");
    expect((await command({ action: 'delete', userID: pin?.userID })).status).toBe(409); // somebody has paid for it
    await sql('update pins set pass_id = null where deleted_at is null');
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
    const answer = await command(loadOf('a', '04821', more));
    expect([...toldBy(answer), answer.body.message]).toEqual([400, 'InvalidArgument', expect.stringContaining(text)]);
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
    expect(toldBy(await command(loadOf('a', '04821', times)))).toEqual([400, 'InvalidArgument']);
    expect(toldBy(await command(loadOf('a', '04821')))).toEqual([200, 'success']);
    await set('false');
  });
});

describe('whose it is', () => {
  test('an existing user, by id or address; somebody new; each of them once', async () => {
    const { guest, helper } = place.people;
    expect((await command(loadOf('', '04821', { augustUserID: guest.id }))).status).toBe(200);
    expect((await command(loadOf('', '71930', { userID: 'email:HELPER@keystead.test' }))).status).toBe(200);
    expect((await command(loadOf('', '59304', { firstName: 'Walk', lastName: 'In' }))).status).toBe(200);
    const pins = await listed();
    const by = (pin: string) => pins.find((one) => one.pin === pin);
    expect(by('04821')).toMatchObject({ userID: guest.id, unverified: false });
    expect(by('71930')).toMatchObject({ userID: helper.id, unverified: false });
    expect(by('59304')).toMatchObject({ firstName: 'Walk', lastName: 'In', unverified: true });
    expect('partnerUserID' in (by('59304') ?? {})).toBe(false);
    expect(pins.map(({ slot }) => slot).toSorted((a, b) => a - b)).toEqual([1, 2, 3]);
    const seen = await listed('guest');
    expect(seen.map(({ pin }) => pin)).toEqual(['04821']);
  });

  test('a partner’s user is the same person in each program call, and with a token of their own', async () => {
    const program = await addProgram(place, { name: 'With sub-users', scopes: ['users:sub-user:create'] });
    const token = await yaleToken(place, program);
    const body = { partnerUserID: 'guest 9', firstName: 'Zoe', lastName: 'K' };
    const made = await place.ask('POST', '/partners/sub-user', { key: program.key, token, body });
    const commands = [loadOf('guest 9', '04821')];
    await place.ask('POST', `/locks/${place.wire.front}/pins`, { key: program.key, token, body: { commands } });
    expect(await listed()).toMatchObject([{ userID: made.body.userID, firstName: 'Zoe', partnerUserID: 'guest 9' }]);
    // another program knows nobody of that name, and makes its own
    expect((await command(loadOf('guest 9', '71930'))).status).toBe(200);
    expect(new Set((await listed()).map(({ userID }) => userID)).size).toBe(2);
    const foreign = loadOf('', '59304', { userID: made.body.userID });
    await command({ action: 'delete', userID: made.body.userID });
    expect(toldBy(await command(foreign))).toEqual([404, 'ResourceNotFound']);
  });

  test.each<[string, Record<string, unknown>, number]>([
    ['an id that nobody has', { userID: 'a57f9bda-a0f3-4990-8567-aec391f13038' }, 404],
    ['an address that nobody has', { userID: 'email:who@keystead.test' }, 404],
    ['a name that is none', { userID: 'anna' }, 400],
  ])('%s: %3$i', async (_, who, status) => {
    const before = await fingerprint(place);
    expect((await command(loadOf('', '04821', who))).status).toBe(status);
    expect(await fingerprint(place)).toEqual(before);
  });

  test('is changed by a transfer, and the slot stays', async () => {
    const { guest, nobody } = place.people;
    await command(loadOf('', '04821', { userID: guest.id }), loadOf('b', '71930'));
    await onLock();
    const transfer = (oldUserID: string, newUserID: string, method = 'PUT') =>
      ask(method, 'pins/transfer', { oldUserID, newUserID });
    const other = (await listed()).find(({ pin }) => pin === '71930')?.userID ?? '';
    expect(toldBy(await transfer(nobody.id, guest.id))).toEqual([404, 'ResourceNotFound']);
    expect(toldBy(await transfer(guest.id, other))).toEqual([409, 'ConflictError']);
    expect(toldBy(await transfer(guest.id, 'a57f9bda-a0f3-4990-8567-aec391f13038'))).toEqual([404, 'ResourceNotFound']);
    expect(toldBy(await transfer(guest.id, 'anna'))).toEqual([400, 'InvalidArgument']);
    expect(toldBy(await transfer(guest.id, nobody.id))).toEqual([200, 'success']);
    const moved = (await listed()).find(({ pin }) => pin === '04821');
    expect(moved).toMatchObject({ userID: nobody.id, slot: 1, state: 'loaded' });
    expect(toldBy(await transfer(nobody.id, guest.id, 'POST'))).toEqual([200, 'success']);
  });
});

describe('what does not fit is 409, and nothing of it is done', () => {
  test.each<[string, unknown[], unknown[], string]>([
    ['digits of another user', [loadOf('a', '04821')], [loadOf('b', '04821')], 'These digits'],
    ['two the same in one', [], [loadOf('a', '04821'), loadOf('b', '04821')], 'These digits'],
    ['a second one of a user', [loadOf('a', '04821')], [loadOf('a', '71930')], 'This user has a PIN'],
    ['none to delete', [], [{ action: 'delete', partnerUserID: 'who' }], 'No pin given or could not find pin'],
    ['none to disable', [], [{ action: 'disable', partnerUserID: 'who' }], 'No pin given or could not find pin'],
    ['nobody, and no digits', [], [{ action: 'enable' }], 'No pin given or could not find pin'],
    ['none to change', [], [{ action: 'update', pin: '04821', userID: 'email:helper@keystead.test' }], 'No pin given'],
    ['one that fits, then one that does not', [], [loadOf('a', '04821'), loadOf('a', '71930')], 'This user has a PIN'],
  ])('%s', async (_, first, then, text) => {
    if (first.length > 0) await command(...first);
    const before = await fingerprint(place);
    const answer = await command(...then);
    expect([...toldBy(answer), answer.body.message]).toEqual([
      409,
      'ConflictError',
      expect.stringContaining(prefix + text),
    ]);
    expect(await fingerprint(place)).toEqual(before);
  });

  test('a load while the one before is being taken off', async () => {
    await command(loadOf('a', '04821'));
    await onLock();
    await command({ action: 'delete', partnerUserID: 'a' });
    expect(toldBy(await command(loadOf('a', '71930')))).toEqual([409, 'ConflictError']);
    expect((await command({ action: 'delete', partnerUserID: 'a' })).status).toBe(200); // it is going already
  });

  test('a lock without a keypad that we can write to', async () => {
    const answer = await ask('POST', 'pins', { commands: [loadOf('a', '04821')] }, 'owner', place.wire.cellar);
    expect(toldBy(answer)).toEqual([409, 'ConflictError']);
  });
});
