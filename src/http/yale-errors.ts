/** Errors as the Yale/August API writes them: `{code, message}`, with the names that its clients know. */
import type { FastifyRequest } from 'fastify';
import { codes, type ErrorCode } from '../rules/errors.ts';
import type { ErrorShape } from './errors.ts';

const names: Partial<Record<ErrorCode, string>> = {
  VALIDATION_ERROR: 'InvalidArgument',
  UNAUTHORIZED: 'InvalidCredentials',
  INVALID_CREDENTIALS: 'InvalidCredentials',
  NOT_FOUND: 'ResourceNotFound',
  METHOD_NOT_ALLOWED: 'MethodNotAllowed',
  GONE: 'Gone',
  PAYLOAD_TOO_LARGE: 'RequestEntityTooLarge',
  UNSUPPORTED_MEDIA_TYPE: 'UnsupportedMediaType',
  RATE_LIMITED: 'TooManyRequests',
  NOT_IMPLEMENTED: 'NotImplemented',
  INTERNAL_ERROR: 'InternalError',
  UNAVAILABLE: 'ServiceUnavailable',
};

const byStatus: Record<number, string> = {
  400: 'BadRequest',
  401: 'InvalidCredentials',
  403: 'Forbidden',
  404: 'ResourceNotFound',
  409: 'ConflictError',
  412: 'PreconditionFailed',
  423: 'Locked',
  502: 'BadGateway',
  504: 'GatewayTimeout',
};

/** How a code of ours is called there. */
export const yaleCode = (code: ErrorCode): string => names[code] ?? byStatus[codes[code].status] ?? 'InternalError';

/**
 * Everything under /yale, what was found to be one of its routes, and on the hosts that have them at the root every path
 * that nobody else has.
 */
export function yaleErrors(hosts: RegExp | null): ErrorShape {
  const elsewhere = /^\/(api|assets|console|door-access|p|pay|session|access|guest)(\/|$)/;
  return {
    covers(path, request) {
      if (path === '/yale' || path.startsWith('/yale/')) return true;
      const declared = declaredOf(request);
      if (declared !== undefined) return declared.family === 'yale';
      return hosts?.test(request.headers.host ?? '') === true && path !== '/' && !elsewhere.test(path);
    },
    answer({ status, code, text, field, facts, id }) {
      const { code: own, ...more } = facts; // what a vendor of that wire calls by a number
      const name = field === 'body' ? 'BadRequest' : yaleCode(code);
      const body = { ...without(more), code: own ?? name, message: text, ...(id === undefined ? {} : { id }) };
      return { status: statusOf(facts, status), body };
    },
  };
}

/** A fact `status` puts another status in place of ours: that contract has some that we have not. */
const statusOf = (facts: Record<string, unknown>, status: number): number =>
  typeof facts.status === 'number' ? facts.status : status;

const without = ({ status: _status, ...more }: Record<string, unknown>): Record<string, unknown> => more;

/** Missing where not even the address could be read. */
const declaredOf = (request: FastifyRequest) =>
  (request.routeOptions as FastifyRequest['routeOptions'] | undefined)?.config?.declared;
