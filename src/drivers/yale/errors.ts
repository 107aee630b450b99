import { assertNever } from '../../rules/assert-never.ts';
import type { LockRefusal } from '../lock-port.ts';
import type { RefusalReason } from '../port.ts';

/**
 * What the statuses of this cloud mean, in our own words: the cloud's may repeat what it was asked with. Those that do not
 * say whether the lock did it are no refusals.
 */
export type Meaning = {
  /** `unknown`: the lock may have done it. */
  reason: LockRefusal | 'unknown';
  detail: string;
  /** Of the account, not of one lock. */
  whole?: true;
  /** What a look that ends so says of the lock. */
  seen?: LockRefusal;
};

const no = (reason: LockRefusal, detail: string): Meaning => ({ reason, detail });
const perhaps = (detail: string, seen?: LockRefusal): Meaning =>
  seen === undefined ? { reason: 'unknown', detail } : { reason: 'unknown', detail, seen };

const meanings: Readonly<Record<number, Meaning>> = {
  400: no('vendor', 'the cloud does not take what it was asked with'),
  401: { reason: 'credentials', detail: 'the cloud does not accept our sign-in', whole: true },
  403: no('not-permitted', 'the account may not do this with the lock'),
  404: no('not-found', 'the cloud knows no such lock'),
  408: perhaps('the lock did not answer in time', 'unreachable'),
  409: no('vendor', 'the cloud says that this is in conflict with what is there'),
  410: no('unsupported', 'the cloud does not do this any more'),
  412: no('no-bridge', 'the lock has no bridge'),
  422: no('bridge-offline', 'the bridge is offline'),
  423: no('busy', 'the bridge is busy with another command'),
  460: no('busy', 'the lock is busy with a phone'),
  501: no('unsupported', 'the cloud knows no such command'),
  530: no('jammed', 'the bolt is jammed'),
  531: perhaps('the lock does not know where its bolt is: it must be calibrated'),
  550: no('low-battery', 'the batteries of the lock are too low'),
  551: no('vendor', 'the motor of the lock is too hot'),
  560: perhaps('the lock broke off in the middle', 'unreachable'),
};

/** `said`: the body's own words, to tell cases of one status apart; never shown. */
export function meaningOf(status: number, said: { code: string | number; message: string } | null): Meaning {
  if (status === 403 && /api key/i.test(said?.message ?? '')) {
    return { reason: 'credentials', detail: 'the cloud does not know this API key', whole: true };
  }
  const known = meanings[status];
  if (known !== undefined) return known;
  if (status >= 500 && status < 530) return { ...perhaps(`the cloud answered with status ${status}`), whole: true };
  if (status >= 500) return perhaps(`the lock had trouble of its own (${status})`);
  return no('vendor', `the cloud answered with status ${status}`);
}

/** With status 200 and an error for a body. Nothing was done. */
export const meaningOfBody = (code: string | number): Meaning =>
  code === 98 ? no('bridge-offline', 'the bridge is offline') : no('vendor', 'the cloud answered with an error');

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
