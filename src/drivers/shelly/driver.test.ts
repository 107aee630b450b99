import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { type ShellySimulator, type ShellySpec, startShellySimulator } from '../../../simulators/shelly/start.ts';
import { type Clock, systemClock } from '../../host/clock.ts';
import { createVendorHttp } from '../../host/vendor-http.ts';
import { type Driver, type HardwareRef, VendorFault } from '../port.ts';
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

/** A clock ahead of the real one by what is set: makes what the driver remembers old. */
function shiftedClock(): Clock & { ahead: number } {
  const clock = { ...systemClock, ahead: 0, now: () => systemClock.now() + clock.ahead };
  return clock;
}

const soon = (milliseconds = 5000): AbortSignal => systemClock.deadline(milliseconds);
const on = { kind: 'switch-on', autoOffSeconds: 60 } as const;
const off = { kind: 'switch-off' } as const;

async function oneWasher(spec: Partial<ShellySpec> = {}) {
  const shelly = await start({ name: 'washer', load: { watts: 400 }, ...spec });
  const driver = await open([shelly.device('washer')]);
  const ref: HardwareRef = { hardwareId: shelly.device('washer').id, channel: 0 };
  return { shelly, driver, ref, relay: () => shelly.device('washer').channels[0] };
}

describe('switching a Shelly relay', () => {
  test('on: confirmed by the read-back, with its own timer and its power', async () => {
    const { driver, ref, relay } = await oneWasher();
    const before = systemClock.now();
    const outcome = await driver.perform(ref, on, soon());
    expect(outcome).toMatchObject({ kind: 'confirmed', observation: { kind: 'relay', on: true, powerWatts: 400 } });
    expect(relay()).toMatchObject({ output: true, timerDuration: 60 });
    if (outcome.kind !== 'confirmed' || outcome.observation.kind !== 'relay') throw new Error('not confirmed');
    expect(outcome.observation.autoOffAt).toBeGreaterThan(before + 58_000);
    expect(outcome.observation.autoOffAt).toBeLessThanOrEqual(systemClock.now() + 60_000);
  });

  test('on again: the timer begins anew', async () => {
    const { driver, ref, relay } = await oneWasher();
    await driver.perform(ref, on, soon());
    const outcome = await driver.perform(ref, { kind: 'switch-on', autoOffSeconds: 600 }, soon());
    expect(outcome.kind).toBe('confirmed');
    expect(relay()?.timerDuration).toBe(600);
  });

  test('off: confirmed, and nothing is left running', async () => {
    const { driver, ref, relay } = await oneWasher();
    await driver.perform(ref, on, soon());
    const outcome = await driver.perform(ref, off, soon());
    expect(outcome).toMatchObject({ kind: 'confirmed', observation: { on: false, autoOffAt: null, powerWatts: 0 } });
    expect(relay()).toMatchObject({ output: false, timerDuration: null });
  });

  test('the second channel of a device leaves the first alone', async () => {
    const { shelly, driver, ref } = await oneWasher({ channels: 2 });
    expect((await driver.perform({ ...ref, channel: 1 }, on, soon())).kind).toBe('confirmed');
    expect(shelly.device('washer').channels.map((channel) => channel.output)).toEqual([false, true]);
  });

  test('a channel that it has not is refused', async () => {
    const { driver, ref } = await oneWasher();
    const outcome = await driver.perform({ ...ref, channel: 7 }, on, soon());
    expect(outcome).toMatchObject({ kind: 'refused', reason: 'not-found' });
  });

  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])(
    'an auto-off of %s seconds cannot be asked for',
    async (seconds) => {
      const { shelly, driver, ref } = await oneWasher();
      await expect(driver.perform(ref, { kind: 'switch-on', autoOffSeconds: seconds }, soon())).rejects.toThrow(
        RangeError,
      );
      expect(shelly.history('washer')).toEqual([]);
    },
  );
});

describe('when a Shelly relay does not do as told', () => {
  test('answer lost after it went on: the read-back confirms it', async () => {
    const { shelly, driver, ref } = await oneWasher();
    shelly.setFault('washer', 'answer-lost');
    expect(await driver.perform(ref, on, soon())).toMatchObject({ kind: 'confirmed', observation: { on: true } });
    expect(await driver.perform(ref, off, soon())).toMatchObject({ kind: 'confirmed', observation: { on: false } });
  });

  test('it says no: refused, in its words', async () => {
    const { shelly, driver, ref, relay } = await oneWasher();
    shelly.setFault('washer', 'refuses');
    const outcome = await driver.perform(ref, on, soon());
    expect(outcome).toMatchObject({ kind: 'refused', reason: 'vendor' });
    expect(outcome.kind === 'refused' ? outcome.detail : '').toContain('Overpower');
    expect(relay()?.output).toBe(false);
  });

  test('it says yes and stays off: refused, because seen counts, not said', async () => {
    const { shelly, driver, ref } = await oneWasher();
    shelly.setFault('washer', 'dead-relay');
    expect(await driver.perform(ref, on, soon())).toEqual({
      kind: 'refused',
      reason: 'vendor',
      detail: 'the relay did not go on',
    });
  });

  test('it does not answer at all: refused as unreachable, since nothing was sent before it said who it is', async () => {
    const { shelly, driver, ref, relay } = await oneWasher();
    shelly.setFault('washer', 'offline');
    expect(await driver.perform(ref, on, soon())).toMatchObject({ kind: 'refused', reason: 'unreachable' });
    shelly.setFault('washer', 'none');
    expect(relay()?.output).toBe(false);
    expect(await driver.perform(ref, on, soon())).toMatchObject({ kind: 'confirmed' });
  });

  test('it went away a moment after it had answered: never confirmed, and whatever is said is true', async () => {
    const { shelly, driver, ref, relay } = await oneWasher();
    await driver.observe(ref, soon());
    shelly.setFault('washer', 'offline');
    expect(['unknown', 'refused']).toContain((await driver.perform(ref, on, soon())).kind);
    shelly.setFault('washer', 'none');
    expect(relay()?.output).toBe(false);
  });

  test('it is slow: the deadline is kept, and what was sent without an answer is unknown', async () => {
    const { shelly, driver, ref, relay } = await oneWasher();
    await driver.observe(ref, soon());
    shelly.setFault('washer', 'slow');
    const started = performance.now();
    const outcome = await driver.perform(ref, on, soon(700));
    expect(performance.now() - started).toBeLessThan(1500);
    expect(outcome.kind).toBe('unknown');
    expect(relay()?.output).toBe(true); // it did it all the same: unknown was the truth
  });

  test('it is slow to say who it is: surely nothing was done', async () => {
    const { shelly, driver, ref, relay } = await oneWasher();
    shelly.setFault('washer', 'slow');
    expect(await driver.perform(ref, on, soon(400))).toMatchObject({ kind: 'refused', reason: 'unreachable' });
    expect(relay()?.output).toBe(false);
  });

  test('a signal that has fired already: nothing is done', async () => {
    const { shelly, driver, ref } = await oneWasher();
    await driver.observe(ref, soon());
    expect(await driver.perform(ref, on, AbortSignal.abort())).toMatchObject({
      kind: 'refused',
      reason: 'unreachable',
    });
    expect(shelly.history('washer')).toEqual([]);
  });
});

describe('the password of a Shelly', () => {
  test('right: commands pass, also many at once', async () => {
    const { driver, ref } = await oneWasher({ password: 'sesame äöü' });
    expect((await driver.perform(ref, on, soon())).kind).toBe('confirmed');
    const many = await Promise.all(Array.from({ length: 20 }, () => driver.observe(ref, soon())));
    expect(many.every((seen) => seen.kind === 'relay' && seen.on)).toBe(true);
  });

  test.each(['wrong', null])('%s: refused for its credentials, and nothing was done', async (password) => {
    const shelly = await start({ name: 'washer', password: 'sesame' });
    const { address, id } = shelly.device('washer');
    const driver = await open([{ address, password }]);
    const ref = { hardwareId: id, channel: 0 };
    expect(await driver.perform(ref, on, soon())).toMatchObject({ kind: 'refused', reason: 'credentials' });
    expect(shelly.device('washer').channels[0]?.output).toBe(false);
    expect(await driver.observe(ref, soon())).toMatchObject({ kind: 'unreachable' });
    await expect(driver.list(soon())).rejects.toMatchObject({ name: 'VendorFault', reason: 'credentials' });
  });
});

describe('which device is behind an address', () => {
  test('a device that is nowhere is not found', async () => {
    const { driver } = await oneWasher();
    const ref = { hardwareId: 'shellyplus1-000000000000', channel: 0 };
    expect(await driver.perform(ref, on, soon())).toMatchObject({ kind: 'refused', reason: 'not-found' });
    expect(await driver.observe(ref, soon())).toMatchObject({ kind: 'unreachable' });
  });

  test('a device is found among several addresses, dead ones too', async () => {
    const shelly = await start({ name: 'a' }, { name: 'b' });
    const { id, address } = shelly.device('b');
    const driver = await open([{ address: '127.0.0.1:1' }, shelly.device('a'), { address }]);
    expect((await driver.perform({ hardwareId: id, channel: 0 }, on, soon())).kind).toBe('confirmed');
    expect(shelly.device('a').channels[0]?.output).toBe(false);
  });

  test('a device that may be the one that does not answer is unreachable, not unknown', async () => {
    const shelly = await start({ name: 'a' });
    const driver = await open([shelly.device('a'), { address: '127.0.0.1:1' }]);
    const ref = { hardwareId: 'shellyplus1-000000000000', channel: 0 };
    expect(await driver.perform(ref, on, soon())).toMatchObject({ kind: 'refused', reason: 'unreachable' });
  });

  test('a clock that jumps makes the driver ask again', async () => {
    const shelly = await start({ name: 'washer' });
    const clock = shiftedClock();
    const driver = await open([shelly.device('washer')], clock);
    const ref = { hardwareId: shelly.device('washer').id, channel: 0 };
    for (clock.ahead of [0, 3_600_000, -3_600_000]) {
      expect((await driver.perform(ref, on, soon())).kind).toBe('confirmed');
    }
  });
});

describe('looking at Shelly relays', () => {
  test('a relay switched by hand is seen as it is', async () => {
    const { shelly, driver, ref } = await oneWasher();
    shelly.setOutput('washer', 0, true);
    expect(await driver.observe(ref, soon())).toMatchObject({
      kind: 'relay',
      on: true,
      autoOffAt: null,
      source: 'button',
    });
  });

  test('a relay that cannot be reached is an observation, not an error', async () => {
    const { shelly, driver, ref } = await oneWasher();
    for (const fault of ['offline', 'slow'] as const) {
      shelly.setFault('washer', fault);
      expect(await driver.observe(ref, soon(500))).toMatchObject({ kind: 'unreachable' });
    }
  });

  test('the list shows every channel, and what was seen before as offline', async () => {
    const shelly = await start({ name: 'washer' }, { name: 'strip', channels: 4 });
    const driver = await open([shelly.device('washer'), shelly.device('strip'), { address: '127.0.0.1:1' }]);
    const list = await driver.list(soon());
    expect(list.map(({ name, ref, channelCount, online }) => [name, ref.channel, channelCount, online])).toEqual(
      expect.arrayContaining([
        ['washer', 0, 1, true],
        ['strip', 0, 4, true],
        ['strip', 3, 4, true],
      ]),
    );
    expect(list).toHaveLength(5);
    expect(list.find((one) => one.name === 'washer')).toMatchObject({
      kind: 'relay',
      model: 'PlusPlugS',
      firmware: '1.4.4',
    });

    shelly.setFault('washer', 'offline');
    const later = await driver.list(soon());
    expect(later.find((one) => one.name === 'washer')?.online).toBe(false);
    expect(later.filter((one) => one.online)).toHaveLength(4);
  });

  test('a relay listed by its address and by its name is one, at both', async () => {
    const shelly = await start({ name: 'washer' });
    const { address } = shelly.device('washer');
    const byName = address.replace('127.0.0.1', 'localhost');
    const [washer, ...others] = await (await open([{ address }, { address: byName }])).list(soon());
    expect(others).toEqual([]);
    expect(washer?.addresses?.toSorted()).toEqual([address, byName]);
  });

  test('where nothing can be listed every address says why, and one that asks for a password first', async () => {
    const shelly = await start({ name: 'washer', password: 'secret' });
    const { address } = shelly.device('washer');
    const driver = await open([{ address: '127.0.0.1:1' }, { address }]);
    await expect(driver.list(soon())).rejects.toMatchObject({
      reason: 'credentials',
      message: `${address}: the device asks for a password, and none is set; 127.0.0.1:1: No connection (connection refused)`,
    });
  });

  test('a list of which nothing answers is a fault; of nothing it is empty', async () => {
    const driver = await open([{ address: '127.0.0.1:1' }]);
    const fault: unknown = await driver.list(soon()).catch((error: unknown) => error);
    expect(fault).toBeInstanceOf(VendorFault);
    expect(fault).toMatchObject({ reason: 'unreachable' });
    expect(await (await open([])).list(soon())).toEqual([]);
  });
});

test('a configuration that is none is not opened', async () => {
  for (const config of [
    null,
    {},
    { devices: [{ address: 'http://10.0.0.1/' }] },
    { devices: [{ address: '10.0.0.1/x' }] },
  ]) {
    const deps = { http: createVendorHttp({ clock: systemClock }), clock: systemClock, random: randomBytes };
    await expect(openDriver('shelly-lan', config, deps)).rejects.toMatchObject({ code: 'VALIDATION_ERROR' });
  }
});
