import type { FastifyInstance, FastifyRequest } from 'fastify';
import { invalid, Problem } from '../rules/errors.ts';
import { setRawBody } from './request-facts.ts';

/**
 * Reads bodies: JSON everywhere, forms where a route says so, nothing else. An empty body is no body, whatever its type.
 * Where a signature is checked the bytes are kept as they came and parsed by nobody.
 */
export function readBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  const parseJson = app.getDefaultJsonParser('error', 'error'); // refuses __proto__ and constructor.prototype
  type Done = (error: Error | null, body?: unknown) => void;

  const reader = (parse: (request: FastifyRequest, bytes: Buffer, done: Done) => void) => {
    return (request: FastifyRequest, bytes: Buffer, done: Done): void => {
      if (request.routeOptions.config.declared?.access === 'signed') {
        setRawBody(request, bytes);
        done(null, undefined);
      } else if (bytes.length === 0) done(null, undefined);
      else parse(request, bytes, done);
    };
  };

  const json = reader((request, bytes, done) => {
    const text = decode(bytes);
    if (text === null) return done(malformed());
    if (text.trim() === '') return done(null, undefined);
    void parseJson(request, text, (error, body) => (error ? done(malformed()) : done(null, body)));
  });

  const form = reader((request, bytes, done) => {
    if (request.routeOptions.config.declared?.form !== true) return done(new Problem('UNSUPPORTED_MEDIA_TYPE'));
    const text = decode(bytes);
    return text === null ? done(malformed()) : done(null, fields(new URLSearchParams(text)));
  });

  app.addContentTypeParser(/^application\/([\w.-]+\+)?json(\s*;|$)/i, { parseAs: 'buffer' }, json);
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'buffer' }, form);
  app.addContentTypeParser(
    '*',
    { parseAs: 'buffer' },
    reader((_request, _bytes, done) => done(new Problem('UNSUPPORTED_MEDIA_TYPE'))),
  );
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function decode(bytes: Buffer): string | null {
  try {
    return utf8.decode(bytes);
  } catch {
    return null;
  }
}

const malformed = (): Problem => invalid('body', 'Malformed request body');

/** The last value of a name counts, as with JSON. */
const fields = (params: URLSearchParams): Record<string, string> => Object.fromEntries(params);
