/** What the page shows: everything, or only what is recent. */
import type { HistoryEntry, ShellyDeviceView, ShellySimulator } from '../shelly/start.ts';
import type { ChargeView, CheckoutView, Delivery, StripeFault, StripeSimulator } from '../stripe/start.ts';

import type { GatewayView, LockView, OnLock, RecordRow, TtlockSimulator } from '../ttlock/start.ts';
import type { Activity, BridgeView, KeypadCode, YaleLockView, YaleSimulator } from '../yale/start.ts';

export type Link = { label: string; url: string };
export type Parts = {
  stripe: StripeSimulator;
  shelly: ShellySimulator;
  ttlock: TtlockSimulator;
  yale: YaleSimulator;
  links: () => Link[];
};

export type EventView = {
  id: string;
  type: string;
  created: number; // epoch milliseconds
  about: string; // the id of its object
  pending: number;
  deliveries: Pick<Delivery, 'target' | 'attempts' | 'nextAt' | 'delivered'>[];
};
/** `past`: what happened at the lock, newest last. */
export type LockState = LockView & {
  onLock: OnLock;
  past: Pick<RecordRow, 'at' | 'type' | 'success'>[];
};
export type YaleLockState = YaleLockView & {
  codes: KeypadCode[];
  past: Pick<Activity, 'at' | 'action'>[];
};
export type BuildingState = {
  now: number; // epoch milliseconds
  links: Link[];
  shelly: { url: string; devices: (ShellyDeviceView & { history: HistoryEntry[] })[] };
  ttlock: { url: string; locks: LockState[]; gateways: GatewayView[] };
  yale: { url: string; locks: YaleLockState[]; bridges: BridgeView[]; mailedCode: string | null };
  stripe: {
    url: string;
    fault: StripeFault;
    webhooksHeld: boolean;
    webhookUrl: string | null;
    checkouts: CheckoutView[];
    charges: ChargeView[];
    events: EventView[];
  };
};

/** All of it, oldest first. */
export function everything(parts: Parts): BuildingState {
  const { stripe, shelly, ttlock, yale, links } = parts;
  const deliveries = Map.groupBy(stripe.deliveries(), (delivery) => delivery.eventId);
  const { now, ...account } = stripe.state();
  return {
    now,
    links: links(),
    shelly: {
      url: shelly.url,
      devices: shelly.devices().map((device) => ({ ...device, history: shelly.history(device.name) })),
    },
    ttlock: {
      url: ttlock.url,
      locks: ttlock.locks().map((lock) => lockState(ttlock, lock)),
      gateways: ttlock.gateways(),
    },
    yale: {
      url: yale.url,
      locks: yale.locks().map((lock) => yaleLockState(yale, lock)),
      bridges: yale.bridges(),
      mailedCode: yale.mailedCodes().at(-1) ?? null,
    },
    stripe: {
      url: stripe.url,
      ...account,
      checkouts: stripe.checkouts(),
      charges: stripe.charges(),
      events: stripe.events().map((event) => ({
        id: event.id,
        type: event.type,
        created: event.created * 1000,
        about: String(event.data.object.id),
        pending: event.pending_webhooks,
        deliveries: (deliveries.get(event.id) ?? []).map(({ target, attempts, nextAt, delivered }) => {
          return { target, attempts, nextAt, delivered };
        }),
      })),
    },
  };
}

function yaleLockState(yale: YaleSimulator, lock: YaleLockView): YaleLockState {
  const past = yale.activities(lock.lockId).map(({ at, action }) => ({ at, action }));
  return { ...lock, codes: yale.codesOnLock(lock.lockId), past };
}

function lockState(ttlock: TtlockSimulator, lock: LockView): LockState {
  const past = ttlock.past(lock.lockId).map(({ at, type, success }) => ({ at, type, success }));
  return { ...lock, onLock: ttlock.onLock(lock.lockId), past };
}

/** The newest of everything, newest first. */
export function recent(parts: Parts): BuildingState {
  const state = everything(parts);
  const { stripe, shelly, ttlock, yale } = state;
  const checkouts = newest(stripe.checkouts, 20);
  const intents = new Set(checkouts.map((checkout) => checkout.paymentIntentId));
  return {
    ...state,
    shelly: { ...shelly, devices: shelly.devices.map((each) => ({ ...each, history: newest(each.history, 8) })) },
    ttlock: { ...ttlock, locks: ttlock.locks.map((each) => ({ ...each, past: newest(each.past, 8) })) },
    yale: { ...yale, locks: yale.locks.map((each) => ({ ...each, past: newest(each.past, 8) })) },
    stripe: {
      ...stripe,
      checkouts,
      charges: stripe.charges.filter((charge) => intents.has(charge.paymentIntentId)),
      events: newest(stripe.events, 30),
    },
  };
}

function newest<T>(items: readonly T[], count: number): T[] {
  return items.slice(-count).reverse();
}
