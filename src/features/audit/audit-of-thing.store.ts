import type { Kysely } from 'kysely';
import { earlier } from '../../database/stretch.ts';
import type { DB } from '../../database/types.ts';
import type { OrganizationId } from '../../rules/ids.ts';
import type { Instant } from '../../rules/instant.ts';
import type { Stretch } from '../../rules/timeline/moments.ts';

export type AuditedThing = { organizationId: OrganizationId; entity: string; entityId: string };

/** `username`: null when nobody was signed in, or what names them was erased. */
export type EntryOf = { number: number; at: Instant; action: string; details: unknown; username: string | null };

/** The record of one thing, newest first. `below` of the stretch is a number, as text. */
export async function entriesAlong(db: Kysely<DB>, of: AuditedThing, stretch: Stretch): Promise<EntryOf[]> {
  return db
    .selectFrom('audit_entries')
    .leftJoin('audit_personal', (join) =>
      join
        .onRef('audit_personal.organization_id', '=', 'audit_entries.organization_id')
        .onRef('audit_personal.number', '=', 'audit_entries.number')
        .on('audit_personal.field', '=', 'username'),
    )
    .select([
      'audit_entries.number',
      'audit_entries.at',
      'audit_entries.action',
      'audit_entries.details',
      'audit_personal.value as username',
    ])
    .where('audit_entries.organization_id', '=', of.organizationId)
    .where('audit_entries.entity', '=', of.entity)
    .where('audit_entries.entity_id', '=', of.entityId)
    .where(earlier({ at: 'audit_entries.at', id: 'audit_entries.number' }, stretch))
    .orderBy('audit_entries.at', 'desc')
    .orderBy('audit_entries.number', 'desc')
    .limit(stretch.limit)
    .execute();
}
