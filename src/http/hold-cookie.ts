import type { FastifyReply, FastifyRequest } from 'fastify';

/** Tells the guest who is paying from others: a hold on a device is bound to it. It proves nothing else. */
const name = 'keystead_hold';

/** The guest's own token; null when there is none or it is not of ours. */
export function holderOf(request: FastifyRequest): string | null {
  const value = request.cookies[name];
  return value !== undefined && /^[A-Za-z0-9_-]{32}$/.test(value) ? value : null;
}

export function setHolder(reply: FastifyReply, token: string, secure: boolean): void {
  reply.setCookie(name, token, { path: '/', httpOnly: true, sameSite: 'lax', secure, maxAge: 7 * 86_400 });
}
