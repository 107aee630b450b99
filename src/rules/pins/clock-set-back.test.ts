import { describe, expect, test } from 'vitest';
import { hours, minutes, seconds } from '../instant.ts';
import type { KeypadFacts } from './pin.ts';
import type { Schedule } from './schedule.ts';
import type { Fault } from './testing/keypad-lock.ts';
import { PinsWorld, start } from './testing/pins-world.ts';

const keypad: KeypadFacts = {
  slots: null,
  namesSlots: false,
  keepsWindows: true,
  readsBack: true,
  changesInPlace: true,
};
const always: Schedule = { kind: 'always' };
const booked = (from: number, length: number): Schedule => ({
  kind: 'temporary',
  from: start + from,
  until: start + from + length,
});
const faults = (...some: Fault[]): Iterator<Fault> => some[Symbol.iterator]();

describe('a clock that is set back by a day', () => {
  const back = (world: PinsWorld) => {
    world.now -= hours(24);
  };

  test('keeps no code from being looked after, whose write was not heard of before', () => {
    const world = new PinsWorld(keypad);
    world.create('#1', booked(-hours(48), hours(96)));
    world.reconcile(faults('not-done-unheard'));
    back(world);
    world.reconcile();
    world.pass(minutes(2));
    world.reconcile();
    expect(world.lock.has('#1')).toBe(true);
  });

  test('suspends no code for longer than it was', () => {
    const world = new PinsWorld(keypad);
    world.create('#1', booked(-hours(48), hours(96)));
    for (let n = 0; n < 3; n++) {
      world.reconcile(faults('refused'));
      world.pass(seconds(61));
    }
    back(world);
    world.reconcile();
    world.pass(hours(2));
    world.reconcile();
    expect(world.lock.has('#1')).toBe(true);
  });

  test('leaves a code that opens always open', () => {
    const world = new PinsWorld(keypad);
    world.pass(hours(24 * 10));
    world.create('#1', always);
    world.now -= hours(24 * 9);
    world.reconcile();
    expect(world.lock.opens('#1', world.now)).toBe(true);
  });
});
