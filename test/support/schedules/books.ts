import type { ChargeView, StripeSimulator } from '../../../simulators/stripe/start.ts';
import { at } from '../../../src/database/instant-value.ts';
import type { Database } from '../../../src/database/open.ts';
import type { PaymentRow, RefundRow } from '../../../src/features/payments/payments.service.ts';
import { type SessionRow, sessionOf } from '../../../src/features/sessions/session-row.ts';
import type { Instant } from '../../../src/rules/instant.ts';
import { delivered } from '../../../src/rules/money/delivered.ts';
import { isOver, type Run } from '../../../src/rules/sessions/session.ts';
import type { Counts } from './counts.ts';

export type Books = {
  sessions: SessionRow[];
  payments: PaymentRow[];
  refunds: RefundRow[];
  charges: Map<string, ChargeView>;
};

/** Of what began at that time or later. */
export async function readBooks(
  { read, stripe }: { read: Database['read']; stripe: StripeSimulator },
  since: Instant,
): Promise<Books> {
  const [sessions, payments, refunds] = await Promise.all([
    read.selectFrom('sessions').selectAll().where('created_at', '>=', at(since)).execute(),
    read.selectFrom('payments').selectAll().where('created_at', '>=', at(since)).orderBy('id').execute(),
    read.selectFrom('refunds').selectAll().where('created_at', '>=', at(since)).orderBy('id').execute(),
  ]);
  const checkouts = stripe.checkouts().filter(({ expiresAt }) => expiresAt > since);
  const paidBy = new Map(checkouts.map((one) => [one.paymentIntentId, one.metadata.paymentId ?? one.id]));
  const paid = stripe.charges().flatMap((charge) => {
    const id = paidBy.get(charge.paymentIntentId);
    return id === undefined ? [] : [[id, charge] as const];
  });
  const charges = new Map(paid);
  if (charges.size !== paid.length) throw new Error('A payment was charged twice');
  return { sessions: sessions.map((row) => ({ ...row, run: row.run as Run })), payments, refunds, charges };
}

/**
 * Paid = delivered + refunded, to the cent, where the money is: at Stripe. What went back by hand counts for what was owed,
 * where we could know of it; nothing ever goes back beyond what was paid. Answers what is wrong.
 */
export function wrongWithMoney({ sessions, payments, charges }: Books, counts: Counts): string[] {
  const wrong: string[] = [];
  const known = new Map(payments.map((row) => [row.id as string, row]));
  for (const [id, charge] of charges) {
    const row = known.get(id);
    if (row?.session_id == null) wrong.push(`${charge.id}: paid, and there is no session for it`);
    else if (row.status !== 'SUCCEEDED' && row.status !== 'REFUNDED')
      wrong.push(`${id}: paid, and it says ${row.status}`);
    else if (row.amount !== charge.amount) wrong.push(`${id}: ${charge.amount} paid, ${row.amount} written down`);
    if (charge.amountRefunded > charge.amount) wrong.push(`${id}: more went back than was paid`);
  }
  for (const row of payments) {
    if (row.status === 'PENDING') wrong.push(`${row.id}: waits for its money still`);
    const said = row.status === 'SUCCEEDED' || row.status === 'REFUNDED';
    if (said && row.amount > 0 && !charges.has(row.id)) wrong.push(`${row.id}: said to be paid, and nobody paid it`);
  }
  for (const row of sessions) wrong.push(...wrongWithSession(row, payments, charges, counts));
  return wrong;
}

function wrongWithSession(
  row: SessionRow,
  payments: PaymentRow[],
  charges: Books['charges'],
  counts: Counts,
): string[] {
  const session = sessionOf(row);
  if (!isOver(session.phase)) return [`${row.id}: not over: ${session.phase}`];
  const mine = payments.filter((one) => one.session_id === row.id);
  const came = mine.filter((one) => one.amount === 0 || charges.has(one.id));
  const begun = session.startsAt !== null || session.startedAt !== null;
  if (begun && came.length === 0) return [`${row.id}: a run without money`];
  const taken = sum(came.filter((one) => one.taken).map(({ amount }) => amount));
  const earned = delivered(taken, session.durationMs, session.run.onMs, session.run.ending?.delivered ?? 'nothing');
  const paid = sum(came.map(({ amount }) => amount));
  const owed = paid - Math.min(taken, earned);
  const back = came.flatMap((one) => charges.get(one.id)?.refunds ?? []);
  const byHand = sum(back.filter(({ metadata }) => metadata.refundId === undefined).map(({ amount }) => amount));
  const total = sum(back.map(({ amount }) => amount));
  counts.add('cents paid', paid);
  counts.add('cents delivered', paid - owed);
  counts.add('cents given back', total);
  if (byHand === 0) return total === owed ? [] : [told('and nothing by hand')];
  counts.add('cents given back by hand', byHand);
  if (total < owed || total > Math.min(paid, owed + byHand)) return [told(`${byHand} of it by hand`)];
  // one payment, and all by hand came before ours: then it counts for what was owed, to the cent
  const first = back.findIndex(({ metadata }) => metadata.refundId !== undefined);
  const last = back.findLastIndex(({ metadata }) => metadata.refundId === undefined);
  if (came.length === 1 && (first === -1 || last < first) && total !== Math.max(owed, byHand)) {
    return [told(`${byHand} of it by hand, before ours`)];
  }
  return [];

  function told(more: string): string {
    const { phase, failureReason, run, durationMs } = session;
    const facts = { id: row.id, paid, earned, owed, total, phase, failureReason, run, durationMs };
    return `${total} of ${paid} went back where ${owed} were owed (${more}): ${JSON.stringify({ facts, back, mine })}`;
  }
}

/** What the server says of refunds against what Stripe did, once all news have come. */
export function wrongWithNews({ payments, refunds, charges }: Books): string[] {
  const wrong: string[] = [];
  for (const row of payments) {
    const atStripe = charges.get(row.id)?.amountRefunded ?? 0;
    if (row.refunded !== atStripe) wrong.push(`${row.id}: ${atStripe} went back, ${row.refunded} written down`);
    const whole = row.amount > 0 && atStripe === row.amount;
    if (whole !== (row.status === 'REFUNDED'))
      wrong.push(`${row.id}: ${atStripe} of ${row.amount} back, and ${row.status}`);
  }
  for (const { id, status, try_at } of refunds) {
    if (status === 'asked' || try_at !== null) wrong.push(`refund ${id}: open still`);
  }
  return wrong;
}

const sum = (all: readonly number[]): number => all.reduce((total, one) => total + one, 0);
