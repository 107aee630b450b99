/** The codes that the platform works out without reaching the lock. */
import { createHash } from 'node:crypto';
import { isTooSimple } from './keypad.ts';
import type { LockData } from './lock-data.ts';

/** How many different ones there are for one lock, kind and time. */
const mostOf = (type: number): number => (type === 1 ? 200 : 20);
const lengthOf: Record<number, number> = { 1: 6, 2: 7, 3: 8, 4: 6 };

/** null: no more of them. Always the same for the same seed, lock, kind, time and number of those before it. */
export function workOut(
  seed: string,
  lock: LockData,
  wanted: { type: number; startDate: number; endDate: number },
): string | null {
  const { type, startDate, endDate } = wanted;
  const before = lock.random.filter(
    (code) => code.type === type && code.startDate === startDate && code.endDate === endDate,
  );
  if (before.length >= mostOf(type)) return null;
  const taken = new Set([...lock.random, ...lock.written].map((code) => code.digits));
  for (let attempt = 0; ; attempt++) {
    const text = [seed, lock.lockId, type, startDate, endDate, before.length, attempt].join('|');
    const number = createHash('sha256').update(text).digest().readBigUInt64BE();
    const digits = String(number % 1_000_000_000_000n)
      .padStart(12, '0')
      .slice(-(lengthOf[type] ?? 9));
    if (!taken.has(digits) && !isTooSimple(digits)) return digits;
  }
}
