import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';

export type FreshDatabase = {
  connection: pg.ClientConfig;
  /** The same as a DATABASE_URL. */
  url: string;
  drop(): Promise<void>;
};

/** A migrated, empty database of one's own; some 30 ms. `from: 'template0'` gives one without any table. */
export async function freshDatabase(o: { from?: 'template' | 'template0' } = {}): Promise<FreshDatabase> {
  const { template, database, ...server } = inject('server');
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const from = o.from === 'template0' ? "template0 encoding 'UTF8'" : template;
  const admin = { ...server, database };
  await command(admin, `create database ${name} template ${from} strategy file_copy`);
  return {
    connection: { ...server, database: name },
    url: urlOf({ ...server, database: name }),
    drop: () => command(admin, `drop database if exists ${name} with (force)`),
  };
}

type Reached = { host: string; port: number; user: string; password?: string; ssl: boolean; database: string };

function urlOf({ host, port, user, password, ssl, database }: Reached): string {
  const who = encodeURIComponent(user) + (password === undefined ? '' : `:${encodeURIComponent(password)}`);
  if (host.startsWith('/')) return `postgresql://${who}@/${database}?host=${encodeURIComponent(host)}&port=${port}`;
  return `postgresql://${who}@${host}:${port}/${database}${ssl ? '?sslmode=require' : ''}`;
}

async function command(server: pg.ClientConfig, text: string): Promise<void> {
  const client = new pg.Client(server);
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}
