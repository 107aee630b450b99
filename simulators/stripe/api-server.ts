/** Stripe's API over HTTP: who is asking, with which idempotency key, and what goes back. */
import type http from 'node:http';
import { pause } from '../clock.ts';
import { readBody, sendJson } from '../loopback.ts';
import type { Store, Table } from '../store.ts';
import { callApi } from './api.ts';
import { invalid, StripeApiError } from './errors.ts';
import { type FormObject, parseForm } from './form.ts';
import { fingerprint, newRequestId } from './ids.ts';
import { API_VERSION, type Ledger } from './ledger.ts';
import type { RefundMood } from './refunds.ts';

export const stripeFaults = [
  'none',
  'down',
  'server-error',
  'rate-limited',
  'answer-lost',
  'slow',
  'silent',
  'refund-fails',
  'refund-pending',
] as const;
export type StripeFault = (typeof stripeFaults)[number];

type Kept = {
  key: string;
  print: string;
  path: string;
  status: number;
  body: Record<string, unknown>;
  requestId: string;
  at: number;
};
type Answer = { status: number; body: Record<string, unknown>; headers: Record<string, string> };
export type ApiServer = (request: http.IncomingMessage, response: http.ServerResponse) => Promise<void>;

const DAY_MS = 24 * 60 * 60 * 1000;
const LARGEST_BODY = 1024 * 1024;

type Options = { ledger: Ledger; store: Store; secretKey: string; fault: () => StripeFault; slowMs: number };

export function createApiServer({ ledger, store, secretKey, fault, slowMs }: Options): ApiServer {
  const kept = store.table<Kept>('idempotency');
  for (const old of kept.all()) if (ledger.now() - old.at > DAY_MS) kept.drop(old.key);

  return async (request, response) => {
    const requestId = newRequestId();
    const version = String(request.headers['stripe-version'] ?? API_VERSION);
    const common = { 'request-id': requestId, 'stripe-version': version };
    const now = fault();
    if (now === 'server-error') {
      const message = 'Sorry! There was an error while talking to one of our servers.';
      return sendJson(response, 500, { error: { type: 'api_error', message } }, common);
    }
    if (now === 'silent') return; // the caller has to know when to stop waiting
    if (now === 'rate-limited') {
      const message =
        'Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.';
      const error = { type: 'invalid_request_error', code: 'rate_limit', message };
      return sendJson(response, 429, { error }, { ...common, 'stripe-rate-limited-reason': 'global-rate' });
    }
    const body = await readBody(request, LARGEST_BODY);
    if (body === null) {
      response.setHeader('connection', 'close');
      return sendJson(
        response,
        413,
        errorBody(invalid('Request body is too large.', { status: 413 }), requestId),
        common,
      );
    }
    const answer = perform(request, body, requestId);
    if (now === 'slow') await pause(slowMs);
    if (now === 'answer-lost' && request.method === 'POST') {
      request.socket.destroy(); // what was asked is done all the same
      return;
    }
    const replayed =
      answer.headers['idempotent-replayed'] === 'true' ? answer.headers : { ...common, ...answer.headers };
    sendJson(response, answer.status, answer.body, replayed);
  };

  function perform(request: http.IncomingMessage, body: string, requestId: string): Answer {
    const url = new URL(request.url ?? '/', 'http://stripe');
    const method = request.method ?? 'GET';
    const key = method === 'POST' ? request.headers['idempotency-key'] : undefined;
    const idempotencyKey = typeof key === 'string' && key !== '' ? key : null;
    const keyHeader: Record<string, string> = idempotencyKey === null ? {} : { 'idempotency-key': idempotencyKey };
    try {
      authenticate(request.headers.authorization, secretKey);
      const print = fingerprint(`${method} ${url.pathname} ${body}`);
      const before =
        idempotencyKey === null ? undefined : recall(kept, idempotencyKey, print, url.pathname, ledger.now());
      if (before !== undefined) return replay(before, keyHeader);
      const form = { ...parseForm(url.search), ...parseForm(body) } as FormObject;
      const cause = { id: requestId, idempotency_key: idempotencyKey };
      const answer = run(() => callApi(ledger, { method, path: url.pathname, form, cause, refunds: moodOf(fault()) }));
      if (idempotencyKey !== null && answer.begun) {
        const { status, body: said } = answer;
        kept.put(idempotencyKey, {
          key: idempotencyKey,
          print,
          path: url.pathname,
          status,
          body: said,
          requestId,
          at: ledger.now(),
        });
      }
      ledger.commit();
      return { status: answer.status, body: answer.body, headers: keyHeader };
    } catch (error) {
      if (!(error instanceof StripeApiError)) throw error;
      return { status: error.status, body: errorBody(error, requestId), headers: keyHeader };
    }

    function run(work: () => Record<string, unknown>): {
      status: number;
      body: Record<string, unknown>;
      begun: boolean;
    } {
      try {
        return { status: 200, body: work(), begun: true };
      } catch (error) {
        if (!(error instanceof StripeApiError) || !error.saved) throw error;
        return { status: error.status, body: errorBody(error, requestId), begun: true };
      }
    }
  }
}

function moodOf(fault: StripeFault): RefundMood {
  if (fault === 'refund-fails') return 'refused';
  return fault === 'refund-pending' ? 'pending' : 'normal';
}

function errorBody(error: StripeApiError, requestId: string): Record<string, unknown> {
  return { error: { ...error.body, request_log_url: `https://dashboard.stripe.com/test/logs/${requestId}` } };
}

function replay(before: Kept, keyHeader: Record<string, string>): Answer {
  const headers = { ...keyHeader, 'idempotent-replayed': 'true', 'original-request': before.requestId };
  return { status: before.status, body: before.body, headers: { ...headers, 'request-id': newRequestId() } };
}

/** Keys live 24 hours. */
function recall(kept: Table<Kept>, key: string, print: string, path: string, now: number): Kept | undefined {
  const before = kept.get(key);
  if (before === undefined) return undefined;
  if (now - before.at > DAY_MS) {
    kept.drop(key);
    return undefined;
  }
  if (before.print === print) return before;
  const advice = `Try using a key other than '${key}' if you meant to execute a different request.`;
  const rule =
    before.path === path
      ? 'Keys for idempotent requests can only be used with the same parameters they were first used with.'
      : `Keys for idempotent requests can only be used for the same endpoint they were first used for ('${path}' vs '${before.path}').`;
  throw new StripeApiError(400, { type: 'idempotency_error', message: `${rule} ${advice}` });
}

function authenticate(authorization: string | undefined, secretKey: string): void {
  const given = keyOf(authorization);
  if (given === secretKey) return;
  if (given === null || given === '') {
    const how =
      "You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').";
    throw invalid(`You did not provide an API key. ${how}`, { status: 401 });
  }
  if (given.startsWith('pk_')) {
    const rule = 'This API call cannot be made with a publishable API key. Please use a secret API key.';
    throw invalid(rule, { code: 'secret_key_required', status: 401 });
  }
  const stars = '*'.repeat(Math.max(0, given.length - 12));
  const shown = given.length > 12 ? `${given.slice(0, 8)}${stars}${given.slice(-4)}` : given;
  throw invalid(`Invalid API Key provided: ${shown}`, { status: 401 });
}

function keyOf(authorization: string | undefined): string | null {
  const [scheme = '', value = ''] = (authorization ?? '').split(' ');
  if (scheme.toLowerCase() === 'bearer') return value;
  if (scheme.toLowerCase() !== 'basic') return null;
  return Buffer.from(value, 'base64').toString('utf8').split(':')[0] ?? null;
}
