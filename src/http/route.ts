/**
 * The one way to declare a route: who may call it, what comes in, what goes out, what may go wrong. Validation, the
 * reference page and the tests read the same declaration.
 * A route translates and nothing else: it must never hold a rule, SQL, or a check of a role that `access` can state.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import type { Static, TObject, TSchema } from 'typebox';
import type { Actor } from '../rules/accounts/actor.ts';
import type { Caller, Program } from '../rules/accounts/caller.ts';
import type { ErrorCode } from '../rules/errors.ts';
import { actorOf, callerOf, programOf, rawBodyOf } from './request-facts.ts';
import { type DeclaredRoute, declare } from './route-registry.ts';
import { bodySchema, openSchema, orNothing } from './route-schema.ts';

/**
 * staff: any account that is signed in; signed: the handler checks a signature over the raw bytes; program: whoever has an
 * API key of a partner; caller: a person, through such a program.
 */
export type Access = 'public' | 'staff' | 'admin' | 'cron' | 'signed' | 'program' | 'caller';

/**
 * Whose order of authentication and CSRF holds (access.ts): ring asks for the CSRF token first. Of yale also the shape of
 * errors, the headers, and that unknown fields are let through.
 */
export type RouteFamily = 'hygate' | 'ring' | 'keystead' | 'yale';

export type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';

type Parsed<S extends TSchema | undefined> = S extends TSchema ? Static<S> : undefined;

export type RouteInput<
  A extends Access,
  P extends TObject | undefined,
  Q extends TObject | undefined,
  B extends TSchema | undefined,
  O extends boolean,
> = {
  params: Parsed<P>;
  query: Parsed<Q>;
  body: O extends true ? Parsed<B> | undefined : Parsed<B>;
  /** Who is signed in; routes for everybody ask nobody. */
  actor: A extends 'staff' | 'admin' ? Actor : undefined;
  /** The bytes as they came, for signatures. */
  rawBody: A extends 'signed' ? Buffer : undefined;
  program: A extends 'program' | 'caller' ? Program : undefined;
  caller: A extends 'caller' ? Caller : undefined;
  request: FastifyRequest;
  reply: FastifyReply;
};

export type RouteDeclaration<
  A extends Access,
  P extends TObject | undefined,
  Q extends TObject | undefined,
  B extends TSchema | undefined,
  O extends boolean,
  S extends TSchema,
> = {
  method: Method | readonly Method[];
  url: string;
  access: A;
  family: RouteFamily;
  /** One line for lists of routes. */
  summary: string;
  /** What it is for, in a sentence or two. */
  purpose: string;
  tag: string;
  params?: P;
  /** Values are strings: see query.ts for numbers, instants and the like. */
  query?: Q;
  /** Unknown fields are refused unless the schema says `additionalProperties: true`. */
  body?: B;
  optionalBody?: O;
  /** Also takes application/x-www-form-urlencoded; every value is then a string. */
  form?: true;
  /** A public route that still asks for the CSRF token (logout). */
  csrf?: true;
  /** Of callers: the answer always carries a new token, not only when half of the old one's life is over. */
  renewsToken?: true;
  /** Only for hosts of such names; other hosts do not know the path. */
  hosts?: RegExp;
  /** A body that the schema accepts. */
  example?: unknown;
  /** The answer with status 200. Fields that it does not name are not sent; under test they are an error. */
  success: S;
  /** The answer with status 202 (`sendLater`), where what was asked for was begun and its end is not known yet. */
  accepted?: TSchema;
  errors: readonly ErrorCode[];
  /** `import.meta.url` */
  source: string;
  /** Milliseconds until the caller gets 503; the server's default is 30 s. */
  timeout?: number;
  /** May answer by itself (a redirect, a file, a stream) and return the reply. */
  handler: (input: RouteInput<A, P, Q, B, O>) => Promise<Static<S> | FastifyReply>;
};

/** Answers with status 202, in the shape that the route declares as `accepted`. */
export const sendLater = (reply: FastifyReply, answer: object): FastifyReply => reply.code(202).send(answer);

export function defineRoute<
  A extends Access,
  S extends TSchema,
  P extends TObject | undefined = undefined,
  Q extends TObject | undefined = undefined,
  B extends TSchema | undefined = undefined,
  O extends boolean = false,
>(app: FastifyInstance, route: RouteDeclaration<A, P, Q, B, O, S>): void {
  const { handler, method, url, timeout } = route;
  if (route.access === 'signed' && route.body !== undefined) {
    throw new Error(`${url}: a signed body is parsed by its route, after the signature`);
  }
  const methods = typeof method === 'string' ? [method] : [...method];
  const bodyOf = route.family === 'yale' ? openSchema : bodySchema; // programs there send more than was ever described
  const body = route.body === undefined ? undefined : bodyOf(route.body);
  const declared: DeclaredRoute = {
    methods,
    url,
    access: route.access,
    family: route.family,
    summary: route.summary,
    purpose: route.purpose,
    tag: route.tag,
    params: route.params,
    query: route.query,
    body,
    optionalBody: route.optionalBody === true,
    form: route.form === true,
    csrf: route.csrf === true,
    renewsToken: route.renewsToken === true,
    hosts: route.hosts,
    example: route.example,
    success: route.success,
    accepted: route.accepted,
    errors: route.errors,
    source: sourcePath(route.source),
  };
  declare(app, declared);
  const options: RouteOptions = {
    method: [...methods],
    url,
    exposeHeadRoute: route.access !== 'cron', // a HEAD must not start a job
    config: { declared },
    ...(route.hosts === undefined ? {} : { constraints: { host: route.hosts } }),
    ...(timeout === undefined ? {} : { handlerTimeout: timeout }),
    schema: {
      ...(route.params === undefined ? {} : { params: openSchema(route.params) }),
      ...(route.query === undefined ? {} : { querystring: openSchema(route.query) }),
      ...(body === undefined ? {} : { body: declared.optionalBody ? orNothing(body) : body }),
      response: { 200: route.success, ...(route.accepted === undefined ? {} : { 202: route.accepted }) },
    },
    handler: (request, reply) => handler(inputOf<A, P, Q, B, O>(declared, request, reply)),
  };
  app.route(options);
}

/** The parser's word: Ajv has checked params, query and body; access.ts has set the actor wherever `access` promises one. */
function inputOf<
  A extends Access,
  P extends TObject | undefined,
  Q extends TObject | undefined,
  B extends TSchema | undefined,
  O extends boolean,
>(route: DeclaredRoute, request: FastifyRequest, reply: FastifyReply): RouteInput<A, P, Q, B, O> {
  const { access, body } = route;
  return {
    params: request.params,
    query: request.query,
    body: body === undefined ? undefined : (request.body ?? undefined),
    actor: access === 'staff' || access === 'admin' ? actorOf(request) : undefined,
    rawBody: access === 'signed' ? rawBodyOf(request) : undefined,
    program: access === 'program' || access === 'caller' ? programOf(request) : undefined,
    caller: access === 'caller' ? callerOf(request) : undefined,
    request,
    reply,
  } as RouteInput<A, P, Q, B, O>;
}

const project = new URL('../../', import.meta.url).href;

function sourcePath(url: string): string {
  return url.startsWith(project) ? url.slice(project.length) : url;
}
