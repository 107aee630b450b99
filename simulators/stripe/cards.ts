/** The test cards: https://docs.stripe.com/testing */
export type Decline = { declineCode: string; adviceCode: string; message: string };
export type Card = { number: string; declined: Decline | null };

const cards: readonly Card[] = [
  { number: '4242424242424242', declined: null },
  {
    number: '4000000000000002',
    declined: {
      declineCode: 'generic_decline',
      adviceCode: 'try_again_later',
      message: 'Your card was declined.',
    },
  },
  {
    number: '4000000000009995',
    declined: {
      declineCode: 'insufficient_funds',
      adviceCode: 'try_again_later',
      message: 'Your card has insufficient funds.',
    },
  },
];

/** Undefined for a number that is no test card. Spaces do not count. */
export function findCard(typed: string): Card | undefined {
  const number = typed.replaceAll(/\s/g, '');
  return cards.find((card) => card.number === number);
}
