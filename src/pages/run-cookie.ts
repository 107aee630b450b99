import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * The guest's last session on a machine, so that who closed the page finds it again by the code on the machine. Sent to
 * that machine's payment page alone.
 */
const name = 'keystead_run';
const lasts = 86_400;

export function rememberRun(reply: FastifyReply, run: { uid: string; token: string }, secure: boolean): void {
  const path = `/pay/${encodeURIComponent(run.uid)}`;
  reply.setCookie(name, run.token, { path, httpOnly: true, sameSite: 'lax', secure, maxAge: lasts });
}

/** The token of its page; null when there is none or it is not of ours. */
export function rememberedRun(request: FastifyRequest): string | null {
  const value = request.cookies[name];
  return value !== undefined && /^[A-Za-z0-9_-]{32}$/.test(value) ? value : null;
}
