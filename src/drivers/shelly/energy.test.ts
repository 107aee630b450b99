import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { startShellySimulator } from '../../../simulators/shelly/start.ts';
import { systemClock } from '../../host/clock.ts';
import { createVendorHttp } from '../../host/vendor-http.ts';
import { openDriver } from '../registry.ts';
import { pictureOf } from './cloud-relay.ts';
import { readingsOf } from './frame.ts';
import { gen1Reading } from './gen1-relay.ts';
import { parseGen1Outputs } from './gen1-wire.ts';
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

describe('a meter whose power is nonsense is no power, and the relay is read', () => {
  const at = 1_800_000_000_000;
  const read = { kind: 'relay', on: true, powerWatts: null };

  test.each([null, '400', {}])('on a socket, a broker and in the cloud: %j', (apower) => {
    const status = { id: 0, output: true, apower };
    expect(readingsOf({ 'switch:0': status }, at)).toMatchObject([{ channel: 0, reading: read }]);
    const device = { id: 'a1b2c3', online: 1, status: { 'switch:0': status } } as const;
    expect(pictureOf(device, 0, { at, ahead: null })).toMatchObject({ relay: read });
  });

  test.each([null, 'none', [], [null], [{ power: null }], [{ power: '400', total: 3 }]])(
    'of generation 1, also in the cloud: %j',
    (meters) => {
      const status = { relays: [{ ison: true }], meters };
      const outputs = parseGen1Outputs(status);
      expect(outputs && gen1Reading(outputs, 0, { device: 'a1b2c3', at, shownAt: at })).toMatchObject(read);
      expect(pictureOf({ id: 'a1b2c3', online: 1, status }, 0, { at, ahead: null })).toMatchObject({ relay: read });
    },
  );

  test('of generation 1, whose count alone is nonsense, has its power', () => {
    const outputs = parseGen1Outputs({ relays: [{ ison: true }], meters: [{ power: 400, total: null }] });
    const seen = outputs && gen1Reading(outputs, 0, { device: 'a1b2c3', at, shownAt: at });
    expect(seen).toMatchObject({ powerWatts: 400, energyWh: null });
  });
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
