/** The platform on the wire: forms in, JSON out, HTTP 200 also for every refusal. */
import type http from 'node:http';
import { elapsed, type SimulatorClock } from '../clock.ts';
import { type Heard, hear } from '../heard.ts';
import { readBody, sendJson, sendText } from '../loopback.ts';
import { type Said, send, spoil, type TroubleKind, type Troubles, twisted } from '../trouble.ts';
import type { Accounts } from './account.ts';
import type { Call, Context } from './call.ts';
import { codeCalls } from './code-calls.ts';
import { type ErrorCode, Refusal, saidOf } from './errors.ts';
import { readForm } from './form.ts';
import { MINUTE } from './local-time.ts';
import { lockCalls } from './lock-calls.ts';
import { passageCalls } from './passage-calls.ts';
import { qrCalls } from './qr-calls.ts';
import { recordCalls } from './record-calls.ts';

const SIGN_IN = '/oauth2/token';
const CLOCKS_MAY_DIFFER_MS = 5 * MINUTE;
const calls = new Map<string, Call>(
  Object.entries({ ...lockCalls, ...codeCalls, ...qrCalls, ...passageCalls, ...recordCalls }),
);
export const callPaths = [SIGN_IN, ...calls.keys()];

/** `errcode` null: an answer that is no refusal. */
export type ApiRequest = { at: number; path: string; lockId: number | null; errcode: number | null };
export type ApiOptions = {
  accounts: Accounts;
  clock: SimulatorClock;
  context: Omit<Context, 'trouble'>;
  troubles: Troubles;
  /** Strikes only calls about this lock. */
  troubledLock: () => number | null;
  /** The refusal of the trouble 'error-body'. */
  refusal: () => ErrorCode;
  heard: Heard;
  note: (request: ApiRequest) => void;
  /** Throws when the account has asked too often. */
  count: () => void;
  /** This host is the other one: the account does not live here. */
  foreign: boolean;
};

export async function answerApi(
  o: ApiOptions,
  url: URL,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): Promise<void> {
  response.setHeader('date', new Date(o.clock.now()).toUTCString());
  const call = calls.get(url.pathname);
  if (call === undefined && url.pathname !== SIGN_IN) return sendText(response, 404, 'Not Found');
  if (request.method !== 'POST') return sendText(response, 405, 'Method Not Allowed');
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type)) return sendText(response, 415, 'Send a form');
  const params = new URLSearchParams((await readBody(request, 64 * 1024)) ?? '');
  const does = call?.does ?? 'signing-in';
  hear(o.heard, url.pathname, does === 'switching');
  const lockId = params.has('lockId') ? Number(params.get('lockId')) : null;
  const noted: ApiRequest = { at: elapsed(), path: url.pathname, lockId, errcode: null };
  o.note(noted);

  const act = async (trouble: TroubleKind | null): Promise<Said> => {
    const body = await answer(o, call, params, trouble);
    noted.errcode = typeof body.errcode === 'number' ? body.errcode : null;
    return json(body);
  };
  const only = o.troubledLock();
  const troubled = only === null || only === lockId ? o.troubles.next(does) : null;
  if (troubled === null) return send(response, await act(null));
  await spoil(troubled, response, {
    act: () => act(troubled),
    no: () => json(saidOf(o.refusal())),
    twist: ({ body }) => json(twisted(JSON.parse(body))),
    expired: () => json(saidOf(call === undefined ? 10007 : 10004)),
  });
}

const json = (body: unknown): Said => ({ status: 200, body: JSON.stringify(body) });

async function answer(
  o: ApiOptions,
  call: Call | undefined,
  params: URLSearchParams,
  trouble: TroubleKind | null,
): Promise<Record<string, unknown>> {
  try {
    o.count();
    if (o.foreign) throw new Refusal(30008);
    if (call === undefined) return o.accounts.grant(params);
    o.accounts.check(params);
    const form = readForm(params);
    const date = form.wholeOr('date', 0);
    if (Math.abs(date - o.clock.now()) > CLOCKS_MAY_DIFFER_MS) throw new Refusal(80000);
    if (trouble === 'another-device' && params.has('lockId')) throw new Refusal(-1003);
    return await call.run(form, { ...o.context, trouble });
  } catch (error) {
    if (error instanceof Refusal) return saidOf(error.code);
    throw error;
  }
}

/** The page behind a QR code's link, as data: what a phone would show now. */
export function sendQrPage(response: http.ServerResponse, content: string | null): void {
  if (content === null) sendText(response, 404, 'This QR code is not valid now.');
  else sendJson(response, 200, { qrCodeContent: content });
}
