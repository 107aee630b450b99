import helmet from '@fastify/helmet';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Random } from '../host/random.ts';

// no form-action: a page's form ends, by redirect, at a checkout whose address the payment service chooses
const policy = (style: string): string =>
  [
    "default-src 'self'",
    "script-src 'self'",
    `style-src 'self'${style}`,
    "img-src 'self' data: https:", // an owner's logo is a web address
    "object-src 'none'",
    "base-uri 'self'",
    "frame-ancestors 'none'",
  ].join('; ');

const strict = policy('');

/** A page's own style element: its nonce, put into the page's content policy. Once per page. */
export function styleNonce(reply: FastifyReply, random: Random): string {
  const nonce = random.bytes(16).toString('base64');
  reply.header('content-security-policy', policy(` 'nonce-${nonce}'`));
  return nonce;
}

/** Headers that keep browsers from doing what we never ask them to; strict transport only where we are reached by https. */
export async function secureHeaders(app: FastifyInstance, o: { https: boolean }): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: false,
    strictTransportSecurity: o.https ? { maxAge: 31_536_000, includeSubDomains: false } : false,
    referrerPolicy: { policy: 'no-referrer' },
    crossOriginOpenerPolicy: o.https,
    originAgentCluster: false,
  });
  app.addHook('onRequest', async (request, reply) => {
    reply.header('content-security-policy', strict);
    if (request.url.startsWith('/api/')) reply.header('cache-control', 'no-store');
  });
}
