/**
 * The HTTP server: limits, headers, bodies, access, errors, the reference page. Routes are added to what it returns, by
 * defineRoute. It must never know a feature: who somebody is and what is ready it asks through what it is given.
 */

import type { Server } from 'node:http';
import cookie from '@fastify/cookie';
import Fastify, { type FastifyHttpOptions, type FastifyInstance, LogController } from 'fastify';
import type { Config } from '../config.ts';
import type { Clock } from '../host/clock.ts';
import type { Logger } from '../host/log.ts';
import { withoutSecrets } from '../host/log-redaction.ts';
import type { Random } from '../host/random.ts';
import { Problem } from '../rules/errors.ts';
import { type Authenticate, createGate } from './access.ts';
import { readBodies } from './bodies.ts';
import type { Csrf } from './csrf.ts';
import { answerErrors, apiErrors, type ErrorShape, errorSender, type PageError } from './errors.ts';
import { healthRoutes, type ReadyCheck, type ReadyWarning } from './health.ts';
import { lazySchemas } from './lazy-schemas.ts';
import { describeApi } from './openapi.ts';
import type { Partners } from './partners.ts';
import { checkResponses } from './response-check.ts';
import { schemaProblem } from './schema-errors.ts';
import { secureHeaders } from './security-headers.ts';
import { dropSilentConnections } from './silent-connections.ts';
import { refuseUnstorable } from './storable-text.ts';
import { endStreams } from './streams.ts';

export type ServerDeps = {
  config: Pick<Config, 'publicUrl' | 'trustProxy' | 'cronSecret'>;
  clock: Clock;
  random: Random;
  log: Logger;
  csrf: Csrf;
  authenticate: Authenticate;
  /** Who knows partners' programs and their callers. */
  partners?: Partners;
  ready?: readonly ReadyCheck[];
  warnings?: readonly ReadyWarning[];
  /** How other APIs than /api write errors; asked before it. */
  errorShapes?: readonly ErrorShape[];
  /** How errors look on HTML paths; plain text without it. */
  pageError?: PageError;
  /** Tests: an answer that differs from its schema is an error, where production sends only what the schema names. */
  checkResponses?: boolean;
};

const undeclared = /^\/api\/docs(\/|$)/;

export async function createServer(o: ServerDeps): Promise<FastifyInstance> {
  const sendError = errorSender({ shapes: [...(o.errorShapes ?? []), apiErrors], page: o.pageError });
  const options: FastifyHttpOptions<Server> = {
    loggerInstance: o.log,
    logController: new LogController({ disableRequestLogging: true }), // one line is written below
    bodyLimit: 1_048_576,
    connectionTimeout: 120_000, // of silence; streams send a heartbeat
    requestTimeout: 30_000, // for a request to arrive
    handlerTimeout: 30_000, // for its answer to be made
    keepAliveTimeout: 72_000,
    http: { headersTimeout: 15_000, maxHeaderSize: 16_384 },
    // so many proxies in front add an address each; a server behind proxies must be reachable through them only
    trustProxy: o.config.trustProxy === 0 ? false : (_address, hop) => hop < o.config.trustProxy,
    requestIdHeader: false,
    genReqId: () => o.random.bytes(9).toString('base64url'),
    forceCloseConnections: 'idle',
    return503OnClosing: false, // done below, in the shape of the API
    routerOptions: { maxParamLength: 512, ignoreTrailingSlash: false },
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false, allErrors: false } },
    schemaController: { compilersFactory: lazySchemas },
    schemaErrorFormatter: schemaProblem,
    frameworkErrors: sendError,
  };
  const app = Fastify(options);
  const https = o.config.publicUrl.startsWith('https:');

  await secureHeaders(app, { https });
  await app.register(cookie);
  readBodies(app);
  answerErrors(app, sendError);
  if (o.checkResponses === true) checkResponses(app);

  dropSilentConnections(app);
  let closing = false;
  app.addHook('preClose', async () => {
    closing = true;
    endStreams(app);
  });
  app.addHook('onRequest', async (_request, reply) => {
    if (!closing) return;
    reply.header('connection', 'close');
    throw new Problem('UNAVAILABLE', 'The server is restarting', { retryAfterSeconds: 2 });
  });
  app.addHook('onSend', async (_request, reply) => {
    if (closing) reply.header('connection', 'close'); // or the kept connection holds up the stop
  });
  app.addHook('onSend', async (request, reply) => {
    if (request.routeOptions.config?.declared?.family !== 'yale') return;
    reply.header('x-response-time', String(Math.round(reply.elapsedTime)));
    reply.header('cache-control', 'no-store');
  });
  app.addHook(
    'onRequest',
    createGate({
      authenticate: o.authenticate,
      csrf: o.csrf,
      cronSecret: o.config.cronSecret,
      partners: o.partners ?? null,
    }),
  );
  app.addHook('preValidation', async (request) => {
    refuseUnstorable('params', request.params);
    refuseUnstorable('query', request.query);
    refuseUnstorable('body', request.body);
  });
  app.addHook('onResponse', async (request, reply) => {
    request.log.info(
      {
        id: request.id,
        method: request.method,
        url: withoutSecrets(request.url),
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
        ip: request.ip,
      },
      'request',
    );
  });
  app.addHook('onRoute', (route) => {
    if (!/^\/(api|yale)\//.test(route.url) || route.config?.declared !== undefined || undeclared.test(route.url))
      return;
    throw new Error(`${route.url} must be declared by defineRoute: nobody would check who calls it`);
  });

  await describeApi(app);
  healthRoutes(app, { checks: o.ready ?? [], warnings: o.warnings ?? [], clock: o.clock });
  return app;
}
