import { describe, expect, it } from 'vitest';
import { decimalText, minorDigits } from './currency.ts';

describe('minor units of a currency', () => {
  it('knows currencies with none, two, three and four digits, in either case', () => {
    expect(['jpy', 'JPY', 'eur', 'KWD', 'clf', 'xyz'].map(minorDigits)).toEqual([0, 0, 2, 3, 4, 2]);
  });
  it('writes amounts exactly', () => {
    expect(decimalText(250, 'eur')).toBe('2.50');
    expect(decimalText(5, 'eur')).toBe('0.05');
    expect(decimalText(0, 'eur')).toBe('0.00');
    expect(decimalText(-5, 'kwd')).toBe('-0.005');
    expect(decimalText(250, 'jpy')).toBe('250');
    expect(decimalText(900_719_925_474_099, 'eur')).toBe('9007199254740.99');
  });
});
