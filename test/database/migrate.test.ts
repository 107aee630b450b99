import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { silent } from '../../src/database/log.ts';
import { migrate } from '../../src/database/migrate.ts';
import { type FreshDatabase, freshDatabase } from './fresh.ts';

let fresh: FreshDatabase;
let folder = '';

beforeEach(async () => {
  fresh = await freshDatabase({ from: 'template0' });
  folder = mkdtempSync(path.join(os.tmpdir(), 'keystead-migrations-'));
  write('0001_doors.sql', 'create table doors (id text primary key);');
  write('0002_locks.sql', 'create table locks (id text primary key);\ninsert into locks values ($$one$$);');
});

afterEach(async () => {
  rmSync(folder, { recursive: true });
  await fresh.drop();
});

it('applies the files in order, once, and prepares the job queue', async () => {
  await run();
  await run();
  expect(await column('select name from schema_migrations order by number')).toEqual([
    '0001_doors.sql',
    '0002_locks.sql',
  ]);
  expect(await column('select id from locks')).toEqual(['one']);
  expect(await column("select to_regclass('graphile_worker.jobs')::text")).toEqual(['graphile_worker.jobs']);
});

it('lets two processes that begin at the same moment migrate once', async () => {
  await Promise.all([run(), run(), run()]);
  expect(await column('select id from locks')).toEqual(['one']);
});

it('refuses an applied file that was changed', async () => {
  await run();
  write('0001_doors.sql', 'create table gates (id text primary key);');
  await expect(run()).rejects.toThrow('Migration 0001_doors.sql was changed after it had been applied');
});

it('takes no line ending for a change', async () => {
  await run();
  write('0002_locks.sql', 'create table locks (id text primary key);\r\ninsert into locks values ($$one$$);');
  await run();
});

it('refuses a database that is newer than the program', async () => {
  write('0003_later.sql', 'select 1;');
  await run();
  rmSync(path.join(folder, '0003_later.sql'));
  await expect(run()).rejects.toThrow('The database is newer than this Keystead');
});

it('refuses a gap in the numbers and a name that is none', async () => {
  write('0004_late.sql', 'select 1;');
  await expect(run()).rejects.toThrow('Migration 3 is missing: the next file is 0004_late.sql.');
  rmSync(path.join(folder, '0004_late.sql'));
  write('latest.sql', 'select 1;');
  await expect(run()).rejects.toThrow('latest.sql is not named like');
});

it('leaves nothing of a file that fails half-way, and goes on from there once it is mended', async () => {
  write('0003_people.sql', 'create table people (id text); select no_such_function();');
  await expect(run()).rejects.toThrow('Migration 0003_people.sql failed, nothing of it remains');
  expect(await column("select to_regclass('people')::text")).toEqual([null]);
  write('0003_people.sql', 'create table people (id text);');
  await run();
  expect(await column('select count(*)::int from schema_migrations')).toEqual([3]);
});

function write(name: string, text: string): void {
  writeFileSync(path.join(folder, name), text);
}

function run(): Promise<void> {
  return migrate({ connection: fresh.connection, log: silent, folder: pathToFileURL(`${folder}/`) });
}

async function column(question: string): Promise<unknown[]> {
  const client = new pg.Client(fresh.connection);
  await client.connect();
  const { rows } = await client.query<Record<string, unknown>>(question);
  await client.end();
  return rows.map((row) => Object.values(row)[0]);
}
