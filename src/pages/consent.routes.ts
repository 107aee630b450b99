/**
 * The page on which somebody lets a program act for them. A browser is sent back only to an address that an administrator
 * named for the program; the password itself is the proof that whoever presses the button means it.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { ConsentService } from '../features/grants/consent.service.ts';
import type { SettingsService } from '../features/settings/settings.service.ts';
import type { Clock } from '../host/clock.ts';
import type { Random } from '../host/random.ts';
import { defineRoute } from '../http/route.ts';
import type { Program } from '../rules/accounts/caller.ts';
import type { Assets } from './assets.ts';
import { type ConsentView, consentPage, consentUnknownPage } from './consent-page.ts';
import { html, pageContext } from './show.ts';

type Deps = {
  consent: ConsentService;
  settings: SettingsService;
  assets: Assets;
  clock: Clock;
  random: Random;
  hosts: RegExp | null;
};

const text = (description: string, maxLength = 1000) => Type.Optional(Type.String({ description, maxLength }));
const Query = Type.Object({
  client_id: text('Of an API client'),
  redirect_uri: text('One of its addresses, to the letter'),
  state: text('Given back as it is', 4000),
  response_type: text('code, or nothing'),
  scope: text('Not looked at'),
});
const Form = Type.Object({
  ...Query.properties,
  name: text('User name or e-mail', 320),
  password: text('The password', 1024),
  answer: text('allow or deny', 20),
});
type Asked = { client_id?: string; redirect_uri?: string; state?: string; response_type?: string };

export function consentRoutes(app: FastifyInstance, deps: Deps): void {
  const { consent, settings } = deps;
  const shared = {
    access: 'public',
    family: 'yale',
    tag: 'Yale and August',
    source: import.meta.url,
    success: Type.Unknown({ description: 'text/html' }),
    errors: ['VALIDATION_ERROR'],
  } as const;

  async function show(
    request: FastifyRequest,
    reply: FastifyReply,
    program: Program,
    asked: Asked,
    o: Pick<ConsentView, 'name' | 'problem'>,
  ): Promise<FastifyReply> {
    const { path: _, ...ctx } = pageContext(deps, request, reply, await settings.get(program.organizationId));
    const fields = (['client_id', 'redirect_uri', 'state', 'response_type'] as const).flatMap((name) => {
      const value = asked[name];
      return value === undefined ? [] : [[name, value] as const];
    });
    const action = request.url.split('?', 1)[0] ?? '/';
    if (o.problem !== null) reply.code(o.problem === 'locked' ? 423 : 401);
    return html(reply, consentPage({ program: program.name, action, fields, ...o }, ctx));
  }

  function unknown(request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const { path: _, ...ctx } = pageContext(deps, request, reply, null);
    return html(reply.code(400), consentUnknownPage(ctx));
  }

  const programOf = ({ client_id, redirect_uri }: Asked): Promise<Program | null> =>
    consent.asked(client_id ?? '', redirect_uri ?? '');

  for (const path of ['/authorize', '/authorization']) {
    for (const mount of [{ url: `/yale${path}` }, ...(deps.hosts === null ? [] : [{ url: path, hosts: deps.hosts }])]) {
      defineRoute(app, {
        ...shared,
        ...mount,
        method: 'GET',
        summary: 'Page of consent',
        purpose: 'Asks somebody to sign in and to let a program act for them.',
        query: Query,
        handler: async ({ query, request, reply }) => {
          const program = await programOf(query);
          if (program === null) return unknown(request, reply);
          if (query.response_type !== undefined && query.response_type !== 'code') {
            return back(reply, query, { error: 'unsupported_response_type' });
          }
          return show(request, reply, program, query, { name: '', problem: null });
        },
      });
      defineRoute(app, {
        ...shared,
        ...mount,
        method: 'POST',
        summary: 'Answer of the page of consent (form)',
        purpose: 'Leads back to the program, with a code or without; or shows the page again.',
        body: Form,
        optionalBody: true,
        form: true,
        handler: async ({ body = {}, request, reply }) => {
          const program = await programOf(body);
          if (program === null) return unknown(request, reply);
          if (body.answer !== 'allow') return back(reply, body, { error: 'access_denied' });
          const { name = '', password = '', redirect_uri: redirectUri = '' } = body;
          const userAgent = request.headers['user-agent']?.slice(0, 300).toWellFormed().replaceAll('\0', '') ?? null;
          const proved = await consent.allow(program, { redirectUri, name, password, ip: request.ip, userAgent });
          if (proved.kind === 'in') return back(reply, body, { code: proved.begun });
          return show(request, reply, program, body, { name, problem: proved.kind });
        },
      });
    }
  }
}

function back(reply: FastifyReply, { redirect_uri = '', state }: Asked, told: Record<string, string>): FastifyReply {
  const query = new URLSearchParams({ ...told, ...(state === undefined ? {} : { state }) });
  const join = redirect_uri.includes('?') ? '&' : '?';
  return reply.header('cache-control', 'no-store').redirect(`${redirect_uri}${join}${query.toString()}`, 303);
}
