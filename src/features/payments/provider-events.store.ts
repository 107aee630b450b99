import type { Kysely } from 'kysely';
import { at } from '../../database/instant-value.ts';
import type { DB } from '../../database/types.ts';
import type { OrganizationId } from '../../rules/ids.ts';
import type { Instant } from '../../rules/instant.ts';

/** False when the event was taken in before. */
export async function takeEvent(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  eventId: string,
  now: Instant,
): Promise<boolean> {
  const result = await db
    .insertInto('provider_events')
    .values({ organization_id: organizationId, provider: 'stripe', event_id: eventId, received_at: new Date(now) })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** No payment of ours names this intent yet. */
export async function keepWaiting(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  eventId: string,
  intentId: string,
): Promise<void> {
  await db
    .updateTable('provider_events')
    .set({ intent_id: intentId })
    .where('organization_id', '=', organizationId)
    .where('provider', '=', 'stripe')
    .where('event_id', '=', eventId)
    .execute();
}

export async function isWaitedFor(db: Kysely<DB>, organizationId: OrganizationId, intentId: string): Promise<boolean> {
  const row = await db
    .selectFrom('provider_events')
    .select('event_id')
    .where('organization_id', '=', organizationId)
    .where('intent_id', '=', intentId)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

export async function forgetEventsBefore(db: Kysely<DB>, before: Instant): Promise<void> {
  await db.deleteFrom('provider_events').where('received_at', '<', at(before)).execute();
}
