/** Amounts in minor units: how they are written, and the least that Stripe charges. PURE. */
const leastCharges: Record<string, number> = {
  gbp: 30,
  jpy: 50,
  dkk: 250,
  sek: 300,
  nok: 300,
  pln: 200,
  czk: 1500,
  huf: 17500,
};

export function smallestCharge(currency: string): number {
  return leastCharges[currency] ?? 50;
}

export function formatMoney(amount: number, currency: string): string {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(amount / 10 ** digits);
}
