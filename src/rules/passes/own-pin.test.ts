import { describe, expect, test } from 'vitest';
import { minutes, seconds } from '../instant.ts';
import type { PinState } from '../pins/pin.ts';
import { type BoughtPin, outlookOf, pinPatience } from './own-pin.ts';

const now = Date.parse('2026-03-02T14:37:00Z');
const window = { from: now, until: now + minutes(60) };
const asked: BoughtPin = { state: 'created', since: now, window, wakeAt: now, heldUntil: null };

describe('a PIN that was bought', () => {
  test('is waited for while something is done for it soon', () => {
    expect(outlookOf(asked, now + seconds(3))).toBe('coming');
    expect(outlookOf({ ...asked, wakeAt: now + seconds(5) }, now)).toBe('coming');
    expect(outlookOf({ ...asked, heldUntil: now + seconds(4) }, now)).toBe('coming');
  });

  test('is a way in once it is loaded, however long that took', () => {
    const loaded = { ...asked, state: 'loaded', wakeAt: window.until } as const;
    expect(outlookOf(loaded, now + seconds(2))).toBe('loaded');
    expect(outlookOf(loaded, now + minutes(2))).toBe('loaded');
  });

  test('is none when most of what was paid for is over before anybody has seen it loaded', () => {
    const brief = { from: now, until: now + minutes(2) };
    const loaded = { ...asked, state: 'loaded', window: brief, wakeAt: brief.until } as const;
    expect(outlookOf(loaded, now + seconds(59))).toBe('loaded');
    expect(outlookOf(loaded, now + seconds(61))).toBe('hopeless');
  });

  test.each<[string, Partial<BoughtPin>, number]>([
    ['that is tried again only much later', { wakeAt: now + seconds(20) }, 0],
    ['for which nothing is done any more', { wakeAt: null }, 0],
    ['whose lock is left alone, since the way there is in trouble', { heldUntil: now + seconds(20) }, 0],
    ['that did not come in time', {}, pinPatience.inAll + 1],
    ['that was asked for by another clock', { since: now + minutes(60) }, 0],
  ])('%s is hopeless', (_what, change, later) => {
    expect(outlookOf({ ...asked, ...change }, now + later)).toBe('hopeless');
  });

  test.each<PinState>(['disabling', 'disabled', 'enabling', 'deleting', 'gone'])(
    'that somebody has taken away (%s) is hopeless',
    (state) => {
      expect(outlookOf({ ...asked, state }, now)).toBe('hopeless');
    },
  );
});
