/** What somebody who bought a way in is told of their money. The code itself stands on the page alone, never in a mail. */
import type { LetterFacts } from '../../features/mail/letters.ts';
import type { PassFacts } from '../../features/passes/pass-facts.service.ts';
import { passOf } from '../../features/passes/pass-row.ts';
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
  return {
    ...frameOf(pass, told),
    button: { label: say.doors.mail.look, url: pageOf(pass, told) }, // no way in is to be seen there
    subject: `${say.mail.refund.subject(amount)}: ${pass.door.name}`,
    title: say.mail.refund.title,
    strong: money.text,
    paragraphs: [...reasonsOf(pass, told), money.hint],
    facts: [...what(pass, told), [say.mail.facts.comesBack, amount], [say.mail.facts.reference, refund.payment_id]],
  };
}

function reasonsOf(pass: PassFacts, { say }: Told): string[] {
  const { mail, access } = say.doors;
  switch (passOf(pass.row).failure) {
    case 'no_way_in':
      return [mail.refund];
    case 'never_opened':
      return [access.reasons.neverOpened, mail.refundOther];
    case 'heard_too_late':
      return [access.reasons.tooLate, mail.refundOther];
    default:
      return [mail.refundOther];
  }
}

const pageOf = (pass: PassFacts, { publicUrl }: Told): string => `${publicUrl}/access/${pass.token}`;

const frameOf = (pass: PassFacts, told: Told): Pick<LetterWords, 'button' | 'why' | 'stop'> => ({
  button: { label: told.say.doors.mail.open, url: pageOf(pass, told) },
  why: told.say.mail.why,
  stop: null,
});

const what = (pass: PassFacts, { say }: Told): LetterWords['facts'] => [
  [say.doors.mail.door, pass.door.name],
  [say.doors.mail.time, say.duration(pass.row.duration_ms / 60_000)],
  ...(pass.location === null ? [] : [[say.session.facts.place, pass.location.name] as [string, string]]),
];
