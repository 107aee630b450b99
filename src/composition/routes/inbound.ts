import { shellySockets } from '../../apis/inbound/shelly-sockets.ts';
import { stripeWebhookRoutes } from '../../apis/inbound/stripe-webhook.routes.ts';
import { ttlockCallbackRoutes } from '../../apis/inbound/ttlock-callback.routes.ts';
import { readStripeWebhook } from '../../providers/stripe/webhook.ts';
import type { Checkout } from '../checkout.ts';
import type { Engine } from '../engine.ts';
import type { House } from '../house.ts';
import type { Locks } from '../locks.ts';
import type { Money } from '../money.ts';
import type { Vendors } from '../vendors.ts';
import type { Web } from '../web.ts';

type Given = { house: House; vendors: Vendors; money: Money; locks: Locks; checkout: Checkout; engine: Engine };

/** Vendors that call us. */
export function mountInbound({ server, common }: Web, given: Given): void {
  const { organizations } = given.house;
  const { connections, hardware, lockHardware, lockCallback } = given.vendors;
  const { stripeConfig } = given.money;
  const { locks } = given.locks;
  const { intake } = given.checkout;
  const { watches, lockRound } = given.engine;
  stripeWebhookRoutes(server, { ...common, intake, stripeConfig, organizations, readWebhook: readStripeWebhook });
  ttlockCallbackRoutes(server, { lockCallback, locks, hint: lockRound.hint, read: lockHardware.told });
  shellySockets(server, { ...common, connections, accept: hardware.accept, isOpen: watches.isOpen });
}
