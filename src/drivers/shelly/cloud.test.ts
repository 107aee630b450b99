import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import {
  type ShellySimulator,
  type ShellySpec,
  startShellySimulator,
  type TroubleKind,
} from '../../../simulators/shelly/start.ts';
import { systemClock } from '../../host/clock.ts';
import { createVendorHttp } from '../../host/vendor-http.ts';
import { type Driver, NoTurn, type Pace } from '../port.ts';
import { openDriver } from '../registry.ts';
import { steppingPace } from './testing/stepping-pace.ts';

let simulator: ShellySimulator | null = null;
afterEach(async () => {
  await simulator?.close();
  simulator = null;
});

/** Time goes on by a second with each turn, for the driver and for the relays. */
async function cloudOf(devices: ShellySpec[], o: { pace?: (pace: Pace) => Pace } = {}) {
  const { clock, pace: plain, asked, holds } = steppingPace(systemClock);
  simulator = await startShellySimulator({ stateDir: null, clock, devices, slowMs: 6000, cloud: { limited: false } });
  const shelly = simulator;
  const pace = o.pace?.(plain) ?? plain;
  const deps = { http: createVendorHttp({ clock }), clock, random: randomBytes, pace };
  const open = (config: object = {}) =>
    openDriver('shelly-cloud', { server: shelly.cloud.url, authKey: shelly.cloud.authKey(), ...config }, deps);
  const driver: Driver = await open();
  const refOf = (name: string, channel = 0) => ({ hardwareId: shelly.cloud.idOf(name), channel });
  const sets = (name = 'washer') => shelly.history(name).filter(({ kind }) => kind === 'set').length;
  return { shelly, cloud: shelly.cloud, driver, open, refOf, sets, clock, asked, holds };
}

const soon = (milliseconds = 20_000): AbortSignal => systemClock.deadline(milliseconds);
const on = { kind: 'switch-on', autoOffSeconds: 600 } as const;
const off = { kind: 'switch-off' } as const;
const washer = (spec: Partial<ShellySpec> = {}) => cloudOf([{ name: 'washer', load: { watts: 400 }, ...spec }]);
const told = (outcome: Awaited<ReturnType<Driver['perform']>>): string =>
  outcome.kind === 'refused' ? `refused ${outcome.reason}` : outcome.kind;

describe.each([1, 2] as const)('a relay of generation %i behind the cloud', (generation) => {
  test('goes on with its own timer and off: each one switch and one look', async () => {
    const { driver, refOf, shelly, cloud } = await washer({ generation });
    const outcome = await driver.perform(refOf('washer'), on, soon());
    expect(outcome).toMatchObject({ kind: 'confirmed', observation: { kind: 'relay', on: true, powerWatts: 400 } });
    expect(shelly.device('washer').channels[0]).toMatchObject({ output: true, timerDuration: 600 });
    if (outcome.kind !== 'confirmed' || outcome.observation.kind !== 'relay') throw new Error('not confirmed');
    const left = (outcome.observation.autoOffAt ?? 0) - outcome.observation.at;
    expect(left).toBeGreaterThan(590_000);
    expect(left).toBeLessThanOrEqual(600_000);
    expect(told(await driver.perform(refOf('washer'), off, soon()))).toBe('confirmed');
    expect(shelly.device('washer').channels[0]?.output).toBe(false);
    expect(cloud.requests().map(({ path }) => path.split('/').at(-1))).toEqual(['switch', 'get', 'switch', 'get']);
  });

  test('that was off already is told to be off once its picture has stood long enough', async () => {
    const { driver, refOf, cloud, clock } = await washer({ generation });
    clock.ahead += 60_000;
    expect(told(await driver.perform(refOf('washer'), off, soon()))).toBe('confirmed');
    expect(cloud.requests().length).toBeGreaterThan(4);
  });

  test('that reports late is not believed before it does', async () => {
    const { driver, refOf, cloud } = await washer({ generation });
    cloud.setLag(2500);
    expect(told(await driver.perform(refOf('washer'), on, soon()))).toBe('confirmed');
    expect(cloud.requests().length).toBeGreaterThan(3);
  });

  test('of which the cloud shows an old picture is never called done', async () => {
    const { driver, refOf, cloud, shelly } = await washer({ generation });
    cloud.setLag('frozen');
    expect(told(await driver.perform(refOf('washer'), on, soon()))).toBe('accepted');
    expect(shelly.device('washer').channels[0]?.output).toBe(true);
    cloud.setTrouble({ kind: 'lying-ok', where: 'switching' });
    expect(told(await driver.perform(refOf('washer'), off, soon()))).toBe('accepted'); // the picture of "off" is older
    cloud.setLag(0);
    expect(await driver.observe(refOf('washer'), soon())).toMatchObject({ kind: 'relay', on: true });
  });

  test('offline: refused as unreachable, and nothing is known', async () => {
    const { driver, refOf, shelly, sets } = await washer({ generation });
    shelly.setFault('washer', 'offline');
    expect(told(await driver.perform(refOf('washer'), on, soon()))).toBe('refused unreachable');
    expect(await driver.observe(refOf('washer'), soon())).toMatchObject({ kind: 'unreachable' });
    expect(sets()).toBe(0);
    shelly.setFault('washer', 'none');
    expect(told(await driver.perform(refOf('washer'), on, soon()))).toBe('confirmed');
  });
});

describe('what the cloud answers', () => {
  test.each<[TroubleKind, string, number]>([
    ['done-twice', 'confirmed', 2],
    ['malformed', 'confirmed', 1],
    ['wrong-types', 'confirmed', 1],
    ['cut-off', 'confirmed', 1],
    ['timeout-after', 'confirmed', 1],
    ['slow-drip', 'confirmed', 1],
    ['broken', 'unknown', 0],
    ['error-body', 'refused vendor', 0],
    ['timeout-before', 'unknown', 0],
    ['lying-ok', 'accepted', 0],
    ['busy', 'refused busy', 0],
    ['busy-with-retry-after', 'refused busy', 0],
    ['credentials-expired', 'refused credentials', 0],
  ])('under %s to a switch is told as %s', async (fault, expected, done) => {
    const { driver, refOf, cloud, sets } = await washer();
    await driver.observe(refOf('washer'), soon());
    cloud.setTrouble({ kind: fault, where: 'switching' });
    expect(told(await driver.perform(refOf('washer'), on, soon()))).toBe(expected);
    expect(sets()).toBe(done);
  });

  test.each<TroubleKind>([
    'broken',
    'error-body',
    'malformed',
    'wrong-types',
    'cut-off',
    'busy',
    'credentials-expired',
  ])('under %s to every look is nothing known, and nothing confirmed', async (fault) => {
    const { driver, refOf, cloud } = await washer();
    cloud.setTrouble({ kind: fault, where: 'looking' });
    expect(await driver.observe(refOf('washer'), soon())).toMatchObject({ kind: 'unreachable' });
    expect(told(await driver.perform(refOf('washer'), on, soon()))).toBe('accepted');
    await expect(driver.list(soon())).rejects.toMatchObject({ name: 'VendorFault' });
  });

  test('429 keeps everybody away for as long as it asks', async () => {
    const { driver, refOf, cloud, holds } = await washer();
    cloud.setTrouble({ kind: 'busy-with-retry-after', where: 'everything', times: 1 });
    expect(await driver.perform(refOf('washer'), on, soon())).toMatchObject({ reason: 'busy', retryAfterSeconds: 7 });
    expect(holds).toEqual([7000]);
  });

  test('a renewed key is ours to put right, and no word of it is told', async () => {
    const { driver, refOf, cloud } = await washer();
    const old = cloud.authKey();
    cloud.renewKey('another-key');
    const outcome = await driver.perform(refOf('washer'), on, soon());
    expect(told(outcome)).toBe('refused credentials');
    const fault: unknown = await driver.list(soon()).catch((error: unknown) => error);
    expect(fault).toMatchObject({ reason: 'credentials' });
    expect(JSON.stringify([outcome, String(fault)])).not.toContain(old);
  });

  test.each([
    ['a channel that it has not', {}, 5, 'refused not-found'],
    ['a roller shutter', { generation: 1, channels: 2, mode: 'roller' }, 0, 'refused unsupported'],
  ] as const)('%s is refused', async (_, spec, channel, expected) => {
    const { driver, refOf } = await washer(spec);
    expect(told(await driver.perform(refOf('washer', channel), on, soon()))).toBe(expected);
    expect(await driver.observe(refOf('washer', channel), soon())).toMatchObject({ kind: 'unreachable' });
  });

  test('a device that the account has not is refused and unknown', async () => {
    const { driver } = await washer();
    const ref = { hardwareId: '0123456789ab', channel: 0 };
    expect(told(await driver.perform(ref, on, soon()))).toBe('refused not-found');
    expect(await driver.observe(ref, soon())).toMatchObject({ kind: 'unreachable' });
  });
});

describe('turns', () => {
  test('without one nothing is sent: refused as busy, not unknown', async () => {
    const never: Pace = (_, __, signal) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(new NoTurn())));
    const { driver, refOf, cloud } = await cloudOf([{ name: 'washer' }], { pace: () => never });
    expect(await driver.perform(refOf('washer'), on, soon(200))).toMatchObject({ kind: 'refused', reason: 'busy' });
    expect(await driver.observe(refOf('washer'), soon(200))).toMatchObject({ kind: 'unreachable' });
    expect(cloud.requests()).toEqual([]);
  });

  test('what is asked for at once goes in one request of up to ten devices, people first', async () => {
    const names = Array.from({ length: 14 }, (_, n) => `Machine ${n}`);
    const { driver, refOf, cloud, asked } = await cloudOf(names.map((name) => ({ name, channels: 2 })));
    const looks = names.flatMap((name, n) => {
      const who = n < 12 ? 'background' : 'people';
      return [0, 1].map((channel) => driver.observe(refOf(name, channel), soon(), who));
    });
    const seen = await Promise.all(looks);
    expect(seen.every((one) => one.kind === 'relay' && !one.on)).toBe(true);
    expect(cloud.requests().map(({ ids }) => ids.length)).toEqual([10, 4]);
    expect(cloud.requests()[0]?.ids).toEqual(expect.arrayContaining([refOf('Machine 12').hardwareId]));
    expect(cloud.requests()[0]?.ids).toEqual(expect.arrayContaining([refOf('Machine 13').hardwareId]));
    expect(asked).toHaveLength(2);
  });
});

test('the list shows every relay channel by its name, and what is offline', async () => {
  const { driver, cloud, shelly } = await cloudOf([
    { name: 'Old', generation: 1, channels: 2 },
    { name: 'New', channels: 4 },
    { name: 'Shutter', generation: 1, channels: 2, mode: 'roller' },
  ]);
  shelly.setFault('New', 'offline');
  const list = await driver.list(soon());
  expect(list.map(({ name, ref, channelCount, online }) => [name, ref.channel, channelCount, online])).toEqual(
    expect.arrayContaining([
      ['Old', 1, 2, true],
      ['New', 3, 4, false],
    ]),
  );
  expect(list).toHaveLength(6);
  await driver.list(soon());
  expect(cloud.requests().map(({ path }) => path.split('/').at(-1))).toEqual(['all_status', 'get', 'all_status']);
});

test('a configuration that is none is not opened', async () => {
  const { open } = await washer();
  for (const config of [{ server: 'http://shelly.cloud' }, { server: 'x/y' }, { authKey: '' }, { more: 1 }]) {
    await expect(open(config)).rejects.toMatchObject({ code: 'VALIDATION_ERROR' });
  }
});
