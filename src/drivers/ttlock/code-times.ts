import { hours, type Instant, minutes } from '../../rules/instant.ts';
import type { CodeWindow } from '../lock-port.ts';

/** As late as a lock can count: for a code without an end that begins later, or is changed. */
export const noEnd: Instant = Date.UTC(2099, 11, 31);

/** How often codes that the vendor chooses may begin and end, by the clock of the lock. */
export const granularity = hours(1);
/** A code for one opening is good for so long from the hour at which it begins. */
const oneTime = hours(6);

export type Times = { startDate: Instant; endDate: Instant };
const [permanent, period, once] = [2, 3, 1] as const;

/** Of a code that we choose. One that opens already and has no end is permanent: it has no times. */
export function ownTimes({ from, until }: CodeWindow, now: Instant): Times & { keyboardPwdType: number } {
  if (until === null && from <= now) return { keyboardPwdType: permanent, startDate: 0, endDate: 0 };
  return { keyboardPwdType: period, ...changedTimes({ from, until }) };
}

/** As far as a lock can count. */
export function changedTimes(window: CodeWindow): Times {
  const { from, until } = keptFor(window);
  return { startDate: Math.max(0, from), endDate: until ?? noEnd };
}

/**
 * The window that a lock keeps for it. Its memory knows minutes: what is begun or ended within one has all of it, or a code
 * would die before its time.
 */
export function keptFor({ from, until }: CodeWindow): CodeWindow {
  const minute = minutes(1);
  const end = until === null ? noEnd : Math.ceil(until / minute) * minute;
  return { from: Math.floor(from / minute) * minute, until: end >= noEnd ? null : end };
}

/** Of a code that the vendor chooses: from the hour before to the hour after, by the lock's own clock. */
export function givenTimes(
  { from, until }: CodeWindow,
  o: { once: boolean; zoneOffset: number },
): { fields: Times & { keyboardPwdType: number }; window: CodeWindow } {
  const begin = hourAt(from, o.zoneOffset, Math.floor);
  if (o.once) {
    const fields = { keyboardPwdType: once, startDate: begin, endDate: begin + oneTime };
    return { fields, window: { from: begin, until: begin + oneTime } };
  }
  if (until === null) {
    const fields = { keyboardPwdType: permanent, startDate: begin, endDate: 0 };
    return { fields, window: { from: begin, until: null } };
  }
  const end = Math.max(hourAt(until, o.zoneOffset, Math.ceil), begin + granularity);
  return {
    fields: { keyboardPwdType: period, startDate: begin, endDate: end },
    window: { from: begin, until: end },
  };
}

const hourAt = (at: Instant, zoneOffset: number, round: (hours: number) => number): Instant =>
  round((at + zoneOffset) / granularity) * granularity - zoneOffset;

/** What a listed code's times are; null: they recur, or are not told. */
export function windowOf(code: {
  keyboardPwdType?: number | null;
  startDate?: Instant | null;
  endDate?: Instant | null;
}): CodeWindow | null {
  const { type, from, endDate } = {
    type: code.keyboardPwdType ?? period,
    from: code.startDate ?? 0,
    endDate: code.endDate ?? 0,
  };
  if (type === permanent) return { from, until: null };
  if (type === once) return { from, until: from + oneTime };
  if (type !== period) return null;
  return { from, until: endDate === 0 || endDate >= noEnd ? null : endDate };
}
