import type { Availability } from '../../rules/sessions/availability.ts';
import type { Unfit } from '../../rules/time/last-start.ts';
import type { Opening } from '../../rules/time/opening-hours.ts';
import { type SaleState, saleState } from '../../rules/wishes/wish.ts';

/** What of an offer decides whether it is worth waiting. */
export type Waited = {
  availability: Availability;
  hours: { opening: Opening };
  plans: readonly { price: number; unfit: Unfit | null }[];
  paymentsReady: boolean;
  inUse: object | null;
  held: { mine: boolean } | null;
};

export function saleStateOf(offer: Waited): SaleState {
  const { availability, hours, plans, paymentsReady, inUse, held } = offer;
  return saleState({
    open: hours.opening.open,
    availability,
    inUse: inUse !== null,
    held: held !== null && !held.mine,
    sells: plans.some(({ price, unfit }) => unfit === null && (price === 0 || paymentsReady)),
  });
}
