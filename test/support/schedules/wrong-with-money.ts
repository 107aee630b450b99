import type { ChargeView } from '../../../simulators/stripe/start.ts';
import type { PaymentRow } from '../../../src/features/payments/payments.service.ts';
import { type SessionRow, sessionOf } from '../../../src/features/sessions/session-row.ts';
import { pauseBeforeAgain } from '../../../src/rules/money/again.ts';
import { isOver, type Session } from '../../../src/rules/sessions/session.ts';
import { isDisturbed } from './bank.ts';
import type { Books } from './books.ts';
import type { Counts } from './counts.ts';

/** `only`: of purchases to which a bank did nothing, where its news may be on their way still. */
type Which = { only?: 'undisturbed' };

/**
 * Paid = delivered + refunded + disputed, to the cent, where the money is: at Stripe. What went back by hand counts for what
 * was owed, where we could know of it; nothing ever goes back beyond what was paid. Answers what is wrong.
 */
export function wrongWithMoney(books: Books, counts: Counts, { only }: Which = {}): string[] {
  const { sessions, payments, charges } = books;
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
  for (const row of sessions) {
    const mine = payments.filter((one) => one.session_id === row.id);
    const disturbed = mine.some(({ id }) => isDisturbed(charges.get(id) ?? untouched));
    if (!(disturbed && only === 'undisturbed')) wrong.push(...wrongWithSession(row, mine, books, counts));
  }
  return wrong;
}

type Undisturbed = { refunds: []; disputes: [] };
const untouched: Undisturbed = { refunds: [], disputes: [] };

function wrongWithSession(row: SessionRow, mine: PaymentRow[], books: Books, counts: Counts): string[] {
  const { charges, troubled, minutesOf } = books;
  const session = sessionOf(row);
  if (!isOver(session.phase)) return [`${row.id}: not over: ${session.phase}`];
  const came = mine.filter((one) => one.amount === 0 || charges.has(one.id));
  const begun = session.startsAt !== null || session.startedAt !== null;
  if (begun && came.length === 0) return [`${row.id}: a run without money`];
  const bought = came.filter((one) => one.taken).map((one) => ({ ...one, ms: lengthOf(one, minutesOf) }));
  if (begun && sum(bought.map(({ ms }) => ms)) !== session.durationMs)
    return [`${row.id}: not as long as was paid for`];
  const taken = sum(bought.map(({ amount }) => amount));
  const earned = earnedBy(session, bought);
  const paid = sum(came.map(({ amount }) => amount));
  const owed = paid - Math.min(taken, earned);
  const moved = came.map((one) => movedOf(one, charges.get(one.id)));
  const back = moved.flatMap(({ standing }) => standing);
  const byHand = sum(back.filter(isByHand).map(({ amount }) => amount));
  const total = sum(back.map(({ amount }) => amount));
  const lost = sum(moved.map((one) => one.lost));
  counts.add('cents paid', paid);
  counts.add('cents delivered', paid - owed);
  counts.add('cents given back', total);
  if (byHand > 0) counts.add('cents given back by hand', byHand);
  if (lost > 0) counts.add('cents lost in disputes', lost);
  if (total > Math.min(paid, owed + byHand)) return [told(`${byHand} of it by hand`)];
  if (sum(came.map((one) => one.owed)) !== owed) return [told('and the server owes something else')];
  for (const one of moved) {
    const open = one.owed > one.back + one.lost;
    if (open && !one.gaveUp) return [told(`too little of ${one.id}`)];
    // of one made by hand that came back a person is told, whatever is owed
    if (!one.handFailed && (one.gaveUp && open) !== troubled.has(one.id))
      return [told(`a person is told otherwise of ${one.id}`)];
  }
  const gaveUp = moved.some((one) => one.gaveUp);
  if (byHand === 0 && lost === 0 && !gaveUp) return total === owed ? [] : [told('and nothing by hand')];
  // one payment, and all by hand came before ours: then it counts for what was owed, to the cent
  const first = back.findIndex((one) => !isByHand(one));
  const last = back.findLastIndex(isByHand);
  const plain = came.length === 1 && lost === 0 && !gaveUp;
  if (plain && (first === -1 || last < first) && total !== Math.max(owed, byHand)) {
    return [told(`${byHand} of it by hand, before ours`)];
  }
  return [];

  function told(more: string): string {
    const { phase, failureReason, run, durationMs } = session;
    const facts = { id: row.id, paid, earned, owed, total, lost, phase, failureReason, run, durationMs };
    return `${total} of ${paid} went back where ${owed} were owed (${more}): ${JSON.stringify({ facts, moved })}`;
  }
}

const lengthOf = ({ plan_id }: PaymentRow, minutesOf: Books['minutesOf']): number =>
  60_000 * (minutesOf.get(plan_id ?? '') ?? Number.NaN);

/** Reckoned by what the plans sell: all that was bought is one stretch of time at one price. */
function earnedBy({ run }: Session, bought: readonly { amount: number; ms: number }[]) {
  const how = run.ending?.delivered ?? 'nothing';
  const price = sum(bought.map(({ amount }) => amount));
  if (how !== 'on-time') return how === 'full' ? price : 0;
  const seconds = sum(bought.map(({ ms }) => ms)) / 1000;
  return seconds === 0 ? 0 : Math.floor((price * Math.min(seconds, Math.floor(run.onMs / 1000))) / seconds);
}

/** What became of the money of one payment at Stripe. `gaveUp`: its bank takes no refund, and nobody tries again. */
function movedOf({ id, owed }: Pick<PaymentRow, 'id' | 'owed'>, charge: Undisturbed | ChargeView = untouched) {
  const standing = charge.refunds.filter(({ status }) => status !== 'failed');
  const failures = charge.refunds.flatMap(({ status, failureReason }) => (status === 'failed' ? [failureReason] : []));
  const lost = sum(charge.disputes.filter(({ status }) => takesMoney.has(status)).map(({ amount }) => amount));
  const handFailed = charge.refunds.some((one) => one.status === 'failed' && isByHand(one));
  const gaveUp = failures.length > 0 && pauseBeforeAgain(failures) === null;
  return { id, owed, standing, back: sum(standing.map(({ amount }) => amount)), lost, gaveUp, handFailed };
}

const takesMoney: ReadonlySet<string> = new Set(['needs_response', 'under_review', 'lost']);

type Refund = ChargeView['refunds'][number];

const isByHand = ({ metadata }: Refund): boolean => metadata.refundId === undefined;

/** What the server says of refunds and disputes against what Stripe did, once all news have come. */
export function wrongWithNews({ payments, refunds, charges }: Books): string[] {
  const wrong: string[] = [];
  for (const row of payments) {
    const charge = charges.get(row.id);
    const atStripe = charge?.amountRefunded ?? 0;
    if (row.refunded !== atStripe) wrong.push(`${row.id}: ${atStripe} went back, ${row.refunded} written down`);
    const { lost } = movedOf(row, charge);
    if (row.disputed !== lost) wrong.push(`${row.id}: ${lost} lost in disputes, ${row.disputed} written down`);
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
