/**
 * What a caller sees of an error. Problems are shown as they are; everything else is ours: logged with the request's id and
 * answered without a word about its cause. Each published API has its own shape of errors (ErrorShape); what no shape
 * covers is a page.
 */
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { codes, type ErrorCode, Problem } from '../rules/errors.ts';
import { methodsOf } from './route-registry.ts';

export type ShownError = {
  status: number;
  code: ErrorCode;
  text: string;
  field: string | undefined;
  retryAfterSeconds: number | undefined;
  facts: Record<string, unknown>;
  /** With 500: by which it is found in the log. */
  id: string | undefined;
};

/** How one published API writes errors. The first whose `covers` says yes answers. */
export type ErrorShape = {
  covers(path: string, request: FastifyRequest): boolean;
  /** The JSON body; `status` may differ from the error's where the contract says so. */
  answer(error: ShownError, request: FastifyRequest): { status: number; body: unknown };
};

/** A page that says it kindly, as whole HTML. */
export type PageError = (error: ShownError, request: FastifyRequest, reply: FastifyReply) => string;

export const apiErrors: ErrorShape = {
  covers: (path) => path === '/api' || path.startsWith('/api/'),
  answer: (error) => ({
    status: error.status,
    body: {
      ...error.facts,
      error: error.text,
      code: error.code,
      ...(error.field === undefined ? {} : { field: error.field }),
      ...(error.id === undefined ? {} : { id: error.id }),
    },
  }),
};

export type ErrorSender = (thrown: unknown, request: FastifyRequest, reply: FastifyReply) => FastifyReply;

export function errorSender(o: { shapes: readonly ErrorShape[]; page: PageError | undefined }): ErrorSender {
  return (thrown, request, reply) => {
    const error = shown(thrown, request);
    if (error.retryAfterSeconds !== undefined) reply.header('retry-after', String(Math.ceil(error.retryAfterSeconds)));
    const shape = o.shapes.find((candidate) => candidate.covers(pathOf(request), request));
    if (shape !== undefined) {
      const { status, body } = shape.answer(error, request);
      return reply.code(status).type('application/json; charset=utf-8').serializer(JSON.stringify).send(body);
    }
    reply.code(error.status);
    if (o.page === undefined) return reply.type('text/plain; charset=utf-8').send(error.text);
    return reply.type('text/html; charset=utf-8').send(o.page(error, request, reply));
  };
}

/** Unknown paths, known paths under another method, OPTIONS, and whatever handlers throw. */
export function answerErrors(app: FastifyInstance, send: ErrorSender): void {
  app.setErrorHandler((thrown, request, reply) => send(thrown, request, reply));
  app.setNotFoundHandler((request, reply) => {
    const methods = methodsOf(app, pathOf(request), request.headers.host ?? '');
    if (methods.length === 0) return send(new Problem('NOT_FOUND'), request, reply);
    reply.header('allow', [...methods, 'OPTIONS'].join(', '));
    if (request.method === 'OPTIONS') return reply.code(204).send();
    return send(new Problem('METHOD_NOT_ALLOWED'), request, reply);
  });
}

export const pathOf = (request: FastifyRequest): string => request.url.split('?', 1)[0] ?? '/';

/** Ours to log, theirs to see. */
function shown(thrown: unknown, request: FastifyRequest): ShownError {
  const problem = thrown instanceof Problem ? thrown : fromFramework(thrown);
  if (problem === null) {
    request.log.error({ err: thrown, id: request.id, req: request }, 'A request failed through a fault of ours.');
    return {
      status: 500,
      code: 'INTERNAL_ERROR',
      text: codes.INTERNAL_ERROR.text,
      field: undefined,
      retryAfterSeconds: undefined,
      facts: {},
      id: request.id,
    };
  }
  if (problem.status >= 500) {
    request.log.warn(
      { err: problem.cause ?? problem, id: request.id, code: problem.code },
      'A request could not be served.',
    );
  }
  const { status, code, message: text, field, retryAfterSeconds, facts } = problem;
  return { status, code, text, field, retryAfterSeconds, facts, id: undefined };
}

/** What Fastify refuses by itself, in our codes; null: not the caller's fault. */
function fromFramework(thrown: unknown): Problem | null {
  if (!isFastifyError(thrown)) return null;
  switch (thrown.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new Problem('PAYLOAD_TOO_LARGE');
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new Problem('UNSUPPORTED_MEDIA_TYPE');
    case 'FST_ERR_HANDLER_TIMEOUT':
      return new Problem('UNAVAILABLE', 'This took too long, try again', { cause: thrown });
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return new Problem('NOT_FOUND');
    default:
      return thrown.statusCode !== undefined && thrown.statusCode >= 400 && thrown.statusCode < 500
        ? new Problem('VALIDATION_ERROR', undefined, { cause: thrown })
        : null;
  }
}

const isFastifyError = (thrown: unknown): thrown is FastifyError =>
  thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' && thrown.code.startsWith('FST_');
