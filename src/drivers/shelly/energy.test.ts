import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { startShellySimulator } from '../../../simulators/shelly/start.ts';
import { systemClock } from '../../host/clock.ts';
import { createVendorHttp } from '../../host/vendor-http.ts';
import { openDriver } from '../registry.ts';
import { parseEnergy, parseSwitchStatus } from './wire.ts';

test.each([
  [{ total: 1234.567, by_minute: [1, 2, 3], minute_ts: 1 }, 1234.567],
  [{ total: 0 }, 0],
  [{ total: -1 }, null],
  [{ total: '12' }, null],
  [{ total: null }, null],
  [{}, null],
  [null, null],
  [undefined, null],
  [12, null],
])('a meter that says %j counted %j watt-hours', (aenergy, counted) => {
  expect(parseEnergy(aenergy)).toBe(counted);
});

test('a meter that talks nonsense does not make the relay unreadable', () => {
  expect(parseSwitchStatus({ id: 0, output: true, aenergy: 'broken' })).toMatchObject({ output: true });
});

test('a relay tells what it has counted, with every reading; one without a meter tells nothing', async () => {
  let now = 1_800_000_000_000;
  const clock = { ...systemClock, now: () => now };
  const devices = [
    { name: 'washer', load: { watts: 3600 } },
    { name: 'lamp', load: { watts: 60 }, metered: false },
  ];
  const simulator = await startShellySimulator({ stateDir: null, clock, devices });
  const config = { devices: simulator.devices().map(({ address }) => ({ address })) };
  const driver = await openDriver('shelly-lan', config, {
    http: createVendorHttp({ clock }),
    clock,
    random: randomBytes,
  });
  const ref = (name: string) => ({ hardwareId: simulator.device(name).id, channel: 0 });
  const soon = () => systemClock.deadline(5000);
  const on = { kind: 'switch-on', autoOffSeconds: 600 } as const;

  const outcome = await driver.perform(ref('washer'), on, soon());
  expect(outcome).toMatchObject({ kind: 'confirmed', observation: { powerWatts: 3600, energyWh: 0 } });
  now += 100_000;
  expect(await driver.observe(ref('washer'), soon())).toMatchObject({ on: true, energyWh: 100 });
  await fetch(`http://${simulator.device('washer').address}/rpc/Switch.ResetCounters?id=0`);
  expect(await driver.observe(ref('washer'), soon())).toMatchObject({ energyWh: 0 });
  now += 10_000;
  expect(await driver.perform(ref('washer'), { kind: 'switch-off' }, soon())).toMatchObject({
    observation: { on: false, energyWh: 10 },
  });
  await driver.perform(ref('lamp'), on, soon());
  expect(await driver.observe(ref('lamp'), soon())).toMatchObject({ on: true, powerWatts: null, energyWh: null });
  await simulator.close();
});
