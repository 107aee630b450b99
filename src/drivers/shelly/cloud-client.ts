import type { Clock } from '../../host/clock.ts';
import { type VendorHttp, VendorHttpError } from '../../host/vendor-http.ts';
import type { Instant } from '../../rules/instant.ts';
import { retryAfter } from '../../rules/retry-after.ts';
import { type LookFor, NoTurn, type Pace, type RefusalReason, type TroubleFacts } from '../port.ts';
import { parseFailure } from './cloud-wire.ts';
import type { Trouble } from './judge.ts';

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
  | ({ kind: 'lost'; answered: boolean; detail: string } & TroubleFacts);

export type CloudRequest = { path: string; body: unknown; form?: boolean };

export type CloudClient = {
  /**
   * `request` is asked for when the turn has come: who joined meanwhile goes along. `patience` ends the waiting for the
   * turn; `signal` ends what was sent, too.
   */
  call(o: {
    request: () => CloudRequest;
    lookFor: LookFor;
    patience: AbortSignal;
    signal?: AbortSignal;
  }): Promise<CloudAnswer>;
  /** The moment by the cloud's clock, or up to a second before it; null until it has answered once. */
  cloudTime(at: Instant): Instant | null;
};

/** The longest wait for one answer: the cloud waits for the device itself. */
const answerMilliseconds = 4000;
/** Where the cloud has had too many requests and does not say when again. */
const holdOffSeconds = 2;
/** Whatever it says: people must be able to try again. */
const longestHoldOff = 3600;
const maxBytes = 4 * 1024 * 1024; // all devices of an account

export function createCloudClient(o: {
  server: string;
  authKey: string;
  http: VendorHttp;
  clock: Clock;
  pace: Pace;
}): CloudClient {
  const account = `shelly-cloud\n${o.server}\n${o.authKey}`;
  const host = new URL(o.server).host;
  let ahead: number | null = null; // of the cloud's clock before ours

  return {
    cloudTime: (at) => (ahead === null ? null : at + ahead),
    call: async ({ request, lookFor, patience, signal }) => {
      try {
        return await o.pace(account, lookFor, patience, async (slot) => {
          const answer = await ask(request(), signal);
          if (answer.kind === 'trouble' && answer.reason === 'busy') {
            slot.holdOff(Math.min(longestHoldOff, answer.retryAfterSeconds ?? holdOffSeconds) * 1000);
          }
          return answer;
        });
      } catch (error) {
        if (!(error instanceof NoTurn)) throw error;
        const detail = `our turn at ${host} did not come in time`;
        return trouble('busy', detail, { noTurn: true });
      }
    },
  };

  async function ask({ path, body, form = false }: CloudRequest, signal?: AbortSignal): Promise<CloudAnswer> {
    const key = new URLSearchParams({ auth_key: o.authKey });
    const fields = form ? new URLSearchParams([...Object.entries(Object(body)).map(pair), ...key]) : null;
    try {
      const answer = await o.http.request({
        method: 'POST',
        url: `${o.server}${path}${form ? '' : `?${key.toString()}`}`,
        headers: { 'content-type': form ? 'application/x-www-form-urlencoded' : 'application/json' },
        body: fields === null ? JSON.stringify(body) : fields.toString(),
        signal: o.clock.deadline(answerMilliseconds, signal),
        maxBytes,
      });
      const date = Date.parse(answer.headers.date ?? '');
      if (!Number.isNaN(date)) ahead = date - o.clock.now(); // told in whole seconds
      return understand(answer);
    } catch (error) {
      if (!(error instanceof VendorHttpError)) throw error;
      const detail = `${host}: ${error.message}`;
      if (!error.sent) return trouble('unreachable', detail, whole);
      // a switch waits for its device, so silence may be that device's; a look waits for nobody
      return { kind: 'lost', answered: false, detail, ...(path.includes('/set/') ? {} : whole) };
    }
  }

  function understand(answer: { status: number; headers: Record<string, string>; text: string }): CloudAnswer {
    const { status, headers, text } = answer;
    if (status === 401 || status === 403) return trouble('credentials', `${host} does not accept the auth key`, whole);
    if (status === 429) {
      const again = retryAfter(headers['retry-after'], o.clock.now());
      const facts = again === null ? whole : { ...whole, retryAfterSeconds: again };
      return trouble('busy', `${host} has had too many requests of this account`, facts);
    }
    const value = parse(text);
    const failure = parseFailure(value);
    if (failure !== null) {
      const detail = `${host}: ${failure.message === '' ? failure.code : `${failure.message} (${failure.code})`}`;
      const reason = reasons[failure.code];
      if (reason !== undefined) return trouble(reason, detail, ofAccount.has(failure.code) ? whole : {});
      // A no that we do not know: it counts as one only where the status says so too.
      return status >= 400 && status < 500 && status !== 408 ? trouble('vendor', detail) : lost(detail);
    }
    const detail = `${host} answered with status ${status}`;
    if (status >= 500 || status === 408) return lost(detail, whole);
    if (status !== 200) return trouble(status === 404 ? 'unsupported' : 'vendor', detail);
    if (value === unreadable) return lost(`${host} gave an answer that cannot be understood`, whole);
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

/** Those that are not one device's. */
const ofAccount: ReadonlySet<string> = new Set([
  'UNAUTHORIZED',
  'invalid_token',
  'wrong_token',
  'TOO_MANY_REQUESTS',
  'max_req',
]);

const whole: TroubleFacts = { wholeConnection: true };

function trouble(reason: RefusalReason, detail: string, facts: TroubleFacts = {}): Trouble {
  return { kind: 'trouble', reason, detail, ...facts };
}

const lost = (detail: string, facts: TroubleFacts = {}): CloudAnswer => ({
  kind: 'lost',
  answered: true,
  detail,
  ...facts,
});

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
