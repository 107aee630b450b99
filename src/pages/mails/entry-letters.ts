/** What somebody who bought a way in is told of their money. The code itself stands on the page alone, never in a mail. */
import type { LetterFacts } from '../../features/mail/letters.ts';
import type { PassFacts } from '../../features/passes/pass-facts.service.ts';
import { formatDayAndTime } from '../../texts/format.ts';
import { refundWords } from '../session-words.ts';
import type { LetterWords } from './letter.ts';
import type { Told } from './session-letters.ts';

type Of<Kind extends LetterFacts['kind']> = Extract<LetterFacts, { kind: Kind }>;

export function entryReceipt({ pass, payment }: Of<'entry-receipt'>, told: Told): LetterWords {
  const { say } = told;
  const price = say.money(payment.amount, payment.currency);
  const paidAt = formatDayAndTime(payment.paid_at ?? payment.created_at, told.timeZone, told.language);
  return {
    ...frameOf(pass, told),
    subject: say.mail.receipt.subject(pass.door.name, price),
    title: say.mail.receipt.title,
    strong: null,
    paragraphs: [say.doors.mail.receipt],
    facts: [
      ...what(pass, told),
      [say.mail.facts.paid, price],
      [say.mail.facts.paidAt, paidAt],
      [say.mail.facts.reference, payment.id],
    ],
  };
}

export function entryRefund({ pass, refund }: Of<'entry-refund'>, told: Told): LetterWords {
  const { say } = told;
  const currency = pass.payments.find(({ id }) => id === refund.payment_id)?.currency ?? pass.settings.currency;
  const state = refund.status === 'done' ? 'done' : 'pending';
  const money = refundWords({ amount: refund.amount, state }, currency, say);
  const amount = say.money(refund.amount, currency);
  const why = pass.row.failure_reason === 'no_way_in' ? say.doors.mail.refund : say.doors.mail.refundOther;
  return {
    ...frameOf(pass, told),
    subject: `${say.mail.refund.subject(amount)}: ${pass.door.name}`,
    title: say.mail.refund.title,
    strong: money.text,
    paragraphs: [why, money.hint],
    facts: [...what(pass, told), [say.mail.facts.comesBack, amount], [say.mail.facts.reference, refund.payment_id]],
  };
}

const frameOf = (pass: PassFacts, { say, publicUrl }: Told): Pick<LetterWords, 'button' | 'why' | 'stop'> => ({
  button: { label: say.doors.mail.open, url: `${publicUrl}/access/${pass.token}` },
  why: say.mail.why,
  stop: null,
});

const what = (pass: PassFacts, { say }: Told): LetterWords['facts'] => [
  [say.doors.mail.door, pass.door.name],
  [say.doors.mail.time, say.duration(pass.row.duration_ms / 60_000)],
  ...(pass.location === null ? [] : [[say.session.facts.place, pass.location.name] as [string, string]]),
];
