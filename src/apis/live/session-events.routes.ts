import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { SessionFactsService } from '../../features/sessions/session-facts.service.ts';
import type { Clock } from '../../host/clock.ts';
import type { Logger } from '../../host/log.ts';
import { defineRoute } from '../../http/route.ts';
import { openStream } from '../../http/streams.ts';
import { notFound, Problem } from '../../rules/errors.ts';
import { publicSession } from '../hygate/public-session.ts';
import type { Hub } from './hub.ts';

type Deps = { facts: SessionFactsService; hub: Hub; clock: Clock; log: Logger };

/** Keeps proxies and phones from taking silence for an end; also says when a state changed by time alone. */
const heartbeat = 15_000;
/** Pages of one session open at a time in this process; further ones poll. */
const mostAtOnce = 20;

/** A guest's session as server-sent events: the whole public view now, and again at every change. */
export function sessionEventRoutes(app: FastifyInstance, { facts, hub, clock, log }: Deps): void {
  defineRoute(app, {
    method: 'GET',
    url: '/api/public/sessions/:token/events',
    access: 'public',
    family: 'keystead',
    tag: 'Guests',
    source: import.meta.url,
    summary: 'Follow a session live',
    purpose: 'Server-sent events; data is what GET /api/public/sessions/:token answers. Polling is the fallback.',
    params: Type.Object({ token: Type.String() }),
    success: Type.Unknown({ description: 'text/event-stream' }),
    errors: ['NOT_FOUND', 'RATE_LIMITED'],
    handler: async ({ params, reply }) => {
      const found = await facts.byToken(params.token);
      if (found === null) throw notFound('Session not found');
      if (hub.waiting('session', found.row.id) >= mostAtOnce)
        throw new Problem('RATE_LIMITED', undefined, { retryAfterSeconds: 30 });
      const stream = openStream(app, reply);
      if (stream.destroyed || stream.socket?.destroyed === true) return reply;
      let last = '';
      let sending: Promise<void> = Promise.resolve();
      const send = (): void => {
        sending = sending.then(tell).catch((error: unknown) => log.warn({ err: error }, 'A live session view failed.'));
      };
      const tell = async (): Promise<void> => {
        const now = await facts.byToken(params.token);
        if (now === null || stream.destroyed) return;
        const data = JSON.stringify(publicSession(now, clock.now()));
        stream.write(data === last ? ': still here\n\n' : `data: ${data}\n\n`);
        last = data;
      };
      const leave = hub.on('session', found.row.id, send);
      const beat = clock.every(heartbeat, send);
      stream.on('close', () => {
        leave();
        beat.stop();
      });
      send();
      return reply;
    },
  });
}
