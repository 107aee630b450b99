import type { FastifyReply, FastifyRequest } from 'fastify';
import { sameSecret } from '../host/constant-time.ts';
import type { Actor } from '../rules/accounts/actor.ts';
import { assertNever } from '../rules/assert-never.ts';
import { Problem } from '../rules/errors.ts';
import { bearerOf, credentialOf, writes } from './credentials.ts';
import type { Csrf } from './csrf.ts';
import type { Partners } from './partners.ts';
import { setActor } from './request-facts.ts';
import type { DeclaredRoute } from './route-registry.ts';

/** Who a token names now; null when it is not ours, expired, ended, or its account disabled. Asked at every request. */
export type Authenticate = (token: string, ip: string | null) => Promise<Actor | null>;

export type AccessDeps = {
  authenticate: Authenticate;
  csrf: Csrf;
  cronSecret: string | null;
  /** Who asks for a partner's program and its caller; null where there are no such routes. */
  partners: Partners | null;
};

/**
 * Authentication, CSRF and roles, before a byte of the body is read. The order is the published APIs' (product.md, Login):
 * on ring paths a write without Bearer needs the CSRF token before anybody asks who calls; elsewhere the question who
 * calls comes first, and whoever came by cookie needs the token too. Public, signed and cron routes never meet CSRF.
 */
export function createGate(o: AccessDeps): (request: FastifyRequest, reply: FastifyReply) => Promise<void> {
  const demandCsrf = (request: FastifyRequest): void => {
    if (writes(request) && !o.csrf.accepts(request)) throw new Problem('INVALID_CSRF_TOKEN');
  };

  const staff = async (request: FastifyRequest, route: DeclaredRoute): Promise<Actor> => {
    const credential = credentialOf(request);
    if (route.family === 'ring' && credential?.kind !== 'bearer') demandCsrf(request);
    if (credential === null) throw new Problem('UNAUTHORIZED');
    const actor = await o.authenticate(credential.token, request.ip);
    if (actor === null) throw new Problem('UNAUTHORIZED');
    if (credential.kind === 'cookie') demandCsrf(request);
    setActor(request, actor);
    return actor;
  };

  const partners = (): Partners => {
    if (o.partners === null) throw new Error('A route for programs of partners, and nobody who knows them');
    return o.partners;
  };

  return async (request, reply) => {
    const route = request.routeOptions.config.declared;
    if (route === undefined) return;
    switch (route.access) {
      case 'public':
        if (route.csrf && bearerOf(request) === null) demandCsrf(request);
        return;
      case 'signed':
        return;
      case 'cron':
        if (!cronMayPass(request, o.cronSecret)) throw new Problem('UNAUTHORIZED');
        return;
      case 'staff':
        await staff(request, route);
        return;
      case 'program':
        await partners().program(request);
        return;
      case 'caller':
        await partners().caller(request, reply, route);
        return;
      case 'admin': {
        const actor = await staff(request, route);
        if (actor.role !== 'admin') throw new Problem('FORBIDDEN');
        return;
      }
      default:
        assertNever(route.access);
    }
  };
}

/** Bearer or `?token=`; nobody passes while no secret is set. */
function cronMayPass(request: FastifyRequest, secret: string | null): boolean {
  if (secret === null) return false;
  const bearer = bearerOf(request);
  if (bearer !== null) return sameSecret(bearer, secret);
  const token = new URLSearchParams(request.url.split('?')[1] ?? '').get('token');
  return token !== null && sameSecret(token, secret);
}
