import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import type { PeopleService, PersonRow } from '../../features/people/people.service.ts';
import { listQuery, pageOf, sendPage } from '../../http/lists.ts';
import { readInteger } from '../../http/query.ts';
import { defineRoute } from '../../http/route.ts';
import { Instant, Nullable } from '../../http/shapes.ts';
import { iso } from '../../rules/instant.ts';

const Person = Type.Object({
  id: Type.Integer(),
  uuid: Type.String(),
  name: Type.String(),
  phone: Nullable(Type.String()),
  createdAt: Instant,
  updatedAt: Instant,
});
const name = Type.String({ maxLength: 200 });
const phone = Type.Optional(
  Nullable(
    Type.String({ maxLength: 40, description: 'International; their name at apps that ask for a phone number' }),
  ),
);
const Named = Type.Object({ id: Type.String({ description: 'Number or UUID' }) });
const shared = { access: 'staff', family: 'keystead', tag: 'People', source: import.meta.url } as const;

/** People who are known: by a number, a UUID and a name. */
export function peopleRoutes(app: FastifyInstance, deps: { people: PeopleService; publicUrl: string }): void {
  const { people, publicUrl } = deps;
  defineRoute(app, {
    ...shared,
    method: 'GET',
    url: '/api/people',
    summary: 'List people',
    purpose: 'Everybody who is known, by number.',
    query: Type.Object(listQuery),
    success: Type.Array(Person),
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED'],
    handler: async ({ query, actor, request, reply }) => {
      const page = pageOf(query);
      const after = readInteger(page.after, 'after', { minimum: 0, maximum: 2 ** 31 - 1 }) ?? null;
      const rows = await people.list(actor, { limit: page.fetch, after });
      return sendPage({ request, reply, publicUrl, page, rows, keyOf: (row) => String(row.id) }).map(view);
    },
  });
  defineRoute(app, {
    ...shared,
    method: 'POST',
    url: '/api/people',
    summary: 'Add a person',
    purpose: 'Number and UUID are given here.',
    body: Type.Object({ name, phone }),
    example: { name: 'Anna' },
    success: Person,
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED', 'FORBIDDEN', 'CONFLICT'],
    handler: async ({ body, actor }) => view(await people.create(actor, body)),
  });
  defineRoute(app, {
    ...shared,
    method: 'GET',
    url: '/api/people/:id',
    summary: 'Get a person',
    purpose: 'By number or UUID.',
    params: Named,
    success: Person,
    errors: ['UNAUTHORIZED', 'NOT_FOUND'],
    handler: async ({ params, actor }) => view(await people.get(actor, params.id)),
  });
  defineRoute(app, {
    ...shared,
    method: 'PATCH',
    url: '/api/people/:id',
    summary: 'Change a person',
    purpose: 'Another name, another phone number.',
    params: Named,
    body: Type.Object({ name: Type.Optional(name), phone }),
    example: { name: 'Anna K.' },
    success: Person,
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED', 'NOT_FOUND', 'CONFLICT'],
    handler: async ({ params, body, actor }) => view(await people.change(actor, params.id, body)),
  });
}

const view = (row: PersonRow): Static<typeof Person> => ({
  id: row.id,
  uuid: row.uuid,
  name: row.name,
  phone: row.phone,
  createdAt: iso(row.created_at),
  updatedAt: iso(row.updated_at),
});
