import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * The guest's last session on a machine, or the last way in they bought at a door, so that who closed the page finds it
 * again by the code there. Sent to that one payment page alone.
 */
const name = 'keystead_run';
const lasts = 86_400;

/** `seconds`: how long it is good; it is remembered for a day at least. */
export function rememberRun(
  reply: FastifyReply,
  run: { uid: string; token: string; seconds?: number },
  secure: boolean,
): void {
  const path = `/pay/${encodeURIComponent(run.uid)}`;
  reply.setCookie(name, run.token, {
    path,
    httpOnly: true,
    sameSite: 'lax',
    secure,
    maxAge: Math.max(lasts, run.seconds ?? 0),
  });
}

/** The token of its page; null when there is none or it is not of ours. */
export function rememberedRun(request: FastifyRequest): string | null {
  const value = request.cookies[name];
  return value !== undefined && /^[A-Za-z0-9_-]{32}$/.test(value) ? value : null;
}
