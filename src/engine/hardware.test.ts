import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ShellySimulator, startShellySimulator } from '../../simulators/shelly/start.ts';
import { silent } from '../database/log.ts';
import { type Driver, NoTurn } from '../drivers/port.ts';
import { openDriver } from '../drivers/registry.ts';
import { steppingPace } from '../drivers/shelly/testing/stepping-pace.ts';
import { systemClock } from '../host/clock.ts';
import { createVendorHttp } from '../host/vendor-http.ts';
import type { ConnectionId, OrganizationId } from '../rules/ids.ts';
import { createBreakers } from './breaker.ts';
import { createHardware } from './hardware.ts';
import { createMemoryVault } from './memory-vault.ts';
import { createOpenDrivers } from './open-drivers.ts';
import type { HardwarePort, RelayRef } from './port.ts';

/** Two relays behind one key, as a cloud account has them, and a third one behind another. */
const organizationId = 'org_1' as OrganizationId;
const account = 'con_account' as ConnectionId;
const other = 'con_other' as ConnectionId;
const sky = 'con_sky' as ConnectionId;
const { pace } = steppingPace(systemClock);
const names = ['washer', 'dryer', 'press'] as const;

let shelly: ShellySimulator;
let hardware: HardwarePort;
let versions: Record<string, number>;
/** Whether turns at the cloud come at all. */
let turns: boolean;
beforeEach(async () => {
  shelly = await startShellySimulator({
    stateDir: null,
    devices: names.map((name) => ({ name, password: 'the key' })),
    cloud: { limited: false },
  });
  versions = {};
  turns = true;
  const breakers = createBreakers({ clock: systemClock, log: silent, chance: () => 0.5 });
  const drivers = createOpenDrivers({
    connections: {
      opened: async (_, id) =>
        id === sky
          ? {
              vendor: 'shelly-cloud',
              version: 1,
              written: 'sky',
              config: { server: shelly.cloud.url, authKey: shelly.cloud.authKey() },
            }
          : {
              vendor: 'shelly-lan',
              version: versions[id] ?? 1,
              written: String(versions[id]),
              config: { devices: shelly.devices().map(({ address }) => ({ address, password: 'the key' })) },
            },
    },
    openDriver: async (vendor, ...all) => {
      const driver = await openDriver(vendor, ...all);
      return vendor === 'shelly-lan' ? asAccount(driver) : driver;
    },
    vaultOf: () => createMemoryVault(systemClock),
    httpOf: () => createVendorHttp({ clock: systemClock }),
    driverDeps: {
      http: createVendorHttp({ clock: systemClock }),
      clock: systemClock,
      random: randomBytes,
      pace: (...all) => (turns ? pace(...all) : Promise.reject(new NoTurn())),
    },
    log: silent,
    told: () => undefined,
    changed: breakers.forget,
  });
  const nowhere = { holder: async () => null, known: async () => [] };
  const nobody = { ask: async () => ({ kind: 'not-taken' }) as const };
  hardware = createHardware({ clock: systemClock, log: silent, breakers, drivers, links: nowhere, calls: nobody });
});
afterEach(() => shelly.close());

/** The same wire, but a wrong key is the whole account's trouble. */
function asAccount(driver: Driver): Driver {
  const whole = { wholeConnection: true };
  return {
    ...driver,
    observe: async (...all) => {
      const seen = await driver.observe(...all);
      return seen.kind === 'unreachable' && seen.reason === 'credentials' ? { ...seen, ...whole } : seen;
    },
    perform: async (...all) => {
      const outcome = await driver.perform(...all);
      return outcome.kind === 'refused' && outcome.reason === 'credentials' ? { ...outcome, ...whole } : outcome;
    },
  };
}

const relay = (name: (typeof names)[number], connectionId = account): RelayRef => ({
  organizationId,
  connectionId,
  channel: 0,
  hardwareId: shelly.device(name).id,
});
const heard = (): number[] => names.map((name) => shelly.heard(name).all);
const never = new AbortController().signal;
const off = { kind: 'switch-off' } as const;

async function wrongKey(): Promise<void> {
  shelly.setTrouble('washer', { kind: 'credentials-expired', where: 'everything' });
  for (let n = 0; n < 3; n++) await hardware.observe(relay('washer'), 'background');
}

test('a wrong key stops the whole account, and no other', async () => {
  await wrongKey();
  const before = heard();
  expect(await hardware.observe(relay('dryer'), 'background')).toMatchObject({
    kind: 'unreachable',
    reason: 'credentials',
    notAsked: true,
  });
  expect(heard()).toEqual(before);
  expect([hardware.health(relay('dryer')), hardware.health(relay('press', other))]).toEqual(['held', 'well']);
  expect(await hardware.observe(relay('press', other), 'background')).toMatchObject({ kind: 'relay', on: false });
  expect(hardware.troubles(account)).toMatchObject([{ hardwareId: null, error: expect.stringContaining('password') }]);
  expect(hardware.troubles(other)).toEqual([]);
});

test('a switch-off goes out all the same, at a sensible rate; one that does not go out says so', async () => {
  await wrongKey();
  const before = shelly.heard('washer').switching;
  expect(await hardware.perform(relay('washer'), off, never)).toMatchObject({ kind: 'refused', reason: 'credentials' });
  const tried = shelly.heard('washer').switching;
  expect(tried).toBeGreaterThan(before);
  const held = await hardware.perform(relay('washer'), off, never);
  expect(held).toMatchObject({ kind: 'refused', reason: 'credentials', retryAfterSeconds: 1 });
  expect(held.kind === 'refused' ? held.detail : '').toContain('not sent');
  expect(shelly.heard('washer').switching).toBe(tried);
});

test('a person’s try that works frees the account at once; so does a new key', async () => {
  await wrongKey();
  shelly.setTrouble('washer', null);
  expect(await hardware.perform(relay('dryer'), off, never)).toMatchObject({ kind: 'confirmed' });
  expect(hardware.troubles(account)).toEqual([]);
  await wrongKey();
  shelly.setTrouble('washer', null);
  versions[account] = 2;
  expect(await hardware.observe(relay('washer'), 'background')).toMatchObject({ kind: 'relay' });
});

test('an unplugged relay stops itself, not its neighbour; a list that shows it again frees it', async () => {
  shelly.setFault('washer', 'offline');
  for (let n = 0; n < 3; n++) await hardware.observe(relay('washer'), 'background');
  expect([hardware.health(relay('washer')), hardware.health(relay('dryer'))]).toEqual(['held', 'well']);
  expect(await hardware.observe(relay('dryer'), 'background')).toMatchObject({ kind: 'relay' });
  shelly.setFault('washer', 'none');
  await hardware.list(organizationId, account);
  expect(await hardware.observe(relay('washer'), 'background')).toMatchObject({ kind: 'relay' });
});

test('a try that we give up ourselves says nothing of the vendor', async () => {
  for (let n = 0; n < 5; n++) await hardware.perform(relay('washer'), off, AbortSignal.abort());
  expect(hardware.health(relay('washer'))).toBe('well');
});

const inSky = (name: (typeof names)[number]): RelayRef => ({
  organizationId,
  connectionId: sky,
  channel: 0,
  hardwareId: shelly.cloud.idOf(name),
});

test('the cloud that takes our key no more is one trouble of the whole account', async () => {
  shelly.cloud.setTrouble({ kind: 'credentials-expired', where: 'everything' });
  for (let n = 0; n < 3; n++) await hardware.observe(inSky('washer'), 'background');
  const asked = shelly.cloud.heard().all;
  expect(await hardware.observe(inSky('press'), 'background')).toMatchObject({ reason: 'credentials', notAsked: true });
  expect(shelly.cloud.heard().all).toBe(asked);
  expect(hardware.troubles(sky)).toMatchObject([{ hardwareId: null }]);
});

test('a relay that is offline behind the cloud is its own trouble', async () => {
  shelly.setFault('washer', 'offline');
  for (let n = 0; n < 3; n++) await hardware.observe(inSky('washer'), 'background');
  expect([hardware.health(inSky('washer')), hardware.health(inSky('press'))]).toEqual(['held', 'well']);
  expect(await hardware.observe(inSky('press'), 'background')).toMatchObject({ kind: 'relay' });
});

test('a turn that does not come is no failure of the cloud, and nothing was sent', async () => {
  turns = false;
  for (let n = 0; n < 5; n++) {
    expect(await hardware.observe(inSky('washer'), 'background')).toMatchObject({ kind: 'unreachable', noTurn: true });
    expect(await hardware.perform(inSky('washer'), off, never)).toMatchObject({ kind: 'refused', notSent: true });
  }
  expect([hardware.health(inSky('washer')), hardware.troubles(sky)]).toEqual(['well', []]);
  turns = true;
  expect(await hardware.observe(inSky('washer'), 'background')).toMatchObject({ kind: 'relay' });
});
