/**
 * What a lock makes of digits, by what is on it now: it knows no network. The hours of recurring codes are those of the
 * lock's own clock. https://euopen.ttlock.com/document/doc?urlName=userGuide/passcodeEn.html
 */
import { DAY, HOUR, isWithin, MINUTE, minutesOf } from './local-time.ts';
import type { LockData, RandomCode, WrittenCode } from './lock-data.ts';

export const ONE_TIME_MS = 6 * HOUR;
export const FIRST_USE_MS = 24 * HOUR;
export const KEYPAD_LOCKED_MS = 5 * MINUTE;
export const MOST_WRONG_TRIES = 5;

export type Verdict =
  | { opens: true; random: RandomCode | null }
  | {
      opens: false;
      why: 'unknown-code' | 'not-yet' | 'expired' | 'never-used-in-time' | 'used-up' | 'deleted' | 'not-now';
    };

const everyDay = [1, 2, 3, 4, 5, 6, 7];
const weekDaysOf: Record<number, number[]> = {
  5: [6, 7],
  6: everyDay,
  7: [1, 2, 3, 4, 5],
  8: [1],
  9: [2],
  10: [3],
  11: [4],
  12: [5],
  13: [6],
  14: [7],
};

const no = (why: (Verdict & { opens: false })['why']): Verdict => ({ opens: false, why });

export function judge(lock: LockData, digits: string, now: number): Verdict {
  const written = lock.written.find((code) => code.digits === digits);
  if (written !== undefined) return judgeWritten(written, now);
  const random = lock.random.findLast((code) => code.digits === digits && code.state !== 'strange');
  return random === undefined ? no('unknown-code') : judgeRandom(random, lock.zoneOffsetMs, now);
}

function judgeWritten({ startDate, endDate }: WrittenCode, now: number): Verdict {
  if (now < startDate) return no('not-yet');
  return endDate !== null && now >= endDate ? no('expired') : { opens: true, random: null };
}

function judgeRandom(code: RandomCode, offsetMs: number, now: number): Verdict {
  const { type, startDate, endDate, firstUsedAt, state } = code;
  if (state === 'used-up') return no('used-up');
  if (state !== 'good') return no('deleted');
  if (now < startDate) return no('not-yet');
  if (type === 1 && now >= startDate + ONE_TIME_MS) return no('expired');
  if (type === 3 && now >= endDate) return no('expired');
  const mustBeUsedSoon = type === 2 || type === 3 || type === 4;
  if (mustBeUsedSoon && firstUsedAt === null && now >= startDate + FIRST_USE_MS) return no('never-used-in-time');
  const weekDays = weekDaysOf[type];
  if (weekDays === undefined) return { opens: true, random: code };
  const stretch = { weekDays, start: minutesOf(startDate, offsetMs), end: minutesOf(endDate, offsetMs) };
  return isWithin(stretch, now, offsetMs) ? { opens: true, random: code } : no('not-now');
}

/** The code has opened the lock. One that deletes takes all others away. */
export function noteUse(lock: LockData, code: RandomCode | null, now: number): void {
  if (code === null) return;
  code.firstUsedAt ??= now;
  if (code.type === 1 || code.type === 4) code.state = 'used-up';
  if (code.type !== 4) return;
  lock.written = [];
  for (const other of lock.random) if (other !== code && other.state === 'good') other.state = 'cleared';
}

/** Digits in a row, up or down, or one digit alone. */
export function isTooSimple(digits: string): boolean {
  const steps = new Set(
    digits
      .slice(1)
      .split('')
      .map((digit, i) => Number(digit) - Number(digits[i])),
  );
  const [step] = steps;
  return steps.size === 1 && step !== undefined && Math.abs(step) <= 1;
}

export const longestRandomMs = 366 * DAY;
