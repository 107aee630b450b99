/** How this cloud says no: an HTTP status, and an object with `code` and `message`. */

const said = {
  BadRequest: 400,
  InvalidCredentials: 401,
  Forbidden: 403,
  ResourceNotFound: 404,
  ConflictError: 409,
  PreconditionFailed: 412,
  Locked: 423,
  NotImplemented: 501,
} as const;

export type ErrorName = keyof typeof said;

/** What the hardware's own troubles come to. `code`: the number in the body. */
export const hardwareTroubles = {
  silent: { status: 408, code: 48, message: 'Lock did not respond in time' },
  'no-bridge': { status: 412, code: 63, message: 'No bridge is associated with the lock' },
  'bridge-offline': { status: 422, code: 98, message: 'Bridge is offline' },
  pending: { status: 423, code: 99, message: 'Bridge in use' },
  'bluetooth-busy': { status: 460, code: 60, message: 'Lock is busy on Bluetooth' },
  jammed: { status: 530, code: 30, message: 'Mechanical timeout' },
  uncalibrated: { status: 531, code: 31, message: 'Position of the lock is unknown' },
  'low-battery': { status: 550, code: 50, message: 'Battery is too low' },
  overheated: { status: 551, code: 51, message: 'Motor is too hot' },
  dropped: { status: 560, code: 61, message: 'Lock dropped the connection' },
} as const;

export type HardwareTrouble = keyof typeof hardwareTroubles;

export class Refusal extends Error {
  readonly status: number;
  readonly code: string | number;
  constructor(status: number, code: string | number, message: string) {
    super(message);
    this.name = 'Refusal';
    this.status = status;
    this.code = code;
  }
}

export const refusal = (name: ErrorName, message: string): Refusal => new Refusal(said[name], name, message);

export function troubled(trouble: HardwareTrouble): Refusal {
  const { status, code, message } = hardwareTroubles[trouble];
  return new Refusal(status, code, message);
}
