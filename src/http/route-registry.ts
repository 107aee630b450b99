import type { Server } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { TObject, TSchema } from 'typebox';
import type { ErrorCode } from '../rules/errors.ts';
import type { Access, Method, RouteFamily } from './route.ts';

/** What is told of a route to the reference page, to access.ts and to tests. */
export type DeclaredRoute = {
  methods: readonly Method[];
  url: string;
  access: Access;
  family: RouteFamily;
  summary: string;
  purpose: string;
  tag: string;
  params: TObject | undefined;
  query: TObject | undefined;
  body: TSchema | undefined;
  optionalBody: boolean;
  form: boolean;
  csrf: boolean;
  renewsToken: boolean;
  /** undefined: of every host. */
  hosts: RegExp | undefined;
  example: unknown;
  success: TSchema;
  accepted: TSchema | undefined;
  errors: readonly ErrorCode[];
  /** The file that declares it, from the project's folder. */
  source: string;
};

declare module 'fastify' {
  interface FastifyContextConfig {
    declared?: DeclaredRoute;
  }
}

// by the HTTP server, which all encapsulated instances of one application share
const registries = new WeakMap<Server, DeclaredRoute[]>();

export function declare(app: FastifyInstance, route: DeclaredRoute): void {
  const known = registries.get(app.server);
  if (known === undefined) registries.set(app.server, [route]);
  else known.push(route);
}

/** Every route that was declared on this application so far. */
export function routes(app: FastifyInstance): readonly DeclaredRoute[] {
  return registries.get(app.server) ?? [];
}

/** The methods under which a path exists on a host; none: it does not exist at all. */
export function methodsOf(app: FastifyInstance, path: string, host: string): string[] {
  const methods = new Set<string>();
  for (const route of routes(app)) {
    if (!matches(route.url, path) || route.hosts?.test(host) === false) continue;
    for (const method of route.methods) methods.add(method);
  }
  if (methods.has('GET')) methods.add('HEAD');
  return [...methods].sort();
}

function matches(url: string, path: string): boolean {
  const pattern = url.split('/');
  const parts = path.split('/');
  if (pattern.at(-1) === '*') {
    return parts.length >= pattern.length && pattern.slice(0, -1).every((part, i) => fits(part, parts[i]));
  }
  return pattern.length === parts.length && pattern.every((part, i) => fits(part, parts[i]));
}

const fits = (pattern: string, part: string | undefined): boolean =>
  pattern.startsWith(':') ? part !== undefined && part !== '' : pattern === part;
