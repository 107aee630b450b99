import { createHmac } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sameSecret } from '../host/constant-time.ts';
import type { Random } from '../host/random.ts';
import type { SecretBox } from '../host/secret-box.ts';

/**
 * Signed double submit, in the form of ring-intercom-control: `nonce.sig`, the same in the cookie and in the header. It is
 * not bound to a login, so one token survives signing in (reference/ring-intercom.md §4).
 */
export type Csrf = {
  /** Sets the cookie and returns the token; a good token that the browser already has stays, for its other tabs. */
  issue(request: FastifyRequest, reply: FastifyReply): string;
  /** Whether the header `X-CSRF-Token` is ours and equals the cookie. */
  accepts(request: FastifyRequest): boolean;
};

export const csrfCookie = 'csrf_token';

export function createCsrf(o: { secrets: SecretBox; random: Random; secure: boolean }): Csrf {
  const key = o.secrets.derive('csrf');
  const sign = (nonce: string): string => createHmac('sha256', key).update(nonce).digest('hex');
  const ours = (token: string): boolean => {
    const [nonce, signature, rest] = token.split('.', 3);
    if (nonce === undefined || signature === undefined || rest !== undefined) return false;
    return /^[0-9a-f]{32}$/.test(nonce) && sameSecret(signature, sign(nonce));
  };
  return {
    issue(request, reply) {
      const present = request.cookies[csrfCookie];
      const nonce = o.random.bytes(16).toString('hex');
      const token = present !== undefined && ours(present) ? present : `${nonce}.${sign(nonce)}`;
      reply.setCookie(csrfCookie, token, { path: '/', httpOnly: true, sameSite: 'lax', secure: o.secure });
      return token;
    },
    accepts(request) {
      const header = request.headers['x-csrf-token'];
      const cookie = request.cookies[csrfCookie];
      if (typeof header !== 'string' || cookie === undefined) return false;
      return sameSecret(header, cookie) && ours(cookie);
    },
  };
}
