/** The test cards: https://docs.stripe.com/testing */
export type Decline = { code: string; declineCode: string | null; adviceCode: string; message: string };
export type DisputeKind = 'fraudulent' | 'product_not_received' | 'inquiry';
export type Card = {
  number: string;
  declined: Decline | null;
  /** The bank asks its customer first (3D Secure). */
  challenge: boolean;
  /** The cardholder disputes the charge as soon as it is made. */
  disputed: DisputeKind | null;
  /** What becomes of refunds: at once, pending and then well, or well and then failed. */
  refunds: 'succeed' | 'pend' | 'fail-later';
};

const good = { declined: null, challenge: false, disputed: null, refunds: 'succeed' } as const;

function declines(number: string, code: string, declineCode: string | null, message: string): Card {
  return { ...good, number, declined: { code, declineCode, adviceCode: 'try_again_later', message } };
}

const cards: readonly Card[] = [
  { ...good, number: '4242424242424242' },
  declines('4000000000000002', 'card_declined', 'generic_decline', 'Your card was declined.'),
  declines('4000000000009995', 'card_declined', 'insufficient_funds', 'Your card has insufficient funds.'),
  declines('4000000000009987', 'card_declined', 'lost_card', 'Your card was declined.'),
  declines('4000000000009979', 'card_declined', 'stolen_card', 'Your card was declined.'),
  declines('4000000000000069', 'expired_card', null, 'Your card has expired.'),
  declines('4000000000000127', 'incorrect_cvc', null, 'Your card’s security code is incorrect.'),
  declines(
    '4000000000000119',
    'processing_error',
    null,
    'An error occurred while processing your card. Try again in a little bit.',
  ),
  { ...good, number: '4000002500003155', challenge: true },
  { ...good, number: '4000000000000259', disputed: 'fraudulent' },
  { ...good, number: '4000000000002685', disputed: 'product_not_received' },
  { ...good, number: '4000000000001976', disputed: 'inquiry' },
  { ...good, number: '4000000000007726', refunds: 'pend' },
  { ...good, number: '4000000000005126', refunds: 'fail-later' },
];

/** Undefined for a number that is no test card. Spaces do not count. */
export function findCard(typed: string): Card | undefined {
  const number = typed.replaceAll(/\s/g, '');
  return cards.find((card) => card.number === number);
}

export function cardEndingIn(lastFour: string): Card | undefined {
  return cards.find((card) => card.number.endsWith(lastFour));
}

/** What Stripe says when the bank’s question was not answered well. */
export const notAuthenticated: Decline = {
  code: 'payment_intent_authentication_failure',
  declineCode: null,
  adviceCode: 'confirm_card_data',
  message: 'We are unable to authenticate your payment method. Please choose a different payment method and try again.',
};
