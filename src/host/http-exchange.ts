import { lookup as systemLookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import { buildConnector, Client, errors } from 'undici';
import { networkWords } from './network-words.ts';

/**
 * One HTTP/1.1 request over one fresh connection, for vendor-http and foreign-http, which add whom to trust. It knows for
 * certain whether the request can have left: a byte is written only after the connector has handed over a socket.
 * No connection is reused: small devices hang up without a word, and a request on such a socket would end in doubt.
 */
export type ExchangeRequest = {
  method: string;
  url: URL;
  headers: Record<string, string>;
  body: string | Buffer | undefined;
  signal: AbortSignal;
  maxBytes: number;
  connectMilliseconds: number;
  /** Where given: only addresses that pass are connected to. The URL's own, the resolved ones and the peer's are asked. */
  mayConnect?: (address: string) => boolean;
  /** Names to addresses; the system's resolver when absent. Asked only together with `mayConnect`. */
  resolve?: Resolve;
};

export type Resolve = (host: string) => Promise<{ address: string; family: number }[]>;

/** Header names in lower case; repeated headers joined with a comma. */
export type HttpAnswer = { status: number; headers: Record<string, string>; text: string };

export class ExchangeError extends Error {
  /** false: surely no byte of the request reached the other side. */
  readonly sent: boolean;
  readonly timedOut: boolean;
  readonly tooLarge: boolean;
  /** The address that `mayConnect` did not let pass. */
  readonly forbidden: string | null;
  constructor(
    message: string,
    facts: { sent: boolean; timedOut?: boolean; tooLarge?: boolean; forbidden?: string; cause?: unknown },
  ) {
    super(message, { cause: facts.cause });
    this.name = 'ExchangeError';
    this.sent = facts.sent;
    this.timedOut = facts.timedOut ?? false;
    this.tooLarge = facts.tooLarge ?? false;
    this.forbidden = facts.forbidden ?? null;
  }
}

/** Any status is an answer; throws ExchangeError, and nothing else, when there was none. */
export async function exchange(request: ExchangeRequest): Promise<HttpAnswer> {
  const { signal, url } = request;
  if (signal.aborted) throw new ExchangeError('No time was left for the request', { sent: false, timedOut: true });
  const path = `${url.pathname}${url.search}`;
  const literal = url.hostname.replace(/^\[(.*)\]$/, '$1');
  // A literal address never meets the resolver.
  if (isIP(literal) !== 0 && request.mayConnect?.(literal) === false) throw forbidden(literal);

  let sent = false;
  const client = new Client(url.origin, {
    connect: connector(request, () => {
      sent = true;
    }),
    pipelining: 0, // asks the other side to close; no keep-alive
    headersTimeout: 0, // the signal is the one deadline
    bodyTimeout: 0,
  });
  // undici does not end a request that still waits for its connection when the request's own signal fires: this does.
  const onAbort = (): void => void client.destroy(new errors.RequestAbortedError()).catch(() => undefined);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const answer = await client.request({
      method: request.method,
      path,
      headers: request.headers,
      body: request.body ?? null,
    });
    const text = await readText(answer.body, answer.headers['content-length'], request.maxBytes);
    return { status: answer.statusCode, headers: flatten(answer.headers), text };
  } catch (error) {
    throw explain(error, sent, signal);
  } finally {
    signal.removeEventListener('abort', onAbort);
    await client.destroy().catch(() => undefined);
  }
}

function connector(request: ExchangeRequest, onConnected: () => void): buildConnector.connector {
  const { mayConnect, resolve = resolveBySystem } = request;
  const connect = buildConnector({
    timeout: request.connectMilliseconds,
    allowH2: false,
    keepAlive: false,
    ...(mayConnect === undefined ? {} : { lookup: lookupAmong(mayConnect, resolve) }),
  });
  return (options, callback) => {
    connect(options, (...[error, socket]) => {
      if (error !== null || socket === null) return callback(error ?? new Error('No connection'), null);
      const peer = socket.remoteAddress ?? 'unknown';
      if (mayConnect?.(peer) === false || request.signal.aborted) {
        socket.destroy();
        return callback(request.signal.aborted ? new errors.RequestAbortedError() : forbidden(peer), null);
      }
      onConnected();
      callback(null, socket);
    });
  };
}

/** For node:net: the addresses of a name that may be connected to. None left: forbidden. */
function lookupAmong(mayConnect: (address: string) => boolean, resolve: Resolve): LookupFunction {
  return (host, options, callback) => {
    resolve(host).then(
      (found) => {
        const allowed = found.filter((entry) => mayConnect(entry.address));
        const first = allowed[0];
        if (first === undefined) return callback(forbidden(found[0]?.address ?? host), '', 0);
        if (options.all === true) callback(null, allowed);
        else callback(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, '', 0),
    );
  };
}

const resolveBySystem: Resolve = (host) => systemLookup(host, { all: true });

function forbidden(address: string): ExchangeError {
  return new ExchangeError(`Not allowed to connect to ${address}`, { sent: false, forbidden: address });
}

async function readText(
  body: AsyncIterable<Buffer>,
  announced: string | string[] | undefined,
  maxBytes: number,
): Promise<string> {
  if (Number(announced) > maxBytes) throw new errors.ResponseExceededMaxSizeError();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxBytes) throw new errors.ResponseExceededMaxSizeError();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function flatten(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return flat;
}

function explain(error: unknown, sent: boolean, signal: AbortSignal): ExchangeError {
  if (error instanceof ExchangeError) return error;
  if (signal.aborted) return new ExchangeError('No answer in time', { sent, timedOut: true, cause: error });
  if (error instanceof errors.ResponseExceededMaxSizeError) {
    return new ExchangeError('The answer is too large', { sent, tooLarge: true, cause: error });
  }
  if (error instanceof errors.ConnectTimeoutError) {
    return new ExchangeError('No connection in time', { sent, timedOut: true, cause: error });
  }
  const text = networkWords(error) ?? (error instanceof Error ? error.message : String(error));
  return new ExchangeError(sent ? `The connection broke (${text})` : `No connection (${text})`, { sent, cause: error });
}
