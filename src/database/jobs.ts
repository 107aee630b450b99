import { sql } from 'kysely';
import type { Tx } from './open.ts';

export type JobOptions = {
  runAt?: Date;
  /** At most one waiting job has this key; adding it again replaces that job. A job that already runs is left alone. */
  key?: string;
  /** Jobs of one queue run one after the other, over all processes. Few, lasting names: each makes a row. */
  queue?: string;
  /** Attempts count when they begin, also those cut short by a crash: with 1, a job whose process died never runs again. */
  maxAttempts?: number;
  /** What adding a key again does to the time of the waiting job; `replace` (the default) takes the new one. */
  mode?: 'replace' | 'preserve_run_at';
};

/** Adds a job inside the transaction that decided it: it exists exactly when the transaction commits. At least once. */
export async function addJob(tx: Tx, task: string, payload: object, o: JobOptions = {}): Promise<void> {
  await sql`select from graphile_worker.add_job(
    identifier := ${task}::text,
    payload := ${JSON.stringify(payload)}::json,
    queue_name := ${o.queue ?? null}::text,
    run_at := ${o.runAt ?? null}::timestamptz,
    max_attempts := ${o.maxAttempts ?? null}::integer,
    job_key := ${o.key ?? null}::text,
    job_key_mode := ${o.mode ?? 'replace'}::text
  )`.execute(tx);
}
