import { expect, test } from 'vitest';
import type { LocationId } from '../ids.ts';
import { higher, leavesNoOwner, mayAdd, mayChange, mayRemove, staffRole } from './roles.ts';

const here = 'loc_here' as LocationId;
const there = 'loc_there' as LocationId;

test.each([
  [{ role: 'admin', scope: 'all' }, here, 'superuser'],
  [{ role: 'admin', scope: 'all' }, null, 'superuser'],
  [{ role: 'admin', scope: [here] }, here, 'superuser'],
  [{ role: 'admin', scope: [there] }, here, null],
  [{ role: 'admin', scope: [here] }, null, null],
  [{ role: 'user', scope: 'all' }, here, 'manager'],
  [{ role: 'user', scope: [] }, here, null],
  [null, here, null],
] as const)('staff %j at %s is %s', (staff, place, role) => {
  expect(staffRole(staff, place)).toBe(role);
});

test.each([
  ['user', 'superuser', 'superuser'],
  ['manager', 'user', 'manager'],
  [null, 'user', 'user'],
  ['user', null, 'user'],
  [null, null, null],
] as const)('of %s and %s the higher is %s', (a, b, role) => {
  expect(higher(a, b)).toBe(role);
});

test.each([
  ['superuser', 'superuser', true],
  ['superuser', 'user', true],
  ['manager', 'manager', true],
  ['manager', 'user', true],
  ['manager', 'superuser', false],
  ['user', 'user', false],
] as const)('whether a %s may add a %s: %s', (by, type, may) => {
  expect(mayAdd(by, type)).toBe(may);
});

test('only an owner changes what somebody is', () => {
  expect([mayChange('superuser'), mayChange('manager'), mayChange('user')]).toEqual([true, false, false]);
});

test.each([
  ['user', { role: 'user', self: true }, true],
  ['user', { role: 'user', self: false }, false],
  ['manager', { role: 'user', self: false }, true],
  ['manager', { role: 'manager', self: false }, false],
  ['manager', { role: 'superuser', self: false }, false],
  ['superuser', { role: 'superuser', self: false }, true],
] as const)('whether a %s may take away %j: %s', (by, who, may) => {
  expect(mayRemove(by, who)).toBe(may);
});

test.each([
  ['superuser', null, false, true],
  ['superuser', 'user', false, true],
  ['superuser', null, true, false],
  ['superuser', 'superuser', false, false],
  ['manager', null, false, false],
] as const)('a %s who becomes %s, with other owners %s: without an owner is %s', (before, after, others, none) => {
  expect(leavesNoOwner(before, after, others)).toBe(none);
});
