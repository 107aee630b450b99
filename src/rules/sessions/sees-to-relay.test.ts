import { expect, test } from 'vitest';
import { minutes, seconds } from '../instant.ts';
import { type Phase, seesToRelay } from './session.ts';

const startsAt = minutes(5);

test.each<[Phase, number, boolean]>([
  ['awaiting-payment', 0, false],
  ['delayed', 0, false],
  ['delayed', startsAt - seconds(11), false],
  ['delayed', startsAt - seconds(10), true],
  ['delayed', startsAt, true],
  ['starting', startsAt, true],
  ['running', startsAt, true],
  ['stopping', startsAt, true],
  ['completed', startsAt, false],
  ['cancelled', startsAt, false],
])('a run that is %s at %i ms sees to its relay: %s', (phase, now, yes) => {
  expect(seesToRelay({ phase, startsAt }, now)).toBe(yes);
});
