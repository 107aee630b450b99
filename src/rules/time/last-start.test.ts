import { describe, expect, it } from 'vitest';
import { minutes } from '../instant.ts';
import { fits, unfit } from './last-start.ts';
import { hoursOf, type LastStart, type OpeningHours, opening } from './opening-hours.ts';

const day = [{ opens: '07:00', closes: '22:00' }];
const week: OpeningHours = {
  kind: 'weekly',
  monday: day,
  tuesday: day,
  wednesday: day,
  thursday: day,
  friday: day,
  saturday: day,
  sunday: day,
};
const of = (lastStart: LastStart, hours: OpeningHours | null = week) =>
  hoursOf({ zone: 'Europe/Berlin', hours, own: null, holidays: [], lastStart });
const closing = Date.parse('2026-06-12T20:00:00Z');
const wash = { delayMs: minutes(5), durationMs: minutes(60) };
const said = (lastStart: LastStart, at: number, run = wash) => unfit(opening(of(lastStart), at), lastStart, at, run);

describe('the last start', () => {
  it('lets a run end at closing time, and not a moment later', () => {
    const last = closing - minutes(65);
    expect([-1000, -1, 0].map((ms) => said('ends-before-closing', last + ms))).toEqual([null, null, null]);
    expect([1, 1000].map((ms) => said('ends-before-closing', last + ms))).toEqual([
      'ends-after-closing',
      'ends-after-closing',
    ]);
  });

  it('or lets it begin before closing time, whenever it ends', () => {
    const last = closing - minutes(5);
    expect([-1, 0].map((ms) => said('before-closing', last + ms))).toEqual([null, 'starts-after-closing']);
  });

  it('is none while it is closed', () => {
    for (const setting of ['ends-before-closing', 'before-closing'] as const) {
      expect(said(setting, closing)).toBe('closed');
      expect(said(setting, closing - 1, { delayMs: 0, durationMs: 1 })).toBeNull();
    }
  });

  it('does not matter where it never closes', () => {
    for (const setting of ['ends-before-closing', 'before-closing'] as const) {
      const at = opening(of(setting, null), closing);
      expect(unfit(at, setting, closing, { delayMs: minutes(1440), durationMs: minutes(1440) })).toBeNull();
    }
  });

  it('says whether a longer run fits from now on', () => {
    const from = closing - minutes(30);
    expect([minutes(30), minutes(30) + 1].map((length) => fits(of('ends-before-closing'), from, length))).toEqual([
      true,
      false,
    ]);
    expect(fits(of('before-closing'), from, minutes(600))).toBe(true);
    expect(fits(of('before-closing'), closing, 1)).toBe(false);
  });
});
