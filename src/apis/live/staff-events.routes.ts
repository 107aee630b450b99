import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { NoticesService } from '../../features/notices/notices.service.ts';
import type { Clock } from '../../host/clock.ts';
import type { Logger } from '../../host/log.ts';
import type { Authenticate } from '../../http/access.ts';
import { credentialOf } from '../../http/credentials.ts';
import { defineRoute } from '../../http/route.ts';
import { openStream } from '../../http/streams.ts';
import { Problem } from '../../rules/errors.ts';
import { languageFrom } from '../../texts/languages.ts';
import { noticeView } from '../keystead/notice-view.ts';
import type { Hub } from './hub.ts';

type Deps = { notices: NoticesService; authenticate: Authenticate; hub: Hub; clock: Clock; log: Logger };

/** Keeps proxies from taking silence for an end; and the longest that a login ended elsewhere still listens in silence. */
const heartbeat = 15_000;
/** Consoles of one organization open at a time in this process; further ones poll. */
const mostAtOnce = 100;
/** The newest so many; whoever has more open pages through the list. */
const mostShown = 100;

/**
 * What staff has to see at once, as server-sent events: `notices`, the open ones, now and again at every change. Before
 * anything is sent it is asked again whether the login still stands, and what its account may see.
 */
export function staffEventRoutes(app: FastifyInstance, { notices, authenticate, hub, clock, log }: Deps): void {
  defineRoute(app, {
    method: 'GET',
    url: '/api/events',
    access: 'staff',
    family: 'keystead',
    tag: 'Notices',
    source: import.meta.url,
    summary: 'Follow what happens live',
    purpose:
      'Server-sent events. `notices`: what GET /api/notices answers, now and at every change. Ends with the login. Polling is the fallback.',
    success: Type.Unknown({ description: 'text/event-stream' }),
    errors: ['UNAUTHORIZED', 'RATE_LIMITED'],
    handler: async ({ actor, request, reply }) => {
      const { organizationId } = actor;
      if (hub.waiting('notices', organizationId) >= mostAtOnce)
        throw new Problem('RATE_LIMITED', undefined, { retryAfterSeconds: 30 });
      const token = credentialOf(request)?.token ?? '';
      const language = languageFrom(request.headers['accept-language']);
      const stream = openStream(app, reply);
      if (stream.destroyed || stream.socket?.destroyed === true) return reply;
      let last = '';
      let sending: Promise<void> = Promise.resolve();
      const send = (): void => {
        sending = sending.then(tell).catch((error: unknown) => log.warn({ err: error }, 'A live view failed.'));
      };
      const tell = async (): Promise<void> => {
        if (stream.destroyed) return;
        const now = await authenticate(token, request.ip);
        if (now === null) return void stream.end();
        const open = await notices.list(now, { open: true, limit: mostShown, after: null });
        const data = JSON.stringify(open.map((row) => noticeView(row, language, clock.now())));
        if (!stream.destroyed) {
          stream.write(data === last ? ': still here\n\n' : `event: notices\ndata: ${data}\n\n`);
        }
        last = data;
      };
      const leave = hub.on('notices', organizationId, send);
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
