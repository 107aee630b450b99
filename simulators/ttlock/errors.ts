/** How the platform says no: with HTTP 200, and one of these numbers. https://euopen.ttlock.com/document/doc?urlName=cloud/errorCodeEn.html */
const meanings = {
  0: 'none error message',
  1: 'failed or means no',
  10000: 'invalid client_id',
  10001: 'invalid client',
  10003: 'invalid token',
  10004: 'invalid grant',
  10007: 'invalid account or invalid password',
  10010: 'unsupported grant_type',
  10011: 'invalid refresh_token',
  20002: 'not lock admin',
  20007: 'invalid keyboardPwdVersion',
  30005: 'password must be md5 encrypted',
  30006: 'exceeds the restrictions of API call number',
  30007: 'exceeded the monthly limit for API calls',
  30008: 'cross-site access to user data is prohibited',
  80000: 'date must be current time, in 5 minutes',
  80002: 'invalid json format',
  90000: 'internal server error',
  [-3]: 'Invalid Parameter',
  [-1003]: 'Lock does not exist',
  [-1007]: 'No passcode data for this lock',
  [-1026]: 'The passcode of this period was got before and is deleted; take another hour',
  [-2009]: 'Passcode does not exist',
  [-2012]: 'No available gateway near the lock',
  [-2018]: 'Permission Denied',
  [-2025]: 'The lock is frozen, it can not be operated now',
  [-2032]: 'The passcode is too simple: no digits in sequence, no digit repeated',
  [-3002]: 'The gateway is offline',
  [-3003]: 'The gateway is busy, try again later',
  [-3006]: 'Invalid passcode length, it must be 4 to 9 digits',
  [-3007]: 'The same passcode exists already',
  [-3008]: 'A passcode that was never used on the lock can not be changed',
  [-3009]: 'No space left for custom passcodes',
  [-3034]: 'The WiFi lock is not configured for a network',
  [-3035]: 'The WiFi lock is in power saving mode',
  [-3036]: 'The lock is offline',
  [-3037]: 'The lock is busy, try again later',
  [-3046]: 'No right to unlock remotely',
  [-4037]: 'Gateway does not exist',
  [-4043]: 'The function is not supported for this lock',
  [-4056]: 'The storage of the lock is full',
  [-4067]: 'The lock has no NB-IoT registration',
} as const;

export type ErrorCode = keyof typeof meanings;
export const errorCodes = Object.keys(meanings).map(Number) as ErrorCode[];

/** What the platform answers instead of what was asked for. */
export class Refusal extends Error {
  readonly code: ErrorCode;
  constructor(code: ErrorCode) {
    super(meanings[code]);
    this.name = 'Refusal';
    this.code = code;
  }
}

export function saidOf(code: ErrorCode): { errcode: number; errmsg: string; description: string } {
  return { errcode: code, errmsg: meanings[code], description: meanings[code] };
}
