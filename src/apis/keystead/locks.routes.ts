import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import type { LockLooks } from '../../features/commands/lock-looks.service.ts';
import type { LockAdding } from '../../features/connections/lock-adding.service.ts';
import type { LockRow, LocksService } from '../../features/locks/locks.service.ts';
import { listQuery, pageOf, sendPage } from '../../http/lists.ts';
import { queryText, readBoolean, readInstant } from '../../http/query.ts';
import { defineRoute } from '../../http/route.ts';
import { Instant, Ok, ok } from '../../http/shapes.ts';
import { Problem } from '../../rules/errors.ts';
import { iso } from '../../rules/instant.ts';
import { Lock, lockView } from './lock-view.ts';

const Change = Type.Object({
  name: Type.Optional(Type.String({ maxLength: 200 })),
  unmanaged: Type.Optional(Type.Enum(['report', 'restore', 'ignore'])),
});
const Create = Type.Object({
  connectionId: Type.String({ minLength: 1, maxLength: 64 }),
  hardwareId: Type.String({ minLength: 1, maxLength: 120, description: 'As the list of its connection names it' }),
  name: Type.Optional(Type.String({ maxLength: 200 })),
});
const Named = Type.Object({ id: Type.String() });
const shared = { family: 'keystead', tag: 'Locks', source: import.meta.url } as const;

type Deps = {
  locks: LocksService;
  lockLooks: LockLooks;
  lockAdding: LockAdding;
  publicUrl: string;
  clock: { now(): number };
};

/** Locks, with what is known of them and how old that is. Ours: the published APIs know them only through their doors. */
export function lockRoutes(app: FastifyInstance, { locks, lockLooks, lockAdding, publicUrl, clock }: Deps): void {
  defineRoute(app, {
    ...shared,
    method: 'GET',
    url: '/api/locks',
    access: 'staff',
    summary: 'List locks',
    purpose:
      'Locks with their last seen state, oldest first: all of them, or those of the doors in the scope of the caller.',
    query: Type.Object(listQuery),
    success: Type.Array(Lock),
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED'],
    handler: async ({ query, actor, request, reply }) => {
      const page = pageOf(query);
      const rows = await locks.list(actor, { limit: page.fetch, after: page.after ?? null });
      return views(sendPage({ request, reply, publicUrl, page, rows, keyOf: (row) => row.id }));
    },
  });
  defineRoute(app, {
    ...shared,
    method: 'POST',
    url: '/api/locks',
    access: 'admin',
    summary: 'Add a lock',
    purpose: 'Adds one lock that hangs on a connection.',
    body: Create,
    example: { connectionId: 'con_01kq…', hardwareId: '7123456', name: 'Front door' },
    success: Lock,
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED', 'FORBIDDEN', 'CONFLICT', 'UPSTREAM_ERROR'],
    handler: async ({ body, actor }) => view(await lockAdding.add(actor, body)),
  });
  defineRoute(app, {
    ...shared,
    method: 'GET',
    url: '/api/locks/:id',
    access: 'staff',
    summary: 'Get a lock',
    purpose: 'One lock with its last seen state.',
    params: Named,
    success: Lock,
    errors: ['UNAUTHORIZED', 'NOT_FOUND'],
    handler: async ({ params, actor }) => view(await locks.get(actor, params.id)),
  });
  defineRoute(app, {
    ...shared,
    method: 'PATCH',
    url: '/api/locks/:id',
    access: 'staff',
    summary: 'Change a lock',
    purpose: 'Its name by all staff; what becomes of codes that were not set from here by administrators.',
    params: Named,
    body: Change,
    example: { name: 'Front door' },
    success: Lock,
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED', 'FORBIDDEN', 'NOT_FOUND'],
    handler: async ({ params, body, actor }) => {
      if (body.unmanaged !== undefined && actor.role !== 'admin') throw new Problem('FORBIDDEN');
      return view(await locks.change(actor, params.id, body));
    },
  });
  defineRoute(app, {
    ...shared,
    method: 'DELETE',
    url: '/api/locks/:id',
    access: 'admin',
    summary: 'Delete a lock',
    purpose:
      'Its commands and events stay readable. Refused while a door has it; and while codes of ours are on it, which would stay there, unless that is confirmed.',
    params: Named,
    query: Type.Object({ confirm: queryText('true: also with codes on it') }),
    success: Ok,
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED', 'FORBIDDEN', 'NOT_FOUND', 'CONFLICT', 'CONFIRMATION_REQUIRED'],
    handler: async ({ params, query, actor }) => {
      await locks.remove(actor, params.id, { confirm: readBoolean(query.confirm, 'confirm') === true });
      return ok;
    },
  });
  defineRoute(app, {
    ...shared,
    method: 'POST',
    url: '/api/locks/:id/refresh',
    access: 'staff',
    summary: 'Look at a lock now',
    purpose: 'Asks the lock itself, which costs its battery a little. One that does not answer is told as it is known.',
    params: Named,
    success: Lock,
    errors: ['UNAUTHORIZED', 'NOT_FOUND', 'UNAVAILABLE'],
    handler: async ({ params, actor }) => view(await lockLooks.now(await locks.get(actor, params.id))),
  });
  defineRoute(app, {
    ...shared,
    method: 'GET',
    url: '/api/locks/:id/batteries',
    access: 'staff',
    summary: 'List battery readings of a lock',
    purpose: 'Newest first: one line a change, and one a day at least where it is read.',
    params: Named,
    query: Type.Object(listQuery),
    success: Type.Array(Type.Object({ at: Instant, percent: Type.Integer() })),
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED', 'NOT_FOUND'],
    handler: async ({ params, query, actor, request, reply }) => {
      const page = pageOf(query);
      const row = await locks.get(actor, params.id);
      const before = readInstant(page.after, 'after') ?? null;
      const rows = await locks.batteries(row, { limit: page.fetch, before });
      const shown = sendPage({ request, reply, publicUrl, page, rows, keyOf: ({ at }) => iso(at) });
      return shown.map(({ at, battery }) => ({ at: iso(at), percent: battery }));
    },
  });

  async function view(row: LockRow): Promise<Static<typeof Lock>> {
    const [door, trend] = await Promise.all([locks.doorOf(row), locks.trend(row)]);
    return lockView(row, door, trend, clock.now());
  }

  /** Many at once, by two questions. */
  async function views(rows: readonly LockRow[]): Promise<Static<typeof Lock>[]> {
    const [doors, trends] = await Promise.all([locks.doorsOf(rows), locks.trends(rows)]);
    const untold = { falling: false, perWeek: null };
    return rows.map((row) => lockView(row, doors.get(row.id) ?? null, trends.get(row.id) ?? untold, clock.now()));
  }
}
