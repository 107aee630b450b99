import http from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { type Simulators, startSimulators } from '../start.ts';
import { clientOf, listenForWebhooks, until, washing } from '../stripe/test-bench.ts';
import type { BuildingState } from './state.ts';

const open: { close(): Promise<void> }[] = [];
async function start(webhookUrl?: string): Promise<Simulators> {
  const devices = [{ name: 'Washer 1', load: { watts: 2000 } }];
  const links = () => [{ label: 'Console', url: 'http://127.0.0.1:1/console' }];
  const gateways = [{ name: 'Hall' }];
  const locks = [{ name: 'Front', gateway: 'Hall' }];
  const simulators = await startSimulators({
    dir: null,
    devices,
    gateways,
    locks,
    yale: { bridges: [{ name: 'Annex' }], locks: [{ name: 'Annex door', bridge: 'Annex' }] },
    links,
    ...(webhookUrl ? { webhookUrl } : {}),
  });
  open.push(simulators);
  return simulators;
}
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});
async function post(simulators: Simulators, path: string, body: unknown): Promise<number> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(simulators.building.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
  return answer.status;
}
async function stateOf(simulators: Simulators): Promise<BuildingState> {
  return (await fetch(`${simulators.building.url}/api/state`)).json() as Promise<BuildingState>;
}

describe('the virtual building', () => {
  it('shows every relay, payment and webhook as data', async () => {
    const simulators = await start();
    const { id } = await clientOf(simulators.stripe).checkout.sessions.create(washing());
    await simulators.stripe.pay(id);
    const state = await stateOf(simulators);
    expect(state.shelly.devices[0]).toMatchObject({ name: 'Washer 1', fault: 'none', history: [] });
    expect(state.stripe.checkouts[0]).toMatchObject({ id, status: 'complete' });
    expect(state.stripe.events).toHaveLength(3);
    expect(state.links).toEqual([{ label: 'Console', url: 'http://127.0.0.1:1/console' }]);
  });

  it('has Yale’s locks and bridges beside the others, with buttons of their own', async () => {
    const simulators = await start();
    const { yale } = simulators;
    const lock = `/api/yale/locks/${yale.idOf('Annex door')}`;
    const bridgeId = yale.bridges()[0]?.bridgeId ?? '';
    expect(await post(simulators, `${lock}/hand`, {})).toBe(200);
    expect(await post(simulators, `${lock}/condition`, { condition: 'jammed', on: true })).toBe(200);
    expect(await post(simulators, `${lock}/press`, { digits: '4711' })).toBe(200);
    expect(await post(simulators, `${lock}/press`, { digits: 'door' })).toBe(400);
    expect(await post(simulators, `/api/yale/bridges/${bridgeId}`, { online: false })).toBe(200);
    expect(await post(simulators, '/api/yale/bridges/none', { online: false })).toBe(404);
    expect((await stateOf(simulators)).yale).toMatchObject({
      locks: [
        { name: 'Annex door', locked: false, conditions: ['jammed'], past: [{ action: 'manual_unlock' }], codes: [] },
      ],
      bridges: [{ name: 'Annex', online: false }],
      mailedCode: null,
    });
  });

  it('has a button for each fault of each thing', async () => {
    const heard = await listenForWebhooks();
    open.push(heard);
    const simulators = await start(heard.url);
    const { shelly, stripe } = simulators;
    expect(await post(simulators, '/api/shelly/Washer%201/fault', { fault: 'slow' })).toBe(200);
    expect(shelly.device('Washer 1').fault).toBe('slow');
    expect(await post(simulators, '/api/shelly/Washer%201/button', { channel: 0, on: true })).toBe(200);
    expect(shelly.device('Washer 1').channels[0]?.output).toBe(true);
    expect(await post(simulators, '/api/shelly/Washer%201/power-cycle', {})).toBe(200);
    expect(shelly.device('Washer 1').channels[0]?.output).toBe(false);

    expect(await post(simulators, '/api/stripe/hold-webhooks', { hold: true })).toBe(200);
    const { id } = await clientOf(stripe).checkout.sessions.create(washing());
    await stripe.pay(id);
    const paymentIntent = stripe.checkouts()[0]?.paymentIntentId;
    expect(await post(simulators, '/api/stripe/refund', { paymentIntent, amount: 999 })).toBe(400);
    expect(await post(simulators, '/api/stripe/refund', { paymentIntent, amount: 50 })).toBe(200);
    expect(stripe.charges()[0]?.amountRefunded).toBe(50);
    const [event] = stripe.events();
    expect(await post(simulators, `/api/stripe/events/${event?.id}/deliver`, { times: 2 })).toBe(200);
    await until(() => heard.heard.length === 2);
    expect(await post(simulators, '/api/stripe/fault', { fault: 'down' })).toBe(200);
    expect(stripe.state()).toMatchObject({ fault: 'down', webhooksHeld: true });
  });

  it('has a keypad, a reader, a knob and a button for each trouble of each lock', async () => {
    const simulators = await start();
    const { ttlock } = simulators;
    const { lockId } = ttlock.lock(ttlock.idOf('Front'));
    const at = `/api/ttlock/locks/${lockId}`;
    expect(await post(simulators, `${at}/code`, { digits: '918273' })).toBe(200);
    expect(await post(simulators, `${at}/code`, { digits: '918273' })).toBe(400);
    expect(await post(simulators, `${at}/press`, { digits: '918273' })).toBe(200);
    expect(ttlock.lock(lockId).locked).toBe(false);
    expect(await post(simulators, `${at}/hand`, {})).toBe(200);
    expect(ttlock.lock(lockId).locked).toBe(true);
    expect(await post(simulators, `${at}/scan`, { content: 'a laundry ticket' })).toBe(200);
    expect(await post(simulators, `${at}/condition`, { condition: 'jammed', on: true })).toBe(200);
    expect(await post(simulators, `${at}/battery`, { percent: 8 })).toBe(200);
    expect(await post(simulators, `/api/ttlock/gateways/${ttlock.gateways()[0]?.gatewayId}`, { online: false })).toBe(
      200,
    );
    const { locks, gateways } = (await stateOf(simulators)).ttlock;
    expect(locks[0]).toMatchObject({ name: 'Front', locked: true, conditions: ['jammed'], battery: 8 });
    expect(locks[0]?.onLock.written).toMatchObject([{ digits: '918273', by: 'keypad' }]);
    expect(JSON.stringify(locks[0]?.past)).not.toContain('918273');
    expect(gateways).toMatchObject([{ name: 'Hall', online: false }]);
    const bad: [string, unknown][] = [
      ['press', { digits: 'four' }],
      ['press', {}],
      ['scan', {}],
      ['condition', { condition: 'haunted', on: true }],
      ['condition', { condition: 'jammed' }],
      ['battery', { percent: 101 }],
      ['code', { digits: '1' }],
    ];
    for (const [action, body] of bad)
      expect([action, await post(simulators, `${at}/${action}`, body)]).toEqual([action, 400]);
    expect(await post(simulators, `${at}/dance`, {})).toBe(404);
    expect(await post(simulators, '/api/ttlock/locks/1/press', { digits: '1234' })).toBe(404);
    expect(await post(simulators, '/api/ttlock/gateways/1', { online: false })).toBe(404);
    expect(await post(simulators, `/api/ttlock/gateways/${gateways[0]?.gatewayId}`, {})).toBe(400);
  });

  it('refuses what it does not know', async () => {
    const simulators = await start();
    expect(await post(simulators, '/api/shelly/Nobody/fault', { fault: 'slow' })).toBe(404);
    expect(await post(simulators, '/api/shelly/Washer%201/fault', { fault: 'fire' })).toBe(400);
    expect(await post(simulators, '/api/stripe/fault', {})).toBe(400);
    expect(await post(simulators, '/api/stripe/events/evt_none/deliver', {})).toBe(404);
    expect(await post(simulators, '/api/nothing', {})).toBe(404);
  });

  it('answers this machine only, and no form of another site', async () => {
    const simulators = await start();
    const { port } = new URL(simulators.building.url);
    const foreign = await new Promise<number>((resolve) => {
      const headers = { host: 'evil.example' };
      http.get({ host: '127.0.0.1', port, path: '/api/state', headers }, (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      });
    });
    expect(foreign).toBe(403);
    const url = `${simulators.building.url}/api/stripe/fault`;
    const form = await fetch(url, { method: 'POST', body: new URLSearchParams({ fault: 'down' }) });
    expect(form.status).toBe(415);
    const disguised = await fetch(url, {
      method: 'POST',
      body: '{"fault":"down"}',
      headers: { 'content-type': 'text/plain' },
    });
    expect(disguised.status).toBe(415);
    expect(simulators.stripe.state().fault).toBe('none');
  });

  it('tells a watching page of a change by itself', async () => {
    const simulators = await start();
    const answer = await fetch(`${simulators.building.url}/api/live`);
    const reader = answer.body?.getReader();
    const first = new TextDecoder().decode((await reader?.read())?.value);
    expect(first).toContain('"output":false');
    simulators.shelly.setOutput('Washer 1', 0, true);
    let told = '';
    while (!told.includes('"output":true')) told += new TextDecoder().decode((await reader?.read())?.value);
    await reader?.cancel();
  });
});
