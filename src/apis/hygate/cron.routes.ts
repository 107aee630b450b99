import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { queryText } from '../../http/query.ts';
import { defineRoute } from '../../http/route.ts';

/** The engine's rounds, on request: a second guard beside its own clockwork. */
export type CronWork = { cleanup(): Promise<number>; reconcile(): Promise<number> };

const shared = {
  method: ['GET', 'POST'],
  access: 'cron',
  family: 'hygate',
  tag: 'Cron',
  source: import.meta.url,
  query: Type.Object({ token: queryText('CRON_SECRET, where no Authorization header can be sent') }),
  success: Type.Object({ ok: Type.Literal(true), processed: Type.Integer() }),
  errors: ['UNAUTHORIZED'],
} as const;

/** Reference: seeds/hygate-api-reference.txt, Cron Endpoints. */
export function cronRoutes(app: FastifyInstance, { cron }: { cron: CronWork }): void {
  defineRoute(app, {
    ...shared,
    url: '/api/cron/session-cleanup',
    summary: 'Ends sessions past their end time',
    purpose:
      'Every 5 minutes by an external scheduler, where one is wanted; the server does so by itself all the time.',
    handler: async () => ({ ok: true as const, processed: await cron.cleanup() }),
  });
  defineRoute(app, {
    ...shared,
    url: '/api/cron/session-reconcile',
    summary: 'Verifies that relays are as sessions say',
    purpose:
      'Every 2 minutes by an external scheduler, where one is wanted; the server does so by itself all the time.',
    handler: async () => ({ ok: true as const, processed: await cron.reconcile() }),
  });
}
