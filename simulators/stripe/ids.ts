/** Ids and keys in the forms of Stripe. */
import { createHash, randomInt } from 'node:crypto';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

export function randomLetters(length: number): string {
  return Array.from({ length }, () => LETTERS[randomInt(LETTERS.length)]).join('');
}

export function newId(prefix: 'pi' | 'ch' | 're' | 'evt' | 'txn' | 'pm' | 'we' | 'du'): string {
  const middle = prefix === 'pi' || prefix === 'ch' || prefix === 're' ? '_3' : '_1';
  return `${prefix}${middle}${randomLetters(23)}`;
}

export function newSessionId(): string {
  return `cs_test_a1${randomLetters(56)}`;
}

export function newRequestId(): string {
  return `req_${randomLetters(14)}`;
}

export function fingerprint(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
