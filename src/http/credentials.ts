import type { FastifyReply, FastifyRequest } from 'fastify';

/** What a request carries to say who calls. A Bearer, good or bad, always counts before the cookie. */
export type Credential = { kind: 'bearer' | 'cookie'; token: string };

export const sessionCookie = 'keystead_session';

export function credentialOf(request: FastifyRequest): Credential | null {
  const bearer = bearerOf(request);
  if (bearer !== null) return { kind: 'bearer', token: bearer };
  const cookie = request.cookies[sessionCookie];
  return cookie === undefined || cookie === '' ? null : { kind: 'cookie', token: cookie };
}

/** null: no Authorization of the kind Bearer. */
export function bearerOf(request: FastifyRequest): string | null {
  const header = request.headers.authorization;
  return header === undefined ? null : (/^Bearer +(\S.*)$/i.exec(header)?.[1]?.trim() ?? null);
}

export const writes = (request: FastifyRequest): boolean => !/^(GET|HEAD|OPTIONS)$/.test(request.method);

/** Lasts as long as the browser; the login row ends it earlier. */
export function setSessionCookie(reply: FastifyReply, token: string, secure: boolean): void {
  reply.setCookie(sessionCookie, token, { path: '/', httpOnly: true, sameSite: 'lax', secure });
}

export function clearSessionCookie(reply: FastifyReply, secure: boolean): void {
  reply.clearCookie(sessionCookie, { path: '/', httpOnly: true, sameSite: 'lax', secure });
}
