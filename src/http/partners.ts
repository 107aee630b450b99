/**
 * Programs of partners and the people for whom they act: the headers of the Yale/August API, in both of their families.
 * The API key is asked for first, then the token; 401 is for tokens alone, because clients then sign in again.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Caller, Program } from '../rules/accounts/caller.ts';
import { Problem } from '../rules/errors.ts';
import { setCaller, setProgram } from './request-facts.ts';
import type { DeclaredRoute } from './route-registry.ts';

export type Partners = {
  /** Throws 403 without a good API key. */
  program(request: FastifyRequest): Promise<Program>;
  /** The same, and 401 without a good token; a renewed one goes into the answer's headers. */
  caller(request: FastifyRequest, reply: FastifyReply, route: DeclaredRoute): Promise<Caller>;
};

export type PartnersDeps = {
  byKey(key: string): Promise<Program | null>;
  read(
    program: Program,
    token: string,
    ip: string | null,
  ): Promise<{ caller: Caller; verified: boolean; renewalDue: boolean } | null>;
  renew(caller: Caller): Promise<string>;
};

export function createPartners({ byKey, read, renew }: PartnersDeps): Partners {
  const program: Partners['program'] = async (request) => {
    const key = headerOf(request, 'api-key');
    const found = key === null ? null : await byKey(key);
    if (found === null) throw new Problem('FORBIDDEN', 'API key is not valid');
    setProgram(request, found);
    return found;
  };
  return {
    program,
    async caller(request, reply, route) {
      const by = await program(request);
      const token = accessTokenOf(request);
      const known = token === null ? null : await read(by, token, request.ip);
      if (known === null || !known.verified) throw notSignedIn();
      if (route.renewsToken || known.renewalDue) sendToken(reply, await renew(known.caller));
      setCaller(request, known.caller);
      return known.caller;
    },
  };
}

export const accessTokenOf = (request: FastifyRequest): string | null => headerOf(request, 'access-token');

export const notSignedIn = (): Problem => new Problem('INVALID_CREDENTIALS', 'Access token is not valid');

/** Under both names, because clients look for either. */
export function sendToken(reply: FastifyReply, token: string): void {
  reply.header('x-august-access-token', token);
  reply.header('x-access-token', token);
}

function headerOf(request: FastifyRequest, name: string): string | null {
  for (const header of [`x-august-${name}`, `x-${name}`]) {
    const value = request.headers[header];
    if (typeof value === 'string' && value.trim() !== '') return value.trim();
  }
  return null;
}

/** `Accept-Version`, of which clients send 0.0.1 or nothing: its first number. Never a reason to refuse. */
export function acceptVersionOf(request: FastifyRequest): number {
  const header = request.headers['accept-version'];
  return typeof header === 'string' ? Number(/^\s*[~^>=v]*\s*(\d{1,3})/.exec(header)?.[1] ?? 0) : 0;
}
