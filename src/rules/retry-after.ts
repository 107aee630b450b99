import type { Instant } from './instant.ts';

const most = 24 * 60 * 60;

/** The Retry-After of an answer (seconds, or a date) as whole seconds from now; null where there is none or it is none. */
export function retryAfter(header: string | undefined, now: Instant): number | null {
  const text = header?.trim() ?? '';
  if (/^\d{1,9}$/.test(text)) return Math.min(most, Number(text));
  const date = /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? null : Math.min(most, Math.max(0, Math.ceil((date - now) / 1000)));
}
