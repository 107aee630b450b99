/** What programs do that have a permission for it: sub-users (reference §4.18) and excluded locks (§4.20). */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Answer } from '../../support/laundry.ts';
import { openYalePlace, type YalePlace } from '../../support/yale-locks.ts';
import { addProgram, helper, owner, type Program, yaleToken } from '../../support/yale-place.ts';

let place: YalePlace;
/** The same organization's, without any permission. */
let plain: { program: Program; token: string };

beforeAll(async () => {
  place = await openYalePlace();
  const program = await addProgram(place, { name: 'Plain' });
  plain = { program, token: await yaleToken(place, program, owner) };
});
beforeEach(async () => {
  await place.app.database.pool.query('delete from excluded_locks');
});
afterAll(() => place.close());

type Who = keyof YalePlace['people'];
const ask = (who: Who, method: string, path: string, body?: unknown): Promise<Answer> =>
  place.ask(method, path.replace('{front}', place.wire.front), {
    token: place.people[who].token,
    ...(body === undefined ? {} : { body }),
  });
const bare = (method: string, path: string, body?: unknown): Promise<Answer> =>
  place.ask(method, path.replace('{front}', place.wire.front), {
    key: plain.program.key,
    token: plain.token,
    ...(body === undefined ? {} : { body }),
  });
const make = (who: Who, partnerUserID: string, names = { firstName: 'Anna Maria', lastName: 'Schmidt' }) =>
  ask(who, 'POST', '/partners/sub-user', { partnerUserID, ...names });
const told = ({ status, body }: Answer) => [status, body.code];

describe('sub-users', () => {
  test('are made once for a name, and have a token of their own', async () => {
    const first = await make('owner', 'guest-1');
    expect(first.body).toEqual({
      access_token: expect.any(String),
      firstName: 'Anna Maria',
      lastName: 'Schmidt',
      userID: expect.stringMatching(/^[0-9a-f-]{36}$/),
      userCreated: true,
    });
    const token = first.body.access_token;
    const me = await place.ask('GET', '/users/me', { token });
    expect(me.body).toMatchObject({ UserID: first.body.userID, FirstName: 'Anna Maria', LastName: 'Schmidt' });
    expect((await place.ask('GET', '/users/locks/mine', { token })).body).toEqual({});
    const again = await make('owner', 'guest-1', { firstName: 'Other', lastName: 'Name' });
    expect(again.body).toMatchObject({ userID: first.body.userID, userCreated: false, firstName: 'Anna Maria' });
  });

  test('are put on locks like everybody else', async () => {
    const { userID, access_token: token } = (await make('owner', 'guest-2')).body;
    expect((await ask('owner', 'PUT', `/locks/adduser/{front}/${userID}/user`)).status).toBe(200);
    expect((await place.ask('GET', `/locks/${place.wire.front}`, { token })).body.users).toEqual({
      [userID]: expect.objectContaining({ UserType: 'user', FirstName: 'Anna Maria' }),
    });
    expect((await ask('owner', 'GET', '/locks/{front}')).body).toMatchObject({
      users: { [userID]: { UserType: 'user', identifiers: [] } },
      invitations: [],
    });
  });

  test('of two who ask at once one is made', async () => {
    const both = await Promise.all([make('owner', 'twins'), make('owner', 'twins')]);
    expect(both.filter(({ body }) => body.userCreated === true)).toHaveLength(1);
    expect(both[0]?.body.userID).toBe(both[1]?.body.userID);
  });

  test('of somebody else are not to be had', async () => {
    await make('owner', 'mine alone');
    expect(told(await make('helper', 'mine alone'))).toEqual([403, 'Forbidden']);
    const { rows } = await place.app.database.pool.query("select from people where partner_user_id = 'mine alone'");
    expect(rows).toHaveLength(1);
  });

  test('make no sub-users, and end with the account of whoever they were made for', async () => {
    const token = (await make('helper', 'of the helper')).body.access_token;
    const body = { partnerUserID: 'grandchild', firstName: 'A', lastName: 'B' };
    expect(told(await place.ask('POST', '/partners/sub-user', { token, body }))).toEqual([403, 'Forbidden']);
    const disable = 'update accounts set disabled = $1 where email = $2';
    await place.app.database.pool.query(disable, [true, helper]);
    expect((await place.ask('GET', '/users/me', { token })).status).toBe(401);
    await place.app.database.pool.query(disable, [false, helper]);
    expect((await place.ask('GET', '/users/me', { token })).status).toBe(200);
  });

  test('are listed by pages, for whoever they were made for', async () => {
    for (const n of [1, 2, 3]) await make('guest', `of the guest ${n}`);
    const first = await ask('guest', 'GET', '/partners/sub-user?page=1&pageSize=2');
    expect(first.body).toEqual({
      totalRecords: 3,
      currentPage: 1,
      pageRecordStart: 1,
      pageRecordEnd: 2,
      totalPages: 2,
      subUsers: [1, 2].map((n) => ({
        userID: expect.any(String),
        firstName: 'Anna Maria',
        lastName: 'Schmidt',
        userOwnerID: place.people.guest.id,
        partnerUserID: `of the guest ${n}`,
      })),
    });
    const second = (await ask('guest', 'GET', '/partners/sub-user?page=2&pageSize=2')).body;
    expect([second.pageRecordStart, second.pageRecordEnd, second.subUsers.length]).toEqual([3, 3, 1]);
    expect((await ask('guest', 'GET', '/partners/sub-user')).body.subUsers).toHaveLength(3);
    const none = (await ask('nobody', 'GET', '/partners/sub-user')).body;
    expect(none).toMatchObject({ totalRecords: 0, totalPages: 0, pageRecordStart: 0, subUsers: [] });
    expect(told(await ask('nobody', 'GET', '/partners/sub-user?page=2'))).toEqual([400, 'InvalidArgument']);
  });

  test.each(['page=3&pageSize=2', 'page=0', 'page=x', 'pageSize=0', 'pageSize=1001'])('?%s is 400', async (query) => {
    expect(told(await ask('guest', 'GET', `/partners/sub-user?${query}`))).toEqual([400, 'InvalidArgument']);
  });

  test.each<[string, Record<string, unknown>]>([
    ['no partnerUserID', { firstName: 'A', lastName: 'B' }],
    ['an empty one', { partnerUserID: ' ', firstName: 'A', lastName: 'B' }],
    ['a number', { partnerUserID: 5, firstName: 'A', lastName: 'B' }],
    ['no first name', { partnerUserID: 'x', lastName: 'B' }],
    ['no last name', { partnerUserID: 'x', firstName: 'A' }],
  ])('%s is 400', async (_, body) => {
    expect(told(await ask('owner', 'POST', '/partners/sub-user', body))).toEqual([400, 'InvalidArgument']);
  });
});

describe('excluded locks', () => {
  test('are in no list of the program and closed to it, until they are taken in again', async () => {
    expect((await ask('owner', 'POST', '/partners/excludedlocks/{front}')).body).toEqual({ message: 'success' });
    expect((await ask('owner', 'POST', '/partners/excludedlocks/{front}')).status).toBe(200);
    expect((await ask('owner', 'GET', '/partners/excludedlocks/mine')).body).toEqual({ lockIDs: [place.wire.front] });
    for (const path of ['/users/locks/mine', `/houses/${place.houseId}`, '/users/bridges/mine']) {
      expect([path, (await ask('owner', 'GET', path)).text.includes(place.wire.front)]).toEqual([path, false]);
    }
    for (const path of ['/locks/{front}', '/locks/{front}/status']) {
      expect(told(await ask('owner', 'GET', path))).toEqual([403, 'Forbidden']);
    }
    expect((await bare('GET', '/locks/{front}')).status).toBe(200); // of another program it is no matter
    expect((await ask('owner', 'DELETE', '/partners/excludedlocks/{front}')).body).toEqual({ message: 'success' });
    expect((await ask('owner', 'GET', '/locks/{front}')).status).toBe(200);
    expect((await ask('owner', 'GET', '/partners/excludedlocks/mine')).body).toEqual({ lockIDs: [] });
  });

  test('are said by superusers alone, and told to them alone', async () => {
    expect(told(await ask('helper', 'POST', '/partners/excludedlocks/{front}'))).toEqual([403, 'Forbidden']);
    await ask('owner', 'POST', '/partners/excludedlocks/{front}');
    expect((await ask('helper', 'GET', '/partners/excludedlocks/mine')).body).toEqual({ lockIDs: [] });
  });
});

test.each<[string, string, unknown?]>([
  ['POST', '/partners/sub-user', { partnerUserID: 'x', firstName: 'A', lastName: 'B' }],
  ['GET', '/partners/sub-user'],
  ['GET', '/partners/excludedlocks/mine'],
  ['POST', '/partners/excludedlocks/{front}'],
  ['DELETE', '/partners/excludedlocks/{front}'],
])('%s %s needs a permission of the program', async (method, path, body) => {
  const answer = await bare(method, path, body);
  expect([answer.status, answer.body]).toEqual([
    403,
    { code: 'Forbidden', message: expect.stringMatching(/permission/) },
  ]);
});
