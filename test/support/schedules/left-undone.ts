import type { Instant } from '../../../src/rules/instant.ts';

export type Ask = <T extends object>(sql: string, values: unknown[]) => Promise<T[]>;

/**
 * What should not be there once all is over: work that is due, commands without an outcome, notices for what is past.
 * `except`: of these, something may be.
 */
export async function leftUndone(
  ask: Ask,
  holdsBefore: Instant,
  o: { except?: ReadonlySet<string> } = {},
): Promise<string[]> {
  const left = await ask<{ what: string; id: string; more: string }>(
    `select 'wakes still' as what, id, phase as more from sessions where wake_at is not null
     union all select 'a payment waits', id, status from payments
       where status = 'PENDING' or (status = 'FAILED' and check_at is not null)
     union all select 'a refund is open', id, coalesce(trouble, '') from refunds where status = 'asked'
     union all select 'a command is open', id, kind from commands where outcome is null
     union all select 'a hold for nobody', device_id, session_id from holds where expires_at < $1
     union all select 'a notice stands', subject, kind || facts::text from notices
       where cleared_at is null and kind in ('device-offline', 'refund-failed', 'payment-mismatch')
     union all select 'a job has failed', task_identifier, coalesce(last_error, '') from graphile_worker.jobs
       where last_error is not null`,
    [new Date(holdsBefore)],
  );
  return left.filter(({ id }) => o.except?.has(id) !== true).map(({ what, id, more }) => `${what}: ${id} ${more}`);
}
