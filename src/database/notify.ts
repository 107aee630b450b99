import { type RawBuilder, sql } from 'kysely';
import type { Tx } from './open.ts';

/** What listeners hear: which thing changed, never how. `*resync` is said by the listener itself after a gap. */
export type Notification = { topic: string; organizationId?: string; id?: string };

export const channel = 'keystead';

/** Told when, and only if, the transaction commits. Not for hot paths: NOTIFY makes commits stand in line. */
export async function notify(tx: Tx, message: Notification): Promise<void> {
  await sql`select ${telling(message)}`.execute(tx);
}

/** The same as part of a statement: what an update returns, say, which then tells of what it changed. */
export const telling = (message: Notification): RawBuilder<unknown> =>
  sql`pg_notify(${channel}, ${JSON.stringify(message)})`;
