/**
 * The one table of error codes: what the caller may do about it is told by the status, what happened by the code.
 * 4xx: the caller's fault. 502, 503, 504: a vendor's or a moment's, with `retryAfterSeconds` where known. 500: ours.
 * Texts are for people; where a published API fixes a text, its route hands it in.
 */
export const codes = {
  VALIDATION_ERROR: { status: 400, text: 'Invalid request data' },
  INVALID_SIGNATURE: { status: 400, text: 'The signature does not match' },
  UNAUTHORIZED: { status: 401, text: 'Not authenticated' },
  INVALID_CREDENTIALS: { status: 401, text: 'Invalid credentials' },
  TWO_FACTOR_REQUIRED: { status: 401, text: 'A second factor is required' },
  PAYMENT_REQUIRED_PROOF: { status: 401, text: 'No proof of payment for this device' },
  FORBIDDEN: { status: 403, text: 'Insufficient permissions' },
  ACCESS_DENIED: { status: 403, text: 'Access denied' },
  INVALID_CSRF_TOKEN: { status: 403, text: 'Invalid CSRF token' },
  ACCOUNT_DISABLED: { status: 403, text: 'User is disabled' },
  NOT_FOUND: { status: 404, text: 'Resource not found' },
  METHOD_NOT_ALLOWED: { status: 405, text: 'Method not allowed' },
  CONFLICT: { status: 409, text: 'This does not fit the present state' },
  DEVICE_IN_USE: { status: 409, text: 'The machine is in use' },
  DEVICE_HELD: { status: 409, text: 'Somebody else is paying for this machine right now' },
  NOT_EXTENDABLE: { status: 409, text: 'This session cannot be made longer' },
  DEVICE_CLOSED: { status: 409, text: 'It is closed now' },
  DEVICE_UNAVAILABLE: { status: 409, text: 'The machine is not available' },
  DOOR_UNAVAILABLE: { status: 409, text: 'The door cannot be opened for anybody right now' },
  PAYMENTS_NOT_CONFIGURED: { status: 409, text: 'Payments are not set up' },
  NOT_CONFIGURED: { status: 409, text: 'Not configured' },
  NOT_SUPPORTED: { status: 409, text: 'This hardware cannot do that' },
  PRECONDITION_FAILED: { status: 412, text: 'Something is missing for this' },
  GONE: { status: 410, text: 'This does not exist any more' },
  CONFIRMATION_REQUIRED: { status: 409, text: 'This has to be confirmed' },
  PAYLOAD_TOO_LARGE: { status: 413, text: 'The request is too large' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, text: 'Unsupported media type' },
  ACCOUNT_LOCKED: { status: 423, text: 'Account locked. Try again later.' },
  RATE_LIMITED: { status: 429, text: 'Too many requests, slow down.' },
  LOCK_BUSY: { status: 423, text: 'Another operation on this lock is still going on' },
  NOT_IMPLEMENTED: { status: 501, text: 'This cannot be done here' },
  INTERNAL_ERROR: { status: 500, text: 'Internal error' },
  UPSTREAM_ERROR: { status: 502, text: 'The vendor did not do it' },
  STRIPE_ERROR: { status: 502, text: 'The payment service did not answer as it should' },
  UNAVAILABLE: { status: 503, text: 'Not ready, try again' },
  UPSTREAM_TIMEOUT: { status: 504, text: 'The vendor did not answer in time' },
} as const satisfies Record<string, { status: number; text: string }>;

export type ErrorCode = keyof typeof codes;

export type ProblemDetails = {
  /** The field that is wrong, for 400. */
  field?: string;
  /** Seconds after which a try may succeed; sent as Retry-After. */
  retryAfterSeconds?: number;
  /** Further facts for the answer's body, in the shape of the API. */
  facts?: Record<string, unknown>;
  cause?: unknown;
};

/** An error that a caller may see. Everything else that is thrown is ours: logged with an id, answered as 500. */
export class Problem extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly field: string | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly facts: Record<string, unknown>;

  constructor(code: ErrorCode, text?: string, details: ProblemDetails = {}) {
    super(text ?? codes[code].text, { cause: details.cause });
    this.name = 'Problem';
    this.code = code;
    this.status = codes[code].status;
    this.field = details.field;
    this.retryAfterSeconds = details.retryAfterSeconds;
    this.facts = details.facts ?? {};
  }
}

/** Too often: a try may succeed after so many milliseconds. */
export const tooManyFor = (waitMs: number): Problem =>
  new Problem('RATE_LIMITED', undefined, { retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)) });
export const notFound = (text?: string): Problem => new Problem('NOT_FOUND', text);
export const invalid = (field: string, text: string): Problem => new Problem('VALIDATION_ERROR', text, { field });
