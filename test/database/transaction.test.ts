import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addJob } from '../../src/database/jobs.ts';
import { silent } from '../../src/database/log.ts';
import { type Database, openDatabase } from '../../src/database/open.ts';
import { systemClock } from '../../src/host/clock.ts';
import { parseKillPoint } from '../../src/host/kill-points.ts';
import { killChildren, startChild } from './child.ts';
import { type FreshDatabase, freshDatabase } from './fresh.ts';

let fresh: FreshDatabase;
let database: Database;

beforeEach(async () => {
  fresh = await freshDatabase();
  database = await openDatabase({ connection: fresh.connection, clock: systemClock, log: silent });
  await database.pool.query('create table notes (text text, at timestamptz, large int8, day date, many int8[])');
});

afterEach(async () => {
  killChildren();
  await database.close();
  await fresh.drop();
});

const notes = async () =>
  (await database.pool.query<{ text: string }>('select text from notes')).rows.map(({ text }) => text);
const jobs = async () => (await database.pool.query('select key, run_at from graphile_worker.jobs')).rows;

describe('a transaction', () => {
  it('commits what was done, and gives back what the work returned', async () => {
    const answer = await database.transaction('note', async (tx) => {
      await sql`insert into notes values ('kept')`.execute(tx);
      return 42;
    });
    expect([answer, await notes()]).toEqual([42, ['kept']]);
  });

  it('rolls everything back on an error, the job with it, and throws that error', async () => {
    const failing = database.transaction('note', async (tx) => {
      await sql`insert into notes values ('gone')`.execute(tx);
      await addJob(tx, 'announce', { note: 'gone' });
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect([await notes(), await jobs()]).toEqual([[], []]);
  });

  it('fails when an error of the database was swallowed inside', async () => {
    const swallowing = database.transaction('note', async (tx) => {
      await sql`insert into notes values ('gone')`.execute(tx);
      await sql`select 1 / 0`.execute(tx).catch(() => undefined);
    });
    await expect(swallowing).rejects.toThrow();
    expect(await notes()).toEqual([]);
  });

  it('keeps one waiting job a key, at its first time where asked', async () => {
    const first = new Date('2030-01-01T00:00:00Z');
    const second = new Date('2031-01-01T00:00:00Z');
    await database.transaction('note', (tx) =>
      addJob(tx, 'announce', { n: 1 }, { key: 'a', runAt: first, queue: 'q', maxAttempts: 3 }),
    );
    await database.transaction('note', (tx) =>
      addJob(tx, 'announce', { n: 2 }, { key: 'a', runAt: second, mode: 'preserve_run_at' }),
    );
    expect(await jobs()).toEqual([{ key: 'a', run_at: first.getTime() }]);
    await database.transaction('note', (tx) => addJob(tx, 'announce', { n: 3 }, { key: 'a', runAt: second }));
    expect(await jobs()).toEqual([{ key: 'a', run_at: second.getTime() }]);
  });

  it('survives the loss of its connection as an error, and the next one works', async () => {
    const cut = database.transaction('note', (tx) => sql`select pg_terminate_backend(pg_backend_pid())`.execute(tx));
    await expect(cut).rejects.toThrow();
    await database.transaction('note', (tx) => sql`insert into notes values ('next')`.execute(tx));
    expect(await notes()).toEqual(['next']);
  });
});

describe('values', () => {
  it('come back as instants, numbers and plain dates, whatever zone the session has', async () => {
    const at = new Date('2026-03-29T01:30:00.123Z');
    await database.pool.query('insert into notes (at, large, day, many) values ($1, $2, $3, $4)', [
      at,
      9007199254740991,
      '2026-03-29',
      [1, 2],
    ]);
    const { rows } = await database.pool.query('select at, large, day, many, 0.10::numeric as price from notes');
    expect(rows).toEqual([
      { at: at.getTime(), large: 9007199254740991, day: '2026-03-29', many: [1, 2], price: '0.10' },
    ]);
    await database.pool.query("set time zone 'Asia/Kathmandu'");
    expect(
      (
        await database.pool.query('select at, at::timestamp at time zone current_setting($1) as again from notes', [
          'TimeZone',
        ])
      ).rows[0],
    ).toEqual({ at: at.getTime(), again: at.getTime() });
  });

  it('that a number cannot hold are an error', async () => {
    await expect(database.pool.query('select 9007199254740993::int8')).rejects.toThrow('too large for a number');
  });
});

describe('a kill point', () => {
  it.each([
    { at: 'note:before', left: [] },
    { at: 'note:after', left: ['first'] },
    { at: 'note:after:2', left: ['first', 'second'] },
    { at: 'note:before:2', left: ['first'] },
    { at: 'other:before', left: ['first', 'second', 'third'] },
  ])('at $at leaves $left', async ({ at, left }) => {
    const child = startChild('notes.ts', {
      arguments: [JSON.stringify(fresh.connection)],
      environment: { KEYSTEAD_KILL_AT: at },
    });
    expect(await child.ended()).toBe(at === 'other:before' ? 0 : 'SIGKILL');
    expect(await notes()).toEqual(left);
  });

  it('that is misspelt is refused', () => {
    expect(() => parseKillPoint('note:during', () => undefined)).toThrow('KEYSTEAD_KILL_AT=note:during');
    expect(parseKillPoint(undefined, () => undefined)).toBeNull();
  });
});
