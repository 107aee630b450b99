import type { Clock } from './clock.ts';
import { ExchangeError, exchange, type HttpAnswer, type Resolve } from './http-exchange.ts';
import { isAllowedAddress } from './public-address.ts';

/**
 * Outbound HTTP to addresses that others gave us (webhooks, feeds, logos). It must never become a way into our own
 * network: the address is judged on the very connection it is used for, so a name that changes its mind between two
 * look-ups gains nothing, and every redirect is judged anew.
 */
export type ForeignHttpRequest = {
  method: string;
  url: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
  signal?: AbortSignal;
  /** For the whole exchange with its redirects; 10 s when absent. */
  deadlineMilliseconds?: number;
  /** Largest answer, in bytes; 1 MiB when absent. */
  maxBytes?: number;
};

export type ForeignHttp = { request(request: ForeignHttpRequest): Promise<HttpAnswer> };

export type ForeignHttpReason =
  | 'bad-address'
  | 'forbidden-address'
  | 'unreachable'
  | 'timed-out'
  | 'too-large'
  | 'redirect'
  | 'broken';

/** The message is a sentence that the person who gave the address can act on. */
export class ForeignHttpError extends Error {
  readonly reason: ForeignHttpReason;
  constructor(reason: ForeignHttpReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ForeignHttpError';
    this.reason = reason;
  }
}

const maxRedirects = 3;
const connectMilliseconds = 5000;

/** `resolve` is handed in by tests only. */
export function createForeignHttp(o: { clock: Clock; allowPrivate: boolean; resolve?: Resolve }): ForeignHttp {
  return {
    request: async (request) => {
      const signal = o.clock.deadline(request.deadlineMilliseconds ?? 10_000, request.signal);
      let url = parseAddress(request.url, o.allowPrivate);
      let headers = withoutHost(request.headers ?? {});
      for (let redirects = 0; ; redirects++) {
        const answer = await once({ ...request, headers }, url, signal);
        const next = redirectTarget(request.method, answer, url, o.allowPrivate);
        if (next === null) return answer;
        if (redirects === maxRedirects) {
          throw new ForeignHttpError('redirect', `The address redirects more than ${maxRedirects} times.`);
        }
        if (next.origin !== url.origin) headers = withoutSecrets(headers);
        url = next;
      }
    },
  };

  async function once(request: ForeignHttpRequest, url: URL, signal: AbortSignal): Promise<HttpAnswer> {
    try {
      return await exchange({
        method: request.method,
        url,
        headers: request.headers ?? {},
        body: request.body,
        signal,
        maxBytes: request.maxBytes ?? 1024 * 1024,
        connectMilliseconds,
        mayConnect: (address) => isAllowedAddress(address, o.allowPrivate),
        ...(o.resolve === undefined ? {} : { resolve: o.resolve }),
      });
    } catch (error) {
      throw explain(error, url);
    }
  }
}

/** http and https; ports 80, 443 and those that an ordinary program may open; no name and password inside. */
function parseAddress(text: string, allowPrivate: boolean, base?: URL): URL {
  if (!URL.canParse(text, base?.href)) throw new ForeignHttpError('bad-address', 'This is not a web address.');
  const url = new URL(text, base?.href);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new ForeignHttpError('bad-address', 'The address must begin with https:// or http://.');
  }
  if (url.username !== '' || url.password !== '') {
    throw new ForeignHttpError('bad-address', 'Leave the user name and the password out of the address.');
  }
  const port = url.port === '' ? 443 : Number(url.port);
  if (!allowPrivate && port < 1024 && port !== 80 && port !== 443) {
    throw new ForeignHttpError('forbidden-address', `Port ${port} is not allowed: use 80, 443 or one from 1024 on.`);
  }
  return url;
}

/**
 * Where the answer sends us; null when it is the answer itself. What was asked with a body is repeated only where the
 * answer says so (307, 308): made into a GET, a delivery would look successful without having been delivered.
 */
function redirectTarget(method: string, answer: HttpAnswer, from: URL, allowPrivate: boolean): URL | null {
  const location = answer.headers.location;
  const reads = method === 'GET' || method === 'HEAD';
  const followed = reads ? [301, 302, 303, 307, 308] : [307, 308];
  if (location === undefined || !followed.includes(answer.status)) return null;
  const url = parseAddress(location, allowPrivate, from);
  if (from.protocol === 'https:' && url.protocol === 'http:') {
    throw new ForeignHttpError('redirect', 'The address redirects from https to http, which is not followed.');
  }
  return url;
}

function withoutHost(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'host'));
}

const secretHeaders = ['authorization', 'cookie', 'proxy-authorization'];

function withoutSecrets(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !secretHeaders.includes(name.toLowerCase())));
}

function explain(error: unknown, url: URL): unknown {
  if (!(error instanceof ExchangeError)) return error;
  const fault = (reason: ForeignHttpReason, text: string) => new ForeignHttpError(reason, text, { cause: error });
  if (error.forbidden !== null) {
    const where = `a private or reserved network (${error.forbidden})`;
    return fault('forbidden-address', `The address leads into ${where}. Only addresses on the internet are allowed.`);
  }
  if (error.timedOut) return fault('timed-out', `${url.host} did not answer in time.`);
  if (error.tooLarge) return fault('too-large', `The answer of ${url.host} is too large.`);
  if (!error.sent) return fault('unreachable', `No connection to ${url.host} could be made.`);
  return fault('broken', `${url.host} broke off or did not speak HTTP.`);
}
