import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type ShellySimulator, type ShellySimulatorOptions, startShellySimulator } from './start.ts';

const open: ShellySimulator[] = [];
async function start(options: Partial<ShellySimulatorOptions> = {}): Promise<ShellySimulator> {
  const simulator = await startShellySimulator({
    stateDir: null,
    devices: [
      { name: 'Old', generation: 1, channels: 2, load: { watts: 2000 } },
      { name: 'Safe', generation: 1, password: 'secret' },
      { name: 'New', load: { watts: 100 } },
    ],
    cloud: { limited: false },
    ...options,
  });
  open.push(simulator);
  return simulator;
}
afterEach(async () => {
  for (const simulator of open.splice(0)) await simulator.close();
});

const testClock = (begin = 1_800_000_000_000) => {
  let now = begin;
  return { now: () => now, jump: (ms: number) => (now += ms) };
};
const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });

describe('a simulated Shelly of generation 1', () => {
  const get = async (simulator: ShellySimulator, target: string, name = 'Old', headers = {}) => {
    const answer = await fetch(`http://${simulator.device(name).address}${target}`, { headers });
    const text = await answer.text();
    return { status: answer.status, body: text.startsWith('{') ? JSON.parse(text) : text };
  };

  it('says who it is, is switched with a timer, and flips back by itself', async () => {
    const clock = testClock();
    const simulator = await start({ clock });
    const { id } = simulator.device('Old');
    const identity = (await get(simulator, '/shelly')).body;
    expect(identity).toMatchObject({ type: 'SHSW-25', mac: id.toUpperCase(), auth: false });
    expect(identity).not.toHaveProperty('gen');
    const on = await get(simulator, '/relay/1?turn=on&timer=60');
    expect(on.body).toMatchObject({ ison: true, has_timer: true, timer_duration: 60, timer_remaining: 60 });
    clock.jump(20_000);
    const status = (await get(simulator, '/status')).body;
    expect(status.relays.map(({ ison }: { ison: boolean }) => ison)).toEqual([false, true]);
    expect(status.relays[1].timer_remaining).toBe(40);
    expect(status.meters[1].power).toBe(2000);
    expect(status.mac).toBe(id.toUpperCase());
    clock.jump(41_000);
    expect((await get(simulator, '/relay/1')).body).toMatchObject({ ison: false, has_timer: false });
    expect((await get(simulator, '/relay/7')).status).toBe(404);
    expect((await get(simulator, '/rpc/Shelly.GetDeviceInfo')).status).toBe(404);
    expect((await get(simulator, '/relay/0?turn=maybe')).status).toBe(400);
    expect(simulator.heard('Old').paths[0]).toBe('/shelly');
  });

  it('asks for its password everywhere but at /shelly', async () => {
    const simulator = await start();
    expect((await get(simulator, '/shelly', 'Safe')).body.auth).toBe(true);
    expect((await get(simulator, '/relay/0?turn=on', 'Safe')).status).toBe(401);
    expect((await get(simulator, '/relay/0?turn=on', 'Safe', basic('admin:wrong'))).status).toBe(401);
    expect(simulator.device('Safe').channels[0]?.output).toBe(false);
    expect((await get(simulator, '/relay/0?turn=on', 'Safe', basic('admin:secret'))).body.ison).toBe(true);
  });

  it('shows a roller shutter instead of relays when it moves one', async () => {
    const simulator = await start({ devices: [{ name: 'Old', generation: 1, channels: 2, mode: 'roller' }] });
    expect((await get(simulator, '/settings')).body.mode).toBe('roller');
    expect((await get(simulator, '/status')).body).not.toHaveProperty('relays');
    expect((await get(simulator, '/relay/0?turn=on')).status).toBe(404);
  });

  it('has a fault for so many requests, then none', async () => {
    const simulator = await start();
    simulator.setTrouble('Old', { kind: 'busy-with-retry-after', where: 'switching', times: 2 });
    const statuses: number[] = [];
    for (const target of ['/relay/0?turn=on', '/status', '/relay/0?turn=on', '/relay/0?turn=on']) {
      statuses.push((await get(simulator, target)).status);
    }
    expect(statuses).toEqual([429, 200, 429, 200]);
  });
});

describe('the simulated Shelly Cloud', () => {
  const ask = async (simulator: ShellySimulator, target: string, body: unknown, key = simulator.cloud.authKey()) => {
    const answer = await fetch(`${simulator.cloud.url}/v2/devices/api${target}?auth_key=${key}`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    return { status: answer.status, body: text === '' ? null : JSON.parse(text), date: answer.headers.get('date') };
  };
  const status = async (simulator: ShellySimulator, name: string) =>
    (await ask(simulator, '/get', { ids: [simulator.cloud.idOf(name)], select: ['status'] })).body[0];

  it('shows and switches the same relays as their own addresses', async () => {
    const clock = testClock();
    const simulator = await start({ clock });
    clock.jump(5000);
    const id = simulator.cloud.idOf('New');
    const done = await ask(simulator, '/set/switch', { id, channel: 0, on: true, toggle_after: 60 });
    expect([done.status, done.body]).toEqual([200, null]);
    expect(done.date).toBe(new Date(clock.now()).toUTCString());
    expect(simulator.device('New').channels[0]).toMatchObject({ output: true, timerDuration: 60, source: 'SHC' });
    const seen = await status(simulator, 'New');
    expect(seen).toMatchObject({ id, gen: 'G2', online: 1, status: { 'switch:0': { output: true, apower: 100 } } });
    expect(seen.status._updated).toBe(new Date(clock.now()).toISOString().slice(0, 19).replace('T', ' '));
    clock.jump(61_000);
    expect((await status(simulator, 'New')).status['switch:0'].output).toBe(false);
    const old = simulator.cloud.idOf('Old');
    await ask(simulator, '/set/groups', { switch: { ids: [`${old}_0`, `${old}_9`], command: { on: true } } });
    expect((await status(simulator, 'Old')).status.relays[0]).toMatchObject({ ison: true });
  });

  it('keeps its old picture while devices report late or not at all', async () => {
    const clock = testClock();
    const simulator = await start({ clock });
    const output = async () => (await status(simulator, 'New')).status['switch:0'].output;
    simulator.cloud.setLag(3000);
    clock.jump(1000);
    simulator.setOutput('New', 0, true);
    expect(await output()).toBe(false);
    clock.jump(3000);
    expect(await output()).toBe(true);
    simulator.cloud.setLag('frozen');
    simulator.setOutput('New', 0, false);
    clock.jump(60_000);
    expect(await output()).toBe(true);
  });

  it('explains mistakes, and knows who is offline', async () => {
    const simulator = await start();
    const id = simulator.cloud.idOf('New');
    const set = (body: object) => ask(simulator, '/set/switch', { id, channel: 0, on: true, ...body });
    simulator.setFault('New', 'offline');
    expect((await set({})).body.error).toBe('DEVICE_OFFLINE');
    expect((await status(simulator, 'New')).online).toBe(0);
    simulator.setFault('New', 'none');
    expect((await set({ on: 'yes' })).body.error).toBe('BAD_REQUEST');
    expect((await set({ id: 'nobody' })).status).toBe(404);
    expect((await ask(simulator, '/get', { ids: Array(11).fill(id) })).status).toBe(400);
    expect((await ask(simulator, '/get', { ids: ['nobody'] })).body).toEqual([]);
    expect((await ask(simulator, '/get', { ids: [id] }, 'wrong')).status).toBe(401);
    simulator.cloud.renewKey('renewed');
    expect((await ask(simulator, '/get', { ids: [id] })).status).toBe(200);
    expect(simulator.device('New').channels[0]?.output).toBe(false);
  });

  it('takes one request a second, counted whatever they are', async () => {
    const simulator = await start({ cloud: {} });
    const ids = [simulator.cloud.idOf('New')];
    const both = await Promise.all([ask(simulator, '/get', { ids }), ask(simulator, '/get', { ids })]);
    expect(new Set(both.map((one) => one.status))).toEqual(new Set([200, 429]));
    const all = await fetch(`${simulator.cloud.url}/device/all_status`, {
      method: 'POST',
      body: new URLSearchParams({ auth_key: simulator.cloud.authKey() }),
    });
    expect([all.status, await all.json()]).toEqual([429, { isok: false, errors: { max_req: 'Request limit!' } }]);
    expect(simulator.cloud.requests().map((one) => one.status)).toEqual([200, 429, 429]);
    expect(simulator.cloud.shortestSpacing()).toBeLessThan(1000);
  });

  it('lists the whole account by its older address, and is found again after a restart', async () => {
    const stateDir = fs.mkdtempSync(path.join(os.tmpdir(), 'gen1-cloud-'));
    const first = await start({ stateDir });
    const list = async (simulator: ShellySimulator) => {
      const answer = await fetch(`${simulator.cloud.url}/device/all_status?auth_key=${simulator.cloud.authKey()}`);
      const { data } = (await answer.json()) as { data: { devices_status: Record<string, unknown> } };
      return Object.keys(data.devices_status).toSorted();
    };
    const ids = ['Old', 'Safe', 'New'].map((name) => first.cloud.idOf(name)).toSorted();
    expect(await list(first)).toEqual(ids);
    const { url } = first.cloud;
    const key = first.cloud.authKey();
    await open.splice(0)[0]?.close();
    const second = await start({ stateDir });
    expect([second.cloud.url, second.cloud.authKey()]).toEqual([url, key]);
    expect(await list(second)).toEqual(ids);
    await open.splice(0)[0]?.close();
    fs.rmSync(stateDir, { recursive: true });
  });
});
