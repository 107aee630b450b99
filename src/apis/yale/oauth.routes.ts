import { Type } from 'typebox';
import type { ConsentService, Tokens } from '../../features/grants/consent.service.ts';
import { Problem } from '../../rules/errors.ts';
import { type YaleApi, yaleRoute } from './yale-route.ts';

const text = Type.Optional(Type.String({ maxLength: 1000 }));

/** Where programs change codes into tokens. The page of consent is in src/pages/consent.routes.ts. */
export function oauthRoutes(api: YaleApi, { consent }: { consent: ConsentService }): void {
  yaleRoute(api, {
    method: 'POST',
    url: '/access_token',
    access: 'public',
    summary: 'Change a code, or a refresh token, into tokens',
    purpose:
      'Form or JSON. A code is good once and for a minute, a refresh token once; coming again with a used one ends what was allowed. Errors have `error` as OAuth names it besides `code` and `message`.',
    body: Type.Object({
      grant_type: text,
      client_id: text,
      client_secret: text,
      code: text,
      redirect_uri: text,
      refresh_token: text,
    }),
    optionalBody: true,
    form: true,
    example: {
      grant_type: 'authorization_code',
      client_id: 'api_01k',
      client_secret: 's',
      code: 'c',
      redirect_uri: 'https://partner.example.com/callback',
    },
    success: Type.Object({
      access_token: Type.String(),
      token_type: Type.String(),
      expires_in: Type.Integer(),
      refresh_token: Type.String(),
    }),
    errors: ['VALIDATION_ERROR', 'INVALID_CREDENTIALS'],
    source: import.meta.url,
    handler: async ({ body = {}, reply }) => {
      reply.header('cache-control', 'no-store');
      const proof = { clientId: body.client_id ?? '', clientSecret: body.client_secret ?? '' };
      switch (body.grant_type) {
        case 'authorization_code':
          return view(await consent.redeem(proof, body.code ?? '', body.redirect_uri ?? ''));
        case 'refresh_token':
          return view(await consent.refresh(proof, body.refresh_token ?? ''));
        default:
          throw new Problem('VALIDATION_ERROR', 'grant_type must be authorization_code or refresh_token', {
            facts: { error: body.grant_type === undefined ? 'invalid_request' : 'unsupported_grant_type' },
          });
      }
    },
  });
}

const view = ({ accessToken, refreshToken, expiresInSeconds }: Tokens) => ({
  access_token: accessToken,
  token_type: 'Bearer',
  expires_in: expiresInSeconds,
  refresh_token: refreshToken,
});
