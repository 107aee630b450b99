import type { Clock } from './clock.ts';
import { ExchangeError, exchange, type HttpAnswer } from './http-exchange.ts';

/**
 * Outbound HTTP to addresses that an administrator set: private networks are allowed, relays live there. It follows no
 * redirect, reuses no connection, and repeats nothing. Addresses given by others go through foreign-http.
 */
export type VendorHttpRequest = {
  method: string;
  url: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
  signal: AbortSignal;
  /** Largest answer, in bytes; 1 MiB when absent. */
  maxBytes?: number;
};

export type VendorHttp = { request(request: VendorHttpRequest): Promise<HttpAnswer> };

/** A connection on a LAN stands in milliseconds; a vendor's cloud in a few hundred. */
const connectMilliseconds = 3000;
/** No request without an end, whatever signal the caller brought. */
const longestMilliseconds = 60_000;

export class VendorHttpError extends Error {
  /** false: surely no byte of the request reached the vendor, so surely nothing was done. */
  readonly sent: boolean;
  readonly timedOut: boolean;
  readonly tooLarge: boolean;
  constructor(message: string, facts: { sent: boolean; timedOut?: boolean; tooLarge?: boolean; cause?: unknown }) {
    super(message, { cause: facts.cause });
    this.name = 'VendorHttpError';
    this.sent = facts.sent;
    this.timedOut = facts.timedOut ?? false;
    this.tooLarge = facts.tooLarge ?? false;
  }
}

/** Any status is an answer; throws VendorHttpError when there was none, or none that fits. */
export function createVendorHttp(o: { clock: Clock }): VendorHttp {
  return {
    request: async (request) => {
      const url = URL.canParse(request.url) ? new URL(request.url) : null;
      if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
        throw new VendorHttpError('The address is not an http or https address', { sent: false });
      }
      try {
        return await exchange({
          method: request.method,
          url,
          headers: request.headers ?? {},
          body: request.body,
          signal: o.clock.deadline(longestMilliseconds, request.signal),
          maxBytes: request.maxBytes ?? 1024 * 1024,
          connectMilliseconds,
        });
      } catch (error) {
        if (!(error instanceof ExchangeError)) throw error;
        const { sent, timedOut, tooLarge } = error;
        throw new VendorHttpError(error.message, { sent, timedOut, tooLarge, cause: error });
      }
    },
  };
}
