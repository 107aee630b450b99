import { afterEach, beforeEach, expect, it } from 'vitest';
import { silent } from '../../src/database/log.ts';
import { type Database, openDatabase } from '../../src/database/open.ts';
import { columns } from '../../src/database/types.ts';
import { systemClock } from '../../src/host/clock.ts';
import { type FreshDatabase, freshDatabase } from './fresh.ts';

let fresh: FreshDatabase;
let database: Database;

beforeEach(async () => {
  fresh = await freshDatabase();
  database = await openDatabase({ connection: fresh.connection, clock: systemClock, log: silent, poolSize: 1 });
});
afterEach(async () => {
  await database.close();
  await fresh.drop();
});

const named = (slug: string) =>
  database.read.selectFrom('organizations').select(columns.organizations).where('slug', '=', slug).execute();
const anyColumn = (slug: string) =>
  database.read.selectFrom('organizations').selectAll().where('slug', '=', slug).execute();
const prepared = async () =>
  (await database.pool.query<{ statement: string }>('select statement from pg_prepared_statements')).rows;

it('prepares a statement once for a connection, whatever its values', async () => {
  for (const slug of ['one', 'two', 'three']) await named(slug);
  await database.transaction('read', (tx) =>
    tx.selectFrom('organizations').select(columns.organizations).where('slug', '=', 'four').execute(),
  );
  expect(await prepared()).toHaveLength(1);
});

it('goes on where a newer version adds a column, and prepares nothing that would not', async () => {
  const read = () => Promise.all([named('none'), anyColumn('none')]);
  await read();
  await database.pool.query('alter table organizations add column motto text');
  expect(await read()).toEqual([[], []]);
  expect(await prepared()).toHaveLength(1);
});

it('prepares so many, and goes on without a name', async () => {
  for (let n = 1; n <= 220; n++) {
    const slugs = Array.from({ length: n }, (_, one) => `slug-${one}`);
    await database.read.selectFrom('organizations').select('id').where('slug', 'in', slugs).execute();
  }
  expect(await prepared()).toHaveLength(200);
});
