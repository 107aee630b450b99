/** The cloud over HTTP: routes, headers of both families, refusals in its words, and everything that may go wrong on the way. */
import type http from 'node:http';
import { elapsed } from '../clock.ts';
import { type Heard, hear } from '../heard.ts';
import { jsonObjectFrom, readBody } from '../loopback.ts';
import { type Said, send, spoil, type TroubleKind, type Troubles, twisted } from '../trouble.ts';
import type { Answer } from './account.ts';
import type { Context, Route } from './call.ts';
import { Refusal, refusal } from './errors.ts';
import type { Claims } from './jwt.ts';
import { lockRoutes } from './lock-calls.ts';
import { operateRoutes } from './operate-calls.ts';
import { sessionRoutes } from './session-calls.ts';
import { subscriberRoutes } from './subscribers.ts';

const routes: Route[] = [...sessionRoutes, ...operateRoutes, ...subscriberRoutes, ...lockRoutes];
const nobody: Claims = { jti: '0', exp: 0, iat: 0, userId: '', installId: '' };

export type ApiRequest = { at: number; method: string; path: string; status: number | null; family: 'august' | 'yale' };
export type ApiOptions = { context: Context; troubles: Troubles; heard: Heard; note: (request: ApiRequest) => void };

export async function answerApi(
  o: ApiOptions,
  url: URL,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): Promise<void> {
  const method = request.method ?? 'GET';
  const route = routes.find((one) => one.method === method && one.path.test(url.pathname));
  const does = route?.does ?? 'looking';
  hear(o.heard, url.pathname, does === 'switching');
  const family = request.headers['x-august-api-key'] === undefined ? 'yale' : 'august';
  const noted: ApiRequest = { at: elapsed(), method, path: url.pathname, status: null, family };
  o.note(noted);
  const text = await readBody(request, 256 * 1024);
  response.setHeader('x-response-time', '1ms');

  const act = async (trouble: TroubleKind | null): Promise<Said> => {
    const answer = await answered(o.context, { route, url, request, text, trouble });
    if (answer.token !== undefined && !response.headersSent) {
      response.setHeader('x-august-access-token', answer.token);
      response.setHeader('x-access-token', answer.token);
    }
    const { status = 200, body } = answer;
    noted.status = status;
    if (status === 302) response.setHeader('location', String((body as { location: string }).location));
    return { status, body: body === null ? '' : JSON.stringify(body) };
  };
  const trouble = o.troubles.next(does);
  if (trouble === null) return send(response, await act(null));
  await spoil(trouble, response, {
    act: () => act(trouble),
    no: () => said(200, { code: 98, message: 'Bridge is offline' }),
    twist: ({ status, body }) => ({ status, body: body === '' ? '7' : JSON.stringify(twisted(JSON.parse(body))) }),
    expired: () => said(401, { code: 'InvalidCredentials', message: 'The access token is not valid' }),
  });
}

const said = (status: number, body: unknown): Said => ({ status, body: JSON.stringify(body) });

async function answered(
  context: Context,
  o: {
    route: Route | undefined;
    url: URL;
    request: http.IncomingMessage;
    text: string | null;
    trouble: TroubleKind | null;
  },
): Promise<Answer> {
  const { accounts } = context;
  const { headers } = o.request;
  const one = (...names: string[]): string | undefined =>
    names.map((name) => headers[name]).find((value) => typeof value === 'string') as string | undefined;
  try {
    if (o.route === undefined) throw refusal('ResourceNotFound', `${o.url.pathname} does not exist`);
    const token = one('x-august-access-token', 'x-access-token');
    if (o.route.needs !== 'nothing') accounts.checkKey(one('x-august-api-key', 'x-api-key'));
    const claims = o.route.needs === 'user' ? accounts.check(token) : nobody;
    const isForm = (headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded');
    const body = isForm ? Object.fromEntries(new URLSearchParams(o.text ?? '')) : jsonObjectFrom(o.text);
    if (body === null) throw refusal('BadRequest', 'The body must be a JSON object');
    const parts = (o.route.path.exec(o.url.pathname) ?? []).slice(1).map(decodeURIComponent);
    const version = one('accept-version') ?? '0.0.1';
    return await o.route.run(
      { parts, query: o.url.searchParams, body, version, claims, token, trouble: o.trouble },
      context,
    );
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { status, code, message } = error;
    return { status, body: status === 400 && String(code).includes('_') ? { error: code } : { code, message } };
  }
}
