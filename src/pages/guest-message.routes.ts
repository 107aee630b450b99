import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { languageOf } from '../http/language.ts';
import { queryText } from '../http/query.ts';
import { defineRoute } from '../http/route.ts';
import { notFound, Problem } from '../rules/errors.ts';
import { longestMessage } from '../rules/messages/plain-text.ts';
import { texts } from '../texts/languages.ts';
import { createShow, type ShowDeps } from './show.ts';

const shared = {
  access: 'public',
  family: 'keystead',
  tag: 'Guest pages',
  source: import.meta.url,
  success: Type.Unknown({ description: 'text/html' }),
} as const;
const Named = Type.Object({ token: Type.String() });

/** "Something wrong? Tell the owner", on the page of a session. */
export function guestMessageRoutes(app: FastifyInstance, deps: ShowDeps): void {
  const { facts, guestMessages } = deps;
  const { showSession } = createShow(deps);

  defineRoute(app, {
    ...shared,
    method: 'GET',
    url: '/session/:token/message',
    summary: 'Form for a message to the owner',
    purpose: 'The page of the session with the form open. It does not renew itself.',
    params: Named,
    query: Type.Object({
      lang: queryText('de or en: the language from now on, kept in a cookie'),
      fragment: queryText('1: only the <main> element, for the page’s own script'),
    }),
    errors: ['NOT_FOUND'],
    handler: async ({ params, query, request, reply }) => {
      const found = await facts.byToken(params.token);
      if (found === null) throw notFound();
      return showSession(request, reply, found, { part: query.fragment === '1', message: {} });
    },
  });
  defineRoute(app, {
    ...shared,
    method: 'POST',
    url: '/session/:token/message',
    summary: 'Tell the owner that something went wrong (form)',
    purpose: 'Leads back to the page of the session, which says that it was passed on; or shows the form again.',
    params: Named,
    body: Type.Object({
      text: Type.Optional(Type.String({ maxLength: 4000 })),
      email: Type.Optional(Type.String({ maxLength: 320 })),
    }),
    form: true,
    errors: ['NOT_FOUND', 'VALIDATION_ERROR', 'CONFLICT'],
    handler: async ({ params, body, request, reply }) => {
      const { text = '', email = '' } = body;
      try {
        await guestMessages.passOn(params.token, { text, email });
        return reply.redirect(`/session/${encodeURIComponent(params.token)}`, 303);
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        const found = await facts.byToken(params.token);
        if (found === null) throw error;
        reply.code(error.status);
        const field =
          error.code === 'CONFLICT' ? null : error.field === 'email' ? ('email' as const) : ('text' as const);
        const form = { text, email, field, error: sentence(error, text, languageOf(request)) };
        return showSession(request, reply, found, { message: { form } });
      }
    },
  });
}

function sentence({ code, field }: Problem, text: string, language: string): string {
  const { problems } = texts(language).session.message;
  if (code === 'CONFLICT') return problems.enough;
  if (field === 'email') return problems.email;
  return text.trim() === '' ? problems.empty : problems.long(String(longestMessage));
}
