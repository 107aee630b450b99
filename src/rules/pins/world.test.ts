import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hours, minutes } from '../instant.ts';
import type { KeypadFacts } from './pin.ts';
import type { Fault } from './testing/keypad-lock.ts';
import { PinsWorld, type Policy } from './testing/pins-world.ts';
import { digits, schedules, step } from './testing/steps.ts';

/** Runs of each property; a long form is asked for by the environment. A failure prints its seed and its smallest case. */
const runs = Number(process.env.KEYSTEAD_RUNS ?? 1000);
const seed = process.env.KEYSTEAD_SEED === undefined ? {} : { seed: Number(process.env.KEYSTEAD_SEED) };

const keypads: fc.Arbitrary<KeypadFacts> = fc.record({
  slots: fc.constantFrom(null, 2, 3, 5),
  namesSlots: fc.boolean(),
  keepsWindows: fc.boolean(),
  readsBack: fc.boolean(),
  changesInPlace: fc.boolean(),
});

const faults = fc.infiniteStream(
  fc.oneof(
    { weight: 6, arbitrary: fc.constant<Fault>('none') },
    {
      weight: 4,
      arbitrary: fc.constantFrom<Fault>('done-unheard', 'not-done-unheard', 'late', 'refused', 'offline', 'full'),
    },
  ),
);
const policies = fc.constantFrom<Policy>('report', 'restore', 'ignore');

test('whatever goes wrong: three passes after it is over the lock is as it should be, and no rule was broken on the way', () => {
  fc.assert(
    fc.property(keypads, policies, fc.array(step, { maxLength: 40 }), faults, (keypad, policy, steps, stream) => {
      const world = new PinsWorld(keypad, policy);
      for (const one of steps) one(world, stream);
      expect(world.wrongs).toEqual([]);
      world.lock.offline = false;
      world.pass(hours(7)); // what was suspended, or full, is tried again
      for (let n = 0; n < 3; n++) {
        world.look = keypad.readsBack;
        world.reconcile();
        world.pass(minutes(2));
      }
      world.pass(-minutes(2));
      expect(world.wrongs).toEqual([]);
      expect(world.differences()).toEqual([]);
    }),
    { numRuns: runs, ...seed },
  );
});

test('where nothing changes, nothing is written', () => {
  fc.assert(
    fc.property(keypads, fc.array(fc.tuple(digits, schedules), { maxLength: 8 }), (keypad, all) => {
      const world = new PinsWorld(keypad);
      for (const [print, schedule] of all) world.create(print, schedule);
      world.reconcile();
      const { writes, pins } = world;
      world.reconcile();
      expect(world.writes).toBe(writes);
      expect(world.pins).toEqual(pins);
    }),
    { numRuns: runs, ...seed },
  );
});
