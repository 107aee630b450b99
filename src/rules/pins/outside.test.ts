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
const lookNow = (world: PinsWorld) => {
  world.look = true;
  world.reconcile();
};

describe('a code of ours that was lost sight of', () => {
  test('in a reading that was empty is ours again in the next: never a stranger, never taken away', () => {
    const world = new PinsWorld(keypad, 'restore');
    world.create('#1', always);
    world.reconcile();
    const on = new Map(world.lock.codes);
    world.lock.codes.clear();
    world.look = true;
    world.reconcile(faults('offline')); // what is missing is about to be written, and the lock goes out of reach
    for (const [reference, code] of on) world.lock.codes.set(reference, code);
    const { writes } = world;
    world.pass(seconds(21));
    lookNow(world);
    expect(world.pins[0]).toMatchObject({ state: 'loaded', conflict: null });
    expect([world.writes, world.lock.has('#1')]).toEqual([writes, true]);
  });

  test('since its write came through minutes later is no conflict with itself', () => {
    const world = new PinsWorld(keypad);
    world.create('#1', always);
    world.reconcile(faults('not-done-unheard'));
    world.pass(seconds(70));
    world.lock.offline = true;
    world.reconcile();
    world.lock.offline = false;
    world.pass(seconds(30));
    world.look = true;
    world.reconcile(faults('offline')); // by now it is believed that nothing came of it
    world.lock.codes.set('late', {
      print: '#1',
      slot: null,
      window: { from: start, until: null },
      name: world.pins[0]?.id ?? '',
    });
    world.pass(seconds(60));
    lookNow(world);
    expect(world.pins[0]).toMatchObject({ state: 'loaded', conflict: null });
  });

  test('while another code has its digits, and it those of the other: each is given its own times again', () => {
    const world = new PinsWorld(keypad);
    world.create('#1', booked(0, hours(10)));
    world.create('#2', booked(hours(20), hours(10)));
    world.reconcile();
    const [one, other] = [...world.lock.codes.values()];
    if (one === undefined || other === undefined) throw new Error('they are not on the lock');
    [one.print, other.print] = [other.print, one.print];
    world.touched = true;
    world.pass(minutes(2));
    for (let n = 0; n < 3; n++) {
      lookNow(world);
      world.pass(minutes(2));
    }
    expect(world.pins.map(({ state }) => state)).toEqual(['loaded', 'loaded']);
    expect([world.lock.opens('#1', world.now), world.lock.opens('#2', world.now)]).toEqual([true, false]);
    expect(world.lock.opens('#2', start + hours(21))).toBe(true);
  });
});
