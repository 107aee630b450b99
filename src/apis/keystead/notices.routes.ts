import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { NoticesService } from '../../features/notices/notices.service.ts';
import { listQuery, pageOf, sendPage } from '../../http/lists.ts';
import { queryText, readBoolean } from '../../http/query.ts';
import { defineRoute } from '../../http/route.ts';
import { Instant, Nullable } from '../../http/shapes.ts';
import { iso } from '../../rules/instant.ts';

/** What needs a person's attention. Ours. */
export function noticeRoutes(
  app: FastifyInstance,
  { notices, publicUrl }: { notices: NoticesService; publicUrl: string },
): void {
  defineRoute(app, {
    method: 'GET',
    url: '/api/notices',
    access: 'admin',
    family: 'keystead',
    tag: 'Notices',
    source: import.meta.url,
    summary: 'List notices',
    purpose: 'What needs attention: raised once, cleared when it is over. Newest first.',
    query: Type.Object({ ...listQuery, open: queryText('true (so by default): only those not cleared; false: all') }),
    success: Type.Array(
      Type.Object({
        id: Type.String(),
        kind: Type.String({ examples: ['device-offline'] }),
        subject: Type.String({ description: 'Id of what it is about' }),
        facts: Type.Unknown(),
        raisedAt: Instant,
        clearedAt: Nullable(Instant),
      }),
    ),
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED', 'FORBIDDEN'],
    handler: async ({ query, actor, request, reply }) => {
      const page = pageOf(query);
      const open = readBoolean(query.open, 'open') ?? true;
      const rows = await notices.list(actor, { open, limit: page.fetch, after: page.after ?? null });
      return sendPage({ request, reply, publicUrl, page, rows, keyOf: (row) => row.id }).map((row) => ({
        id: row.id,
        kind: row.kind,
        subject: row.subject,
        facts: row.facts,
        raisedAt: iso(row.raised_at),
        clearedAt: iso(row.cleared_at),
      }));
    },
  });
}
