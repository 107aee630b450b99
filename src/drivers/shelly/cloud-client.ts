import type { Clock } from '../../host/clock.ts';
import { type VendorHttp, VendorHttpError } from '../../host/vendor-http.ts';
import type { Instant } from '../../rules/instant.ts';
import { NoTurn, type RefusalReason, type Turn, type Who } from '../port.ts';
import { parseFailure } from './cloud-wire.ts';
import type { Trouble } from './judge.ts';
import { retryAfterOf } from './retry-after.ts';

/**
 * One account at Shelly's cloud. Every request waits for the account's turn; until it has begun, surely nothing was done.
 * It tries once; what went wrong is a value. Neither the key nor an address with it is ever told.
 */
export type CloudAnswer =
  /** undefined: a good answer without a body. */
  | { kind: 'answer'; value: unknown }
  /** Surely nothing was done. */
  | Trouble
  /** Sent, but no answer that can be understood (`answered`), or none at all: it may have been done. */
  | { kind: 'lost'; answered: boolean; detail: string };

export type CloudRequest = { path: string; body: unknown; form?: boolean };

export type CloudClient = {
  /** `request` is asked for when the turn has come: who joined meanwhile goes along. */
  call(request: () => CloudRequest, who: Who, patience: AbortSignal): Promise<CloudAnswer>;
  /** The moment by the cloud's clock, or up to a second before it; null until it has answered once. */
  cloudTime(at: Instant): Instant | null;
};

/** The longest wait for one answer: the cloud waits for the device itself. */
const answerMilliseconds = 4000;
/** Where the cloud has had too many requests and does not say when again. */
const holdOffSeconds = 2;
const maxBytes = 4 * 1024 * 1024; // all devices of an account

export function createCloudClient(o: {
  server: string;
  authKey: string;
  http: VendorHttp;
  clock: Clock;
  turn: Turn;
}): CloudClient {
  const account = `shelly-cloud\n${o.server}\n${o.authKey}`;
  const host = new URL(o.server).host;
  let ahead: number | null = null; // of the cloud's clock before ours

  return {
    cloudTime: (at) => (ahead === null ? null : at + ahead),
    call: async (request, who, patience) => {
      try {
        return await o.turn(account, who, patience, async (slot) => {
          const answer = await ask(request());
          if (answer.kind === 'trouble' && answer.reason === 'busy') {
            slot.holdOff((answer.retryAfterSeconds ?? holdOffSeconds) * 1000);
          }
          return answer;
        });
      } catch (error) {
        if (!(error instanceof NoTurn)) throw error;
        return trouble('busy', `our turn at ${host} did not come in time`, holdOffSeconds);
      }
    },
  };

  async function ask({ path, body, form = false }: CloudRequest): Promise<CloudAnswer> {
    const key = new URLSearchParams({ auth_key: o.authKey });
    const fields = form ? new URLSearchParams([...Object.entries(Object(body)).map(pair), ...key]) : null;
    try {
      const answer = await o.http.request({
        method: 'POST',
        url: `${o.server}${path}${form ? '' : `?${key.toString()}`}`,
        headers: { 'content-type': form ? 'application/x-www-form-urlencoded' : 'application/json' },
        body: fields === null ? JSON.stringify(body) : fields.toString(),
        signal: o.clock.deadline(answerMilliseconds),
        maxBytes,
      });
      const date = Date.parse(answer.headers.date ?? '');
      if (!Number.isNaN(date)) ahead = date - o.clock.now(); // told in whole seconds
      return understand(answer);
    } catch (error) {
      if (!(error instanceof VendorHttpError)) throw error;
      const detail = `${host}: ${error.message}`;
      return error.sent ? { kind: 'lost', answered: false, detail } : trouble('unreachable', detail);
    }
  }

  function understand(answer: { status: number; headers: Record<string, string>; text: string }): CloudAnswer {
    const { status, headers, text } = answer;
    if (status === 401 || status === 403) return trouble('credentials', `${host} does not accept the auth key`);
    if (status === 429) {
      return trouble(
        'busy',
        `${host} has had too many requests of this account`,
        retryAfterOf(headers) ?? holdOffSeconds,
      );
    }
    const value = parse(text);
    const failure = parseFailure(value);
    if (failure !== null) {
      const detail = `${host}: ${failure.message === '' ? failure.code : `${failure.message} (${failure.code})`}`;
      const reason = reasons[failure.code];
      if (reason !== undefined) return trouble(reason, detail, reason === 'busy' ? holdOffSeconds : undefined);
      // A no that we do not know: it counts as one only where the status says so too.
      return status >= 400 && status < 500 && status !== 408 ? trouble('vendor', detail) : lost(detail);
    }
    const detail = `${host} answered with status ${status}`;
    if (status >= 500 || status === 408) return lost(detail);
    if (status !== 200) return trouble(status === 404 ? 'unsupported' : 'vendor', detail);
    if (value === unreadable) return lost(`${host} gave an answer that cannot be understood`);
    return { kind: 'answer', value };
  }
}

/** The errors that surely mean that nothing was done. */
const reasons: Readonly<Record<string, RefusalReason>> = {
  DEVICE_OFFLINE: 'unreachable',
  DEVICE_NOT_FOUND: 'not-found',
  DEVICE_CHANNEL_NOT_FOUND: 'not-found',
  DEVICE_INVALID_MODE: 'unsupported',
  BAD_REQUEST: 'vendor',
  UNAUTHORIZED: 'credentials',
  invalid_token: 'credentials',
  wrong_token: 'credentials',
  TOO_MANY_REQUESTS: 'busy',
  max_req: 'busy',
};

function trouble(reason: RefusalReason, detail: string, retryAfterSeconds?: number): Trouble {
  return { kind: 'trouble', reason, detail, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) };
}

const lost = (detail: string): CloudAnswer => ({ kind: 'lost', answered: true, detail });

const pair = ([name, value]: [string, unknown]): [string, string] => [name, String(value)];

const unreadable = Symbol('unreadable');

/** undefined: no body. */
function parse(text: string): unknown {
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return unreadable;
  }
}
