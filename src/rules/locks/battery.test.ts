import { describe, expect, test } from 'vitest';
import { hours } from '../instant.ts';
import { batteryTrend } from './battery.ts';

const day = hours(24);
const readings = (...levels: number[]) => levels.map((battery, i) => ({ at: i * day, battery }));

describe('the trend of a battery', () => {
  test('falls by so many percent a week', () => {
    expect(batteryTrend(readings(90, 89, 88, 87, 86, 85, 84, 83))).toEqual({ falling: true, perWeek: -7 });
  });
  test('is steady where readings wander', () => {
    expect(batteryTrend(readings(90, 91, 90, 89, 90, 91, 90))).toMatchObject({ falling: false });
  });
  test('is not known of less than three days', () => {
    expect(batteryTrend([])).toEqual({ falling: false, perWeek: null });
    expect(batteryTrend(readings(90, 80))).toEqual({ falling: false, perWeek: null });
    expect(batteryTrend([{ at: 0, battery: 90 }])).toEqual({ falling: false, perWeek: null });
  });
  test('begins anew with a new battery, in whichever order readings come', () => {
    const all = readings(20, 15, 10, 100, 99, 98, 97, 96);
    expect(batteryTrend(all.toReversed())).toEqual({ falling: true, perWeek: -7 });
  });
});
