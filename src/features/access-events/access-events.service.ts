import { createHash } from 'node:crypto';
import type { Database, Tx } from '../../database/open.ts';
import type { Clock } from '../../host/clock.ts';
import type { Random } from '../../host/random.ts';
import type { Decision } from '../../rules/access/decide.ts';
import type { Actor } from '../../rules/accounts/actor.ts';
import type { AccessEventId, AccountId, CommandId, LocationId, OrganizationId, PersonId } from '../../rules/ids.ts';
import type { Instant } from '../../rules/instant.ts';
import {
  type AccessEventFilter,
  accessEventExists,
  insertAccessEvent,
  type ListedEvent,
  listAccessEvents,
  type PlaceRef,
} from './access-events.store.ts';

/** One try of one credential at one place. What is secret about a credential (its digits) has no place in it. */
export type AccessEvent = {
  organizationId: OrganizationId;
  place: PlaceRef & { locationId: LocationId | null };
  /** `ref`: the id of the pass, PIN, link or account; or the vendor's name of it. */
  credential: { kind: string; ref: string | null };
  decision: Decision['decision'];
  reason: string;
  api: string;
  personId?: PersonId | null;
  accountId?: AccountId | null;
  commandId?: CommandId | null;
  details?: Record<string, unknown>;
  /** Where it was told afterwards: when it was, and its name there, by which it is written down once. */
  told?: { at: Instant; source: string };
};

type Deps = { database: Database; clock: Clock; random: Random };

/** Who tried what, where, with which decision: written in the transaction of whoever decided it, never changed, never lost. */
export function createAccessEvents({ database, clock, random }: Deps) {
  /** Its id; null: it was written down before. */
  async function record(tx: Tx, event: AccessEvent): Promise<AccessEventId | null> {
    const { told } = event;
    const id = told === undefined ? random.id('accessEvent') : idOf(told.source);
    const isNew = await insertAccessEvent(tx, {
      organization_id: event.organizationId,
      at: told?.at ?? clock.now(),
      id,
      place_kind: event.place.kind,
      place_id: event.place.id,
      location_id: event.place.locationId,
      person_id: event.personId ?? null,
      credential_kind: event.credential.kind,
      credential_ref: event.credential.ref,
      decision: event.decision,
      reason: event.reason,
      api: event.api,
      account_id: event.accountId ?? null,
      command_id: event.commandId ?? null,
      details: event.details ?? {},
    });
    return isNew ? id : null;
  }

  /** Whether what this source told of that moment was written down before. */
  const isTold = (tx: Tx, organizationId: OrganizationId, at: Instant, source: string): Promise<boolean> =>
    accessEventExists(tx, organizationId, at, idOf(source));

  /** Newest first: those of places that the actor may see. */
  const list = (
    { organizationId, scope }: Actor,
    filter: Omit<AccessEventFilter, 'scope'>,
    page: { limit: number; before: { at: Instant; id: string } | null },
  ): Promise<ListedEvent[]> => listAccessEvents(database.read, organizationId, { ...filter, scope }, page);

  return { record, isTold, list };
}

export type AccessEvents = ReturnType<typeof createAccessEvents>;
export type { ListedEvent } from './access-events.store.ts';

/** The same for the same source: what is told twice is one event. */
const idOf = (source: string): AccessEventId =>
  `evt_${createHash('sha256').update(source).digest('hex').slice(0, 26)}` as AccessEventId;
