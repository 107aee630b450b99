import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import {
  type ShellySimulator,
  type ShellySpec,
  startShellySimulator,
  type TroubleKind,
} from '../../../simulators/shelly/start.ts';
import { type Clock, systemClock } from '../../host/clock.ts';
import { createVendorHttp } from '../../host/vendor-http.ts';
import type { Driver } from '../port.ts';
import { openDriver } from '../registry.ts';

let simulator: ShellySimulator | null = null;
afterEach(async () => {
  await simulator?.close();
  simulator = null;
});

async function start(...devices: ShellySpec[]): Promise<ShellySimulator> {
  simulator = await startShellySimulator({ stateDir: null, devices, slowMs: 4000 });
  return simulator;
}

function open(devices: { address: string; password?: string | null }[], clock: Clock = systemClock): Promise<Driver> {
  const config = { devices: devices.map(({ address, password }) => ({ address, ...(password ? { password } : {}) })) };
  return openDriver('shelly-lan', config, { http: createVendorHttp({ clock }), clock, random: randomBytes });
}

const soon = (milliseconds = 5000): AbortSignal => systemClock.deadline(milliseconds);
const on = { kind: 'switch-on', autoOffSeconds: 60 } as const;
const off = { kind: 'switch-off' } as const;

async function oneWasher(spec: Partial<ShellySpec> = {}) {
  const shelly = await start({ name: 'washer', generation: 1, load: { watts: 400 }, ...spec });
  const driver = await open([shelly.device('washer')]);
  const ref = { hardwareId: shelly.device('washer').id, channel: 0 };
  const relay = (channel = 0) => shelly.device('washer').channels[channel];
  const sets = () => shelly.history('washer').filter(({ kind }) => kind === 'set').length;
  return { shelly, driver, ref, relay, sets };
}

describe('a Shelly of generation 1', () => {
  test('goes on by its own timer and off, both confirmed by its status', async () => {
    const { driver, ref, relay } = await oneWasher();
    const before = systemClock.now();
    const outcome = await driver.perform(ref, on, soon());
    expect(outcome).toMatchObject({ kind: 'confirmed', observation: { on: true, powerWatts: 400, source: 'http' } });
    expect(relay()).toMatchObject({ output: true, timerDuration: 60 });
    if (outcome.kind !== 'confirmed' || outcome.observation.kind !== 'relay') throw new Error('not confirmed');
    expect(outcome.observation.autoOffAt).toBeGreaterThan(before + 57_000);
    expect(outcome.observation.autoOffAt).toBeLessThanOrEqual(systemClock.now() + 60_000);
    const second = await driver.perform(ref, off, soon());
    expect(second).toMatchObject({ kind: 'confirmed', observation: { on: false, autoOffAt: null, powerWatts: 0 } });
  });

  test('is known by its MAC address, with the name and the outputs of its settings', async () => {
    const shelly = await start({ name: 'Pair', generation: 1, channels: 2 }, { name: 'New' });
    const list = await (await open([shelly.device('Pair'), shelly.device('New')])).list(soon());
    const ids = [shelly.device('Pair').id, shelly.device('Pair').id, shelly.device('New').id];
    expect(list.map(({ ref, name, model }) => [ref.hardwareId, ref.channel, name, model])).toEqual(
      expect.arrayContaining([
        [ids[0], 0, 'Pair', 'SHSW-25'],
        [ids[1], 1, 'Pair', 'SHSW-25'],
        [ids[2], 0, 'New', 'PlusPlugS'],
      ]),
    );
    expect(list).toHaveLength(3);
    expect(ids[0]).toMatch(/^[0-9a-f]{12}$/);
  });

  test('has each output for itself', async () => {
    const { shelly, driver, ref } = await oneWasher({ channels: 2 });
    expect((await driver.perform({ ...ref, channel: 1 }, on, soon())).kind).toBe('confirmed');
    expect(shelly.device('washer').channels.map(({ output }) => output)).toEqual([false, true]);
    expect(await driver.observe(ref, soon())).toMatchObject({ kind: 'relay', on: false });
    expect(await driver.perform({ ...ref, channel: 2 }, on, soon())).toMatchObject({ reason: 'not-found' });
  });

  test('that moves a roller shutter is no relay: never listed, never switched', async () => {
    const { driver, ref, sets } = await oneWasher({ channels: 2, mode: 'roller' });
    expect(await driver.list(soon())).toEqual([]);
    for (const command of [on, off]) {
      expect(await driver.perform(ref, command, soon())).toMatchObject({ kind: 'refused', reason: 'unsupported' });
    }
    expect(await driver.observe(ref, soon())).toMatchObject({ kind: 'unreachable' });
    expect(sets()).toBe(0);
  });

  test('switched by hand is seen as it is', async () => {
    const { shelly, driver, ref } = await oneWasher();
    shelly.setOutput('washer', 0, true);
    expect(await driver.observe(ref, soon())).toMatchObject({ on: true, autoOffAt: null, source: 'button' });
  });

  test('offline and back: refused as unreachable, then as ever', async () => {
    const { shelly, driver, ref, sets } = await oneWasher();
    shelly.setFault('washer', 'offline');
    expect(await driver.perform(ref, on, soon())).toMatchObject({ kind: 'refused', reason: 'unreachable' });
    expect(await driver.observe(ref, soon())).toMatchObject({ kind: 'unreachable' });
    shelly.setFault('washer', 'none');
    expect(sets()).toBe(0);
    expect((await driver.perform(ref, on, soon())).kind).toBe('confirmed');
  });

  test('whose contact is dead took the command and stays off: refused', async () => {
    const { shelly, driver, ref } = await oneWasher();
    shelly.setFault('washer', 'dead-relay');
    expect(await driver.perform(ref, on, soon())).toMatchObject({ kind: 'refused', reason: 'vendor' });
  });

  test('that answers yes and shows nothing of it, switched last by somebody else: unknown', async () => {
    const { shelly, driver, ref } = await oneWasher();
    shelly.setFault('washer', 'refuses');
    expect(await driver.perform(ref, on, soon())).toMatchObject({ kind: 'unknown' });
  });

  test('loses its timer to a button: on without one is never confirmed', async () => {
    const { shelly, driver, ref } = await oneWasher();
    await driver.perform(ref, on, soon());
    shelly.setOutput('washer', 0, true); // replaces the timer
    shelly.setTrouble('washer', { kind: 'lying-ok', where: 'switching' });
    expect(await driver.perform(ref, on, soon())).toMatchObject({ kind: 'unknown' });
  });

  test.each<[TroubleKind, string, number]>([
    ['timeout-after', 'confirmed', 1],
    ['done-twice', 'confirmed', 2],
    ['malformed', 'confirmed', 1],
    ['wrong-types', 'confirmed', 1],
    ['slow-drip', 'confirmed', 1],
    ['cut-off', 'confirmed', 1],
    ['timeout-before', 'unknown', 0],
    ['broken', 'unknown', 0],
    ['error-body', 'refused vendor', 0],
    ['lying-ok', 'unknown', 0],
    ['busy', 'refused busy', 0],
    ['busy-with-retry-after', 'refused busy', 0],
    ['credentials-expired', 'refused credentials', 0],
  ])('under %s on its switch is told as %s', async (fault, told, done) => {
    const { shelly, driver, ref, sets } = await oneWasher();
    shelly.setTrouble('washer', { kind: fault, where: 'switching' });
    const outcome = await driver.perform(ref, on, soon());
    expect(outcome.kind === 'refused' ? `refused ${outcome.reason}` : outcome.kind).toBe(told);
    expect(sets()).toBe(done);
    if (fault === 'busy-with-retry-after') expect(outcome).toMatchObject({ retryAfterSeconds: 7 });
  });

  test.each<TroubleKind>([
    'timeout-before',
    'broken',
    'error-body',
    'malformed',
    'wrong-types',
    'slow-drip',
    'cut-off',
    'busy',
    'credentials-expired',
  ])('under %s on everything nothing is switched and nothing is known', async (fault) => {
    const { shelly, driver, ref, sets } = await oneWasher();
    shelly.setTrouble('washer', { kind: fault, where: 'everything' });
    expect((await driver.perform(ref, on, soon())).kind).toBe('refused');
    expect(await driver.observe(ref, soon())).toMatchObject({ kind: 'unreachable' });
    expect(sets()).toBe(0);
  });

  test.each<[TroubleKind, string]>([
    ['wrong-types', 'accepted'],
    ['malformed', 'accepted'],
    ['broken', 'accepted'],
  ])('whose read-back comes under %s is %s, not confirmed', async (fault, told) => {
    const { shelly, driver, ref } = await oneWasher();
    await driver.perform(ref, off, soon());
    shelly.setTrouble('washer', { kind: fault, where: 'looking' });
    expect((await driver.perform(ref, on, soon())).kind).toBe(told);
  });
});

describe('the password of a Shelly of generation 1', () => {
  test.each(['sesame äöü', 'owner:sesame', 'admin:with:colons'])('%s lets commands pass', async (password) => {
    const { driver, ref } = await oneWasher({ password });
    expect((await driver.perform(ref, on, soon())).kind).toBe('confirmed');
  });

  test('with a colon in it is the password of admin', async () => {
    const shelly = await start({ name: 'washer', generation: 1, password: 'admin:a:b' });
    const { address, id } = shelly.device('washer');
    const driver = await open([{ address, password: 'a:b' }]);
    const ref = { hardwareId: id, channel: 0 };
    expect((await driver.perform(ref, on, soon())).kind).toBe('confirmed');
    expect((await driver.observe(ref, soon())).kind).toBe('relay');
    expect(shelly.history('washer').filter(({ kind }) => kind === 'set')).toHaveLength(1);
  });

  test.each(['wrong', 'wr:ong', null])('%s: refused for its credentials, and nothing was done', async (password) => {
    const shelly = await start({ name: 'washer', generation: 1, password: 'sesame' });
    const { address, id } = shelly.device('washer');
    const driver = await open([{ address, password }]);
    const ref = { hardwareId: id, channel: 0 };
    expect(await driver.perform(ref, on, soon())).toMatchObject({ kind: 'refused', reason: 'credentials' });
    expect(await driver.observe(ref, soon())).toMatchObject({ kind: 'unreachable' });
    await expect(driver.list(soon())).rejects.toMatchObject({ name: 'VendorFault', reason: 'credentials' });
    expect(shelly.history('washer')).toEqual([]);
  });
});

describe('an address finds out by itself who lives there', () => {
  test('the devices of both generations are found among the same addresses', async () => {
    const shelly = await start({ name: 'old', generation: 1 }, { name: 'new' });
    const driver = await open([shelly.device('new'), shelly.device('old'), { address: '127.0.0.1:1' }]);
    for (const name of ['old', 'new']) {
      const ref = { hardwareId: shelly.device(name).id, channel: 0 };
      expect((await driver.perform(ref, on, soon())).kind).toBe('confirmed');
      expect(await driver.observe(ref, soon())).toMatchObject({ kind: 'relay', on: true });
    }
  });

  test('a device of the other generation takes the address: found, and the old one is not touched', async () => {
    const first = await startShellySimulator({ stateDir: null, devices: [{ name: 'old', generation: 1 }] });
    const { address, id } = first.device('old');
    const clock = { ...systemClock, ahead: 0, now: () => systemClock.now() + clock.ahead };
    const driver = await open([{ address }], clock);
    expect((await driver.perform({ hardwareId: id, channel: 0 }, off, soon())).kind).toBe('confirmed');
    await first.close();

    const shelly = await start({ name: 'new', port: Number(address.split(':')[1]) });
    clock.ahead = 60_000;
    const ref = { hardwareId: shelly.device('new').id, channel: 0 };
    expect((await driver.perform(ref, on, soon())).kind).toBe('confirmed');
    expect(await driver.perform({ hardwareId: id, channel: 0 }, on, soon())).toMatchObject({ kind: 'refused' });
    expect(shelly.history('new').filter(({ kind }) => kind === 'set')).toHaveLength(1);
  });

  test('an older device in the place of a newer one is not told the password in the open', async () => {
    const first = await startShellySimulator({ stateDir: null, devices: [{ name: 'new', password: 'sesame' }] });
    const { address, id } = first.device('new');
    const clock = { ...systemClock, ahead: 0, now: () => systemClock.now() + clock.ahead };
    const driver = await open([{ address, password: 'sesame' }], clock);
    expect((await driver.perform({ hardwareId: id, channel: 0 }, off, soon())).kind).toBe('confirmed');
    await first.close();
    const port = Number(address.split(':')[1]);
    const shelly = await start({ name: 'old', generation: 1, password: 'sesame', port });
    clock.ahead = 60_000;
    const ref = { hardwareId: shelly.device('old').id, channel: 0 };
    expect(await driver.perform(ref, on, soon())).toMatchObject({ kind: 'refused', reason: 'credentials' });
    expect(shelly.heard('old').paths.filter((path) => path !== '/shelly' && path !== '/rpc')).toEqual([]);
    const anew = await open([{ address, password: 'sesame' }], clock);
    expect((await anew.perform(ref, on, soon())).kind).toBe('confirmed');
  });

  test('another device of its kind that answers in the very moment is no proof, and is told of', async () => {
    const first = await startShellySimulator({ stateDir: null, devices: [{ name: 'mine', generation: 1 }] });
    const { address, id } = first.device('mine');
    const driver = await open([{ address }]);
    await driver.perform({ hardwareId: id, channel: 0 }, off, soon());
    await first.close();
    const shelly = await start({ name: 'other', generation: 1, port: Number(address.split(':')[1]) });
    const outcome = await driver.perform({ hardwareId: id, channel: 0 }, on, soon()); // still fresh: not asked again
    expect(outcome).toMatchObject({ kind: 'unknown' });
    expect(outcome.kind === 'unknown' ? outcome.detail : '').toContain(shelly.device('other').id);
  });
});
