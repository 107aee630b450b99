import { hours, type Instant } from '../instant.ts';

/** A battery, as it was read once. */
export type BatteryReading = { at: Instant; battery: number };

const day = hours(24);
export const batteryLimits = {
  /** At this it is told, until it is well above: readings wander by a few percent. */
  lowAt: 20,
  wellAbove: 26,
  /** So long without a fresh reading is told too: a level that never moves is no level. */
  unknownAfter: 14 * day,
} as const;

export type BatteryTrend = { falling: boolean; perWeek: number | null };

/** Below this a week is what readings wander by. */
const noise = 1;

/**
 * How a battery moves, in percent a week (negative: it falls), by the straight line that fits its readings best; null where
 * they span less than three days. A jump up is a new battery: what was before it counts no more.
 */
export function batteryTrend(readings: readonly BatteryReading[]): BatteryTrend {
  const all = readings.toSorted((a, b) => a.at - b.at);
  const fresh = all.findLastIndex((one, i) => i > 0 && one.battery - (all[i - 1]?.battery ?? 0) >= 20);
  const own = fresh < 0 ? all : all.slice(fresh);
  const [first, last] = [own.at(0), own.at(-1)];
  if (first === undefined || last === undefined || last.at - first.at < 3 * day) return unknownTrend;
  const mean = (of: (one: BatteryReading) => number): number => own.reduce((sum, one) => sum + of(one), 0) / own.length;
  const weeks = (one: BatteryReading): number => (one.at - first.at) / (7 * day);
  const [middle, level] = [mean(weeks), mean(({ battery }) => battery)];
  const spread = mean((one) => (weeks(one) - middle) ** 2);
  if (spread === 0) return unknownTrend;
  const slope = mean((one) => (weeks(one) - middle) * (one.battery - level)) / spread;
  const perWeek = Math.round(slope * 10) / 10 + 0;
  return { falling: perWeek <= -noise, perWeek };
}

const unknownTrend: BatteryTrend = { falling: false, perWeek: null };
