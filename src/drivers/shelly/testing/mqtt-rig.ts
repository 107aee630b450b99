import { randomBytes } from 'node:crypto';
import { startBroker } from '../../../../simulators/mqtt/start.ts';
import { startShellySimulator } from '../../../../simulators/shelly/start.ts';
import { type Clock, systemClock } from '../../../host/clock.ts';
import { createVendorHttp } from '../../../host/vendor-http.ts';
import type { FaultClass } from '../../contract/faults.ts';
import type { Rig, RigMaker } from '../../contract/rig.ts';
import { openDriver } from '../../registry.ts';
import { name, password, rigOn, type ShellyRig, until, untilQuiet } from './shelly-rig.ts';

const brokerPassword = 'open-seşame';

/** What frames over a broker or a socket have in place of HTTP's faults. */
export const framesInstead: Partial<Record<FaultClass, string>> = {
  busy: 'an error 429 in the answer',
  broken: 'an error 500 in the answer',
  'broken-after': 'an error 500 in the answer',
  'error-body': 'an error -109 in the answer',
  'slow-drip': 'the answer in pieces, each a frame of its own',
  'cut-off': 'the device loses its connection in place of an answer, and comes back',
  offline: 'the device loses its connection',
};
export const framesSilent = (fault: FaultClass): boolean => fault === 'malformed' || fault === 'cut-off';
export const noRetryAfter = 'a frame has no place for a Retry-After, so nobody can ask for a pause';

/** Shelly relays of generation 2 and later on a broker, with a password of their own. */
export const mqttRig: RigMaker = {
  name: 'shelly-mqtt, generation 2 and later, RPC over MQTT',
  instead: framesInstead,
  impossible: { 'busy-with-retry-after': noRetryAfter },
  silent: framesSilent,
  start: (clock) => brokerRig(2, clock),
};

const silent = 'its topics acknowledge nothing: a device has no way to say this';

/** Generation 1 on a broker: topics that know on and off, and no timer. */
export const gen1MqttRig: RigMaker = {
  name: 'shelly-mqtt, generation 1, topics',
  instead: {
    malformed: 'a state that is no word',
    'wrong-types': 'a number for a state',
    'slow-drip': 'a state letter by letter, each a message of its own',
    'cut-off': framesInstead['cut-off'] ?? '',
    offline: framesInstead.offline ?? '',
    'credentials-expired': 'the broker does not let us in any more',
    'another-device': 'another one tells its own state in answer',
  },
  impossible: {
    'busy-with-retry-after': silent,
    busy: silent,
    broken: silent,
    'broken-after': silent,
    'error-body': silent,
  },
  silent: (fault, command) => {
    if (fault === 'lying-ok' || fault === 'outside-change') return command !== null; // the state that is hoped for
    return framesSilent(fault) || fault === 'wrong-types' || fault === 'another-device';
  },
  start: (clock) => brokerRig(1, clock),
};

async function brokerRig(generation: 1 | 2, clock: Clock): Promise<Rig> {
  const broker = await startBroker();
  const device = { name, password, load: { watts: 400 }, generation };
  const seat = { url: broker.url, username: 'device' };
  const shelly = await startShellySimulator({ stateDir: null, devices: [{ ...device, broker: seat }] });
  const deps = { http: createVendorHttp({ clock }), clock, random: randomBytes };
  const us = { username: 'us', password: brokerPassword };
  const driver = await openDriver('shelly-mqtt', { url: broker.url, ...us, devicePassword: password }, deps);
  const rig = rigOn(shelly, driver);
  await untilQuiet(rig);
  if (generation === 1) await untilAllIsHeard(rig);
  const reason = async (): Promise<string | undefined> => {
    const seen = await driver.observe(rig.ref, systemClock.deadline(2000));
    return seen.kind === 'unreachable' ? seen.reason : undefined;
  };
  return {
    ...rig,
    timers: generation === 2,
    async fault(fault, where) {
      const shutOut = generation === 1 && fault === 'credentials-expired';
      await rig.fault(shutOut ? null : fault, where);
      broker.shutOut(shutOut ? 'us' : null);
      if (shutOut) await until(async () => (await reason()) === 'credentials');
    },
    // it is asked three things more whenever it comes back by itself
    most: { list: 3 + 3, observe: 3 + 3, perform: 5 + 3, switching: 2 },
    secrets: [password, brokerPassword],
    stop: async () => {
      await driver.close?.();
      await shelly.close();
      await broker.close();
    },
  };
}

/**
 * The older topics number nothing, so an answer that is still on its way would pass for one to the next question. What a
 * device says comes in order: once the driver has heard of two changes, it has heard all that was said before.
 */
async function untilAllIsHeard({ driver, outside }: ShellyRig): Promise<void> {
  let on: boolean | null = null;
  driver.watch?.((told) => {
    if (told.kind === 'seen' && told.observation.kind === 'relay') on = told.observation.on;
  });
  for (const wish of [true, false]) {
    outside({ on: wish });
    await until(() => on === wish);
  }
}
