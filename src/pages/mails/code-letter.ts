/** The code that an app asks for when it is signed in for the first time. */
import type { LetterFacts } from '../../features/mail/letters.ts';
import type { LetterWords } from './letter.ts';
import type { Told } from './session-letters.ts';

export function codeWords({ code }: Extract<LetterFacts, { kind: 'code' }>, { say }: Told): LetterWords {
  const words = say.mail.code;
  return {
    subject: words.subject(code),
    title: words.title,
    strong: code,
    paragraphs: [words.text, words.notYou],
    facts: [],
    button: null,
    why: words.why,
    stop: null,
  };
}
