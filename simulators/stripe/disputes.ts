/** Disputes: opened by the cardholder, answered by the merchant, closed by the bank. https://docs.stripe.com/disputes */
import type { DisputeKind } from './cards.ts';
import { failed, noSuch } from './errors.ts';
import { type FormObject, group, metadata, refuseUnknown, text } from './form.ts';
import { newId } from './ids.ts';
import { type Cause, type Ledger, noRequest } from './ledger.ts';
import type { ChargeObject, DisputeObject, DisputeStatus } from './types.ts';

const ANSWER_WITHIN = 9 * 24 * 60 * 60; // seconds

export function openDispute(ledger: Ledger, charge: ChargeObject, kind: DisputeKind, amount?: number): DisputeObject {
  if (charge.disputed) throw failed(`Charge ${charge.id} is disputed already.`);
  const inquiry = kind === 'inquiry';
  const dispute: DisputeObject = {
    id: newId('du'),
    object: 'dispute',
    amount: amount ?? charge.amount,
    balance_transactions: [],
    charge: charge.id,
    created: ledger.seconds(),
    currency: charge.currency,
    enhanced_eligibility_types: [],
    evidence: {},
    evidence_details: {
      due_by: ledger.seconds() + ANSWER_WITHIN,
      enhanced_eligibility: {},
      has_evidence: false,
      past_due: false,
      submission_count: 0,
      submission_method: null,
    },
    intended_submission_method: null,
    is_charge_refundable: inquiry,
    livemode: false,
    metadata: {},
    network_reason_code: '10.4',
    payment_intent: charge.payment_intent,
    payment_method_details: {
      card: {
        brand: 'visa',
        case_type: inquiry ? 'inquiry' : 'chargeback',
        network: 'visa',
        network_reason_code: '10.4',
      },
      type: 'card',
    },
    reason: inquiry ? 'general' : kind,
    status: inquiry ? 'warning_needs_response' : 'needs_response',
  };
  charge.disputed = true;
  ledger.charges.put(charge.id, charge);
  if (!inquiry) move(ledger, dispute, -dispute.amount);
  ledger.disputes.put(dispute.id, dispute);
  ledger.emit('charge.dispute.created', dispute, noRequest);
  if (!inquiry) ledger.emit('charge.dispute.funds_withdrawn', dispute, noRequest);
  return dispute;
}

export function findDispute(ledger: Ledger, id: string): DisputeObject {
  const found = ledger.disputes.get(id);
  if (found === undefined) throw noSuch('dispute', id, 'dispute');
  return found;
}

/** The merchant answers. */
export function answerDispute(ledger: Ledger, id: string, cause: Cause): DisputeObject {
  const dispute = findDispute(ledger, id);
  if (!isOpen(dispute)) throw failed('This dispute is already closed');
  dispute.status = dispute.status.startsWith('warning_') ? 'warning_under_review' : 'under_review';
  dispute.evidence_details.has_evidence = true;
  ledger.disputes.put(id, dispute);
  ledger.emit('charge.dispute.updated', dispute, cause);
  return dispute;
}

/** The bank decides. An inquiry ends without money, or grows into a dispute (`escalate`). */
export function closeDispute(ledger: Ledger, id: string, outcome: 'won' | 'lost', cause: Cause): DisputeObject {
  const dispute = findDispute(ledger, id);
  if (!isOpen(dispute)) throw failed('This dispute is already closed');
  const inquiry = dispute.status.startsWith('warning_');
  dispute.status = inquiry ? 'warning_closed' : outcome;
  if (dispute.status === 'won') {
    dispute.is_charge_refundable = true;
    move(ledger, dispute, dispute.amount);
  }
  ledger.disputes.put(id, dispute);
  ledger.emit('charge.dispute.closed', dispute, cause);
  if (dispute.status === 'won') ledger.emit('charge.dispute.funds_reinstated', dispute, cause);
  return dispute;
}

/** An inquiry becomes a dispute: now the money is taken. */
export function escalateDispute(ledger: Ledger, id: string): DisputeObject {
  const dispute = findDispute(ledger, id);
  if (!dispute.status.startsWith('warning_') || !isOpen(dispute)) throw failed('This dispute is no open inquiry');
  dispute.status = 'needs_response';
  dispute.is_charge_refundable = false;
  move(ledger, dispute, -dispute.amount);
  ledger.disputes.put(id, dispute);
  ledger.emit('charge.dispute.updated', dispute, noRequest);
  ledger.emit('charge.dispute.funds_withdrawn', dispute, noRequest);
  return dispute;
}

/** POST /v1/disputes/:id; the test evidence decides at once, as in Stripe’s test mode. */
export function updateDispute(ledger: Ledger, id: string, form: FormObject, cause: Cause): DisputeObject {
  refuseUnknown(form, { evidence: true, metadata: true, submit: true, expand: true });
  const dispute = findDispute(ledger, id);
  Object.assign(dispute.metadata, metadata(form));
  const evidence = group(form, 'evidence') ?? {};
  const words = text(evidence, 'uncategorized_text', 'evidence[uncategorized_text]');
  dispute.evidence = { ...(dispute.evidence as Record<string, unknown>), ...evidence };
  ledger.disputes.put(id, dispute);
  if (Object.keys(evidence).length === 0) return dispute;
  answerDispute(ledger, id, cause);
  if (words === 'winning_evidence') return closeDispute(ledger, id, 'won', cause);
  return words === 'losing_evidence' ? closeDispute(ledger, id, 'lost', cause) : dispute;
}

const closed: readonly DisputeStatus[] = ['won', 'lost', 'warning_closed'];
const isOpen = ({ status }: DisputeObject): boolean => !closed.includes(status);

function move(ledger: Ledger, dispute: DisputeObject, amount: number): void {
  dispute.balance_transactions.push({
    id: newId('txn'),
    object: 'balance_transaction',
    amount,
    currency: dispute.currency,
    created: ledger.seconds(),
    fee: amount < 0 ? 2000 : 0,
    net: amount < 0 ? amount - 2000 : amount,
    reporting_category: amount < 0 ? 'dispute' : 'dispute_reversal',
    source: dispute.id,
    type: 'adjustment',
  });
}
