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
const stateOf = (world: PinsWorld, n = 0) => world.pins[n]?.state ?? 'gone';
const verdictOf = (world: PinsWorld, id: string | null) => world.last.verdicts.find((one) => one.id === id);

describe('when a code goes on', () => {
  test('three days before, where the lock keeps windows; until then it waits and costs nothing', () => {
    const world = new PinsWorld(keypad);
    const id = world.create('#1', booked(hours(80), hours(2)));
    world.reconcile();
    expect([world.writes, verdictOf(world, id)?.wakeAt]).toEqual([0, start + hours(8)]);
    world.pass(hours(8));
    world.reconcile();
    expect([world.writes, stateOf(world)]).toEqual([1, 'loaded']);
  });

  test('ten minutes before, where a code on the lock opens always; and it is off at its end', () => {
    const world = new PinsWorld({ ...keypad, keepsWindows: false });
    world.create('#1', booked(hours(1), hours(2)));
    world.pass(minutes(49));
    world.reconcile();
    expect(world.lock.has('#1')).toBe(false);
    world.pass(minutes(1));
    world.reconcile();
    expect(world.lock.has('#1')).toBe(true);
    world.pass(hours(2) + minutes(10));
    world.reconcile();
    expect([world.lock.has('#1'), stateOf(world)]).toEqual([false, 'gone']);
  });

  test('for each time anew, where it recurs: changed in place after the one before', () => {
    const world = new PinsWorld(keypad);
    world.create('#1', { kind: 'recurring', rule: 'FREQ=DAILY', startSecond: 0, endSecond: 3600 });
    world.reconcile();
    const first = [...world.lock.codes.values()][0]?.window;
    world.pass(hours(5));
    world.reconcile();
    const second = [...world.lock.codes.values()][0]?.window;
    expect([world.writes, (second?.from ?? 0) - (first?.from ?? 0)]).toEqual([2, hours(23)]); // the clocks changed
  });

  test('the soonest first, and what opens and must not goes before all', () => {
    const world = new PinsWorld(keypad);
    world.create('#1', always);
    world.reconcile();
    world.create('#2', booked(hours(3), hours(1)));
    world.create('#3', booked(hours(1), hours(1)));
    world.intend(0, 'delete');
    const order: string[] = [];
    for (let n = 0; n < 3; n++) {
      const { command } = world.planned(world.lock.read(world.now));
      order.push(command === null ? '' : `${command.kind} ${'print' in command ? command.print : ''}`);
      world.reconcile(faults('none', 'offline'));
      world.pass(seconds(21));
    }
    expect(order).toEqual(['clear ', 'set #3', 'set #2']);
  });
});

describe('a code in use', () => {
  test('with other digits is written anew, seen, and only then cleared', () => {
    const world = new PinsWorld(keypad);
    world.create('#1', always);
    world.reconcile();
    world.change(0, { print: '#2' });
    world.reconcile(faults('not-done-unheard'));
    expect([world.lock.has('#1'), world.lock.has('#2'), stateOf(world)]).toEqual([true, false, 'updating']);
    world.pass(minutes(2));
    world.reconcile();
    expect([world.lock.has('#1'), world.lock.has('#2'), stateOf(world)]).toEqual([false, true, 'loaded']);
    expect(world.wrongs).toEqual([]);
  });

  test('made longer on a lock that changes nothing in place stays until its window is over', () => {
    const world = new PinsWorld({ ...keypad, changesInPlace: false });
    const id = world.create('#1', booked(0, hours(2)));
    world.reconcile();
    world.change(0, { schedule: booked(0, hours(5)) });
    world.reconcile();
    expect(verdictOf(world, id)).toMatchObject({ waiting: 'in-use', wakeAt: start + hours(2) });
    world.pass(hours(2));
    world.reconcile();
    expect(world.lock.opens('#1', start + hours(4))).toBe(true);
  });
});

describe('an answer that was not heard', () => {
  test('is looked after, and what is there is not written again', () => {
    const world = new PinsWorld(keypad);
    world.create('#1', always);
    world.reconcile(faults('done-unheard'));
    world.pass(seconds(6));
    world.reconcile();
    expect([world.writes, stateOf(world), world.lock.codes.size]).toEqual([1, 'loaded', 1]);
  });

  test('on a lock that cannot be read: its slot is cleared, and then written', () => {
    const world = new PinsWorld({ ...keypad, namesSlots: true, readsBack: false });
    world.create('#1', always);
    world.reconcile(faults('done-unheard'));
    world.pass(seconds(30));
    world.reconcile();
    expect([world.writes, stateOf(world)]).toEqual([1, 'created']);
    world.pass(seconds(31));
    world.reconcile();
    expect([world.writes, stateOf(world), world.lock.codes.size]).toEqual([3, 'loaded', 1]);
  });
});

describe('one code’s trouble is its own', () => {
  test('three failures in five minutes suspend it alone', () => {
    const world = new PinsWorld(keypad);
    const id = world.create('#1', always);
    for (let n = 0; n < 3; n++) {
      world.reconcile(faults('refused'));
      world.pass(seconds(61));
    }
    world.create('#2', always);
    world.reconcile();
    expect([world.lock.has('#1'), world.lock.has('#2')]).toEqual([false, true]);
    const until = world.pins[0]?.suspendedUntil ?? 0;
    expect(until).toBe(start + seconds(122) + minutes(30));
    expect(verdictOf(world, id)).toMatchObject({ waiting: 'suspended', wakeAt: until });
  });

  test('the same digits on the lock by somebody else: the conflict names it, and it is tried again when that is gone', () => {
    const world = new PinsWorld(keypad);
    world.lock.codes.set('x', { print: '#1', slot: null, window: { from: 0, until: null }, name: 'Caretaker' });
    const id = world.create('#1', always);
    world.create('#2', always);
    world.reconcile();
    expect(verdictOf(world, id)).toMatchObject({
      waiting: 'conflict',
      conflict: { with: { reference: 'x', name: 'Caretaker' } },
    });
    expect(stateOf(world, 1)).toBe('loaded');
    world.lock.codes.delete('x');
    world.pass(minutes(5));
    world.look = true;
    world.reconcile();
    expect(stateOf(world)).toBe('loaded');
  });

  test('a lock out of reach is no failure of its codes', () => {
    const world = new PinsWorld({ ...keypad, readsBack: false });
    world.create('#1', always);
    for (let n = 0; n < 5; n++) {
      world.reconcile(faults('offline'));
      world.pass(seconds(21));
    }
    expect(world.pins[0]).toMatchObject({ failures: [], suspendedUntil: null });
  });
});

describe('a lock that is full', () => {
  const full = { ...keypad, slots: 2, namesSlots: true };

  test('keeps the nearer guest: the far booking waits and says so', () => {
    const world = new PinsWorld(full);
    world.create('#1', always);
    world.create('#2', booked(hours(1), hours(1)));
    const far = world.create('#3', booked(hours(30), hours(1)));
    world.reconcile();
    expect(['#1', '#2', '#3'].map((one) => world.lock.has(one))).toEqual([true, true, false]);
    expect(verdictOf(world, far)).toMatchObject({ waiting: 'no-room', state: 'created' });
    world.pass(hours(2));
    world.reconcile();
    expect(world.lock.has('#3')).toBe(true);
  });

  test('gives the slot of a far booking to a nearer one that comes later', () => {
    const world = new PinsWorld(full);
    world.create('#1', always);
    const far = world.create('#2', booked(hours(30), hours(1)));
    world.reconcile();
    world.create('#3', booked(hours(1), hours(1)));
    world.reconcile();
    expect(['#1', '#2', '#3'].map((one) => world.lock.has(one))).toEqual([true, false, true]);
    expect(verdictOf(world, far)?.waiting).toBe('no-room');
  });

  test('a slot whose clearing was not heard of is not free', () => {
    const world = new PinsWorld({ ...full, readsBack: false });
    world.create('#1', always);
    world.create('#2', always);
    world.reconcile();
    world.intend(0, 'delete');
    world.create('#3', always);
    world.reconcile(faults('not-done-unheard'));
    expect(world.lock.has('#3')).toBe(false);
    world.pass(seconds(61));
    world.reconcile();
    expect(['#1', '#2', '#3'].map((one) => world.lock.has(one))).toEqual([false, true, true]);
  });
});

describe('codes that nobody here has set', () => {
  const foreign = { print: '#9', slot: null, window: { from: 0, until: null }, name: 'somebody' };

  test.each([
    ['report', true],
    ['ignore', true],
    ['restore', false],
  ] as const)('are told of; by the rule "%s" they stay: %s', (policy, stays) => {
    const world = new PinsWorld(keypad, policy);
    world.create('#1', always);
    world.lock.codes.set('x', foreign);
    world.look = true;
    world.reconcile();
    world.look = true;
    world.reconcile();
    expect(world.lock.has('#9')).toBe(stays);
    const { unmanaged } = world.planned(world.lock.read(world.now));
    expect(unmanaged?.map(({ reference }) => reference)).toEqual(stays ? ['x'] : []);
  });
});
