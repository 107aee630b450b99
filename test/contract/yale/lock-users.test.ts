/** Who is on a lock, and who may say so (reference §4.4 to §4.6). */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Answer, password } from '../../support/laundry.ts';
import { pinThings } from '../../support/pin-things.ts';
import { guest, openYalePlace, type YalePlace } from '../../support/yale-locks.ts';

let place: YalePlace;

beforeAll(async () => {
  place = await openYalePlace();
});
afterAll(() => place.close());
beforeEach(async () => {
  await place.app.database.pool.query('delete from lock_users');
});

type Who = keyof YalePlace['people'];
const ask = (who: Who, method: string, path: string, body?: unknown): Promise<Answer> =>
  place.ask(method, path.replace('{front}', place.wire.front), {
    token: place.people[who].token,
    ...(body === undefined ? {} : { body }),
  });
const add = (who: Who, other: string, type: string, body?: unknown) =>
  ask(who, 'PUT', `/locks/adduser/{front}/${encodeURIComponent(other)}/${type}`, body);
const change = (who: Who, other: string, type: string) =>
  ask(who, 'PUT', `/locks/{front}/${encodeURIComponent(other)}/${type}`);
const remove = (who: Who, other: string) => ask(who, 'DELETE', `/locks/{front}/${encodeURIComponent(other)}`);
const told = ({ status, body }: Answer) => [status, body.code ?? body.message];
const usersNow = async (): Promise<Record<string, string>> =>
  Object.fromEntries(
    (
      await place.rows<{ uuid: string; role: string }>(
        'select p.uuid, u.role from lock_users u join people p on p.id = u.person_id order by u.role',
      )
    ).map(({ uuid, role }) => [uuid, role]),
  );

describe('adding', () => {
  test('lets somebody see the lock at once, by id or by the e-mail of their account', async () => {
    const { guest: one, nobody } = place.people;
    expect((await ask('guest', 'GET', '/locks/{front}')).status).toBe(403);
    expect(told(await add('owner', one.id, 'user'))).toEqual([200, 'success']);
    expect((await ask('guest', 'GET', '/locks/{front}')).status).toBe(200);
    expect((await add('owner', 'email:NOBODY@keystead.test', 'manager')).status).toBe(200);
    expect(await usersNow()).toEqual({ [one.id]: 'user', [nobody.id]: 'manager' });
    expect((await add('owner', one.id, 'user')).status).toBe(200); // once more is no news
  });

  test('invites an address that nobody has, and whoever gets an account with it is on the lock', async () => {
    const body = { Name: 'Anna Schmidt', options: { isUpdatingPermissions: true }, returnInvited: true };
    const invited = await add('owner', 'email:anna@keystead.test', 'user', body);
    expect(invited.body).toEqual({ message: 'success', invitedUserID: expect.any(String) });
    const { invitedUserID } = invited.body;
    const shown = (await ask('owner', 'GET', '/locks/{front}')).body;
    expect(shown.invitations).toEqual([
      { userID: invitedUserID, UserType: 'user', name: 'Anna Schmidt', identifiers: ['email:anna@keystead.test'] },
    ]);
    expect(Object.keys(shown.users)).toEqual([place.people.owner.id]);
    expect(told(await change('owner', 'email:anna@keystead.test', 'manager'))).toEqual([200, 'success']);
    const first = await place.app.services.organizations.first();
    const email = 'anna@keystead.test';
    const account = { username: 'anna', email, password, role: 'user', scope: [], by: null } as const;
    await place.app.services.accounts.create({ organizationId: first?.id as never, ...account });
    const now = (await ask('owner', 'GET', '/locks/{front}')).body;
    expect([now.invitations, now.users[invitedUserID].UserType]).toEqual([[], 'manager']);
  });

  test('invites a number, and takes the invitation back', async () => {
    expect((await add('owner', 'phone:+491701112223', 'user')).status).toBe(200);
    expect((await ask('owner', 'GET', '/locks/{front}')).body.invitations).toHaveLength(1);
    expect((await remove('owner', 'phone:+491701112223')).status).toBe(200);
    expect(await usersNow()).toEqual({});
  });

  test.each<[string, Who, string, string, number, string]>([
    ['a guest adds nobody', 'guest', 'email:x@keystead.test', 'user', 403, 'Forbidden'],
    ['somebody who is not on it adds nobody', 'nobody', 'email:x@keystead.test', 'user', 403, 'Forbidden'],
    ['a manager makes no superuser', 'helper', 'email:x@keystead.test', 'superuser', 403, 'Forbidden'],
    ['an unknown type', 'owner', 'email:x@keystead.test', 'king', 400, 'InvalidArgument'],
    ['an unknown user', 'owner', 'a57f9bda-a0f3-4990-8567-aec391f13038', 'user', 404, 'ResourceNotFound'],
    ['a name that is none', 'owner', 'anna', 'user', 400, 'InvalidArgument'],
    ['an address that is none', 'owner', 'email:anna', 'user', 400, 'InvalidArgument'],
  ])('%s', async (_, who, other, type, status, code) => {
    await add('owner', place.people.guest.id, 'user');
    const before = await usersNow();
    expect(told(await add(who, other, type))).toEqual([status, code]);
    expect(await usersNow()).toEqual(before);
  });

  test('a manager adds managers and guests', async () => {
    expect((await add('helper', place.people.guest.id, 'manager')).status).toBe(200);
    expect((await add('guest', place.people.nobody.id, 'user')).status).toBe(200);
  });

  test('somebody of another organization is nobody here', async () => {
    const [row] = await place.rows<{ uuid: string }>(
      "select p.uuid from people p join accounts a on a.person_id = p.id where a.username = 'stranger'",
    );
    expect(told(await add('owner', row?.uuid ?? '', 'user'))).toEqual([404, 'ResourceNotFound']);
  });
});

describe('changing', () => {
  test.each<[string, Who, string, number]>([
    ['an owner makes a guest a manager', 'owner', 'manager', 200],
    ['an owner makes a guest an owner', 'owner', 'superuser', 200],
    ['a manager changes nothing', 'helper', 'manager', 403],
    ['a guest does not raise themselves', 'guest', 'superuser', 403],
  ])('%s', async (_, who, type, status) => {
    await add('owner', place.people.guest.id, 'user');
    expect((await change(who, place.people.guest.id, type)).status).toBe(status);
    expect((await usersNow())[place.people.guest.id]).toBe(status === 200 ? type : 'user');
  });

  test('adding somebody anew as something else is a change, and asks for an owner', async () => {
    await add('owner', place.people.guest.id, 'user');
    expect((await add('helper', place.people.guest.id, 'manager')).status).toBe(403);
    expect((await add('owner', place.people.guest.id, 'manager')).status).toBe(200);
  });

  test('somebody who is not on the lock is not found', async () => {
    expect(told(await change('owner', place.people.nobody.id, 'user'))).toEqual([404, 'ResourceNotFound']);
    expect(told(await change('owner', 'email:who@keystead.test', 'user'))).toEqual([404, 'ResourceNotFound']);
  });
});

describe('taking away', () => {
  test('ends what they may see, and their codes on the lock go', async () => {
    const first = await place.app.services.organizations.first();
    const { pin } = await pinThings(place, { organizationId: first?.id as never, lock: place.front.id });
    await place.app.database.pool.query(
      'update pins set person_id = (select id from people where uuid = $1) where id = $2',
      [place.people.guest.id, pin],
    );
    await add('owner', place.people.guest.id, 'user');
    expect(told(await remove('helper', place.people.guest.id))).toEqual([200, 'success']);
    expect((await ask('guest', 'GET', '/locks/{front}')).status).toBe(403);
    const [row] = await place.rows<{ state: string }>('select state from pins where id = $1', [pin]);
    expect(['deleting', 'gone']).toContain(row?.state);
    expect(told(await remove('owner', place.people.guest.id))).toEqual([404, 'ResourceNotFound']);
  });

  test('everybody may go; a manager takes away guests alone', async () => {
    const { guest: one, nobody } = place.people;
    await add('owner', one.id, 'manager');
    await add('owner', nobody.id, 'user');
    expect((await remove('helper', one.id)).status).toBe(403);
    expect((await remove('nobody', one.id)).status).toBe(403);
    expect((await remove('nobody', nobody.id)).status).toBe(200);
    expect((await remove('guest', one.id)).status).toBe(200);
  });

  test('the last owner stays, where no administrator is one', async () => {
    const { guest: one, nobody } = place.people;
    await add('owner', one.id, 'superuser');
    const admins = "update accounts set disabled = $1 where role = 'admin' and username = 'owner'";
    await place.app.database.pool.query(admins, [true]);
    expect(told(await remove('guest', one.id))).toEqual([409, 'ConflictError']);
    expect(told(await change('guest', one.id, 'user'))).toEqual([409, 'ConflictError']);
    expect((await add('guest', nobody.id, 'superuser')).status).toBe(200);
    const both = await Promise.all([remove('guest', one.id), remove('nobody', nobody.id)]);
    expect(both.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 409]);
    await place.app.database.pool.query(admins, [false]);
    expect(Object.values(await usersNow())).toEqual(['superuser']);
  });
});

test('what was done is in the audit, and its chain holds', async () => {
  await add('owner', `email:${guest}`, 'user');
  const { audit, organizations } = place.app.services;
  const first = await organizations.first();
  expect(await audit.verify(place.app.database.read, first?.id as never)).toBeNull();
  const rows = await place.rows<{ action: string }>(
    "select action from audit_entries where entity = 'Lock' order by number desc limit 1",
  );
  expect(rows[0]?.action).toBe('user added to a lock');
});
