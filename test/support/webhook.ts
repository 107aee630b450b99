import Stripe from 'stripe';
import type { Answer, Laundry } from './laundry.ts';

export type Forgery = {
  secret?: string;
  ageSeconds?: number;
  signature?: string | null;
  bytes?: (signed: string) => string;
};

/** Hands in an event with a signature of our own making; by default a good one. */
export function postWebhook(laundry: Laundry, event: unknown, forged: Forgery = {}): Promise<Answer> {
  const payload = JSON.stringify(event, null, 2); // as Stripe writes it: bytes, not meaning, are signed
  const timestamp = Math.floor(laundry.clock.now() / 1000) - (forged.ageSeconds ?? 0);
  const secret = forged.secret ?? laundry.stripe.webhookSecret;
  const good = Stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp });
  const signature = forged.signature === undefined ? good : forged.signature;
  return laundry.call('POST', '/api/stripe/webhook', {
    raw: forged.bytes?.(payload) ?? payload,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      ...(signature === null ? {} : { 'stripe-signature': signature }),
    },
  });
}

let events = 0;

export function stripeEvent(type: string, object: Record<string, unknown>): Record<string, unknown> {
  events += 1;
  return { id: `evt_of_the_test_${events}`, object: 'event', type, data: { object } };
}
