import { isDeepStrictEqual } from 'node:util';
import type { FastifyInstance, FastifyReply } from 'fastify';

/**
 * For tests. Production serialises by schema, which sends what the schema names and nothing else: a password hash that
 * slips into an object stays inside. The price is that a field forgotten in a schema vanishes silently; so under test an
 * answer that loses or changes anything on its way is an error.
 */
export function checkResponses(app: FastifyInstance): void {
  const meant = new WeakMap<FastifyReply, unknown>();
  app.addHook('preSerialization', async (_request, reply, payload) => {
    if (reply.statusCode === 200 || reply.statusCode === 202) meant.set(reply, JSON.parse(JSON.stringify(payload)));
    return payload;
  });
  app.addHook('onSend', async (request, reply, text) => {
    const before = meant.get(reply);
    meant.delete(reply);
    if (before === undefined || typeof text !== 'string' || isDeepStrictEqual(JSON.parse(text), before)) return text;
    const whole = JSON.stringify(before);
    throw new Error(`${request.method} ${request.url} answers ${whole}, but its schema lets through only ${text}`);
  });
}
