import type { ChargeView } from '../../../simulators/stripe/start.ts';
import { pauseBeforeAgain } from '../../../src/rules/money/again.ts';
import type { Counts } from './counts.ts';
import type { BankAct } from './schedule.ts';
import type { Street } from './street.ts';

/** What cardholders and their banks do about charges that were paid: objections, and refunds that come back. */
export type Bank = {
  play(act: BankAct, charges: readonly ChargeView[]): void;
  /** Decides about every objection that is open still. */
  closeAll(charges: readonly ChargeView[], outcome: 'won' | 'lost'): void;
};

/** The bank answers `failed` no more often than the server's patience lasts a day. */
const mostFailures = 2;

export function createBank({ stripe }: Pick<Street, 'stripe'>, counts: Counts): Bank {
  function dispute(charge: ChargeView, { why, percent }: Extract<BankAct, { kind: 'dispute' }>): void {
    if (charge.disputes.length > 0 || charge.refunded) return;
    const amount = Math.max(1, Math.floor((charge.amount * percent) / 100));
    stripe.dispute(charge.paymentIntentId, why, amount);
    counts.add(why === 'inquiry' ? 'inquiries' : 'disputes');
  }

  function says(charge: ChargeView, what: Extract<BankAct, { kind: 'bank-says' }>['what']): void {
    for (const { id, amount, status } of charge.disputes.filter(isOpen)) {
      const asks = status.startsWith('warning_');
      if (what === 'answered') stripe.answerDispute(id);
      else if (what === 'escalated') {
        if (asks) stripe.escalateDispute(id);
      } else {
        // of a part that is lost the rest cannot be refunded at Stripe any more: a person's affair
        const outcome = amount < charge.amount ? 'won' : what;
        stripe.closeDispute(id, outcome);
        counts.add(asks ? 'inquiries dropped' : `disputes ${outcome}`);
      }
    }
  }

  function sendBack(charge: ChargeView, why: string): void {
    const { refunds, disputes } = charge;
    if (refunds.filter(({ status }) => status === 'failed').length >= mostFailures) return;
    // where a dispute was lost, nothing can be refunded anew
    if (disputes.some(({ status }) => status === 'lost')) return;
    const last = refunds.findLast(({ status }) => status === 'succeeded');
    if (last === undefined) return;
    stripe.settleRefund(last.id, 'failed', why);
    counts.add(isForGood(why) ? 'refunds that came back for good' : 'refunds that came back');
  }

  return {
    play(act, charges) {
      for (const charge of charges) {
        if (act.kind === 'dispute') dispute(charge, act);
        else if (act.kind === 'bank-says') says(charge, act.what);
        else sendBack(charge, act.why);
      }
    },
    closeAll(charges, outcome) {
      for (const charge of charges) says(charge, outcome);
    },
  };
}

type Disputed = ChargeView['disputes'][number];

const isOpen = ({ status }: Disputed): boolean => !['won', 'lost', 'warning_closed'].includes(status);

/** Nobody tries it again: the card is gone. */
export const isForGood = (why: string | null): boolean => pauseBeforeAgain([why]) === null;
/** Something happened to it after it was paid besides refunds that stand. */
export const isDisturbed = ({ refunds, disputes }: Pick<ChargeView, 'refunds' | 'disputes'>): boolean =>
  disputes.length > 0 || refunds.some(({ status }) => status === 'failed');
