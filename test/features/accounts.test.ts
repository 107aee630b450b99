import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fresh, type People, password, type SmallApp, smallApp, withPeople } from '../contract/small-app.ts';
import type { FreshDatabase } from '../database/fresh.ts';

let database: FreshDatabase;
let one: SmallApp;
let other: SmallApp;
let people: People;

beforeAll(async () => {
  database = await fresh();
  one = await smallApp({ fresh: database });
  other = await smallApp({ fresh: database });
  people = await withPeople(one);
});

afterAll(async () => {
  await one.close();
  await other.close();
  await database.drop();
});

describe('accounts', () => {
  const account = (username: string, email: string | null) =>
    one.accounts.create({ ...people, username, email, password, role: 'user', scope: 'all', by: null });

  test.each([
    ['ADMIN', null, 'username'],
    ['admin@keystead.test', null, 'username'],
    ['new', 'Admin@Keystead.test', 'email'],
  ])('%s with the e-mail %s is refused: the %s is taken', async (username, email, field) => {
    await expect(account(username, email)).rejects.toMatchObject({ code: 'CONFLICT', field });
  });

  test('of many of one name at once exactly one is made', async () => {
    const made = await Promise.allSettled(Array.from({ length: 10 }, () => account('Twin', null)));
    expect(made.filter(({ status }) => status === 'fulfilled').length).toBe(1);
  });

  test('the first administrator is made once, and not again while one can sign in', async () => {
    const starts = [one, other].map((small) =>
      small.accounts.ensureFirstAdministrator({ username: 'x', password: null }),
    );
    expect(await Promise.all(starts)).toEqual([{ kind: 'present' }, { kind: 'present' }]);
    const empty = await fresh();
    const [a, b] = [await smallApp({ fresh: empty }), await smallApp({ fresh: empty })];
    const results = await Promise.all(
      [a, b].map((small) => small.accounts.ensureFirstAdministrator({ username: 'admin', password: null })),
    );
    const created = results.flatMap((result) => (result.kind === 'created' ? [result] : []));
    expect(created.length).toBe(1);
    expect(created[0]?.password).toMatch(/^\w{4}-\w{4}-\w{4}-\w{4}$/);
    const payload = { email: 'admin', password: created[0]?.password };
    expect((await a.app.inject({ method: 'POST', url: '/api/auth/login', payload })).statusCode).toBe(200);
    await a.close();
    await b.close();
    await empty.drop();
  });
});
