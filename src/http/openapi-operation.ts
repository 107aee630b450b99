import type { FastifySchema } from 'fastify';
import { codes, type ErrorCode } from '../rules/errors.ts';
import type { DeclaredRoute } from './route-registry.ts';
import { yaleCode } from './yale-errors.ts';

/** What the reference says of one route: purpose, access, example, success, errors, source. */
export function operationOf(route: DeclaredRoute, schema: FastifySchema | undefined): FastifySchema {
  const { body: _, ...rest } = schema ?? {};
  return {
    ...rest,
    ...(route.body === undefined ? {} : { body: withExample(route.body, route.example) }),
    summary: route.summary,
    description: `${route.purpose}\n\n**Access:** ${accessText(route)}\n\n**Source:** \`${route.source}\``,
    tags: [route.tag],
    security: security(route),
    ...(route.form ? { consumes: ['application/json', 'application/x-www-form-urlencoded'] } : {}),
    response: {
      200: described(route.success, 'Success'),
      ...(route.accepted === undefined
        ? {}
        : { 202: described(route.accepted, 'Begun; how it ends is to be followed') }),
      ...errorResponses(route),
    },
  };
}

function accessText(route: DeclaredRoute): string {
  switch (route.access) {
    case 'public':
      return route.csrf ? 'Public, with the CSRF token' : 'Public';
    case 'staff':
      return 'Login required';
    case 'admin':
      return 'Admin';
    case 'cron':
      return 'Cron secret';
    case 'signed':
      return 'Signed by the sender';
    case 'program':
      return 'API key of a partner’s program';
    case 'caller':
      return 'API key of a partner’s program, and an access token of the person for whom it acts';
  }
}

function security(route: DeclaredRoute): Record<string, string[]>[] {
  switch (route.access) {
    case 'public':
      return route.csrf ? [{ bearer: [] }, { csrf: [] }] : [];
    case 'signed':
      return [];
    case 'cron':
      return [{ cronSecret: [] }];
    case 'program':
      return [{ apiKey: [] }];
    case 'caller':
      return [{ apiKey: [], accessToken: [] }];
    case 'staff':
    case 'admin':
      return [{ bearer: [] }, writes(route) ? { cookie: [], csrf: [] } : { cookie: [] }];
  }
}

const writes = (route: DeclaredRoute): boolean => route.methods.some((method) => method !== 'GET');

/** Those that the route names and those that every such route has. */
function errorCodes(route: DeclaredRoute): ErrorCode[] {
  const all = new Set<ErrorCode>(route.errors);
  if (route.access === 'program' || route.access === 'caller') all.add('FORBIDDEN');
  if (route.access === 'caller') all.add('INVALID_CREDENTIALS');
  const signedIn = route.access === 'staff' || route.access === 'admin';
  if (signedIn || route.access === 'cron') all.add('UNAUTHORIZED');
  if (route.access === 'admin') all.add('FORBIDDEN');
  if ((signedIn || route.csrf) && writes(route)) all.add('INVALID_CSRF_TOKEN');
  if (route.body !== undefined || route.query !== undefined) all.add('VALIDATION_ERROR');
  all.add('INTERNAL_ERROR');
  return [...all];
}

function errorResponses(route: DeclaredRoute): Record<string, object> {
  const byStatus = Map.groupBy(errorCodes(route), (code) => codes[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, list]) => [status, route.family === 'yale' ? yaleError(list) : ownError(status, list)]),
  );
}

const toldOf = (list: readonly ErrorCode[]): string =>
  list.map((code) => `\`${code}\`: ${codes[code].text}`).join('\n\n');

const ownError = (status: number, list: readonly ErrorCode[]): object => ({
  description: toldOf(list),
  type: 'object',
  properties: {
    error: { type: 'string' },
    code: { type: 'string', enum: list },
    ...(status === 400 ? { field: { type: 'string' } } : {}),
    ...(status === 500 ? { id: { type: 'string' } } : {}),
  },
  required: ['error', 'code'],
});

const yaleError = (list: readonly ErrorCode[]): object => ({
  description: list.map((code) => `\`${yaleCode(code)}\`: ${codes[code].text}`).join('\n\n'),
  type: 'object',
  properties: { code: { type: 'string', enum: [...new Set(list.map(yaleCode))] }, message: { type: 'string' } },
  required: ['code', 'message'],
});

const described = (schema: object, description: string): object => ({ description, ...schema });

const withExample = (schema: object, example: unknown): object => ({
  ...schema,
  ...(example === undefined ? {} : { examples: [example] }),
});
