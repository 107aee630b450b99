import { createServer, type Server } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import {
  type StripeSimulator,
  type StripeSimulatorOptions,
  startStripeSimulator,
} from '../../../simulators/stripe/start.ts';
import { systemClock } from '../../host/clock.ts';
import type { CheckoutRequest } from '../payment-port.ts';
import { createStripeProvider } from './provider.ts';

let simulator: StripeSimulator | null = null;
const servers: Server[] = [];
afterEach(async () => {
  await simulator?.close();
  simulator = null;
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function start(options: Partial<StripeSimulatorOptions> = {}) {
  simulator = await startStripeSimulator({ stateDir: null, ...options });
  const { url: baseUrl, secretKey } = simulator;
  return { stripe: simulator, provider: createStripeProvider({ secretKey, baseUrl, clock: systemClock }) };
}
const soon = (): AbortSignal => systemClock.deadline(10_000);

const request = (change: Partial<CheckoutRequest> = {}): CheckoutRequest => ({
  paymentId: 'pay_01',
  amount: 250,
  currency: 'eur',
  productName: 'Waschmaschine 1, 60 min',
  email: null,
  successUrl: 'https://keystead.example/session/t0k3n',
  cancelUrl: 'https://keystead.example/pay/abc',
  expiresAt: systemClock.now() + 3_600_000,
  metadata: {},
  ...change,
});

describe('when a checkout was paid', () => {
  test('is told by the charge that paid it: not by an earlier one that was declined, nor by when it is asked', async () => {
    let now = 1_800_000_000_000;
    const { stripe, provider } = await start({ clock: { now: () => now } });
    const { id } = await provider.createCheckout(request({ expiresAt: now + 3_600_000 }), soon());
    now += 60_000;
    await stripe.pay(id, '4000000000000002');
    expect(await provider.findCheckout(id, soon())).toMatchObject({ paid: false, paidAt: null, givenBack: false });
    now += 60_000;
    await stripe.pay(id);
    now += 20 * 60_000;
    const paid = { paid: true, paidAt: 1_800_000_120_000, givenBack: false };
    expect(await provider.findCheckout(id, soon())).toMatchObject(paid);
    expect(await provider.expireCheckout(id, soon())).toMatchObject(paid);
  });

  test('and whether all of it has gone back', async () => {
    const { stripe, provider } = await start();
    const { id } = await provider.createCheckout(request(), soon());
    await stripe.pay(id);
    const intent = (await provider.findCheckout(id, soon()))?.paymentIntentId ?? '';
    await stripe.refundFromDashboard(intent, 100);
    expect((await provider.findCheckout(id, soon()))?.givenBack).toBe(false);
    await stripe.refundFromDashboard(intent);
    expect((await provider.findCheckout(id, soon()))?.givenBack).toBe(true);
  });

  test('is not known to a key that may not read charges; that it was paid is', async () => {
    const session = { id: 'cs_1', object: 'checkout.session', status: 'complete', payment_status: 'paid' };
    const server = createServer((asked, response) => {
      if (asked.url?.includes('expand') === true)
        response.writeHead(403).end('{"error":{"type":"invalid_request_error"}}');
      else response.end(JSON.stringify({ ...session, payment_intent: 'pi_1', amount_total: 250, currency: 'eur' }));
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const provider = createStripeProvider({
      secretKey: 'rk',
      baseUrl: `http://127.0.0.1:${port}`,
      clock: systemClock,
    });
    expect(await provider.findCheckout('cs_1', soon())).toMatchObject({ paid: true, paidAt: null, amount: 250 });
  });
});
