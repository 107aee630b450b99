import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { runMigrations } from 'graphile-worker';
import pg from 'pg';
import type { Log } from './log.ts';
import { workerLogger } from './worker-logger.ts';

export type MigrateOptions = {
  connection: pg.ClientConfig;
  log: Log;
  /** Tests bring their own. */
  folder?: URL;
};

type Migration = { number: number; name: string; text: string; sha256: string };
type Applied = { number: number; name: string; sha256: string };

const migrationLock = '5424817259133617001'; // one process migrates, the others wait and find nothing left to do

/**
 * Brings the database to this program's state: numbered SQL files, forward only, each in a transaction of its own, then the
 * job queue's tables. Throws one clear sentence when the database is newer than the program, when an applied file was
 * changed, or when a number is missing.
 */
export async function migrate(o: MigrateOptions): Promise<void> {
  const migrations = readMigrations(o.folder ?? new URL('./migrations/', import.meta.url));
  const client = new pg.Client({ ...o.connection, application_name: 'keystead migrating' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [migrationLock]);
    await client.query(`create table if not exists schema_migrations (
      number integer primary key,
      name text not null,
      sha256 text not null,
      applied_at timestamptz not null default now()
    )`);
    const { rows } = await client.query<Applied>('select number, name, sha256 from schema_migrations order by number');
    for (const migration of outstanding(migrations, rows)) {
      await apply(client, migration);
      o.log.info({ migration: migration.name }, 'Migrated the database.');
    }
    await migrateJobQueue(o);
  } finally {
    await client.end();
  }
}

function readMigrations(folder: URL): Migration[] {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort();
  return names.map((name, index) => {
    const number = Number(/^(\d{4})_[a-z0-9-]+(?:_[a-z0-9-]+)*\.sql$/.exec(name)?.[1]);
    if (!Number.isInteger(number)) throw new Error(`The migration ${name} is not named like 0001_foundation.sql.`);
    if (number !== index + 1) throw new Error(`Migration ${index + 1} is missing: the next file is ${name}.`);
    const text = readFileSync(new URL(name, folder), 'utf8').replaceAll('\r\n', '\n');
    return { number, name, text, sha256: createHash('sha256').update(text).digest('hex') };
  });
}

/** What is still to do, after making sure that what was done is what the files say. */
function outstanding(migrations: readonly Migration[], applied: readonly Applied[]): readonly Migration[] {
  const last = applied.at(-1);
  if (last !== undefined && last.number > migrations.length) {
    throw new Error(
      `The database is newer than this Keystead (it has migration ${last.name}, this program ends at ${migrations.length}): install that version or a later one.`,
    );
  }
  for (const [index, done] of applied.entries()) {
    const file = migrations[index];
    if (done.number !== index + 1) throw new Error(`The database lacks migration ${index + 1} but has ${done.name}.`);
    if (file?.sha256 !== done.sha256) {
      throw new Error(
        `Migration ${file?.name ?? done.name} was changed after it had been applied: restore it, and add a new one.`,
      );
    }
  }
  return migrations.slice(applied.length);
}

async function apply(client: pg.Client, migration: Migration): Promise<void> {
  try {
    await client.query('begin');
    await client.query(migration.text);
    await client.query('insert into schema_migrations (number, name, sha256) values ($1, $2, $3)', [
      migration.number,
      migration.name,
      migration.sha256,
    ]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`Migration ${migration.name} failed, nothing of it remains: ${reason}`, { cause: error });
  }
}

async function migrateJobQueue(o: MigrateOptions): Promise<void> {
  const pool = new pg.Pool({ ...o.connection, max: 1, application_name: 'keystead migrating' });
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  try {
    await runMigrations({ pgPool: pool, logger: workerLogger(o.log) });
  } finally {
    await pool.end();
  }
}
