import type { Outcome, RefusalReason } from '../port.ts';

/**
 * The ways in which asking a vendor goes wrong, and what must be said of each beyond the rules that hold for all
 * (judge.ts): every class is tried with every operation of every driver.
 */
export const faultClasses = [
  'none',
  'given-up-before',
  'timeout-before',
  'timeout-after',
  'late',
  'done-twice',
  'busy-with-retry-after',
  'busy',
  'broken',
  'broken-after',
  'error-body',
  'malformed',
  'wrong-types',
  'slow-drip',
  'cut-off',
  'credentials-expired',
  'lying-ok',
  'outside-change',
  'offline',
  'another-device',
] as const;
export type FaultClass = (typeof faultClasses)[number];

export type FaultFacts = {
  title: string;
  /** The answer does not come: the caller's deadline ends the call. */
  hangs?: boolean;
  /** The vendor says that it did it: only then may `accepted` be said. */
  saysYes?: boolean;
  /** Looking works as ever: what is observed must be the truth. */
  looksWork?: boolean;
  /** What the caller must hear, where only one thing is right. A reason of refusal is also asked of list and observe. */
  must?: { outcome?: Outcome['kind']; reason?: RefusalReason; retryAfterSeconds?: number };
};

/** What a simulated vendor asks for in `busy-with-retry-after`. */
export const wantedPauseSeconds = 7;

export const faultFacts: Record<FaultClass, FaultFacts> = {
  none: { title: 'no fault', saysYes: true, looksWork: true },
  'given-up-before': { title: 'given up before it begins', must: { outcome: 'refused' } },
  'timeout-before': { title: 'no answer, not done', hangs: true },
  'timeout-after': { title: 'no answer, done', hangs: true },
  late: { title: 'done after we gave up', hangs: true },
  'done-twice': { title: 'done twice', saysYes: true, looksWork: true },
  'busy-with-retry-after': {
    title: '429 with Retry-After',
    must: { outcome: 'refused', reason: 'busy', retryAfterSeconds: wantedPauseSeconds },
  },
  busy: { title: '429 without', must: { outcome: 'refused', reason: 'busy' } },
  broken: { title: '500, not done' },
  'broken-after': { title: '500, done' },
  'error-body': { title: '200 with an error body', must: { outcome: 'refused' } },
  malformed: { title: 'malformed JSON, done' },
  'wrong-types': { title: 'wrong types, done' },
  'slow-drip': { title: 'slow drip, done', hangs: true },
  'cut-off': { title: 'reset in mid-body, done' },
  'credentials-expired': { title: 'expired credentials', must: { outcome: 'refused', reason: 'credentials' } },
  'lying-ok': { title: 'says OK, does nothing', saysYes: true, looksWork: true },
  'outside-change': { title: 'changed by somebody else', saysYes: true, looksWork: true },
  offline: { title: 'offline and back' },
  'another-device': { title: 'another device answers' },
};
