import { describe, expect, test } from 'vitest';
import { committed, type Intent, intended } from './life.ts';
import type { PinState } from './pin.ts';

const on = { wanted: true, due: true, anywhere: true, fits: true };
const off = { wanted: true, due: true, anywhere: false, fits: false };

describe('what is meant', () => {
  const cases: [PinState, Intent, PinState | null][] = [
    ['loaded', 'update', 'updating'],
    ['created', 'update', 'created'],
    ['disabled', 'update', 'disabled'],
    ['loaded', 'disable', 'disabling'],
    ['disabled', 'disable', 'disabled'],
    ['disabling', 'enable', 'enabling'],
    ['loaded', 'enable', 'loaded'],
    ['disabled', 'delete', 'deleting'],
    ['deleting', 'enable', null],
    ['gone', 'delete', null],
  ];
  test.each(cases)('%s, to %s: %s', (state, intent, then) => expect(intended(state, intent)).toBe(then));
});

describe('what the lock makes of it', () => {
  test.each([
    ['created', on, 'loaded'],
    ['loaded', off, 'created'],
    ['loaded', { ...on, fits: false }, 'updating'],
    ['updating', on, 'loaded'],
    ['enabling', off, 'enabling'],
    ['enabling', { ...off, due: false }, 'created'],
    ['enabling', on, 'loaded'],
    ['disabling', { ...on, fits: false }, 'disabling'],
    ['disabling', off, 'disabled'],
    ['disabled', { ...on, fits: false }, 'disabling'],
    ['deleting', on, 'deleting'],
    ['deleting', off, 'gone'],
    ['loaded', { ...on, wanted: false, fits: false }, 'deleting'],
    ['loaded', { ...off, wanted: false }, 'gone'],
  ] as const)('%s, with %o: %s', (state, seen, then) => expect(committed(state, seen)).toBe(then));
});
