import { describe, expect, test } from 'vitest';
import { minutes } from '../instant.ts';
import { type AskedInOrder, type EmergencyStep, emergencySteps, isStepDue, isStepOver } from './emergency.ts';

const now = Date.parse('2030-05-01T12:00:00Z');
const asked = (kind: string, outcome: AskedInOrder['outcome'], ago: number, reason: string | null = null) => ({
  kind,
  outcome,
  reason,
  finishedAt: outcome === null ? null : now - minutes(ago),
});

describe('what an emergency asks of a lock', () => {
  const can = { status: 'ACTIVE', canUnlock: true, canLock: true, hasPassage: true } as const;
  test('open to all: opened, then held open; at its end and in a lockdown held open no more, then locked', () => {
    expect(emergencySteps('open-all', can)).toEqual(['unlock', 'hold-open']);
    expect(emergencySteps('lockdown', can)).toEqual(['passage-off', 'lock']);
    expect(emergencySteps('normal', can)).toEqual(['passage-as-ever', 'lock']);
  });
  test('at its end a door of free passage is not locked; nothing is asked that the lock cannot do', () => {
    expect(emergencySteps('normal', { ...can, status: 'PASSAGE' })).toEqual(['passage-as-ever']);
    expect(emergencySteps('lockdown', { ...can, canLock: false, hasPassage: false })).toEqual([]);
  });
});

describe('a step of an emergency', () => {
  const every: EmergencyStep[] = ['unlock', 'lock', 'hold-open', 'passage-off', 'passage-as-ever'];
  test.each(every)('%s that was never asked for is due, and asked for once', (step) => {
    const kind = step === 'unlock' || step === 'lock' ? step : 'passage';
    expect(isStepDue(step, [asked('other', 'confirmed', 5)], now)).toBe(true);
    expect(isStepDue(step, [asked(kind, null, 0)], now)).toBe(false);
    expect(isStepOver(step, [asked(kind, null, 0)])).toBe(false);
    for (const outcome of ['confirmed', 'accepted'] as const) {
      expect(isStepDue(step, [asked(kind, outcome, 600)], now)).toBe(false);
      expect(isStepOver(step, [asked(kind, outcome, 600)])).toBe(true);
    }
  });
  test('an unlock of which nothing was heard is never repeated; a lock is', () => {
    expect(isStepDue('unlock', [asked('unlock', 'unknown', 600)], now)).toBe(false);
    expect(isStepOver('unlock', [asked('unlock', 'unknown', 600)])).toBe(true);
    expect(isStepDue('lock', [asked('lock', 'unknown', 600)], now)).toBe(true);
  });
  test('an unlock that was refused is tried again every minute; all else ever more seldom, for the batteries', () => {
    const refused = (kind: string, times: number, ago: number) =>
      Array.from({ length: times }, () => asked(kind, 'refused', ago, 'bridge-offline'));
    expect(isStepDue('unlock', refused('unlock', 9, 0.9), now)).toBe(false);
    expect(isStepDue('unlock', refused('unlock', 9, 1.1), now)).toBe(true);
    expect(isStepDue('lock', refused('lock', 1, 1.1), now)).toBe(true);
    expect(isStepDue('lock', refused('lock', 3, 3.9), now)).toBe(false);
    expect(isStepDue('lock', refused('lock', 3, 4.1), now)).toBe(true);
    expect(isStepDue('lock', refused('lock', 40, 30.1), now)).toBe(true);
  });
  test('what a lock cannot do is not asked again', () => {
    expect(isStepDue('hold-open', [asked('passage', 'refused', 600, 'unsupported')], now)).toBe(false);
    expect(isStepOver('hold-open', [asked('passage', 'refused', 600, 'unsupported')])).toBe(true);
  });
  test('after the clock was set back nothing waits for the time that was', () => {
    expect(isStepDue('lock', [asked('lock', 'refused', -600, 'busy')], now)).toBe(true);
  });
});
