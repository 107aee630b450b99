import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import type { ApiClientRow, ApiClientsService } from '../../features/api-clients/api-clients.service.ts';
import { listQuery, pageOf, sendPage } from '../../http/lists.ts';
import { defineRoute } from '../../http/route.ts';
import { Instant, Ok, ok } from '../../http/shapes.ts';
import { clientScopes } from '../../rules/accounts/caller.ts';
import { iso } from '../../rules/instant.ts';

const Scopes = Type.Array(Type.Enum([...clientScopes]), { maxItems: 20 });
const shown = {
  id: Type.String({ description: 'The client id' }),
  name: Type.String(),
  keyLast4: Type.String(),
  redirectUris: Type.Array(Type.String()),
  scopes: Scopes,
  createdAt: Instant,
  updatedAt: Instant,
};
const ApiClient = Type.Object(shown);
const secret = Type.String({ description: 'Shown only now' });
const Create = Type.Object({
  name: Type.String({ maxLength: 200 }),
  key: Type.Optional(
    Type.String({ maxLength: 200, description: 'Where a program carries one built in; made here otherwise' }),
  ),
  redirectUris: Type.Optional(Type.Array(Type.String({ maxLength: 500 }), { maxItems: 20 })),
  scopes: Type.Optional(Scopes),
});
const Named = Type.Object({ id: Type.String() });
const shared = { access: 'admin', family: 'keystead', tag: 'API clients', source: import.meta.url } as const;

/** Partners' programs that may call the Yale/August API. */
export function apiClientRoutes(
  app: FastifyInstance,
  { apiClients, publicUrl }: { apiClients: ApiClientsService; publicUrl: string },
): void {
  defineRoute(app, {
    ...shared,
    method: 'GET',
    url: '/api/api-clients',
    summary: 'List API clients',
    purpose: 'Programs that may call the Yale/August API; their keys and secrets are never shown.',
    query: Type.Object(listQuery),
    success: Type.Array(ApiClient),
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED', 'FORBIDDEN'],
    handler: async ({ query, actor, request, reply }) => {
      const page = pageOf(query);
      const rows = await apiClients.list(actor, { limit: page.fetch, after: page.after ?? null });
      return sendPage({ request, reply, publicUrl, page, rows, keyOf: (row) => row.id }).map(view);
    },
  });
  defineRoute(app, {
    ...shared,
    method: 'POST',
    url: '/api/api-clients',
    summary: 'Create an API client',
    purpose:
      'Answers its key and its secret, which are shown only now. A key belongs to one client of the whole server.',
    body: Create,
    example: { name: 'Home Assistant', redirectUris: ['https://my.home-assistant.io/redirect/oauth'] },
    success: Type.Object({ ...shown, key: secret, secret }),
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED', 'FORBIDDEN', 'CONFLICT'],
    handler: async ({ body, actor }) => {
      const made = await apiClients.create(actor.organizationId, actor, body);
      return { ...view(made.row), key: made.key, secret: made.secret };
    },
  });
  defineRoute(app, {
    ...shared,
    method: 'POST',
    url: '/api/api-clients/:id/secret',
    summary: 'Change the secret of an API client',
    purpose: 'The old one is worth nothing from now on. Tokens that were given out stay.',
    params: Named,
    success: Type.Object({ ...shown, secret }),
    errors: ['UNAUTHORIZED', 'FORBIDDEN', 'NOT_FOUND'],
    handler: async ({ params, actor }) => {
      const changed = await apiClients.rotateSecret(actor, params.id);
      return { ...view(changed.row), secret: changed.secret };
    },
  });
  defineRoute(app, {
    ...shared,
    method: 'DELETE',
    url: '/api/api-clients/:id',
    summary: 'Revoke an API client',
    purpose: 'Its key and all tokens that it holds are worth nothing from now on, on every process.',
    params: Named,
    success: Ok,
    errors: ['UNAUTHORIZED', 'FORBIDDEN', 'NOT_FOUND'],
    handler: async ({ params, actor }) => {
      await apiClients.revoke(actor, params.id);
      return ok;
    },
  });
}

const view = (row: ApiClientRow): Static<typeof ApiClient> => ({
  id: row.id,
  name: row.name,
  keyLast4: row.key_last4,
  redirectUris: row.redirect_uris,
  scopes: row.scopes,
  createdAt: iso(row.created_at),
  updatedAt: iso(row.updated_at),
});
