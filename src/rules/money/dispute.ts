/**
 * A cardholder objects to a payment.
 *
 *   inquiry ──► dropped                       no money moves
 *      └──► needs-response ──► under-review ──► won | lost
 *
 * From needs-response on the money is held back; lost, it is the cardholder's for good; won, it is ours again. What is told
 * may come in any order and any number of times: the later telling counts.
 */
export type DisputeState = 'inquiry' | 'needs-response' | 'under-review' | 'won' | 'lost' | 'dropped';

const ranks: Record<DisputeState, number> = {
  inquiry: 0,
  'needs-response': 1,
  'under-review': 2,
  dropped: 3,
  won: 3,
  lost: 3,
};

export const isClosed = (state: DisputeState): boolean => ranks[state] === 3;

/** While it does, nothing is refunded by itself. */
export const holdsMoney = (state: DisputeState): boolean => state === 'needs-response' || state === 'under-review';

/** Held back from us, or the cardholder's for good: not ours to refund a second time. */
export const takenBy = ({ state, amount }: { state: DisputeState; amount: number }): number =>
  holdsMoney(state) || state === 'lost' ? amount : 0;

/** `at`: when it was told, to the second; within one second the state that comes later in a dispute's life counts. */
export type Telling = { state: DisputeState; at: number };

export const isLater = (told: Telling, than: Telling): boolean =>
  told.at === than.at ? ranks[told.state] > ranks[than.state] : told.at > than.at;
