import { invalid } from '../errors.ts';

/** Characters of a guest's message, at most. */
export const longestMessage = 1000;

/**
 * What a guest wrote, as plain text: lines stay lines, other control characters are dropped, and so are the marks that
 * turn the direction of writing, by which a text can look like another one.
 */
export function plainText(text: string): string {
  return text
    .replace(/\r\n?|[\u0085\u2028\u2029]/g, '\n')
    .replace(/[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, (mark) =>
      mark === '\n' || mark === '\t' ? mark : '',
    )
    .replaceAll('\t', ' ')
    .replace(/ +$/gm, '')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

/** The same, of 1 to `longestMessage` characters; a 400 otherwise. */
export function messageText(field: string, text: string): string {
  const plain = plainText(text);
  if (plain === '') throw invalid(field, `${field} must not be empty`);
  if (plain.length > longestMessage) throw invalid(field, `${field} must have at most ${longestMessage} characters`);
  return plain;
}
