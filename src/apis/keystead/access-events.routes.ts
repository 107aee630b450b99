import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import type { AccessEvents, ListedEvent } from '../../features/access-events/access-events.service.ts';
import { joinKey, listQuery, pageOf, sendPage, splitKey } from '../../http/lists.ts';
import { queryInstant, queryInteger, queryText, readInstant, readInteger, readOneOf } from '../../http/query.ts';
import { defineRoute } from '../../http/route.ts';
import { Instant, Nullable } from '../../http/shapes.ts';
import { invalid } from '../../rules/errors.ts';
import type { PersonId } from '../../rules/ids.ts';
import { iso } from '../../rules/instant.ts';

const decisions = ['granted', 'denied'] as const;
const AccessEvent = Type.Object({
  id: Type.String(),
  at: Instant,
  place: Type.Object({
    kind: Type.Enum(['door', 'lock', 'device']),
    id: Type.String(),
    name: Nullable(Type.String({ description: 'As it is called now' })),
    locationId: Nullable(Type.String({ description: 'Where it was then' })),
  }),
  decision: Type.Enum([...decisions]),
  reason: Type.String({ examples: ['valid', 'lockdown', 'opened-at-the-lock'] }),
  credential: Type.Object({
    kind: Type.String({ examples: ['staff', 'pass', 'pin'] }),
    ref: Nullable(Type.String({ description: 'Id of the account, pass or PIN; null: not one of ours' })),
  }),
  person: Nullable(Type.Object({ id: Type.Integer(), name: Nullable(Type.String()) })),
  accountId: Nullable(Type.String()),
  api: Type.String({ description: 'By which way; lock: told by the lock itself, afterwards' }),
  commandId: Nullable(Type.String({ description: 'What the lock was asked to do: GET /api/commands/:id' })),
  details: Type.Record(Type.String(), Type.Unknown()),
});

type Deps = { accessEvents: AccessEvents; publicUrl: string };

/** Who tried what, where, by which credential, with which decision. Ours; events are never changed. */
export function accessEventRoutes(app: FastifyInstance, { accessEvents, publicUrl }: Deps): void {
  defineRoute(app, {
    method: 'GET',
    url: '/api/access-events',
    access: 'staff',
    family: 'keystead',
    tag: 'Doors',
    source: import.meta.url,
    summary: 'List access events',
    purpose:
      'Every try to enter, newest first: granted or denied, with the reason. All of them, or those at the locations in the scope of the caller. Administrators also see which of the staff it was.',
    query: Type.Object({
      ...listQuery,
      door: queryText('Only at this door, by its id'),
      lock: queryText('Only at this lock, or the door that it hangs on now'),
      person: queryInteger('Only of this person, by number'),
      decision: queryText('granted or denied'),
      from: queryInstant('Not before this instant'),
      to: queryInstant('Before this instant'),
    }),
    success: Type.Array(AccessEvent),
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED'],
    handler: async ({ query, actor, request, reply }) => {
      const page = pageOf(query);
      const person = readInteger(query.person, 'person', { minimum: 1, maximum: 2 ** 31 - 1 }) ?? null;
      const filter = {
        door: query.door || null,
        lock: query.lock || null,
        person: person as PersonId | null,
        decision: readOneOf(query.decision, 'decision', decisions) ?? null,
        from: readInstant(query.from, 'from') ?? null,
        to: readInstant(query.to, 'to') ?? null,
      };
      const before = page.after === undefined ? null : eventIn(page.after);
      const rows = await accessEvents.list(actor, filter, { limit: page.fetch, before });
      return sendPage({ request, reply, publicUrl, page, rows, keyOf: ({ at, id }) => joinKey([at, id]) }).map((row) =>
        view(row, actor.role === 'admin'),
      );
    },
  });
}

/** Throws 400 for a key that no page of ours ends with. */
function eventIn(key: string): { at: number; id: string } {
  const [at, id] = splitKey(key, ['number', 'string']);
  if (Number.isInteger(at) && at >= 0 && at <= 8.64e15 && /^evt_[0-9a-z]{1,40}$/.test(id)) return { at, id };
  throw invalid('after', 'after must be taken from the Link header of the page before');
}

/** Which of the staff it was, administrators alone see. */
const view = (row: ListedEvent, mayNameStaff: boolean): Static<typeof AccessEvent> => ({
  id: row.id,
  at: iso(row.at),
  place: { kind: row.place_kind, id: row.place_id, name: row.place_name, locationId: row.location_id },
  decision: row.decision,
  reason: row.reason,
  credential: {
    kind: row.credential_kind,
    ref: row.credential_kind === 'staff' && !mayNameStaff ? null : row.credential_ref,
  },
  person: row.person_id === null ? null : { id: row.person_id, name: row.person_name },
  accountId: mayNameStaff ? row.account_id : null,
  api: row.api,
  commandId: row.command_id,
  details: row.details as Record<string, unknown>,
});
