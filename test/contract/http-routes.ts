import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { listQuery, pageOf, sendPage } from '../../src/http/lists.ts';
import { type Access, defineRoute, type RouteFamily } from '../../src/http/route.ts';
import { openStream } from '../../src/http/streams.ts';
import { Problem } from '../../src/rules/errors.ts';

/** Routes of every kind, to try the server on. */
export function tryRoutes(app: FastifyInstance): void {
  const common = {
    summary: 'A try',
    purpose: 'Tries the server.',
    tag: 'Try',
    errors: [],
    source: import.meta.url,
  } as const;
  const Ok = Type.Object({ ok: Type.Literal(true) });
  const ok = async () => ({ ok: true as const });

  const families: RouteFamily[] = ['ring', 'hygate', 'keystead'];
  const kinds: Access[] = ['staff', 'admin', 'public'];
  for (const family of families) {
    for (const access of kinds) {
      const url = `/api/try/${family}/${access}`;
      defineRoute(app, { ...common, method: ['GET', 'POST'], url, access, family, success: Ok, handler: ok });
    }
  }

  defineRoute(app, {
    ...common,
    method: ['GET', 'POST'],
    url: '/api/try/cron',
    access: 'cron',
    family: 'hygate',
    success: Ok,
    handler: ok,
  });

  defineRoute(app, {
    ...common,
    method: 'POST',
    url: '/api/try/signed',
    access: 'signed',
    family: 'hygate',
    success: Type.Object({ bytes: Type.String() }),
    handler: async ({ rawBody }) => ({ bytes: rawBody.toString('hex') }),
  });

  const Thing = Type.Object({
    name: Type.String({ minLength: 1, maxLength: 20 }),
    price: Type.Optional(Type.Integer({ minimum: 0 })),
    kind: Type.Optional(Type.Union([Type.Literal('a'), Type.Literal('b')])),
    note: Type.Optional(Type.Union([Type.String(), Type.Null()])),
    parts: Type.Optional(Type.Array(Type.Object({ size: Type.Number() }))),
  });
  defineRoute(app, {
    ...common,
    method: 'POST',
    url: '/api/try/things/:id',
    access: 'public',
    family: 'keystead',
    params: Type.Object({ id: Type.String({ maxLength: 8 }) }),
    query: Type.Object({ mode: Type.Optional(Type.String()) }),
    body: Thing,
    example: { name: 'Washer', price: 250, parts: [{ size: 1.5 }] },
    success: Type.Object({ id: Type.String(), thing: Thing, mode: Type.Union([Type.String(), Type.Null()]) }),
    handler: async ({ params, query, body }) => ({ id: params.id, thing: body, mode: query.mode ?? null }),
  });

  defineRoute(app, {
    ...common,
    method: 'POST',
    url: '/api/try/optional',
    access: 'public',
    family: 'keystead',
    body: Type.Object({ on: Type.Boolean() }),
    optionalBody: true,
    form: true,
    success: Type.Object({ got: Type.Union([Type.Boolean(), Type.Null()]) }),
    handler: async ({ body }) => ({ got: body?.on ?? null }),
  });

  defineRoute(app, {
    ...common,
    method: 'POST',
    url: '/api/try/form',
    access: 'public',
    family: 'keystead',
    body: Type.Object({ email: Type.String() }),
    form: true,
    success: Type.Object({ email: Type.String() }),
    handler: async ({ body }) => body,
  });

  defineRoute(app, {
    ...common,
    method: 'GET',
    url: '/api/try/list',
    access: 'public',
    family: 'keystead',
    query: Type.Object({ ...listQuery, status: Type.Optional(Type.String()) }),
    success: Type.Array(Type.Object({ id: Type.String() })),
    handler: async ({ request, reply, query }) => {
      const page = pageOf(query);
      const all = Array.from({ length: 5 }, (_, i) => ({ id: `id-${i}` }));
      const rows = all.filter(({ id }) => page.after === undefined || id > page.after).slice(0, page.fetch);
      return sendPage({ request, reply, publicUrl: 'https://doors.example.com', page, rows, keyOf: ({ id }) => id });
    },
  });

  defineRoute(app, {
    ...common,
    method: 'GET',
    url: '/api/try/fails/:how',
    access: 'public',
    family: 'keystead',
    params: Type.Object({ how: Type.String() }),
    success: Ok,
    handler: async ({ params }) => {
      if (params.how === 'held') {
        throw new Problem('DEVICE_HELD', undefined, { retryAfterSeconds: 90.2, facts: { until: 'soon' } });
      }
      if (params.how === 'vendor')
        throw new Problem('UPSTREAM_ERROR', undefined, { cause: new Error('vendor said 17') });
      if (params.how === 'late') return new Promise(() => undefined);
      throw new Error('select * from secrets at line 5');
    },
    timeout: 300,
  });

  defineRoute(app, {
    ...common,
    method: 'GET',
    url: '/api/try/forgotten-field',
    access: 'public',
    family: 'keystead',
    success: Type.Object({ id: Type.String() }),
    handler: async () => {
      const row = { id: 'x', passwordHash: 'secret' };
      return row;
    },
  });

  defineRoute(app, {
    ...common,
    method: 'GET',
    url: '/api/try/slow',
    access: 'public',
    family: 'keystead',
    success: Ok,
    handler: async () => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      return ok();
    },
  });

  defineRoute(app, {
    ...common,
    method: 'GET',
    url: '/api/try/stream',
    access: 'public',
    family: 'keystead',
    success: Type.Unknown(),
    handler: async ({ reply }) => {
      openStream(app, reply).write('data: hello\n\n');
      return reply;
    },
  });
}
