/**
 * Codes that people type when a camera fails: six letters and digits that cannot be taken for one another (no I, L, O, U,
 * 0, 1). 31 bits: enough for doors that anybody may walk up to, and guesses are counted.
 */
export const shortCodeAlphabet = 'ABCDEFGHJKMNPQRSTVWXYZ23456789';
export const shortCodeLength = 6;

/** From chance: one byte a letter. */
export function shortCodeFrom(bytes: Uint8Array): string {
  return [...bytes.subarray(0, shortCodeLength)]
    .map((byte) => shortCodeAlphabet.charAt(byte % shortCodeAlphabet.length))
    .join('');
}

/** As it was typed, in its one form; null: it cannot be one. */
export function shortCodeOf(typed: string): string | null {
  const code = typed.replaceAll(/[\s-]/g, '').toUpperCase();
  return /^[A-HJKMNP-TV-Z2-9]{6}$/.test(code) ? code : null;
}
