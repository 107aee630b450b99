/** Codes on a lock: several commands in one, what is kept for somebody, the master code, and who may (reference §4.8 to §4.10). */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createApp } from '../../../src/app.ts';
import { createLog } from '../../../src/host/log.ts';
import { loadOf, openPinPlace, type PinPlace, toldBy } from '../../support/partner-pins.ts';
import { fingerprint } from '../../support/rows.ts';

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
type Who = keyof PinPlace['people'];

describe('several in one', () => {
  test('are carried out in their order', async () => {
    await command(loadOf('a', '04821'), loadOf('b', '71930'), { action: 'disable', partnerUserID: 'a' });
    await command({ action: 'delete', partnerUserID: 'b' }, loadOf('c', '59304'));
    expect((await states()).filter((one) => !one.endsWith('deleting'))).toEqual(['04821 disabled', '59304 created']);
  });

  test('a delete and a load of the same user change the code, with no moment without one', async () => {
    const both = (pin: string) => command({ action: 'delete', partnerUserID: 'a' }, loadOf('a', pin));
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

describe('at the same moment', () => {
  test('the same load twice is one code', async () => {
    const both = await Promise.all([command(loadOf('a', '04821')), command(loadOf('a', '04821'))]);
    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409]);
    expect(await states()).toEqual(['04821 created']);
  });

  test('the same digits for two are those of one, and of both there is one person each', async () => {
    const both = await Promise.all([command(loadOf('a', '04821')), command(loadOf('b', '04821'))]);
    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409]);
    expect((await listed()).map(({ pin }) => pin)).toEqual(['04821']);
  });

  test('each reservation has a slot and digits of its own', async () => {
    const kept = (await Promise.all(Array.from({ length: 6 }, () => ask('GET', 'pin')))).map(({ body }) => body);
    expect(kept.map(({ slot }) => slot).toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(new Set(kept.map(({ pin }) => pin)).size).toBe(6);
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
    const payload = { commands: [loadOf('x', reserved.pin)] };
    const taken = await other.server.inject({ method: 'POST', url: `${url}/pins`, headers, payload });
    expect([taken.statusCode, taken.json().message]).toEqual([409, expect.stringContaining('kept for somebody')]);
    expect((await command(loadOf('b', '04821'))).status).toBe(200);
    expect((await command(loadOf('a', reserved.pin))).status).toBe(200);
    expect((await listed()).map(({ pin, slot }) => [pin, slot]).sort((a, b) => Number(a[1]) - Number(b[1]))).toEqual([
      [reserved.pin, 1],
      ['04821', 4],
    ]);
    place.clock.ahead(3 * 60_000 + 1000);
    expect((await ask('GET', 'pin')).body.slot).toBe(2);
    await other.close();
  });

  test('takes up room: the lock is full with 240 of both', async () => {
    await command(loadOf('a', '04821'));
    await sql(
      `insert into pin_reservations (organization_id, lock_id, slot, pin_hash, person_id, api_client_id, expires_at)
       select organization_id, lock_id, n, decode(md5(n::text), 'hex'), asked_by, api_client_id, $1
       from pins, generate_series(2, 240) n where deleted_at is null`,
      [new Date(place.clock.now() + 60_000)],
    );
    expect(toldBy(await ask('GET', 'pin'))).toEqual([409, 'ConflictError']);
    expect(toldBy(await command(loadOf('b', '71930')))).toEqual([409, 'ConflictError']);
    place.clock.ahead(61_000);
    expect(toldBy(await command(loadOf('b', '71930')))).toEqual([200, 'success']);
  });
});

describe('the master code', () => {
  test('is of the lock, set anew in place, and not among those of users', async () => {
    expect(toldBy(await ask('GET', 'masterpin'))).toEqual([404, 'ResourceNotFound']);
    expect(toldBy(await ask('PUT', 'masterpin', { pin: '048213' }))).toEqual([200, 'success']);
    expect((await ask('GET', 'masterpin')).body).toMatchObject({ pin: '048213', accessType: 'always', slot: 0 });
    await onLock();
    expect(toldBy(await ask('PUT', 'masterpin', { pin: 719304 }))).toEqual([200, 'success']);
    await onLock();
    expect((await ask('GET', 'masterpin')).body).toMatchObject({ pin: '719304', state: 'loaded' });
    expect([digitsOnLock(), await listed()]).toEqual([['719304'], []]);
    expect(toldBy(await command(loadOf('a', '719304')))).toEqual([409, 'ConflictError']);
  });

  test.each<[unknown, string]>([
    [{}, 'pin'],
    [{ pin: 'abcd' }, 'pin'],
    [{ pin: '719304', webhook: 'http://example.com' }, 'webhook'],
  ])('%j: 400', async (body, text) => {
    const answer = await ask('PUT', 'masterpin', body);
    expect([...toldBy(answer), answer.body.message]).toEqual([400, 'InvalidArgument', expect.stringContaining(text)]);
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
