import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';

export type FreshDatabase = { connection: pg.ClientConfig; drop(): Promise<void> };

/** A migrated, empty database of one's own; some 30 ms. `from: 'template0'` gives one without any table. */
export async function freshDatabase(o: { from?: 'template' | 'template0' } = {}): Promise<FreshDatabase> {
  const { host, port, user, template } = inject('server');
  const server = { host, port, user, ssl: false };
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await command(server, `create database ${name} template ${o.from ?? template} strategy file_copy`);
  return {
    connection: { ...server, database: name },
    drop: () => command(server, `drop database if exists ${name} with (force)`),
  };
}

async function command(server: pg.ClientConfig, text: string): Promise<void> {
  const client = new pg.Client({ ...server, database: 'postgres' });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}
