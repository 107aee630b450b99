import type { LetterFacts, WriteLetter, WrittenLetter } from '../../features/mail/letters.ts';
import { assertNever } from '../../rules/assert-never.ts';
import { speechOf } from '../page-context.ts';
import type { LetterWords } from './letter.ts';
import { letterHtml } from './letter-html.ts';
import { letterText } from './letter-text.ts';
import { noticeLetter } from './notice-letter.ts';
import { doneWords, receiptWords, refundLetter, type Told } from './session-letters.ts';

/** Mails in words, text and HTML, in the reader's language and the place's time. Pure. */
export function createLetterWriter({ publicUrl }: { publicUrl: string }): WriteLetter {
  return (facts, { language, now }): WrittenLetter => {
    const settings = facts.kind === 'notice' ? facts.settings : facts.session.settings;
    const place = facts.kind === 'notice' ? null : facts.session.location;
    const timeZone = place?.time_zone ?? settings.timeZone;
    const words = wordsOf(facts, { say: speechOf({ language, now, timeZone }), language, timeZone, now, publicUrl });
    const frame = { language, companyName: settings.companyName, branding: settings.branding };
    return { subject: words.subject, text: letterText(words, frame), html: letterHtml(words, frame) };
  };
}

function wordsOf(facts: LetterFacts, told: Told): LetterWords {
  switch (facts.kind) {
    case 'receipt':
      return receiptWords(facts, told);
    case 'done':
      return doneWords(facts, told);
    case 'refund':
      return refundLetter(facts, told);
    case 'notice':
      return noticeLetter(facts, told);
    default:
      return assertNever(facts);
  }
}
