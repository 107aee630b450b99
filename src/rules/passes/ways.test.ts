import { describe, expect, test } from 'vitest';
import { hours, minutes } from '../instant.ts';
import { cannotSell, codeWindow, type DoorForSale, type LockForSale, opensNow, waysNow } from './ways.ts';

const full: LockForSale = {
  unlock: true,
  keypadKeepsWindows: true,
  issuesCodes: { granularity: hours(1) },
  issuesQr: true,
  bridgeOnline: true,
  vendor: 'well',
};
const plain: DoorForSale = { status: 'ACTIVE', mode: null, open: true, moduleOn: true, lock: full };

describe('the ways in', () => {
  test('are tried in the order of what is least work for the guest', () => {
    expect(waysNow(full)).toEqual(['qr', 'pin', 'code']);
    expect(waysNow({ ...full, issuesQr: false })).toEqual(['pin', 'code']);
  });

  test('through a bridge that is away are none; what the vendor issues without it stays', () => {
    const away = { ...full, bridgeOnline: false, issuesQr: false };
    expect([waysNow(away), opensNow(away)]).toEqual([['code'], false]);
    const never = { ...away, unlock: false, keypadKeepsWindows: false, bridgeOnline: null };
    expect([waysNow(never), opensNow(never)]).toEqual([['code'], false]);
  });

  test('of a lock on the WiFi, which needs no bridge, are all', () => {
    const wifi = { ...full, bridgeOnline: null };
    expect([waysNow(wifi), opensNow(wifi)]).toEqual([['qr', 'pin', 'code'], true]);
  });

  test('are none while the vendor does not answer', () => {
    expect([waysNow({ ...full, vendor: 'held' }), opensNow({ ...full, vendor: 'held' })]).toEqual([[], false]);
    expect(waysNow({ ...full, vendor: 'failing' })).toEqual(['qr', 'pin', 'code']);
  });
});

describe('a door', () => {
  test.each<[string, Partial<DoorForSale>, string | null]>([
    ['that can be opened', {}, null],
    ['with a button alone', { lock: { ...full, issuesCodes: null, issuesQr: false, keypadKeepsWindows: false } }, null],
    ['with a code of the vendor’s alone', { lock: { ...full, bridgeOnline: false, issuesQr: false } }, null],
    [
      'whose gateway is away',
      { lock: { ...full, bridgeOnline: false, issuesQr: false, issuesCodes: null } },
      'no-way-in',
    ],
    ['free to pass', { status: 'PASSAGE' }, 'passage'],
    ['in maintenance', { status: 'MAINTENANCE' }, 'maintenance'],
    ['outside its hours', { open: false }, 'closed'],
    ['of a place locked down', { mode: 'lockdown' }, 'lockdown'],
    ['of a place locked down, free to pass before', { mode: 'lockdown', status: 'PASSAGE' }, 'lockdown'],
    ['of a place open to all', { mode: 'open-all' }, 'open-all'],
    ['while doors are switched off', { moduleOn: false }, 'switched-off'],
    ['without a lock', { lock: null }, 'no-lock'],
  ])('%s', (_what, change, expected) => {
    expect(cannotSell({ ...plain, ...change })).toBe(expected);
  });
});

describe('the window of a code by the hour', () => {
  const at = (text: string) => Date.parse(text);
  test('holds all that was bought', () => {
    const bought = { from: at('2026-03-02T14:37:20Z'), until: at('2026-03-02T15:37:20Z') };
    expect(codeWindow(bought, hours(1), 'Europe/Berlin')).toEqual({
      from: at('2026-03-02T14:00:00Z'),
      until: at('2026-03-02T16:00:00Z'),
    });
    expect(codeWindow(bought, 1, 'Europe/Berlin')).toEqual(bought);
  });

  test('ends on the hour where that was bought', () => {
    const bought = { from: at('2026-03-02T14:00:00Z'), until: at('2026-03-02T15:00:00Z') };
    expect(codeWindow(bought, hours(1), 'UTC')).toEqual(bought);
  });

  test('is on the hours of the clock on the wall, also where that is half an hour off', () => {
    const from = at('2026-03-02T14:37:00Z');
    const window = codeWindow({ from, until: from + minutes(60) }, hours(1), 'Asia/Kolkata');
    expect(window).toEqual({ from: at('2026-03-02T14:30:00Z'), until: at('2026-03-02T16:30:00Z') });
  });
});
