import type { Instant } from '../instant.ts';
import type { Pass } from './pass.ts';

/** What the page of a pass shows. */
export type PassState =
  | 'waiting-for-payment'
  | 'getting-ready'
  | 'ready'
  | 'ended'
  | 'could-not-make'
  | 'refunded'
  | 'payment-not-completed';

export function passState(pass: Pick<Pass, 'phase' | 'validUntil' | 'failure'>, now: Instant): PassState {
  switch (pass.phase) {
    case 'awaiting-payment':
      return 'waiting-for-payment';
    case 'issuing':
      return 'getting-ready';
    case 'issued':
      return pass.validUntil !== null && now >= pass.validUntil ? 'ended' : 'ready';
    case 'ended':
      return 'ended';
    default:
      if (pass.failure === 'payment_not_completed') return 'payment-not-completed';
      return pass.failure === 'payment_reversed' ? 'refunded' : 'could-not-make';
  }
}
