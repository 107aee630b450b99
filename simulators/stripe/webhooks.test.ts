import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { pause } from '../clock.ts';
import { type StripeSimulator, type StripeSimulatorOptions, startStripeSimulator } from './start.ts';
import { clientOf, type Listener, listenForWebhooks, until, washing } from './test-bench.ts';

const open: { close(): Promise<void> }[] = [];
async function start(options: Partial<StripeSimulatorOptions> = {}): Promise<StripeSimulator> {
  const simulator = await startStripeSimulator({ stateDir: null, ...options });
  open.push(simulator);
  return simulator;
}
async function listener(): Promise<Listener> {
  const heard = await listenForWebhooks();
  open.push(heard);
  return heard;
}
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});
async function payOne(simulator: StripeSimulator): Promise<string> {
  const { id } = await clientOf(simulator).checkout.sessions.create(washing());
  await simulator.pay(id);
  return id;
}
const typesOf = (heard: Listener) => heard.heard.map(({ body }) => String(JSON.parse(body).type)).sort();
const allThree = ['charge.succeeded', 'checkout.session.completed', 'payment_intent.succeeded'];

describe('simulated webhooks', () => {
  it('are signed so that Stripe’s own client accepts them', async () => {
    const heard = await listener();
    const simulator = await start({ webhookUrl: heard.url });
    await payOne(simulator);
    await until(() => heard.heard.length === 3);
    expect(typesOf(heard)).toEqual(allThree);
    const stripe = clientOf(simulator);
    for (const { body, signature } of heard.heard) {
      const event = stripe.webhooks.constructEvent(body, signature, simulator.webhookSecret);
      expect(event.api_version).toBe('2026-10-28.endive');
      expect(() => stripe.webhooks.constructEvent(`${body} `, signature, simulator.webhookSecret)).toThrow();
    }
    await until(() => simulator.events().every((event) => event.pending_webhooks === 0));
  });

  it('are tried again until somebody answers well', async () => {
    let now = 1_800_000_000_000;
    const heard = await listener();
    heard.answer = 500;
    const simulator = await start({ webhookUrl: heard.url, clock: { now: () => now } });
    await payOne(simulator);
    await until(() => simulator.deliveries().every((delivery) => delivery.tries === 1));
    await pause(250);
    expect(heard.heard).toHaveLength(3);
    now += 1_000;
    await until(() => simulator.deliveries().every((delivery) => delivery.tries === 2));
    heard.answer = 200;
    now += 3_000;
    await until(() => simulator.deliveries().every((delivery) => delivery.delivered));
    now += 3_600_000;
    await pause(250);
    expect(heard.heard).toHaveLength(9);
  });

  it('wait while they are held, and can be delivered by hand as often as wanted', async () => {
    const heard = await listener();
    const simulator = await start({ webhookUrl: heard.url });
    simulator.holdWebhooks(true);
    await payOne(simulator);
    await pause(250);
    expect(heard.heard).toHaveLength(0);
    const event = simulator.events().find(({ type }) => type === 'payment_intent.succeeded');
    expect(await simulator.deliver(event?.id ?? '', 3)).toEqual([200, 200, 200]);
    expect(heard.heard).toHaveLength(3);
    simulator.holdWebhooks(false);
    await until(() => heard.heard.length === 5);
  });

  it('reach endpoints made through the API, signed with their own secret', async () => {
    const heard = await listener();
    const simulator = await start();
    const stripe = clientOf(simulator);
    const endpoint = await stripe.webhookEndpoints.create({
      url: heard.url,
      enabled_events: ['checkout.session.completed'],
    });
    await payOne(simulator);
    await until(() => heard.heard.length === 1);
    const [first] = heard.heard;
    const event = stripe.webhooks.constructEvent(first?.body ?? '', first?.signature ?? '', endpoint.secret ?? '');
    expect(event.type).toBe('checkout.session.completed');
    const listed = await stripe.webhookEndpoints.list();
    expect(listed.data[0]).toMatchObject({ id: endpoint.id, status: 'enabled' });
    expect(listed.data[0]?.secret).toBeUndefined();
    expect((await stripe.webhookEndpoints.update(endpoint.id, { disabled: true })).status).toBe('disabled');
  });
});

describe('a simulated Stripe that is stopped without warning', () => {
  it('comes back with its keys, address, objects, idempotency keys, fault and owed webhooks', async () => {
    const stateDir = fs.mkdtempSync(path.join(os.tmpdir(), 'stripe-'));
    const first = await startStripeSimulator({ stateDir, webhookUrl: 'http://127.0.0.1:9/nobody' });
    const options = { idempotencyKey: 'payment-1' };
    const session = await clientOf(first).checkout.sessions.create(washing(), options);
    await first.pay(session.id);
    first.setFault('refund-fails');
    await until(() => first.deliveries().every((delivery) => delivery.tries >= 1));
    const before = { checkouts: first.checkouts(), charges: first.charges() };
    fs.appendFileSync(path.join(stateDir, 'stripe.journal'), '[["charges","ch_'); // a line cut off
    await first.close();

    const heard = await listener();
    const second = await start({ stateDir, webhookUrl: heard.url });
    expect(second.url).toBe(first.url);
    expect(second.secretKey).toBe(first.secretKey);
    expect(second.webhookSecret).toBe(first.webhookSecret);
    expect({ checkouts: second.checkouts(), charges: second.charges() }).toEqual(before);
    expect(second.state().fault).toBe('refund-fails');
    const again = await clientOf(second).checkout.sessions.create(washing(), options);
    expect(again.id).toBe(session.id);
    await until(() => heard.heard.length === 3);
    expect(typesOf(heard)).toEqual(allThree);
  });
});
