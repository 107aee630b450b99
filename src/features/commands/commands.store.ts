import type { Kysely, Selectable } from 'kysely';
import { at } from '../../database/instant-value.ts';
import { earlier } from '../../database/stretch.ts';
import { columns, type DB } from '../../database/types.ts';
import type { CommandId, DeviceId, OrganizationId, SessionId } from '../../rules/ids.ts';
import type { Instant } from '../../rules/instant.ts';
import type { Stretch } from '../../rules/timeline/moments.ts';

export type CommandRow = Selectable<DB['commands']>;

export async function insertCommand(
  db: Kysely<DB>,
  row: Pick<
    CommandRow,
    'organization_id' | 'id' | 'device_id' | 'session_id' | 'account_id' | 'kind' | 'auto_off_seconds' | 'lease_until'
  >,
  now: Instant,
): Promise<void> {
  await db
    .insertInto('commands')
    .values({ ...row, lease_until: new Date(row.lease_until), asked_at: new Date(now) })
    .execute();
}

/** False: somebody else has closed it meanwhile. */
export async function finishCommand(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  id: CommandId,
  outcome: NonNullable<CommandRow['outcome']>,
  detail: string | null,
  now: Instant,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('commands')
    .set({ outcome, detail, finished_at: new Date(now) })
    .where('organization_id', '=', organizationId)
    .where('id', '=', id)
    .where('outcome', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Commands that were written and not reported on: under way, or left by one who is gone. */
export async function openCommands(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  deviceId: DeviceId,
): Promise<(CommandRow & { session_id: SessionId | null })[]> {
  return db
    .selectFrom('commands')
    .select(columns.commands)
    .where('organization_id', '=', organizationId)
    .where('device_id', '=', deviceId)
    .where('outcome', 'is', null)
    .orderBy('id')
    .execute();
}

/** Those of all organizations: nobody carries them out any more. */
export async function endLeases(db: Kysely<DB>, now: Instant): Promise<void> {
  await db
    .updateTable('commands')
    .set({ lease_until: new Date(now) })
    .where('outcome', 'is', null)
    .where('lease_until', '>', at(now))
    .execute();
}

/** Those of a device by when they were asked for, newest first. */
export async function commandsAlong(
  db: Kysely<DB>,
  organizationId: OrganizationId,
  deviceId: DeviceId,
  stretch: Stretch,
): Promise<CommandRow[]> {
  return db
    .selectFrom('commands')
    .select(columns.commands)
    .where('organization_id', '=', organizationId)
    .where('device_id', '=', deviceId)
    .where(earlier({ at: 'asked_at', id: 'id' }, stretch))
    .orderBy('asked_at', 'desc')
    .orderBy('id', 'desc')
    .limit(stretch.limit)
    .execute();
}
