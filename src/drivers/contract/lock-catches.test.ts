import { expect, test } from 'vitest';
import { systemClock } from '../../host/clock.ts';
import type { LockDriver, LockOutcome } from '../lock-port.ts';
import { ttlockRig } from '../ttlock/testing/ttlock-rig.ts';
import type { FaultClass } from './faults.ts';
import { lockOperations } from './lock-operations.ts';
import { type LockRigMaker, pins } from './lock-rig.ts';
import { runLockTrial } from './lock-trial.ts';

/** The contract is only worth something if it finds drivers of locks that break it: each here breaks one promise of a good one. */
type Spoilt = (driver: LockDriver) => Partial<LockDriver>;

const rigWith = (spoilt: Spoilt): LockRigMaker => ({
  ...ttlockRig,
  start: async (clock) => {
    const rig = await ttlockRig.start(clock);
    return { ...rig, locks: { ...rig.locks, ...spoilt(rig.locks) } };
  },
});

const surely: LockOutcome = { kind: 'refused', reason: 'vendor', detail: 'surely not' };
const receipt: LockOutcome = { kind: 'confirmed', observation: null };
const says =
  (outcome: LockOutcome): Spoilt =>
  (good) => ({ perform: (...args) => good.perform(...args).then(() => outcome) });

test.each<[string, FaultClass, string, Spoilt, RegExp]>([
  [
    'calls an unlock confirmed without a look',
    'lying-ok',
    'unlock',
    says(receipt),
    /said confirmed without having seen the lock/,
  ],
  [
    'calls a code confirmed that never came to the lock',
    'timeout-before',
    'set-pin',
    says(receipt),
    /said confirmed, but it was not done/,
  ],
  ['calls refused what was done', 'broken-after', 'clear-pin', says(surely), /said refused \(surely not\), but it was/],
  ['calls refused what is done later', 'late', 'unlock', says(surely), /said refused \(surely not\), but it was done/],
  [
    'calls accepted what nobody said yes to',
    'cut-off',
    'change-pin',
    says({ kind: 'accepted' }),
    /the vendor never said yes/,
  ],
  [
    'tries again by itself',
    'busy',
    'passage',
    (good) => ({ perform: (...args) => good.perform(...args).then(() => good.perform(...args)) }),
    /asked the lock to act 2 times/,
  ],
  [
    'tells a code',
    'error-body',
    'set-pin',
    says({ kind: 'refused', reason: 'code-refused', detail: `${pins.set} is too simple` }),
    /shows a code/,
  ],
  [
    'takes a gateway that is offline for a vendor that said no',
    'offline',
    'lock',
    says(surely),
    /that no gateway carried/,
  ],
  [
    'shows what was true before',
    'outside-change',
    'observe',
    () => ({
      observe: async () => ({
        kind: 'lock',
        bolt: 'locked',
        door: null,
        battery: null,
        bridgeOnline: true,
        at: systemClock.now(),
      }),
    }),
    /saw the bolt locked, which it is not/,
  ],
  ['finds no codes where some are', 'none', 'codes', () => ({ codes: async () => [] }), /does not tell what is there/],
  [
    'gives a code that does not open',
    'none',
    'issue-code',
    (good) => ({
      perform: async (...args) => {
        const outcome = await good.perform(...args);
        return outcome.kind === 'confirmed' ? { ...outcome, gave: { code: '000001' } } : outcome;
      },
    }),
    /gave a way in that does not open/,
  ],
])(
  'the contract finds a driver of locks that %s',
  async (_, fault, name, spoilt, sentence) => {
    const operation = lockOperations.find((one) => one.name === name);
    if (operation === undefined) throw new Error(`there is no operation ${name}`);
    const trial = { operation, fault, before: 'locked', where: 'everything', warm: true } as const;
    expect((await runLockTrial(rigWith(spoilt), trial, systemClock)).broken.join('\n')).toMatch(sentence);
  },
  30_000,
);

test('the contract finds a driver of locks that does what its vendor is said to be unable to', async () => {
  const unable: LockRigMaker = {
    ...ttlockRig,
    start: async (clock) => ({ ...(await ttlockRig.start(clock)), never: ['passage'] }),
  };
  const operation = lockOperations.find(({ name }) => name === 'passage');
  if (operation === undefined) throw new Error('there is no operation passage');
  const trial = { operation, fault: 'none', before: 'locked', where: 'everything', warm: true } as const;
  const { broken } = await runLockTrial(unable, trial, systemClock);
  expect(broken.join('\n')).toMatch(/asked for what this vendor cannot do[\s\S]*said confirmed of what/);
}, 30_000);
