import { once } from 'node:events';
import { connect } from 'node:net';
import type { InjectOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { routes } from '../../src/http/route-registry.ts';
import type { FreshDatabase } from '../database/fresh.ts';
import { tryRoutes } from './http-routes.ts';
import { fresh, type SmallApp, smallApp } from './small-app.ts';

let database: FreshDatabase;
let small: SmallApp;

beforeAll(async () => {
  database = await fresh();
  small = await smallApp({
    fresh: database,
    more: tryRoutes,
    server: {
      ready: [
        { name: 'database', check: async () => null },
        { name: 'engine', check: async () => (engineReady ? null : 'is starting') },
      ],
    },
  });
});
let engineReady = true;

afterAll(async () => {
  await small.close();
  await database.drop();
});

const send = (request: InjectOptions) => small.app.inject(request);

describe('what goes out', () => {
  test('lists link to the next page by key and keep the other parameters', async () => {
    const first = await send({ url: '/api/try/list?status=open&limit=2' });
    expect(first.json()).toEqual([{ id: 'id-0' }, { id: 'id-1' }]);
    expect(first.headers.link).toBe(
      '<https://doors.example.com/api/try/list?status=open&limit=2&after=id-1>; rel="next"',
    );
    const last = await send({ url: '/api/try/list?limit=2&after=id-2' });
    expect(last.json().length).toBe(2);
    expect(last.headers.link).toBeUndefined();
    expect((await send({ url: '/api/try/list?limit=501' })).json()).toMatchObject({
      code: 'VALIDATION_ERROR',
      field: 'limit',
    });
  });

  test('a problem tells its facts and when to come back', async () => {
    const response = await send({ url: '/api/try/fails/held' });
    expect([response.statusCode, response.headers['retry-after']]).toEqual([409, '91']);
    expect(response.json()).toEqual({ error: expect.any(String), code: 'DEVICE_HELD', until: 'soon' });
  });

  test('a fault of ours is logged with an id and told without a cause', async () => {
    const response = await send({ url: '/api/try/fails/us' });
    expect(response.statusCode).toBe(500);
    expect(response.json()).toEqual({ error: 'Internal error', code: 'INTERNAL_ERROR', id: expect.any(String) });
    expect(small.logged()).toContain(response.json().id);
    expect(small.logged()).toContain('select * from secrets at line 5');
  });

  test('a vendor’s words stay in the log', async () => {
    const response = await send({ url: '/api/try/fails/vendor' });
    expect([response.statusCode, response.json()]).toEqual([
      502,
      { error: 'The vendor did not do it', code: 'UPSTREAM_ERROR' },
    ]);
    expect(small.logged()).toContain('vendor said 17');
  });

  test('a handler that takes too long is 503', async () => {
    const response = await send({ url: '/api/try/fails/late' });
    expect([response.statusCode, response.json().code]).toEqual([503, 'UNAVAILABLE']);
  });

  test('a field that the schema does not name is an error under test, and is not sent in production', async () => {
    const url = '/api/try/forgotten-field';
    expect((await send({ url })).statusCode).toBe(500);
    const production = await smallApp({ fresh: database, more: tryRoutes, server: { checkResponses: false } });
    expect((await production.app.inject({ url })).json()).toEqual({ id: 'x' });
    await production.close();
  });

  test('the headers keep browsers from what we never ask them to do', async () => {
    const { headers } = await send({ url: '/api/health' });
    const policy = String(headers['content-security-policy']);
    for (const part of ["default-src 'self'", "script-src 'self';", "style-src 'self';", "frame-ancestors 'none'"]) {
      expect(policy).toContain(part);
    }
    expect(policy).not.toContain('unsafe');
    expect(headers).toMatchObject({
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    });
    expect(headers).not.toHaveProperty('strict-transport-security');
    expect(headers).not.toHaveProperty('x-powered-by');
  });
});

describe('paths', () => {
  test.each(['/api', '/api/', '/api/nothing', '/api/%00', '/api/try/things/', '/api/%ZZ'])(
    '%s is refused in the API’s shape',
    async (url) => {
      const response = await send({ url });
      expect(response.statusCode).toBeGreaterThanOrEqual(400);
      expect(response.statusCode).toBeLessThan(405);
      expect(response.json()).toEqual(expect.objectContaining({ error: expect.any(String), code: expect.any(String) }));
    },
  );

  test('an unknown path under /api is 404', async () => {
    expect((await send({ url: '/api/nothing?x=1' })).json()).toEqual({
      error: 'Resource not found',
      code: 'NOT_FOUND',
    });
  });

  test('a known path under another method is 405 and says which', async () => {
    const response = await send({ method: 'DELETE', url: '/api/auth/login' });
    expect([response.statusCode, response.headers.allow, response.json().code]).toEqual([
      405,
      'POST, OPTIONS',
      'METHOD_NOT_ALLOWED',
    ]);
    const options = await send({ method: 'OPTIONS', url: '/api/health' });
    expect([options.statusCode, options.headers.allow, options.body]).toEqual([204, 'GET, HEAD, OPTIONS', '']);
  });

  test('HEAD answers like GET without a body, but never starts a cron job', async () => {
    expect(await send({ method: 'HEAD', url: '/api/health' })).toMatchObject({ statusCode: 200, body: '' });
    expect((await send({ method: 'HEAD', url: '/api/try/cron?token=cron-secret' })).statusCode).toBe(405);
  });

  test('errors on other paths are pages, or take the shape of another API', async () => {
    expect((await send({ url: '/nothing' })).headers['content-type']).toContain('text/plain');
    const shaped = await smallApp({
      fresh: database,
      server: {
        pageError: (error) => `<p>${error.status} ${error.code}</p>`,
        errorShapes: [
          {
            covers: (path) => path.startsWith('/door-access/'),
            answer: (error) => ({ status: error.status, body: { success: false, message: error.text } }),
          },
        ],
      },
    });
    const page = await shaped.app.inject({ url: '/nothing' });
    expect([page.statusCode, page.body, page.headers['content-type']]).toEqual([
      404,
      '<p>404 NOT_FOUND</p>',
      'text/html; charset=utf-8',
    ]);
    const door = await shaped.app.inject({ url: '/door-access/main/x' });
    expect([door.statusCode, door.json()]).toEqual([404, { success: false, message: 'Resource not found' }]);
    await shaped.close();
  });

  test('health and readiness', async () => {
    expect((await send({ url: '/api/health' })).json()).toEqual({ ok: true });
    expect((await send({ url: '/api/ready' })).json()).toEqual({ ok: true });
    engineReady = false;
    const response = await send({ url: '/api/ready' });
    engineReady = true;
    expect(response.statusCode).toBe(503);
    expect(response.json()).toEqual({
      error: 'Not ready',
      code: 'UNAVAILABLE',
      notReady: [{ name: 'engine', reason: 'is starting' }],
    });
  });
});

describe('the reference', () => {
  type Operation = {
    summary: string;
    description: string;
    responses: Record<string, { description: string }>;
    requestBody?: unknown;
  };
  type Document = { openapi: string; paths: Record<string, Record<string, Operation>> };

  test('is OpenAPI 3.1 and tells of every route purpose, access, success, errors and source', async () => {
    const document: Document = (await send({ url: '/api/openapi.json' })).json();
    expect(document.openapi).toBe('3.1.0');
    const declared = routes(small.app);
    expect(declared.length).toBeGreaterThan(15);
    for (const route of declared) {
      const path = route.url.replace(/:(\w+)/g, '{$1}');
      for (const method of route.methods) {
        const operation = document.paths[path]?.[method.toLowerCase()];
        expect(operation, `${method} ${route.url}`).toBeDefined();
        expect(operation?.description).toContain(route.purpose);
        expect(operation?.description).toMatch(/\*\*Access:\*\* \w/);
        expect(operation?.description).toMatch(/\*\*Source:\*\* `(src|test)\/[\w/.-]+\.ts`/);
        expect(operation?.responses).toHaveProperty('200');
        for (const code of route.errors) expect(JSON.stringify(operation?.responses)).toContain(code);
      }
    }
    const login = document.paths['/api/auth/login']?.post;
    expect(JSON.stringify(login?.requestBody)).toContain('Password123!');
    expect(Object.keys(document.paths).some((path) => path.includes('docs'))).toBe(false);
  });

  test('its page is our own and needs nothing unsafe', async () => {
    const page = await send({ url: '/api/docs/' });
    expect(page.statusCode).toBe(200);
    const policy = String(page.headers['content-security-policy']);
    expect(policy).not.toContain('unsafe');
    expect(policy).toContain("style-src 'self' 'sha256-");
    const script = /src="\.?\/?([^"]*swagger-initializer\.js)"/.exec(page.body)?.[1] ?? '';
    expect((await send({ url: `/api/docs/${script.replace(/^(api\/)?docs\//, '')}` })).statusCode).toBe(200);
    expect((await send({ url: '/api/docs/json' })).json().openapi).toBe('3.1.0');
  });
});

test('a stop finishes what runs, ends streams and takes nothing new', async () => {
  const stopping = await smallApp({ fresh: database, more: tryRoutes });
  const address = await stopping.app.listen({ port: 0, host: '127.0.0.1' });
  const stream = await fetch(`${address}/api/try/stream`);
  expect(stream.headers.get('content-type')).toContain('text/event-stream');
  expect(stream.headers.get('content-security-policy')).toContain("default-src 'self'");
  const slow = fetch(`${address}/api/try/slow`);
  await new Promise((resolve) => setTimeout(resolve, 100));
  const closed = stopping.close();
  expect(await (await slow).json()).toEqual({ ok: true });
  expect(await stream.text()).toBe('data: hello\n\n');
  await closed;
  await expect(fetch(`${address}/api/health`)).rejects.toThrow();
});

test('a stop does not wait for a connection on which nothing was ever asked', async () => {
  const stopping = await smallApp({ fresh: database, more: tryRoutes });
  const { port } = new URL(await stopping.app.listen({ port: 0, host: '127.0.0.1' }));
  const ahead = connect({ port: Number(port), host: '127.0.0.1' });
  await once(ahead, 'connect');
  const ended = once(ahead, 'close');
  await stopping.close();
  await ended;
});
