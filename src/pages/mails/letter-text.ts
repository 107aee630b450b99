import type { LetterFrame, LetterWords } from './letter.ts';

/** A mail as plain text, for who reads it so; the same words in the same order. */
export function letterText(words: LetterWords, frame: LetterFrame): string {
  const { headerText, footerText } = frame.branding;
  const head = [frame.companyName, headerText === frame.companyName ? null : headerText];
  const facts = words.facts.map(([name, value]) => `${name}: ${value}`).join('\n');
  const button = words.button === null ? null : `${words.button.label}: ${words.button.url}`;
  const parts = [
    head.filter((line) => line !== null).join('\n'),
    words.title,
    words.strong,
    ...words.paragraphs,
    facts,
    button,
    footerText,
    words.why,
    words.stop === null ? null : `${words.stop.label}: ${words.stop.url}`,
  ];
  return `${parts.filter((part) => part !== null && part !== '').join('\n\n')}\n`;
}
