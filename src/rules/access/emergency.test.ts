import { describe, expect, test } from 'vitest';
import { minutes } from '../instant.ts';
import { emergencySteps, isCarriedOut, stepsDue, type Tried } from './emergency.ts';

const now = Date.UTC(2026, 2, 1, 12);
const door = { status: 'ACTIVE', canUnlock: true, canLock: true, hasPassage: true } as const;
const tried = (kind: string, outcome: string | null, ago = minutes(2), reason: string | null = null): Tried => ({
  kind,
  outcome,
  reason,
  at: now - ago,
});

test('each mode asks a lock for what it can', () => {
  expect(emergencySteps('open-all', door)).toEqual(['unlock', 'hold-open']);
  expect(emergencySteps('lockdown', door)).toEqual(['passage-off', 'lock']);
  expect(emergencySteps('normal', door)).toEqual(['passage-as-ever', 'lock']);
  expect(emergencySteps('normal', { ...door, status: 'PASSAGE' })).toEqual(['passage-as-ever']);
  expect(emergencySteps('lockdown', { ...door, canLock: false, hasPassage: false })).toEqual([]);
});

describe('what is still to be asked for', () => {
  const steps = emergencySteps('open-all', door);

  test('is what nobody has asked for', () => {
    expect(stepsDue(steps, [], now)).toEqual(steps);
    expect(stepsDue(steps, [tried('unlock', 'confirmed')], now)).toEqual(['hold-open']);
    expect(isCarriedOut(steps, [tried('unlock', 'confirmed')])).toBe(false);
    expect(isCarriedOut(steps, [tried('unlock', 'accepted'), tried('passage', 'confirmed')])).toBe(true);
  });

  test('is what surely was not done, a minute later, then ever later', () => {
    const refused = (ago: number) => tried('unlock', 'refused', ago, 'bridge-offline');
    const due = (...all: Tried[]) => stepsDue(['unlock'], all, now).length === 1;
    expect([due(refused(minutes(0.9))), due(refused(minutes(1.1)))]).toEqual([false, true]);
    expect([due(refused(minutes(9)), refused(minutes(1.5))), due(refused(minutes(9)), refused(minutes(3)))]).toEqual([
      false,
      true,
    ]);
    expect(due(...[90, 75, 60, 45, 30, 16].map((n) => refused(minutes(n))))).toBe(true);
    expect(due(tried('unlock', 'refused', minutes(60), 'no-bridge'))).toBe(false); // it stays so
  });

  test('is no unlock that was perhaps done, but a lock of which nothing was heard', () => {
    expect(stepsDue(['unlock'], [tried('unlock', 'unknown')], now)).toEqual([]);
    expect(isCarriedOut(['unlock'], [tried('unlock', 'unknown')])).toBe(true);
    expect(stepsDue(['lock'], [tried('lock', 'unknown')], now)).toEqual(['lock']);
    expect(isCarriedOut(['passage-off'], [tried('passage', 'unknown')])).toBe(false);
  });

  test('is nothing that is under way', () => {
    expect(stepsDue(['lock'], [tried('lock', null)], now)).toEqual([]);
    expect(isCarriedOut(['lock'], [tried('lock', null)])).toBe(false);
  });
});
