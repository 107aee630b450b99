import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Random } from '../host/random.ts';

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

/** The guest's own token, made where there is none. Kept also when what comes next fails: a repeat is then the same guest's. */
export function keptHolder(
  request: FastifyRequest,
  reply: FastifyReply,
  { random, secure }: { random: Random; secure: boolean },
): string {
  const holder = holderOf(request) ?? random.token();
  setHolder(reply, holder, secure);
  return holder;
}
