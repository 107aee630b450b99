/** What a guest is told of their money and their run: the same sentences as on the page of the session. */
import type { LetterFacts } from '../../features/mail/letters.ts';
import type { Instant } from '../../rules/instant.ts';
import { formatDayAndTime } from '../../texts/format.ts';
import { sessionView } from '../guest-views.ts';
import type { Speech } from '../page-context.ts';
import { type SessionView, wasLost } from '../session-view.ts';
import { leadOf, refundWords } from '../session-words.ts';
import type { LetterWords } from './letter.ts';

export type Told = { say: Speech; language: string; timeZone: string; now: Instant; publicUrl: string };
type Of<Kind extends LetterFacts['kind']> = Extract<LetterFacts, { kind: Kind }>;

export function receiptWords({ session, payment }: Of<'receipt'>, told: Told): LetterWords {
  const { say } = told;
  const view = sessionView(session, told.publicUrl, told.now);
  const words = say.mail.receipt;
  const price = say.money(payment.amount, payment.currency);
  const paidAt = formatDayAndTime(payment.paid_at ?? payment.created_at, told.timeZone, told.language);
  return {
    ...frameOf(view, told),
    subject: words.subject(view.deviceName, price),
    title: words.title,
    strong: null,
    paragraphs: [words.text],
    facts: [
      ...what(view, say),
      [say.mail.facts.paid, price],
      [say.mail.facts.paidAt, paidAt],
      [say.mail.facts.reference, payment.id],
    ],
  };
}

export function doneWords({ session }: Of<'done'>, told: Told): LetterWords {
  const { say } = told;
  const view = sessionView(session, told.publicUrl, told.now);
  return {
    ...frameOf(view, told),
    subject: endedSubject(view, say),
    title: say.session.titles[view.state],
    ...ending(view, told),
    facts: [...what(view, say), ...when(view, told)],
  };
}

/** Why money goes back, how much of it, and when the card shows it. */
export function refundLetter({ session, refund }: Of<'refund'>, told: Told): LetterWords {
  const { say } = told;
  const view = sessionView(session, told.publicUrl, told.now);
  const state = refund.status === 'done' ? 'done' : 'pending';
  const money = refundWords({ amount: refund.amount, state }, view.currency, say);
  const amount = say.money(refund.amount, view.currency);
  return {
    ...frameOf(view, told),
    subject: `${say.mail.refund.subject(amount)}: ${endedSubject(view, say)}`,
    title: say.mail.refund.title,
    strong: money.text,
    paragraphs: [...ending(view, told).paragraphs, money.hint],
    facts: [
      ...what(view, say),
      ...when(view, told),
      [say.mail.facts.paid, say.money(view.price, view.currency)],
      [say.mail.facts.comesBack, amount],
      [say.mail.facts.reference, refund.payment_id],
    ],
  };
}

function endedSubject(view: SessionView, say: Speech): string {
  const { done } = say.mail;
  if (view.state === 'complete') return done.complete(view.deviceName);
  if (view.endedAt === null) return view.deviceName; // money for more time came too late: the run itself goes on
  return view.startedAt === null ? done['failed-to-start'](view.deviceName) : done.interrupted(view.deviceName);
}

function ending(view: SessionView, { say, now }: Told): Pick<LetterWords, 'strong' | 'paragraphs'> {
  const { strong, text, hint } = leadOf(view, now, say);
  return { strong, paragraphs: [text, hint].filter((one) => one !== null) };
}

const frameOf = (view: SessionView, { say, publicUrl }: Told): Pick<LetterWords, 'button' | 'why' | 'stop'> => ({
  button: { label: say.mail.open, url: `${publicUrl}/session/${view.token}` },
  why: say.mail.why,
  stop: null,
});

function what(view: SessionView, say: Speech): LetterWords['facts'] {
  const duration = say.duration(view.durationSeconds / 60);
  return [
    [say.mail.facts.machine, view.deviceName],
    [say.session.facts.program, `${view.planName} · ${duration}`],
    ...(view.location === null ? [] : [[say.session.facts.place, view.location] as [string, string]]),
  ];
}

function when(view: SessionView, told: Told): LetterWords['facts'] {
  if (view.startedAt === null || view.endedAt === null) return [];
  const { started, ended } = told.say.session.facts;
  const moment = (at: Instant): string => formatDayAndTime(at, told.timeZone, told.language);
  const begun: [string, string] = [started, moment(view.startedAt)];
  return wasLost(view) ? [begun] : [begun, [ended, moment(view.endedAt)]];
}
