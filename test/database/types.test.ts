import { readFileSync } from 'node:fs';
import pg from 'pg';
import { expect, it } from 'vitest';
import { describeDatabase } from '../../src/database/describe.ts';
import { freshDatabase } from './fresh.ts';

it('the committed types of the database are what the migrations give (if not: npm run database-types)', async () => {
  const fresh = await freshDatabase();
  const committed = readFileSync(new URL('../../src/database/types.ts', import.meta.url), 'utf8');
  expect(committed).toBe(await describeDatabase(fresh.connection));
  await fresh.drop();
});

it('comments give columns brands and unions; defaults, computed columns, enums and arrays are told; partitions are not', async () => {
  const fresh = await freshDatabase({ from: 'template0' });
  const client = new pg.Client(fresh.connection);
  await client.connect();
  await client.query(`
    create type mood as enum ('open', 'shut');
    create table doors (
      id text not null, at timestamptz, number bigint generated always as identity, mood mood not null default 'open',
      kinds text[] not null, names text[] not null, twice int generated always as (1 + 1) stored, facts jsonb, key bytea not null
    ) partition by list (id);
    create table doors_a partition of doors for values in ('a');
    comment on column doors.id is 'brand:DeviceId';
    comment on column doors.kinds is 'union:''card''|''pin''';
  `);
  const text = await describeDatabase(fresh.connection);
  expect(text.split('\n').slice(1)).toEqual([
    "import type { DeviceId } from '../rules/ids.ts';",
    "import type { Computed, Generated, Json, Timestamp } from './column-types.ts';",
    '',
    'export interface Doors {',
    '  id: DeviceId;',
    '  at: Timestamp | null;',
    '  number: Generated<number>;',
    "  mood: Generated<'open' | 'shut'>;",
    "  kinds: ('card' | 'pin')[];",
    '  names: string[];',
    '  twice: Computed<number | null>;',
    '  facts: Json | null;',
    '  key: Buffer;',
    '}',
    '',
    'export interface DB {',
    '  doors: Doors;',
    '}',
    '',
    'export const columns: { readonly [T in keyof DB]: readonly (keyof DB[T])[] } = {',
    '  doors: [',
    ...['id', 'at', 'number', 'mood', 'kinds', 'names', 'twice', 'facts', 'key'].map((name) => `    '${name}',`),
    '  ],',
    '};',
    '',
  ]);
  await client.query('create table clocks (at timestamp)');
  await client.end();
  await expect(describeDatabase(fresh.connection)).rejects.toThrow('clocks.at: a timestamp without a zone');
  await fresh.drop();
});
