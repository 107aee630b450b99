/** Money, times and durations as people read them. Amounts are minor units, instants UTC, zones the location's. */
import type { Instant } from '../rules/instant.ts';
import { decimalText, minorDigits } from '../rules/money/currency.ts';
import { spokenLanguage, texts } from './languages.ts';

/** (250, 'eur', 'en') → `€2.50`; (250, 'jpy', 'en') → `¥250`. A currency that Intl does not take: `XX 2.50`. */
export function formatMoney(amountMinor: number, currency: string, language: string): string {
  const amount = decimalText(amountMinor, currency) as Intl.StringNumericLiteral;
  const digits = minorDigits(currency);
  try {
    return new Intl.NumberFormat(spokenLanguage(language), {
      style: 'currency',
      currency,
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    }).format(amount);
  } catch {
    return `${currency.toUpperCase()} ${amount}`;
  }
}

/** `3:42 PM` or `15:42`, as the language has it; with the day where it is not today there. An unknown zone counts as UTC. */
export function formatMoment(at: Instant, now: Instant, timeZone: string, language: string): string {
  const zone = isZone(timeZone) ? timeZone : 'UTC';
  const day = (instant: Instant): string => new Intl.DateTimeFormat('en-CA', { timeZone: zone }).format(instant);
  const spoken = spokenLanguage(language);
  const time = new Intl.DateTimeFormat(spoken, { timeZone: zone, timeStyle: 'short' }).format(at);
  if (day(at) === day(now)) return time;
  const date = { timeZone: zone, weekday: 'short', day: 'numeric', month: 'short' } as const;
  return `${new Intl.DateTimeFormat(spoken, date).format(at)}, ${time}`;
}

/** `07:00–22:00` or `7:00 AM – 10:00 PM`, from minutes of a day; the end may lie on the next one. */
export function formatSpan({ from, to }: { from: number; to: number }, language: string): string {
  const clock = new Intl.DateTimeFormat(spokenLanguage(language), { timeZone: 'UTC', timeStyle: 'short' });
  const twentyFour = clock.resolvedOptions().hourCycle === 'h23';
  const text = (minute: number): string =>
    minute === 1440 && twentyFour ? '24:00' : clock.format((minute % 1440) * 60_000);
  return `${text(from)}${twentyFour ? '–' : ' – '}${text(to)}`;
}

/** `Friday`, of `2026-06-12`. */
export function formatWeekday(date: string, language: string): string {
  const day = new Intl.DateTimeFormat(spokenLanguage(language), { timeZone: 'UTC', weekday: 'long' });
  return day.format(Date.parse(`${date}T12:00:00Z`));
}

/** `Central European Summer Time`: as people call the zone at that moment. */
export function formatZone(timeZone: string, at: Instant, language: string): string {
  if (!isZone(timeZone)) return 'UTC';
  const format = new Intl.DateTimeFormat(spokenLanguage(language), { timeZone, timeZoneName: 'long' });
  return format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? timeZone;
}

/** With its day, year and zone, for what is read later and elsewhere: `12 Jun 2026, 14:40 CEST`. An unknown zone counts as UTC. */
export function formatDayAndTime(at: Instant, timeZone: string, language: string): string {
  const zone = isZone(timeZone) ? timeZone : 'UTC';
  const day = { day: 'numeric', month: 'short', year: 'numeric' } as const;
  const style = { ...day, timeZone: zone, hour: 'numeric', minute: '2-digit', timeZoneName: 'short' } as const;
  return new Intl.DateTimeFormat(spokenLanguage(language), style).format(at);
}

/** `1 min`, `1 h 15 min`, `2 h`. */
export function formatDuration(minutes: number, language: string): string {
  const { days, hours, minutes: short } = texts(language).durations;
  const whole = Math.floor(minutes / 1440);
  if (whole < 2) return joined(minutes, hours, short);
  const rest = minutes - whole * 1440;
  return rest < 1 ? days(whole) : `${days(whole)} ${joined(rest, hours, short)}`;
}

/** `1 minute`, `1 hour 15 minutes`, for use in a sentence. */
export function durationInWords(minutes: number, language: string): string {
  const { hoursInWords, minutesInWords } = texts(language).durations;
  return joined(minutes, hoursInWords, minutesInWords);
}

/** What a countdown shows: `0:42`, `59:05`, `1:00:00`. Part of a second counts as a whole one, less than nothing as 0:00. */
export function clockText(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  const two = (n: number): string => String(n).padStart(2, '0');
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

function joined(minutes: number, hoursText: (n: number) => string, minutesText: (n: number) => string): string {
  const whole = Math.max(0, Math.round(minutes));
  const hours = Math.floor(whole / 60);
  const rest = whole % 60;
  if (hours === 0) return minutesText(rest);
  return rest === 0 ? hoursText(hours) : `${hoursText(hours)} ${minutesText(rest)}`;
}

function isZone(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone });
    return true;
  } catch {
    return false;
  }
}
