import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { NoticesService } from '../../features/notices/notices.service.ts';
import { listQuery, pageOf, sendPage } from '../../http/lists.ts';
import { queryText, readBoolean, readOneOf } from '../../http/query.ts';
import { defineRoute } from '../../http/route.ts';
import { languageFrom } from '../../texts/languages.ts';
import { Notice, noticeKindList, noticeView } from './notice-view.ts';

const shared = { family: 'keystead', tag: 'Notices', source: import.meta.url, access: 'staff' } as const;

type Deps = { notices: NoticesService; publicUrl: string; clock: { now(): number } };

/** What needs a person's attention. Ours. */
export function noticeRoutes(app: FastifyInstance, { notices, publicUrl, clock }: Deps): void {
  defineRoute(app, {
    ...shared,
    method: 'GET',
    url: '/api/notices',
    summary: 'List notices',
    purpose:
      'What needs attention: raised once, cleared when it is over; what comes back within a quarter of an hour is the same notice. Newest first. Whoever sees some locations sees those of their devices.',
    query: Type.Object({
      ...listQuery,
      open: queryText('true (so by default): only those neither over nor dismissed; false: all'),
      kind: queryText(`Only of this kind: ${noticeKindList.join(', ')}`),
      deviceId: queryText('Only those that concern this device'),
    }),
    success: Type.Array(Notice),
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED'],
    handler: async ({ query, actor, request, reply }) => {
      const page = pageOf(query);
      const kind = readOneOf(query.kind, 'kind', noticeKindList);
      const rows = await notices.list(actor, {
        open: readBoolean(query.open, 'open') ?? true,
        ...(kind === undefined ? {} : { kind }),
        ...(query.deviceId ? { deviceId: query.deviceId } : {}),
        limit: page.fetch,
        after: page.after ?? null,
      });
      const language = languageFrom(request.headers['accept-language']);
      const shown = sendPage({ request, reply, publicUrl, page, rows, keyOf: (row) => row.id });
      return shown.map((row) => noticeView(row, language, clock.now()));
    },
  });
  defineRoute(app, {
    ...shared,
    method: 'POST',
    url: '/api/notices/:id/dismiss',
    summary: 'Dismiss a notice',
    purpose:
      'Not shown among the open ones any more while its cause lasts; what comes up after its end is a new notice. Doing it twice changes nothing.',
    params: Type.Object({ id: Type.String() }),
    success: Notice,
    errors: ['UNAUTHORIZED', 'NOT_FOUND'],
    handler: async ({ params, actor, request }) => {
      const language = languageFrom(request.headers['accept-language']);
      return noticeView(await notices.dismiss(actor, params.id), language, clock.now());
    },
  });
}
