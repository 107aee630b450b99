import { expect, test } from 'vitest';
import { systemClock } from '../../host/clock.ts';
import type { Driver, Outcome } from '../port.ts';
import { gen2LanRig } from '../shelly/testing/gen2-lan-rig.ts';
import type { FaultClass } from './faults.ts';
import { operations } from './operations.ts';
import type { RigMaker } from './rig.ts';
import { runTrial } from './trial.ts';

/** The contract is only worth something if it finds drivers that break it: each here breaks one promise of a good one. */
type Spoilt = (driver: Driver) => Partial<Driver>;

function rigWith(spoilt: Spoilt): RigMaker {
  return {
    ...gen2LanRig,
    start: async (clock) => {
      const rig = await gen2LanRig.start(clock);
      return { ...rig, driver: { ...rig.driver, ...spoilt(rig.driver) } };
    },
  };
}

const nothingSeen: Outcome = { kind: 'accepted' };
const surely: Outcome = { kind: 'refused', reason: 'vendor', detail: 'surely not' };

test.each<[string, FaultClass, string, Spoilt, RegExp]>([
  [
    'calls confirmed what it saw otherwise',
    'lying-ok',
    'switch-on',
    (good) => ({
      perform: async (ref, _, signal) => ({ kind: 'confirmed', observation: await good.observe(ref, signal) }),
    }),
    /said confirmed, but the relay is off/,
  ],
  [
    'calls accepted what was never answered',
    'timeout-after',
    'switch-on',
    (good) => ({ perform: (...args) => good.perform(...args).then(() => nothingSeen) }),
    /the vendor never said yes/,
  ],
  [
    'calls refused what was done',
    'cut-off',
    'switch-off',
    (good) => ({ perform: (...args) => good.perform(...args).then(() => surely) }),
    /said refused \(surely not\), but it was done/,
  ],
  [
    'calls refused what is done later',
    'late',
    'switch-on',
    (good) => ({ perform: (...args) => good.perform(...args).then(() => surely) }),
    /said refused \(surely not\), but it was done/,
  ],
  [
    'tries again by itself',
    'busy',
    'switch-on',
    (good) => ({ perform: (...args) => good.perform(...args).then(() => good.perform(...args)) }),
    /asked .* times/,
  ],
  [
    'throws where the port gives a value',
    'offline',
    'observe',
    () => ({ observe: () => Promise.reject(new Error('ECONNREFUSED')) }),
    /threw Error: ECONNREFUSED/,
  ],
  [
    'tells a password',
    'credentials-expired',
    'switch-off',
    () => ({
      perform: async () => ({ kind: 'refused', reason: 'credentials', detail: 'sesame-öffne-dich is wrong' }),
    }),
    /shows a secret/,
  ],
  [
    'does not give up when its time is over',
    'timeout-before',
    'observe',
    () => ({ observe: () => new Promise(() => undefined) }),
    /did not give up/,
  ],
  [
    'forgets when the vendor wants to be asked again',
    'busy-with-retry-after',
    'switch-on',
    () => ({ perform: async () => ({ kind: 'refused', reason: 'busy', detail: 'later' }) }),
    /asks to wait undefined s, the vendor 7/,
  ],
  [
    'shows what was true before',
    'outside-change',
    'observe',
    () => ({
      observe: async () => ({
        kind: 'relay',
        on: false,
        autoOffAt: null,
        powerWatts: null,
        source: null,
        at: systemClock.now(),
      }),
    }),
    /saw the relay off, which it is not/,
  ],
  [
    'is lost for good after a trouble',
    'offline',
    'list',
    (good) => ({
      list: (signal) => good.list(signal),
      perform: async () => surely,
    }),
    /says refused when it is over/,
  ],
])(
  'the contract finds a driver that %s',
  async (_, fault, name, spoilt, sentence) => {
    const operation = operations.find((one) => one.name === name);
    if (operation === undefined) throw new Error(`there is no operation ${name}`);
    const recovering = fault === 'timeout-before' ? rigWith(onlyOnce(spoilt)) : rigWith(spoilt);
    const where = operation.command === null ? 'everything' : 'switching';
    const trial = { operation, fault, before: 'off', where, warm: false } as const;
    expect((await runTrial(recovering, trial, systemClock)).broken.join('\n')).toMatch(sentence);
  },
  30_000,
);

/** Spoilt for its first call alone, so that the trial comes to its end. */
function onlyOnce(spoilt: Spoilt): Spoilt {
  return (good) => {
    const bad = spoilt(good).observe ?? good.observe;
    let calls = 0;
    return { observe: (...args) => (calls++ === 0 ? bad(...args) : good.observe(...args)) };
  };
}
