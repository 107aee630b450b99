import type { FastifyReply, FastifyRequest } from 'fastify';
import { knownLanguage, languageFrom } from '../texts/languages.ts';

/** The language that a guest chose on one of our pages; it holds nothing else. */
const name = 'keystead_language';
const lasts = 365 * 86_400;

/** What the address asks for (`?lang=de`), what the guest chose before, or what their browser speaks. */
export function languageOf(request: FastifyRequest): string {
  // missing where not even the address could be read
  const cookies: FastifyRequest['cookies'] | undefined = request.cookies;
  return askedFor(request) ?? knownLanguage(cookies?.[name]) ?? languageFrom(request.headers['accept-language']);
}

/** A switch that was pressed, and only that; null when none was. */
export function askedFor(request: FastifyRequest): string | null {
  const { query } = request;
  return typeof query === 'object' && query !== null && 'lang' in query ? knownLanguage(query.lang) : null;
}

export function rememberLanguage(reply: FastifyReply, language: string, secure: boolean): void {
  reply.setCookie(name, language, { path: '/', httpOnly: true, sameSite: 'lax', secure, maxAge: lasts });
}
