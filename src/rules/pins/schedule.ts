import type { Instant } from '../instant.ts';
import { daysOf, type Recurrence, readRecurrence } from '../time/recurrence.ts';
import { dayAt, dayLength, segmentAt } from '../time/zone.ts';

/**
 * When a code opens. Windows are half-open. `recurring` speaks of the clock on the wall where the lock is: seconds from
 * midnight of the days that its rule falls on, also on the days when the clocks change (a time that is left out is passed
 * over, of an hour that comes twice both are meant); an end at or before the beginning is on the next day.
 */
export type Schedule =
  | { kind: 'always' }
  | { kind: 'temporary'; from: Instant; until: Instant }
  | { kind: 'recurring'; rule: string; startSecond: number; endSecond: number; from?: Instant; until?: Instant }
  /** It opens once. */
  | { kind: 'oneTime'; from: Instant; until?: Instant };

export type Window = { from: Instant; until: Instant | null };

/** How far ahead is looked for the next time of a recurring code: eight of its periods (29 February), two years at least. */
const horizonOf = ({ frequency, interval }: Recurrence): number => 800 + 8 * interval * longest[frequency];
const longest = { DAILY: 1, WEEKLY: 7, MONTHLY: 31, YEARLY: 366 } as const;

/** The window that is open now, or else the next one to come; null: it will not open any more. */
export function nextWindow(schedule: Schedule, zone: string, now: Instant): Window | null {
  if (schedule.kind === 'always') return { from: 0, until: null };
  if (schedule.kind === 'recurring') return nextOccurrence(schedule, zone, now);
  const until = schedule.until ?? null;
  return until !== null && until <= now ? null : { from: schedule.from, until };
}

export function opensAt(schedule: Schedule, zone: string, now: Instant): boolean {
  const window = nextWindow(schedule, zone, now);
  return window !== null && window.from <= now;
}

type Recurring = Extract<Schedule, { kind: 'recurring' }>;

/** Windows that touch or overlap are one: the code stays where it is. */
function nextOccurrence(schedule: Recurring, zone: string, now: Instant): Window | null {
  let found: { from: Instant; until: Instant } | null = null;
  for (const one of occurrences(schedule, zone, now)) {
    if (one.until <= now) continue;
    if (found === null) found = one;
    else if (one.from <= found.until) found = { from: found.from, until: Math.max(found.until, one.until) };
    else break;
    if (found.until - now > longestJoined) break;
  }
  return found;
}

/** What goes on without a gap is told for so long, and looked at again when that is over. */
const longestJoined = 370 * dayLength;

/** Stretches of instants by their beginning, those that are over at first among them. */
function* occurrences(s: Recurring, zone: string, now: Instant): Generator<{ from: Instant; until: Instant }> {
  const rule = ruleOf(s.rule);
  const first = dayAt(zone, s.from ?? 0);
  const [begins, ends] = [s.from ?? Number.NEGATIVE_INFINITY, s.until ?? Number.POSITIVE_INFINITY];
  const length = s.endSecond > s.startSecond ? s.endSecond - s.startSecond : s.endSecond - s.startSecond + 86_400;
  const today = dayAt(zone, now);
  for (const day of daysOf(rule, first, today - 2, Math.max(today, first) + horizonOf(rule))) {
    const wall = day * dayLength + s.startSecond * 1000;
    for (const { from, until } of onTheWall(zone, wall, wall + length * 1000)) {
      const begun = Math.max(from, begins);
      if (lastStartOf(rule) < from) return;
      if (begun >= ends) return;
      if (Math.min(until, ends) > begun) yield { from: begun, until: Math.min(until, ends) };
    }
  }
}

const lastStartOf = ({ until }: Recurrence): Instant =>
  until !== null && 'at' in until ? until.at : Number.POSITIVE_INFINITY;

/** When the clock on the wall shows a time from `from` to before `to`: mostly once, around a change of the clocks otherwise. */
function onTheWall(zone: string, from: number, to: number): Window[] & { from: Instant; until: Instant }[] {
  const found: { from: Instant; until: Instant }[] = [];
  const last = to + dayLength; // no zone is further from UTC
  for (let cursor = from - dayLength; cursor < last; ) {
    const segment = segmentAt(zone, cursor);
    const begun = Math.max(from - segment.offset, cursor);
    const until = Math.min(to - segment.offset, segment.to);
    const before = found.at(-1);
    if (until > begun && before?.until === begun) before.until = until;
    else if (until > begun) found.push({ from: begun, until });
    cursor = segment.to;
  }
  return found;
}

/** Rules are read again and again, and are few. */
function ruleOf(text: string): Recurrence {
  const known = rules.get(text);
  if (known !== undefined) return known;
  if (rules.size >= 2000) rules.clear();
  const rule = readRecurrence(text);
  rules.set(text, rule);
  return rule;
}
const rules = new Map<string, Recurrence>();
