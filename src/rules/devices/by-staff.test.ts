import { expect, test } from 'vitest';
import { minutes, seconds } from '../instant.ts';
import { justWasByStaff, onByStaff } from './by-staff.ts';

const now = 1_700_000_000_000;

test.each([
  ['asked for, and its timer runs', minutes(5), minutes(5), true],
  ['asked for, and its timer ends a little after ours', seconds(1), seconds(9), true],
  ['asked for, and it has no timer', minutes(5), null, false],
  ['over', -1, minutes(5), false],
  ['over just now', 0, seconds(3), false],
  ['never asked for', null, minutes(5), false],
])('on by staff’s wish: %s', (_, until, autoOff, expected) => {
  const relay = {
    manual_until: until === null ? null : now + until,
    auto_off_at: autoOff === null ? null : now + autoOff,
  };
  expect(onByStaff(relay, now)).toBe(expected);
});

test.each([
  ['over for a moment', -seconds(4), true],
  ['over for long', -seconds(11), false],
  ['not over yet', minutes(5), false],
  ['never asked for', null, false],
])('just was on by staff’s wish: %s', (_, until, expected) => {
  expect(justWasByStaff({ manual_until: until === null ? null : now + until }, now)).toBe(expected);
});
