/** For tests: Stripe's own client, unpatched, talking to the simulator; and a listener for its webhooks. */
import http from 'node:http';
import Stripe from 'stripe';
import { pause } from '../clock.ts';
import { LOOPBACK } from '../loopback.ts';

export function clientOf(simulator: { url: string; secretKey: string }, key = simulator.secretKey): Stripe {
  const { hostname, port } = new URL(simulator.url);
  return new Stripe(key, {
    host: hostname,
    port: Number(port),
    protocol: 'http',
    telemetry: false,
    maxNetworkRetries: 0,
  });
}

export type Heard = { body: string; signature: string };
export type Listener = { url: string; heard: Heard[]; answer: number; close(): Promise<void> };

export async function listenForWebhooks(port = 0): Promise<Listener> {
  const listener: Listener = { url: '', heard: [], answer: 200, close: async () => undefined };
  const server = http.createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
    const signature = String(request.headers['stripe-signature']);
    listener.heard.push({ body: Buffer.concat(parts).toString('utf8'), signature });
    response.writeHead(listener.answer).end();
  });
  await new Promise<void>((resolve) => server.listen(port, LOOPBACK, resolve));
  const address = server.address();
  listener.url = `http://${LOOPBACK}:${typeof address === 'object' ? address?.port : port}/webhook`;
  listener.close = () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return listener;
}

export async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if (holds()) return;
    await pause(20);
  }
  throw new Error('it did not happen within two seconds');
}

export const washing = (overrides: Partial<Stripe.Checkout.SessionCreateParams> = {}) =>
  ({
    mode: 'payment',
    line_items: [
      {
        quantity: 1,
        price_data: { currency: 'eur', unit_amount: 250, product_data: { name: 'Washer 1, 60 minutes' } },
      },
    ],
    success_url: 'http://127.0.0.1:9/done?session_id={CHECKOUT_SESSION_ID}',
    cancel_url: 'http://127.0.0.1:9/back',
    client_reference_id: 'payment-1',
    metadata: { kind: 'device', paymentId: 'payment-1' },
    payment_intent_data: { metadata: { paymentId: 'payment-1' } },
    ...overrides,
  }) satisfies Stripe.Checkout.SessionCreateParams;
