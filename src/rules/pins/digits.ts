import { invalid } from '../errors.ts';

/** Lengths that a keypad takes. */
export type Lengths = { lengthMin: number; lengthMax: number };

/** What anybody tries first: all the same, counting up or down, or two digits by turns. */
export function isTooSimple(pin: string): boolean {
  const digits = Array.from(pin, Number);
  const steps = digits.slice(1).map((digit, n) => (digit - (digits[n] ?? 0) + 10) % 10);
  const even = (step: number) => steps.every((one) => one === step);
  return even(0) || even(1) || even(9);
}

/** Digits as a caller chose them, leading zeros and all. Throws a 400 that names the field. */
export function checkedDigits(field: string, pin: string, { lengthMin, lengthMax }: Lengths): string {
  if (!/^\d+$/.test(pin)) throw invalid(field, `${field} must be digits`);
  if (pin.length < lengthMin || pin.length > lengthMax) {
    const lengths = lengthMin === lengthMax ? `${lengthMin}` : `${lengthMin} to ${lengthMax}`;
    throw invalid(field, `${field} must have ${lengths} digits on this lock`);
  }
  if (isTooSimple(pin)) throw invalid(field, `${field} is too simple`);
  return pin;
}

/** How many digits are chosen where nobody says: six, where the keypad takes them. */
export const usualLength = ({ lengthMin, lengthMax }: Lengths): number => Math.max(lengthMin, Math.min(6, lengthMax));

/** Digits from chance (bytes; those above 249 would make some digits likelier, and are passed over); null: not enough of it. */
export function digitsFrom(bytes: Uint8Array, length: number): string | null {
  const digits = [...bytes].filter((byte) => byte < 250).map((byte) => byte % 10);
  const pin = digits.slice(0, length).join('');
  return pin.length < length || isTooSimple(pin) ? null : pin;
}
