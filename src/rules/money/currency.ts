/**
 * How many digits of a currency lie behind the decimal point, by ISO 4217. Written down here and not asked of Intl, so
 * that an update of Node never moves a decimal point. Where a payment provider counts differently (Stripe: ISK, UGX and
 * MGA), its provider translates.
 */
const digitsOf: Readonly<Record<string, number>> = {
  ...of(0, 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'),
  ...of(3, 'BHD IQD JOD KWD LYD OMR TND'),
  ...of(4, 'CLF UYW'),
};

function of(digits: number, currencies: string): Record<string, number> {
  return Object.fromEntries(currencies.split(' ').map((currency) => [currency, digits]));
}

/** 2 for `eur`, 0 for `jpy`, 3 for `kwd`; upper or lower case. Unknown currencies have 2, as most have. */
export function minorDigits(currency: string): number {
  return digitsOf[currency.toUpperCase()] ?? 2;
}

/** Minor units as an exact decimal text: (250, 'eur') → `2.50`, (-5, 'kwd') → `-0.005`. */
export function decimalText(amountMinor: number, currency: string): string {
  const digits = minorDigits(currency);
  const whole = Math.abs(Math.trunc(amountMinor))
    .toString()
    .padStart(digits + 1, '0');
  const sign = amountMinor < 0 ? '-' : '';
  return digits === 0 ? `${sign}${whole}` : `${sign}${whole.slice(0, -digits)}.${whole.slice(-digits)}`;
}

const known = new Set(Intl.supportedValuesOf('currency'));

/** Whether there is such a currency (ISO 4217); upper or lower case. */
export const isCurrency = (code: string): boolean => known.has(code.toUpperCase());
