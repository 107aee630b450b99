import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { operationOf } from './openapi-operation.ts';
import { defineRoute } from './route.ts';

// swagger-ui sets one inline style; its hash belongs to the version of @fastify/swagger-ui (reference/ground.md §2)
const styleHash = 'sha256-RL3ie0nH+Lzz2YNqQN83mnU0J1ot4QL7b99vMdIX99w=';

const intro = `One server in front of every door, lock, intercom, card reader and paid machine of a place.

Errors are \`{ "error": text, "code": CODE }\`, with \`field\` for a wrong field. Sign in at \`/api/auth/login\`; send the token
as \`Authorization: Bearer\`, or let the browser send the cookie, with \`X-CSRF-Token\` from \`/api/auth/csrf\` on every write.`;

/** The reference: OpenAPI 3.1 at /api/openapi.json and a page at /api/docs, both made from the declarations. */
export async function describeApi(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    stripBasePath: false,
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Keystead', version: '1', description: intro },
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
          cookie: { type: 'apiKey', in: 'cookie', name: 'keystead_session' },
          csrf: { type: 'apiKey', in: 'header', name: 'X-CSRF-Token' },
          apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key', description: 'Or x-august-api-key' },
          accessToken: {
            type: 'apiKey',
            in: 'header',
            name: 'x-access-token',
            description: 'Or x-august-access-token',
          },
          cronSecret: { type: 'http', scheme: 'bearer', description: 'CRON_SECRET, or ?token=' },
        },
      },
    },
    transform: ({ schema, url, route }) => {
      const declared = route.config?.declared;
      const shown = declared !== undefined && declared.hosts === undefined; // those of certain hosts are told once
      return { schema: shown ? operationOf(declared, schema) : { hide: true }, url };
    },
  });
  await app.register(swaggerUi, {
    routePrefix: '/api/docs',
    uiConfig: { docExpansion: 'none', tryItOutEnabled: false, displayRequestDuration: true, layout: 'BaseLayout' },
    theme: { title: 'Keystead API' },
    staticCSP: `default-src 'self'; base-uri 'self'; img-src 'self' data:; object-src 'none'; script-src 'self'; style-src 'self' '${styleHash}'; frame-ancestors 'none'`,
  });
  defineRoute(app, {
    method: 'GET',
    url: '/api/openapi.json',
    access: 'public',
    family: 'keystead',
    summary: 'This reference as OpenAPI 3.1',
    purpose: 'For generators of clients and for tools.',
    tag: 'Reference',
    success: Type.Unknown(),
    errors: [],
    source: import.meta.url,
    handler: async () => app.swagger(),
  });
}
