import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type ShellySimulator, type ShellySimulatorOptions, startShellySimulator } from './start.ts';

const open: ShellySimulator[] = [];
async function start(options: Partial<ShellySimulatorOptions> = {}): Promise<ShellySimulator> {
  const devices = [
    { name: 'Washer 1', load: { watts: 2000 } },
    { name: 'Safe', password: 'secret' },
  ];
  const simulator = await startShellySimulator({ stateDir: null, devices, slowMs: 150, ...options });
  open.push(simulator);
  return simulator;
}
afterEach(async () => {
  for (const simulator of open.splice(0)) await simulator.close();
});

function addressOf(simulator: ShellySimulator, name = 'Washer 1'): string {
  return `http://${simulator.device(name).address}`;
}
async function rpc(simulator: ShellySimulator, method: string, params: unknown, name?: string): Promise<unknown> {
  const body = JSON.stringify(params);
  const answer = await fetch(`${addressOf(simulator, name)}/rpc/${method}`, { method: 'POST', body });
  return answer.json();
}
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const testClock = (start = 1_800_000_000_000) => {
  let now = start;
  return { now: () => now, jump: (ms: number) => (now += ms) };
};

describe('a simulated Shelly relay', () => {
  it('is switched by the JSON-RPC envelope, by a method address and by a query', async () => {
    const simulator = await start();
    const url = addressOf(simulator);
    const frame = { id: 7, src: 'gate', method: 'Switch.Set', params: { id: 0, on: true } };
    const enveloped = await fetch(`${url}/rpc`, { method: 'POST', body: JSON.stringify(frame) });
    const id = simulator.device('Washer 1').id;
    expect(await enveloped.json()).toEqual({ id: 7, src: id, dst: 'gate', result: { was_on: false } });
    expect(await rpc(simulator, 'Switch.Set', { id: 0, on: false })).toEqual({ was_on: true });
    const asked = await fetch(`${url}/rpc/Switch.Set?id=0&on=true&toggle_after=60`);
    expect(await asked.json()).toEqual({ was_on: false });
    expect(await rpc(simulator, 'Switch.GetStatus', { id: 0 })).toMatchObject({
      id: 0,
      output: true,
      source: 'HTTP_in',
      timer_duration: 60,
      apower: 2000,
      voltage: 230.1,
    });
    const old = await fetch(`${url}/relay/0?turn=off`);
    expect(await old.json()).toMatchObject({ ison: false, has_timer: false });
  });

  it('counts from nought again when its counters are reset, and tells nothing without a meter', async () => {
    const clock = testClock();
    const lamp = { name: 'Lamp', load: { watts: 60 }, metered: false };
    const simulator = await start({ clock, devices: [{ name: 'Washer 1', load: { watts: 2000 } }, lamp] });
    await rpc(simulator, 'Switch.Set', { id: 0, on: true });
    clock.jump(3_600_000);
    expect(await rpc(simulator, 'Switch.ResetCounters', { id: 0 })).toEqual({ aenergy: { total: 2000 } });
    clock.jump(1_800_000);
    expect(await rpc(simulator, 'Switch.GetStatus', { id: 0 })).toMatchObject({ aenergy: { total: 1000 } });
    const unmetered = await rpc(simulator, 'Switch.GetStatus', { id: 0 }, 'Lamp');
    for (const field of ['apower', 'voltage', 'current', 'aenergy']) expect(unmetered).not.toHaveProperty(field);
  });

  it('explains mistakes with the codes of a real device', async () => {
    const simulator = await start();
    const url = addressOf(simulator);
    const status = async (target: string, init?: RequestInit) => {
      const answer = await fetch(`${url}${target}`, init);
      return [answer.status, await answer.text()];
    };
    expect(await status('/rpc/Switch.Fly?id=0')).toEqual([404, '{"code":404,"message":"No handler for Switch.Fly"}']);
    expect((await status('/rpc/Switch.GetStatus?id=9'))[1]).toContain('-105');
    expect((await status('/rpc/Switch.GetStatus'))[1]).toContain('-103');
    expect((await status('/rpc/Switch.Set?id=0&on=maybe'))[0]).toBe(500);
    expect((await status('/rpc', { method: 'POST', body: '{"id":1' }))[0]).toBe(400);
    expect((await status('/rpc', { method: 'POST', body: 'x'.repeat(20_000) }))[0]).toBe(413);
    expect((await status('/nowhere'))[0]).toBe(404);
    const frame = { id: 1, method: 'Switch.Set', params: { id: 0, on: 'yes' } };
    const enveloped = await fetch(`${url}/rpc`, { method: 'POST', body: JSON.stringify(frame) });
    expect(await enveloped.json()).toMatchObject({ id: 1, error: { code: -103 } });
    expect(simulator.history('Washer 1')).toEqual([]);
  });

  it('asks for the password by digest and admits each answer once', async () => {
    const simulator = await start();
    const url = addressOf(simulator, 'Safe');
    const { id } = simulator.device('Safe');
    expect((await fetch(`${url}/rpc/Shelly.GetDeviceInfo`)).status).toBe(200);
    const answer = async (password: string) => {
      const refused = await fetch(`${url}/rpc/Switch.GetStatus?id=0`);
      expect(refused.status).toBe(401);
      const nonce = /nonce="([^"]+)"/.exec(refused.headers.get('www-authenticate') ?? '')?.[1] ?? '';
      const uri = '/rpc/Switch.GetStatus?id=0';
      const ha1 = sha256(`admin:${id}:${password}`);
      const response = sha256(`${ha1}:${nonce}:00000001:abc:auth:${sha256(`GET:${uri}`)}`);
      return `Digest username="admin", realm="${id}", nonce="${nonce}", uri="${uri}", cnonce="abc", nc=00000001, qop=auth, response="${response}", algorithm=SHA-256`;
    };
    const ask = async (authorization: string) =>
      (await fetch(`${url}/rpc/Switch.GetStatus?id=0`, { headers: { authorization } })).status;
    const right = await answer('secret');
    expect(await ask(right)).toBe(200);
    expect(await ask(right)).toBe(401);
    expect(await ask(await answer('wrong'))).toBe(401);
  });

  it('flips back at the moment its timer runs out, however late somebody looks', async () => {
    const clock = testClock();
    const simulator = await start({ clock });
    await rpc(simulator, 'Switch.Set', { id: 0, on: true, toggle_after: 3600 });
    clock.jump(3_599_000);
    expect(simulator.device('Washer 1').channels[0]?.output).toBe(true);
    clock.jump(5_000_000);
    expect(simulator.device('Washer 1').channels[0]).toMatchObject({ output: false, source: 'timer', watts: 0 });
    expect(simulator.history('Washer 1').map((entry) => [entry.kind, entry.on, entry.at])).toEqual([
      ['set', true, 1_800_000_000_000],
      ['flip', true, 1_800_000_000_000],
      ['flip', false, 1_800_003_600_000],
    ]);
    const status = await rpc(simulator, 'Switch.GetStatus', { id: 0 });
    expect(status).toMatchObject({ aenergy: { total: 2000 } });
  });

  it('switches itself off after its own auto-off delay', async () => {
    const clock = testClock();
    const simulator = await start({ clock });
    const config = { auto_off: true, auto_off_delay: 30, initial_state: 'off' };
    expect(await rpc(simulator, 'Switch.SetConfig', { id: 0, config })).toEqual({ restart_required: false });
    await rpc(simulator, 'Switch.Set', { id: 0, on: true });
    clock.jump(30_000);
    expect(await rpc(simulator, 'Switch.GetStatus', { id: 0 })).toMatchObject({ output: false, source: 'timer' });
    expect(await rpc(simulator, 'Switch.GetConfig', { id: 0 })).toMatchObject(config);
  });

  it('loses its timers and goes off at a power cut', async () => {
    const simulator = await start();
    await rpc(simulator, 'Switch.Set', { id: 0, on: true, toggle_after: 60 });
    simulator.powerCycle('Washer 1');
    expect(simulator.device('Washer 1').channels[0]).toMatchObject({
      output: false,
      timerStartedAt: null,
      source: 'init',
    });
  });

  it('follows the button on its housing', async () => {
    const simulator = await start();
    simulator.setOutput('Washer 1', 0, true);
    expect(await rpc(simulator, 'Switch.GetStatus', { id: 0 })).toMatchObject({ output: true, source: 'button' });
    expect(simulator.history('Washer 1').map(({ kind, source }) => [kind, source])).toEqual([['flip', 'button']]);
  });
});

describe('a simulated Shelly relay that is stopped without warning', () => {
  it('comes back on its port with its output, its timer, its fault and its past', async () => {
    const stateDir = fs.mkdtempSync(path.join(os.tmpdir(), 'shelly-'));
    const clock = testClock();
    const first = await start({ stateDir, clock });
    await rpc(first, 'Switch.Set', { id: 0, on: true, toggle_after: 100 });
    first.setFault('Washer 1', 'slow');
    const { address } = first.device('Washer 1');
    const history = first.history('Washer 1');
    const { url } = first;
    fs.appendFileSync(path.join(stateDir, 'shelly.journal'), '[["devices","Washer 1",{"na'); // a line cut off
    await first.close();
    clock.jump(10_000);
    const second = await start({ stateDir, clock });
    expect(second.url).toBe(url);
    expect(second.device('Washer 1')).toMatchObject({ address, fault: 'slow' });
    expect(second.device('Washer 1').channels[0]).toMatchObject({ output: true, timerDuration: 100 });
    expect(second.history('Washer 1')).toEqual(history);
    clock.jump(90_000);
    expect(second.device('Washer 1').channels[0]?.output).toBe(false);
  });
});

describe('a simulated fault of a Shelly relay', () => {
  it('offline: hangs up on everybody and keeps its timers running', async () => {
    const clock = testClock();
    const simulator = await start({ clock });
    await rpc(simulator, 'Switch.Set', { id: 0, on: true, toggle_after: 60 });
    simulator.setFault('Washer 1', 'offline');
    await expect(rpc(simulator, 'Switch.GetStatus', { id: 0 })).rejects.toThrow();
    clock.jump(60_000);
    simulator.setFault('Washer 1', 'none');
    expect(await rpc(simulator, 'Switch.GetStatus', { id: 0 })).toMatchObject({ output: false });
  });

  it('answer-lost: does it and hangs up, while reading still works', async () => {
    const simulator = await start();
    simulator.setFault('Washer 1', 'answer-lost');
    await expect(rpc(simulator, 'Switch.Set', { id: 0, on: true })).rejects.toThrow();
    expect(await rpc(simulator, 'Switch.GetStatus', { id: 0 })).toMatchObject({ output: true });
  });

  it('slow: answers late', async () => {
    const simulator = await start();
    simulator.setFault('Washer 1', 'slow');
    const began = performance.now();
    await rpc(simulator, 'Switch.Set', { id: 0, on: true });
    expect(performance.now() - began).toBeGreaterThan(140);
  });

  it('refuses: says no to commands and moves nothing', async () => {
    const simulator = await start();
    simulator.setFault('Washer 1', 'refuses');
    expect(await rpc(simulator, 'Switch.Set', { id: 0, on: true })).toMatchObject({ code: -109 });
    expect(await rpc(simulator, 'Switch.GetStatus', { id: 0 })).toMatchObject({ output: false });
    expect(simulator.history('Washer 1')).toEqual([]);
  });

  it('dead-relay: says yes and stays off', async () => {
    const simulator = await start();
    simulator.setFault('Washer 1', 'dead-relay');
    expect(await rpc(simulator, 'Switch.Set', { id: 0, on: true, toggle_after: 60 })).toEqual({ was_on: false });
    expect(await rpc(simulator, 'Switch.GetStatus', { id: 0 })).toMatchObject({ output: false, apower: 0 });
    expect(simulator.history('Washer 1').map(({ kind }) => kind)).toEqual(['set']);
  });
});
