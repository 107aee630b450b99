import { minorDigits } from './currency.ts';

/**
 * The least that Stripe charges, in minor units, by settlement currency. A price below it could never be paid; a price of
 * 0 never goes to Stripe.
 */
const least: Readonly<Record<string, number>> = {
  usd: 50,
  aed: 200,
  aud: 50,
  brl: 50,
  cad: 50,
  chf: 50,
  czk: 1500,
  dkk: 250,
  eur: 50,
  gbp: 30,
  hkd: 400,
  huf: 17500,
  inr: 50,
  jpy: 50,
  mxn: 1000,
  myr: 200,
  nok: 300,
  nzd: 50,
  pln: 200,
  ron: 200,
  sek: 300,
  sgd: 50,
  thb: 1000,
};

/** For currencies not listed: half a unit where there are parts of a unit, else 50. */
export function leastCharge(currency: string): number {
  const digits = minorDigits(currency);
  return least[currency.toLowerCase()] ?? (digits === 0 ? 50 : 10 ** digits / 2);
}

/** Cards are charged in steps: Stripe takes three-digit currencies with a last digit of 0 alone. */
export const chargeStep = (currency: string): number => (minorDigits(currency) === 3 ? 10 : 1);

export const chargeable = (price: number, currency: string): boolean =>
  price === 0 || (price >= leastCharge(currency) && price % chargeStep(currency) === 0);

/** Stripe counts these otherwise than ISO 4217 does; until that is translated nothing is sold in them. */
const countedOtherwise = new Set(['isk', 'ugx', 'mga']);

export const canBeCharged = (currency: string): boolean => !countedOtherwise.has(currency.toLowerCase());

/** Rounded down to what can be charged, so that the rest can be given back. */
export const inSteps = (amount: number, currency: string): number => amount - (amount % chargeStep(currency));
