/** Signing in: by password and a code that is mailed, or by OAuth. */
import type { Route } from './call.ts';
import { refusal } from './errors.ts';

const redirected = (query: URLSearchParams, code: string): string => {
  const to = new URL(query.get('redirect_uri') ?? '');
  to.searchParams.set('code', code);
  const state = query.get('state');
  if (state !== null) to.searchParams.set('state', state);
  return to.href;
};

export const sessionRoutes: Route[] = [
  {
    method: 'POST',
    path: /^\/session$/,
    does: 'signing-in',
    needs: 'key',
    run: ({ body }, { accounts }) => accounts.openSession(body),
  },
  {
    method: 'POST',
    path: /^\/validation\/(email|phone)$/,
    does: 'signing-in',
    needs: 'key',
    run: ({ body, token }, { accounts }) => accounts.sendCode(accounts.claimsOf(token), body.value),
  },
  {
    method: 'POST',
    path: /^\/validate\/(email|phone)$/,
    does: 'signing-in',
    needs: 'key',
    run: ({ body, token }, { accounts }) => accounts.validate(accounts.claimsOf(token), body.code),
  },
  {
    method: 'POST',
    path: /^\/access_token$/,
    does: 'signing-in',
    needs: 'nothing',
    run: ({ body }, { accounts }) => accounts.grant(body),
  },
  {
    method: 'GET',
    path: /^\/(?:authorization|authorize)$/,
    does: 'looking',
    needs: 'nothing',
    // whoever opens the page is the owner, and consents
    run({ query }, { accounts }) {
      if (query.get('client_id') !== accounts.account.clientId || !URL.canParse(query.get('redirect_uri') ?? '')) {
        throw refusal('BadRequest', 'client_id and redirect_uri are required');
      }
      return { status: 302, body: { location: redirected(query, accounts.newCode()) } };
    },
  },
];
