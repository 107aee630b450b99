import fc from 'fast-check';
import { hours, seconds } from '../../instant.ts';
import type { Schedule } from '../schedule.ts';
import type { Fault } from './keypad-lock.ts';
import { type PinsWorld, start } from './pins-world.ts';

const hoursFromStart = fc.integer({ min: -2, max: 120 }).map((n) => start + hours(n));
export const schedules: fc.Arbitrary<Schedule> = fc.oneof(
  fc.constant({ kind: 'always' as const }),
  fc
    .tuple(hoursFromStart, fc.integer({ min: 1, max: 60 }))
    .map(([from, n]) => ({ kind: 'temporary' as const, from, until: from + hours(n) })),
  fc.tuple(hoursFromStart, fc.boolean()).map(([from, ends]) => ({
    kind: 'oneTime' as const,
    from,
    ...(ends ? { until: from + hours(20) } : {}),
  })),
  fc
    .tuple(
      fc.constantFrom('FREQ=DAILY', 'FREQ=WEEKLY;BYDAY=MO,TU,SU'),
      fc.integer({ min: 0, max: 23 }),
      fc.integer({ min: 1, max: 24 }),
    )
    .map(([rule, h, n]) => ({
      kind: 'recurring' as const,
      rule,
      startSecond: h * 3600,
      endSecond: ((h + n) % 24) * 3600,
    })),
);

export const digits = fc.integer({ min: 0, max: 9 }).map((n) => `#${n}`);
const which = fc.nat(20);

/** What may happen next; it prints as what it is, so that a failing story can be read. */
export type Step = (world: PinsWorld, faults: Iterator<Fault>) => void;
const named = (text: string, run: Step): Step => Object.assign(run, { [fc.toStringMethod]: () => text });

const takenAway = which.map((n) =>
  named(`outside: code ${n} taken away`, ({ lock }) => {
    const key = [...lock.codes.keys()][n % Math.max(1, lock.codes.size)];
    if (key !== undefined) lock.codes.delete(key);
  }),
);

const putOn = fc.tuple(digits, which).map(([print, n]) =>
  named(`outside: ${print} put on as ${n}`, ({ lock }) => {
    const { slots, namesSlots } = lock.keypad;
    const slot = namesSlots ? (n % (slots ?? 20)) + 1 : null;
    const key = slot === null ? `x${n}` : String(slot);
    const full = slots !== null && lock.codes.size >= slots;
    if (full || lock.has(print) || lock.codes.has(key)) return;
    lock.codes.set(key, { print, slot, window: { from: 0, until: null }, name: 'somebody' });
  }),
);

const otherWindow = which.map((n) =>
  named(`outside: code ${n} given another window`, ({ lock, now }) => {
    const code = [...lock.codes.values()][n % Math.max(1, lock.codes.size)];
    if (code !== undefined && code.name !== 'somebody') code.window = { from: now, until: now + hours(1) };
  }),
);

const swapped = fc.tuple(which, which).map(([n, m]) =>
  named(`outside: the digits of codes ${n} and ${m} swapped`, ({ lock }) => {
    const own = [...lock.codes.values()].filter(({ name }) => name !== 'somebody');
    const [one, other] = [own[n % Math.max(1, own.length)], own[m % Math.max(1, own.length)]];
    if (one !== undefined && other !== undefined) [one.print, other.print] = [other.print, one.print];
  }),
);

const outside = fc.oneof(takenAway, putOn, otherWindow, swapped).map((one) =>
  named(fc.stringify(one), (world, faults) => {
    if (!world.lock.keypad.readsBack) return; // what nobody can see
    world.touched = true;
    one(world, faults);
  }),
);

const create = fc
  .tuple(digits, schedules)
  .map(([print, s]) => named(`create ${print} ${fc.stringify(s)}`, (world) => void world.create(print, s)));
const otherDigits = fc
  .tuple(which, digits)
  .map(([n, print]) => named(`change ${n} to ${print}`, (world) => world.change(n, { print })));
const otherTimes = fc
  .tuple(which, schedules)
  .map(([n, s]) => named(`change ${n} to ${fc.stringify(s)}`, (world) => world.change(n, { schedule: s })));
const intend = fc
  .tuple(which, fc.constantFrom('disable', 'enable', 'delete'))
  .map(([n, intent]) => named(`${intent} ${n}`, (world) => world.intend(n, intent)));
const reach = fc.boolean().map((offline) =>
  named(offline ? 'out of reach' : 'in reach', (world) => {
    world.lock.offline = offline;
  }),
);

export const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: create },
  { weight: 2, arbitrary: otherDigits },
  { weight: 2, arbitrary: otherTimes },
  { weight: 3, arbitrary: intend },
  { weight: 1, arbitrary: which.map((n) => named(`use ${n}`, (world) => world.use(n))) },
  {
    weight: 4,
    arbitrary: fc.integer({ min: 1, max: 120 }).map((n) => named(`${n} s`, (world) => world.pass(seconds(n)))),
  },
  {
    weight: 4,
    arbitrary: fc.integer({ min: 1, max: 30 }).map((n) => named(`${n} h`, (world) => world.pass(hours(n)))),
  },
  { weight: 9, arbitrary: fc.constant(named('reconcile', (world, faults) => world.reconcile(faults))) },
  { weight: 1, arbitrary: reach },
  {
    weight: 1,
    arbitrary: fc.boolean().map((on) => named(on ? 'locked down' : 'as ever', (world) => world.lockDown(on))),
  },
  { weight: 1, arbitrary: outside },
);
