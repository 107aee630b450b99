import type { LocationRow } from '../../features/locations/locations.service.ts';
import { type LetterFacts, settingsOf, type WriteLetter, type WrittenLetter } from '../../features/mail/letters.ts';
import { assertNever } from '../../rules/assert-never.ts';
import { speechOf } from '../page-context.ts';
import { codeWords } from './code-letter.ts';
import { entryReceipt, entryRefund } from './entry-letters.ts';
import { freeWords } from './free-letter.ts';
import type { LetterWords } from './letter.ts';
import { letterHtml } from './letter-html.ts';
import { letterText } from './letter-text.ts';
import { noticeLetter } from './notice-letter.ts';
import { doneWords, receiptWords, refundLetter, type Told } from './session-letters.ts';

/** Mails in words, text and HTML, in the reader's language and the place's time. Pure. */
export function createLetterWriter({ publicUrl }: { publicUrl: string }): WriteLetter {
  return (facts, { language, now }): WrittenLetter => {
    const settings = settingsOf(facts);
    const place = placeOf(facts);
    const timeZone = place?.time_zone ?? settings.timeZone;
    const words = wordsOf(facts, { say: speechOf({ language, now, timeZone }), language, timeZone, now, publicUrl });
    const frame = { language, companyName: settings.companyName, branding: settings.branding };
    const letter = { subject: words.subject, text: letterText(words, frame), html: letterHtml(words, frame) };
    return words.stop === null ? letter : { ...letter, stopUrl: words.stop.url };
  };
}

const placeOf = (facts: LetterFacts): LocationRow | null => {
  if ('session' in facts) return facts.session.location;
  if ('pass' in facts) return facts.pass.location;
  return facts.kind === 'free' ? facts.location : null;
};

function wordsOf(facts: LetterFacts, told: Told): LetterWords {
  switch (facts.kind) {
    case 'receipt':
      return receiptWords(facts, told);
    case 'done':
      return doneWords(facts, told);
    case 'refund':
      return refundLetter(facts, told);
    case 'entry-receipt':
      return entryReceipt(facts, told);
    case 'entry-refund':
      return entryRefund(facts, told);
    case 'notice':
      return noticeLetter(facts, told);
    case 'free':
      return freeWords(facts, told);
    case 'code':
      return codeWords(facts, told);
    default:
      return assertNever(facts);
  }
}
