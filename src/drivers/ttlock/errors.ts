import { assertNever } from '../../rules/assert-never.ts';
import type { LockRefusal } from '../lock-port.ts';
import type { RefusalReason } from '../port.ts';

/**
 * What TTLock's numbers mean (https://euopen.ttlock.com/document/doc?urlName=cloud%2FerrorCodeEn.html): with HTTP 200, and
 * in our own words. A number that does not say whether the lock did it, and one that we do not know, is no refusal: it may
 * have been done.
 */
export type Meaning = {
  /** `unknown`: the lock may have done it. */
  reason: LockRefusal | 'unknown';
  detail: string;
  /** Of the account or of what is set up here, not of one lock. */
  whole?: true;
  /** What is to be done about the access token. */
  token?: 'renew';
  /** Where the platform does not say when to come again, and coming at once is of no use. */
  retryAfterSeconds?: number;
};

const ours = (detail: string): Meaning => ({ reason: 'credentials', detail, whole: true });
const no = (reason: LockRefusal, detail: string): Meaning => ({ reason, detail });

export const meanings: Readonly<Record<number, Meaning>> = {
  1: { reason: 'unknown', detail: 'the lock says that it failed, and not how far it came' },
  10000: ours('TTLock does not know this client id'),
  10001: ours('the client secret does not belong to this client id'),
  10003: { ...ours('TTLock does not accept the access token'), token: 'renew' },
  10004: { ...ours('the access token is worth nothing any more'), token: 'renew' },
  10007: ours('TTLock does not know this user name, or the password is another: both are those of the TTLock app'),
  10010: ours('TTLock does not sign in this way'),
  10011: ours('TTLock does not accept the refresh token'),
  20002: no('not-permitted', 'the account is not the administrator of this lock'),
  20007: no('unsupported', 'this lock knows no codes of this kind'),
  30005: ours('the password did not reach TTLock in the form that it wants'),
  30006: { reason: 'busy', detail: 'TTLock has had too many requests of this client', whole: true },
  30007: {
    reason: 'busy',
    detail: 'the requests that TTLock allows this client in a month are used up',
    whole: true,
    retryAfterSeconds: 900,
  },
  30008: ours('this account lives in another region: choose another server (euapi.ttlock.com or cnapi.ttlock.com)'),
  80000: ours('the clock of this machine is more than five minutes off'),
  80002: no('vendor', 'TTLock could not read what it was asked'),
  90000: { reason: 'unknown', detail: 'TTLock has trouble of its own' },
  [-3]: no('vendor', 'TTLock does not take what it was asked with'),
  [-1003]: no('not-found', 'TTLock knows no such lock'),
  [-1007]: no('unsupported', 'TTLock has no codes for this lock'),
  [-1026]: no('code-refused', 'the code of this hour was given out before and deleted: take another hour'),
  [-2009]: no('code-missing', 'there is no such code'),
  [-2012]: no('no-bridge', 'no gateway is near the lock'),
  [-2018]: no('not-permitted', 'the account has no right to do this'),
  [-2025]: no('frozen', 'the lock is frozen by its administrator'),
  [-2032]: no('code-refused', 'the code is too simple: no row of digits, and not one digit alone'),
  [-3002]: no('bridge-offline', 'the gateway is offline'),
  [-3003]: no('busy', 'the gateway is busy'),
  [-3006]: no('code-refused', 'the code must have 4 to 9 digits'),
  [-3007]: no('code-taken', 'the same code is on the lock already'),
  [-3008]: no('unsupported', 'a code that was never used cannot be changed'),
  [-3009]: no('code-full', 'no further code fits on the lock'),
  [-3034]: no('unreachable', 'the lock has no Wi-Fi set up'),
  [-3035]: no('asleep', 'the lock saves power, and listens to nobody'),
  [-3036]: no('unreachable', 'the lock is offline'),
  [-3037]: no('busy', 'the lock is busy'),
  [-3046]: no('not-permitted', 'unlocking from afar is switched off for this lock'),
  [-4037]: no('no-bridge', 'its gateway is no more'),
  [-4043]: no('unsupported', 'the lock cannot do this'),
  [-4056]: no('code-full', 'the memory of the lock is full'),
  [-4067]: no('unsupported', 'the lock has no mobile network'),
};

export const meaningOf = (code: number): Meaning =>
  meanings[code] ?? { reason: 'unknown', detail: `TTLock answered with number ${code}, which is not known here` };

/** For what is no outcome of a lock (a list, say): the same in the words of all hardware. */
export function plainReason(reason: LockRefusal): RefusalReason {
  switch (reason) {
    case 'unreachable':
    case 'credentials':
    case 'not-found':
    case 'unsupported':
    case 'busy':
    case 'vendor':
      return reason;
    case 'bridge-offline':
    case 'no-bridge':
    case 'asleep':
      return 'unreachable';
    case 'not-permitted':
    case 'code-taken':
    case 'code-full':
    case 'code-refused':
    case 'code-missing':
    case 'frozen':
    case 'jammed':
    case 'low-battery':
      return 'vendor';
    default:
      return assertNever(reason);
  }
}
