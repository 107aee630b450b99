import { describe, expect, test } from 'vitest';
import { availability, needsReading, type RelayState } from './availability.ts';

const now = 1_700_000_000_000;
const relay = (part: Partial<RelayState> = {}): RelayState => ({
  output: 'off',
  seenAt: now - 1000,
  triedAt: now - 1000,
  unreachableSince: null,
  manualUntil: null,
  ...part,
});

describe('whether money may be taken for a device', () => {
  test('it may when the relay was just seen off', () => {
    expect(availability('ACTIVE', relay(), now)).toBe('ready');
    expect(availability('ACTIVE', relay({ seenAt: now - 30_000 }), now)).toBe('ready');
  });

  test.each<[string, RelayState | null]>([
    ['was never read', null],
    ['was never seen', relay({ seenAt: null, output: null })],
    ['was seen too long ago', relay({ seenAt: now - 30_001 })],
    ['told nothing', relay({ output: null })],
    ['was seen in the future: the clock was set back', relay({ seenAt: now + 3_600_000 })],
  ])('a relay that %s is unknown', (_, seen) => {
    expect(availability('ACTIVE', seen, now)).toBe('unknown');
  });

  test('a relay that does not answer is offline, however lately it was seen', () => {
    expect(availability('ACTIVE', relay({ unreachableSince: now }), now)).toBe('offline');
  });

  test('a relay that is on is not for sale, whoever switched it on', () => {
    expect(availability('ACTIVE', relay({ output: 'on' }), now)).toBe('switched-on');
    expect(availability('ACTIVE', relay({ output: 'on', manualUntil: now + 60_000 }), now)).toBe('switched-on');
  });

  test('maintenance comes before all else', () => {
    expect(availability('MAINTENANCE', relay(), now)).toBe('maintenance');
    expect(availability('MAINTENANCE', null, now)).toBe('maintenance');
  });
});

describe('whether a device is read before it is offered', () => {
  test.each<[string, boolean, RelayState | null]>([
    ['was never tried', true, null],
    ['was never tried since it was added', true, relay({ triedAt: null })],
    ['was tried just now', false, relay({ triedAt: now })],
    ['was tried three seconds ago', false, relay({ triedAt: now - 3000 })],
    ['was tried longer ago', true, relay({ triedAt: now - 3001 })],
    ['was tried a moment ahead, by the clock of another process', true, relay({ triedAt: now + 20 })],
    ['was tried in the future: the clock was set back', true, relay({ triedAt: now + 3_600_000 })],
  ])('one that %s: %s', (_, read, state) => {
    expect(needsReading(state, now)).toBe(read);
  });
});
