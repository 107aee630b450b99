/** Errors of the Stripe API: https://docs.stripe.com/api/errors */
export type StripeErrorBody = {
  type: 'invalid_request_error' | 'idempotency_error' | 'api_error' | 'card_error';
  message: string;
  code?: string;
  param?: string;
  doc_url?: string;
};

/** Thrown by handlers of the API; `saved` errors are kept under their idempotency key, as the work had begun. */
export class StripeApiError extends Error {
  readonly status: number;
  readonly body: StripeErrorBody;
  readonly saved: boolean;
  constructor(status: number, body: StripeErrorBody, saved = false) {
    super(body.message);
    this.status = status;
    this.body = body.code === undefined ? body : { ...body, doc_url: docUrl(body.code) };
    this.saved = saved;
  }
}

function docUrl(code: string): string {
  return `https://stripe.com/docs/error-codes/${code.replaceAll('_', '-')}`;
}

type Details = { code?: string; param?: string; status?: number };

/** The parameters were refused: nothing was begun, the key stays free. */
export function invalid(message: string, details: Details = {}): StripeApiError {
  const { status = 400, ...rest } = details;
  return new StripeApiError(status, { type: 'invalid_request_error', message, ...rest });
}

/** The work was begun and failed: the same key answers the same again. */
export function failed(message: string, details: Details = {}): StripeApiError {
  const { status = 400, ...rest } = details;
  return new StripeApiError(status, { type: 'invalid_request_error', message, ...rest }, true);
}

export function missing(param: string): StripeApiError {
  return invalid(`Missing required param: ${param}.`, { code: 'parameter_missing', param });
}

export function noSuch(what: string, id: string, param: string, status: 400 | 404 = 404): StripeApiError {
  return invalid(`No such ${what}: '${id}'`, { code: 'resource_missing', param, status });
}

export function noSuchUrl(method: string, path: string): StripeApiError {
  const where = `Unrecognized request URL (${method}: ${path}).`;
  return invalid(`${where} Please see https://stripe.com/docs or we can help at https://support.stripe.com/.`, {
    status: 404,
  });
}
