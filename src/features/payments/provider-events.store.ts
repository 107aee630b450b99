import { type Kysely, type RawBuilder, sql } from 'kysely';
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

/** Whether one does, as part of a statement. */
export const isWaitedFor = (organizationId: OrganizationId, intentId: string): RawBuilder<boolean> =>
  sql<boolean>`exists (
    select from provider_events where organization_id = ${organizationId} and intent_id = ${intentId})`;

export async function forgetEventsBefore(db: Kysely<DB>, before: Instant): Promise<void> {
  await db.deleteFrom('provider_events').where('received_at', '<', at(before)).execute();
}
