/** All objects of the simulated Stripe account, and the events that tell of their changes. */
import type { SimulatorClock } from '../clock.ts';
import type { Store, Table } from '../store.ts';
import { newId } from './ids.ts';
import type {
  ChargeObject,
  Checkout,
  DisputeObject,
  EndpointObject,
  IntentObject,
  LaterObject,
  RefundObject,
  StripeEventObject,
} from './types.ts';

export const API_VERSION = '2026-10-28.endive';

/** Which API request made an event; nulls for the hosted page, the dashboard and time itself. */
export type Cause = { id: string | null; idempotency_key: string | null };
export const noRequest: Cause = { id: null, idempotency_key: null };

export type Ledger = {
  base: string; // where the hosted pages are
  checkouts: Table<Checkout>;
  intents: Table<IntentObject>;
  charges: Table<ChargeObject>;
  refunds: Table<RefundObject>;
  disputes: Table<DisputeObject>;
  later: Table<LaterObject>;
  events: Table<StripeEventObject>;
  endpoints: Table<EndpointObject>;
  now(): number; // milliseconds
  seconds(): number;
  /** Records the event with the object as it is now. */
  emit(type: string, object: Record<string, unknown>, cause: Cause): void;
  commit(): void;
};

export type NewEvent = (event: StripeEventObject) => void;

export function createLedger(store: Store, clock: SimulatorClock, base: string, onEvent: NewEvent): Ledger {
  const events = store.table<StripeEventObject>('events');
  const seconds = () => Math.floor(clock.now() / 1000);
  return {
    base,
    checkouts: store.table('checkouts'),
    intents: store.table('intents'),
    charges: store.table('charges'),
    refunds: store.table('refunds'),
    disputes: store.table('disputes'),
    later: store.table('later'),
    events,
    endpoints: store.table('endpoints'),
    now: () => clock.now(),
    seconds,
    emit(type, object, cause) {
      const event: StripeEventObject = {
        id: newId('evt'),
        object: 'event',
        api_version: API_VERSION,
        created: seconds(),
        data: { object: structuredClone(object) },
        livemode: false,
        pending_webhooks: 0,
        request: { ...cause },
        type,
      };
      onEvent(event);
      events.put(event.id, event);
    },
    commit: () => store.commit(),
  };
}
